#include "offer/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "offer/messages.h"

namespace perennial {
namespace {

struct Template {
  std::string language;  // "": of any
  std::vector<MessagePart> parts;
};

std::string segment_of(const OfferInput& input, size_t row) {
  if (input.segment.empty() || input.segment[row] < 0) return "";
  return input.segment_names[static_cast<size_t>(input.segment[row])];
}

// A text that fewer of them share is somebody's own, and no preview shows it.
constexpr int64_t kFewestSharing = 5;

// Numbers as people of the language write them: at most two decimals, a comma in ru and pt.
std::string shown(const Column& column, size_t row, const std::string& language) {
  if (column.type != ColumnType::kNumber || column.missing(row)) return column.value_text(row);
  std::string text = number_text(std::round(column.numbers[row] * 100) / 100);
  if (language != "ru" && language != "pt") return text;
  std::ranges::replace(text, '.', ',');
  return text;
}

std::string cell(const std::string& text) { return csv_field(guarded(text)); }

std::string channels_of(const OfferTerms& terms, uint32_t mask) {
  std::string out;
  for (size_t j = 0; j < terms.offers.size(); ++j) {
    if ((mask >> j & 1) != 0) out += (out.empty() ? "" : "+") + channel_of(terms.offers[j]);
  }
  return out;
}

std::string effect_text(const OfferTerms& terms, uint32_t mask) {
  std::string out;
  for (size_t j = 0; j < terms.offers.size(); ++j) {
    if ((mask >> j & 1) == 0) continue;
    const Offer& offer = terms.offers[j];
    out += fmt::format("{}{} {} {} %{}", out.empty() ? "" : ", ", offer.name,
                       terms.aim == "avoid" ? "lowers it by" : "raises it by",
                       number_text(std::round(1000 * offer.effect.mid) / 10),
                       offer.points ? " points" : "");
  }
  return out;
}

std::string reason_of(const OfferPlan& plan, const OfferInput& input, const PlannedCustomer& c) {
  const double risk = input.risk[c.row];
  return fmt::format(
      "{} {} %; value {}; {}; expected {} for {}", plan.terms.aim == "avoid" ? "risk" : "chance",
      number_text(std::round(1000 * risk) / 10), fixed(plan.value[c.row], 2),
      effect_text(plan.terms, c.mask), fixed(c.profit.value + c.cost, 2), fixed(c.cost, 2));
}

}  // namespace

struct OfferMessages::State {
  const OfferTerms& terms;
  const OfferInput& input;
  OfferColumns columns;
  std::vector<std::vector<Template>> templates;  // of each offer
  const Column* language = nullptr;
  std::map<std::string, const Column*> fields;

  void keep_fields(const std::vector<MessagePart>& parts) {
    for (const MessagePart& part : parts) {
      if (!part.field.empty()) fields.try_emplace(part.field, columns.find(part.field));
    }
  }

  std::string typical(const std::vector<size_t>& rows, const std::string& field,
                      const std::string& language_of) const {
    const Column* column = field == "segment" ? nullptr : fields.at(field);
    if (column != nullptr && !column->is_text()) {
      std::vector<double> known;
      for (const size_t row : rows) {
        if (!column->missing(row)) known.push_back(column->numbers[row]);
      }
      if (known.empty()) return "";
      const auto middle = known.begin() + static_cast<ptrdiff_t>(known.size() / 2);
      std::ranges::nth_element(known, middle);
      Column one = Column::number(field, {*middle});
      one.type = column->type;
      return shown(one, 0, language_of);
    }
    std::map<std::string, int64_t> times;
    for (const size_t row : rows) {
      ++times[column == nullptr ? segment_of(input, row) : column->value_text(row)];
    }
    times.erase("");
    const auto most = std::ranges::max_element(
        times, [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == times.end()) return "";
    return most->second < kFewestSharing ? fmt::format("[{}]", field) : most->first;
  }

  bool falls_back(const std::vector<MessagePart>& parts, size_t row) const {
    return std::ranges::any_of(parts, [&](const MessagePart& part) {
      if (!part.fallback) return false;
      if (part.field == "segment") return segment_of(input, row).empty();
      const auto found = fields.find(part.field);
      return found != fields.end() && found->second != nullptr && found->second->missing(row);
    });
  }

  const Template& chosen(size_t offer, const std::string& language_of) const {
    const auto& list = templates[offer];
    for (const std::string& wanted : {language_of, input.language}) {
      const auto found =
          std::ranges::find_if(list, [&](const Template& t) { return t.language == wanted; });
      if (found != list.end()) return *found;
    }
    return list.front();
  }
};

OfferMessages::OfferMessages(const OfferTerms& terms, const OfferInput& input)
    : state_(std::make_unique<State>(
          State{.terms = terms, .input = input, .columns = OfferColumns(input)})) {
  for (const Offer& offer : terms.offers) {
    auto& list = state_->templates.emplace_back();
    for (const auto& [language, text] : offer.messages) {
      list.push_back({language, parse_message(text, offer.name)});
    }
    if (!offer.message.empty() || list.empty()) {
      list.push_back({"", parse_message(offer.message, offer.name)});
    }
    for (const Template& t : list) state_->keep_fields(t.parts);
  }
  if (!terms.language_column.empty())
    state_->language = state_->columns.find(terms.language_column);
}

OfferMessages::~OfferMessages() = default;

std::vector<MessagePreview> OfferMessages::typical(const std::vector<size_t>& rows,
                                                   size_t offer) const {
  const State& s = *state_;
  const Offer& o = s.terms.offers[offer];
  std::vector<MessagePreview> out;
  for (const Template& text : s.templates[offer]) {
    if (text.parts.empty()) continue;
    MessagePreview one{.offer = o.name,
                       .channel = channel_of(o),
                       .language = text.language.empty() ? s.input.language : text.language,
                       .html = o.format == "html",
                       .customers = static_cast<int64_t>(rows.size())};
    one.message = render_message(text.parts, one.html, [&](const std::string& field) {
      if (field == "id") return std::string("…");
      if (field == "offer") return o.title.empty() ? o.name : o.title;
      return s.typical(rows, field, one.language);
    });
    for (const size_t row : rows) one.fallbacks += s.falls_back(text.parts, row);
    out.push_back(std::move(one));
  }
  return out;
}

MessagePreview OfferMessages::of(size_t row, size_t offer) const {
  const State& s = *state_;
  std::string language = s.input.language;
  if (s.language != nullptr && !s.language->missing(row)) language = s.language->value_text(row);
  const Template& text = s.chosen(offer, language);
  if (!text.language.empty()) language = text.language;
  const Offer& o = s.terms.offers[offer];
  MessagePreview out{.id = s.input.table.ids[row],
                     .offer = o.name,
                     .channel = channel_of(o),
                     .language = language,
                     .html = o.format == "html"};
  out.message = render_message(text.parts, out.html, [&](const std::string& field) {
    if (field == "id") return out.id;
    if (field == "segment") return segment_of(s.input, row);
    if (field == "offer") return o.title.empty() ? o.name : o.title;
    const Column* column = s.fields.at(field);
    return column == nullptr ? std::string() : shown(*column, row, language);
  });
  return out;
}

std::string offers_csv(const OfferPlan& plan, const OfferInput& input,
                       const std::vector<std::string>& reasons) {
  const OfferMessages messages(plan.terms, input);
  std::string out = cell(input.table.id_name) +
                    ",segment,offer,channel,language,message,expected_low,expected_mid,"
                    "expected_high,cost,reasons\n";
  for (const PlannedCustomer& c : plan.customers) {
    if (c.control) continue;
    std::string why = reason_of(plan, input, c);
    if (!reasons.empty() && !reasons[c.row].empty()) why += "; " + reasons[c.row];
    for (size_t j = 0; j < plan.terms.offers.size(); ++j) {
      if ((c.mask >> j & 1) == 0) continue;
      const MessagePreview m = messages.of(c.row, j);
      out += cell(m.id) + "," + cell(segment_of(input, c.row)) + "," + cell(m.offer) + "," +
             cell(m.channel) + "," + cell(m.language) + "," + cell(m.message) + "," +
             fmt::format("{},{},{},{},", number_text(c.profit.low), number_text(c.profit.value),
                         number_text(c.profit.high), number_text(c.cost)) +
             cell(why) + "\n";
    }
  }
  return out;
}

std::string not_contacted_csv(const OfferPlan& plan, const OfferInput& input) {
  std::string out = cell(input.table.id_name) + ",reason\n";
  for (size_t i = 0; i < input.table.rows(); ++i) {
    const Refusal why = plan.eligibility.refusal[i];
    if (why != Refusal::kNone) out += cell(input.table.ids[i]) + "," + to_string(why) + "\n";
  }
  return out;
}

std::vector<MessagePreview> message_previews(const OfferPlan& plan, const OfferInput& input) {
  const OfferMessages messages(plan.terms, input);
  std::vector<MessagePreview> out;
  for (size_t j = 0; j < plan.terms.offers.size(); ++j) {
    std::vector<size_t> rows;
    for (const PlannedCustomer& c : plan.customers) {
      if (!c.control && (c.mask >> j & 1) != 0) rows.push_back(c.row);
    }
    if (rows.empty()) continue;
    for (MessagePreview& one : messages.typical(rows, j)) out.push_back(std::move(one));
  }
  return out;
}

Campaign campaign_of(const OfferPlan& plan, const OfferInput& input) {
  const OfferTerms& terms = plan.terms;
  Campaign out{.id_name = input.table.id_name,
               .aim = terms.aim,
               .unit = terms.unit,
               .alpha = terms.control.alpha,
               .power = terms.control.power,
               .strata = plan.strata};
  for (const Offer& o : terms.offers) {
    out.offers.push_back({.name = o.name,
                          .channel = channel_of(o),
                          .message = o.messages.empty() ? o.message : o.messages[0].second,
                          .cost = o.cost,
                          .cost_share = o.cost_share,
                          .fixed_cost = o.fixed_cost,
                          .effect = o.effect,
                          .points = o.points});
  }
  size_t next = 0;
  for (size_t i = 0; i < input.table.rows(); ++i) {
    const bool planned = next < plan.customers.size() && plan.customers[next].row == i;
    if (plan.eligibility.refusal[i] != Refusal::kNone) {
      PERENNIAL_CHECK(!planned);
      continue;
    }
    CampaignRow row{.id = input.table.ids[i],
                    .segment = segment_of(input, i),
                    .arm = "none",
                    .score = input.risk[i],
                    .value = plan.value[i]};
    if (planned) {
      const PlannedCustomer& c = plan.customers[next++];
      const CampaignStratum& stratum = plan.strata[static_cast<size_t>(c.stratum)];
      row.offer = stratum.offer;
      row.channel = channels_of(terms, c.mask);
      row.arm = c.control ? "control" : "offer";
      row.propensity = 1 - stratum.share;
      row.expected_low = c.profit.low;
      row.expected_mid = c.profit.value;
      row.expected_high = c.profit.high;
      row.cost = c.cost;
    }
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace perennial
