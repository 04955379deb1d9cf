#include "study/keys_offer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "offer/messages.h"
#include "table/condition.h"

namespace perennial {
namespace {

[[noreturn]] void fail(const std::string& where, const std::string& what, const std::string& hint) {
  throw Error(ErrorCode::kStudy, where, what, hint);
}

KeySpec text(std::string name, std::string description, std::string example = "",
             KeyShape shape = KeyShape::kValue) {
  return {.param = {.name = std::move(name),
                    .type = ParamType::kText,
                    .description = std::move(description)},
          .shape = shape,
          .example = std::move(example)};
}

KeySpec required(KeySpec key) {
  key.param.required = true;
  return key;
}

KeySpec number(std::string name, std::string description, ParamValue value = {}, double min = 0,
               double max = std::numeric_limits<double>::infinity()) {
  return {.param = {.name = std::move(name),
                    .type = ParamType::kReal,
                    .default_value = std::move(value),
                    .description = std::move(description),
                    .min = min,
                    .max = max}};
}

KeySpec open(KeySpec key) {
  key.param.min_open = true;
  return key;
}

KeySpec choice(std::string name, std::vector<std::string> choices, std::string description) {
  const std::string first = choices.front();
  return {.param = {.name = std::move(name),
                    .type = ParamType::kChoice,
                    .default_value = first,
                    .description = std::move(description),
                    .choices = std::move(choices)}};
}

KeySpec inner(std::string name, std::string description) {
  return text(std::move(name), std::move(description), "", KeyShape::kSection);
}

SectionSpec offers_section() {
  return {
      .path = "question.NAME.offers",
      .text =
          "Who gets which offer, so that the expected profit is highest: risk x effect x value - "
          "cost, under a budget, capacities and what customers allow. Each offer has a section "
          "[question.NAME.offer.NAME]. Writes offers.csv, not_contacted.csv and the campaign.",
      .example =
          "[question.leaves.offers]\nbudget   = 5000\nvalue    = 40      # or \"profit\", a column "
          "with money\nconsent  = { column = \"may_mail\", yes = \"yes\" }\ncontacts = { column = "
          "\"mails_this_month\", most = 6 }\ncontrol  = { smallest_effect = 0.05 }\n\n"
          "[question.leaves.offer.mail]\nmessage = \"Hello {name|there}, we miss you.\"\n"
          "cost    = 0.1\neffect  = [0.05, 0.1, 0.15]\n",
      .keys = {
          choice("aim", {"avoid", "reach"},
                 "Whether an offer is to keep the positive class from happening (leaving) or to "
                 "bring it about (buying again)."),
          number("budget", "All costs together at most. Without it: no limit."),
          {.param = {.name = "max_per_customer",
                     .type = ParamType::kInt,
                     .default_value = int64_t{1},
                     .description = "Offers that one customer gets at most; the effects of several "
                                    "compound, so that the second brings less.",
                     .min = 1,
                     .max = kMostPerCustomer}},
          text("value",
               "What a customer brings when the outcome is as desired: a number, or a value "
               "column's name. Without it: the only value column of the tables.",
               "40", KeyShape::kScalar),
          number("value_error",
                 "How far that may be off either way, as a share of it (95 %): widens the ranges "
                 "of profit.",
                 0.0, 0, 10),
          text("unit", "What money is counted in, as it is to stand beside numbers.", "\"€\""),
          inner("consent", "Who allows messages; nobody else gets any."),
          text("do_not_contact",
               "File with the ids of customers who must not be contacted, one a line, relative to "
               "the study's folder or to `--data`.",
               "\"do_not_contact.csv\""),
          inner("contacts", "How often customers were contacted already, and the cap."),
          text("language",
               "Column with each customer's language (en, ru, …), for `messages`. Without it: the "
               "study's language.",
               "\"language\""),
          {.param = {.name = "channel_capacity",
                     .type = ParamType::kInt,
                     .description = "Messages at most, by channel.",
                     .min = 0},
           .shape = KeyShape::kMap,
           .example = "{ email = 1000, sms = 200 }"},
          inner("control", "Who is held out at random, to measure what the offers do.")}};
}

SectionSpec consent_section() {
  return {.path = "question.NAME.offers.consent",
          .text = "Only the very word counts; a missing cell is a no.",
          .example =
              "[question.leaves.offers]\nconsent = { column = \"may_mail\", yes = \"yes\" }\n\n"
              "[question.leaves.offer.mail]\neffect = [0.05, 0.1, 0.15]\n",
          .keys = {required(text("column", "Column that says it.", "\"may_mail\"")),
                   required(text("yes", "Its value that allows messages.", "\"yes\"",
                                 KeyShape::kScalar))}};
}

SectionSpec contacts_section() {
  return {.path = "question.NAME.offers.contacts",
          .text = "A customer whose number of contacts is not known gets none.",
          .example =
              "[question.leaves.offers]\ncontacts = { column = \"mails_this_month\", most = 6 }\n\n"
              "[question.leaves.offer.mail]\neffect = [0.05, 0.1, 0.15]\n",
          .keys = {required(text("column", "Column with the number of contacts so far.",
                                 "\"mails_this_month\"")),
                   required(number("most", "Contacts at most, those of the plan included."))}};
}

SectionSpec control_section() {
  const ControlTerms defaults;
  return {
      .path = "question.NAME.offers.control",
      .text =
          "Drawn inside each segment and offer. Its size follows from the smallest effect worth "
          "seeing (two-sided z test of two proportions); without it from the effect that the plan "
          "assumes.",
      .example =
          "[question.leaves.offers]\ncontrol = { smallest_effect = 0.05, power = 0.9, most = 0.3 "
          "}\n\n[question.leaves.offer.mail]\neffect = [0.05, 0.1, 0.15]\n",
      .keys = {
          number("share",
                 "Share of the chosen customers, in place of a computed one. 0: no "
                 "control group, so that nothing can be measured.",
                 {}, 0, 0.5),
          open(number("smallest_effect",
                      "Smallest change of the rate worth seeing, as a difference of shares: "
                      "0.05 for 5 points.",
                      {}, 0, 1)),
          open(number("power", "Chance to see such an effect.", defaults.power, 0, 0.999)),
          open(number("alpha", "Chance to see one where there is none.", defaults.alpha, 0, 0.5)),
          open(number("most", "Largest share that is held out.", defaults.most, 0, 0.5)),
          choice("level", {"campaign", "stratum"},
                 "Where the effect must be seen: in the campaign as a whole, or in each "
                 "segment and offer by itself.")}};
}

SectionSpec offer_section() {
  return {
      .path = "question.NAME.offer.NAME",
      .text =
          "One section an offer. In messages `{column}` stands for the customer's value, "
          "`{column|text}` for the text where it is missing; `{id}`, `{segment}` and `{offer}` "
          "are known too.",
      .example =
          "[question.leaves.offer.discount]\ntitle      = \"10 % off\"\nmessages   = { en = \"10 % "
          "off {category|everything}\", ru = \"Скидка 10 % на {category|всё}\" }\nchannel    = "
          "\"email\"\ncost       = 0.1\ncost_share = 0.1\nwhere      = \"risk > 0.5\"\neffect     "
          "= "
          "[0.1, 0.2, 0.3]   # takes away a fifth of the risk\ncapacity   = 500\n",
      .keys = {
          text("title", "What it is called for people. Without it: its name.", "\"10 % off\""),
          text("message", "Template of the message.", "\"Hello {name|there}\""),
          text("messages", "Templates by language, in place of `message` or beside it.",
               "{ en = \"Hello\", ru = \"Здравствуйте\" }", KeyShape::kMap),
          choice("format", {"text", "html"},
                 "html: values that are put into the message are escaped."),
          text("channel", "How it is sent; channels may have capacities. Without it: the name.",
               "\"email\""),
          number("cost", "Of one contact.", 0.0),
          number("cost_share",
                 "A share of the customer's value (or of `cost_share_of`) that the offer gives "
                 "away. Counted in full for everybody who gets it, the cautious side.",
                 0.0, 0, 1),
          text("cost_share_of", "Column with numbers that the share is of, in place of the value.",
               "\"revenue\""),
          number("fixed_cost", "Once, when anybody gets the offer.", 0.0),
          text("where",
               "Whom it is for: a condition on columns, `risk`, `value` and `segment`. Without it: "
               "everybody. See Conditions.",
               "\"risk > 0.5\""),
          required(
              {.param = {.name = "effect",
                         .type = ParamType::kRealList,
                         .description = "What it is believed to do: lowest, middle and highest "
                                        "value of a 95 % range. `perennial measure` prints "
                                        "measured ones.",
                         .min = -1,
                         .max = 10},
               .example = "[0.05, 0.1, 0.15]"}),
          choice("effect_is", {"relative", "points"},
                 "relative: share of the risk that it takes away (aim avoid), or by which it "
                 "raises the chance (aim reach). points: difference of the probability."),
          {.param = {.name = "capacity",
                     .type = ParamType::kInt,
                     .description = "Customers who can get it at most. Without it: all.",
                     .min = 0}}}};
}

EffectRange effect_of(const Section& section) {
  const std::vector<double> given = section.get_reals("effect");
  const std::string where = section.where("effect");
  if (given.size() != 3) {
    fail(where, fmt::format("an effect has three numbers, not {}", given.size()),
         "Write lowest, middle and highest: effect = [0.05, 0.1, 0.15]");
  }
  if (!(given[0] <= given[1] && given[1] <= given[2])) {
    fail(where, "the three numbers do not rise", "Write lowest, middle and highest");
  }
  return {.low = given[0], .mid = given[1], .high = given[2]};
}

Offer read_offer(const Section& section, const std::string& path) {
  Offer out{.name = section.node_key(),
            .title = section.get_text("title"),
            .message = section.get_text("message"),
            .format = section.get_text("format"),
            .channel = section.get_text("channel"),
            .cost = section.get_real("cost"),
            .cost_share = section.get_real("cost_share"),
            .cost_share_of = section.get_text("cost_share_of"),
            .fixed_cost = section.get_real("fixed_cost"),
            .where = section.get_text("where"),
            .effect = effect_of(section),
            .points = section.get_text("effect_is") == "points",
            .line = section.line()};
  const std::string place = fmt::format("{}:{}, section [{}]", path, out.line, section.name());
  if (trim(out.name) != out.name || out.name.empty() || out.name.size() > 100 ||
      out.name.find('+') != std::string::npos) {
    fail(place, "this name cannot be used",
         "Take a short name without + and without blanks at its ends");
  }
  if (section.has("capacity")) out.capacity = section.get_int("capacity");
  if (!out.message.empty()) parse_message(out.message, section.where("message"));
  for (const auto& [language, message] : section.get_map("messages")) {
    const std::string& text = std::get<std::string>(message);
    parse_message(text, section.where("messages"));
    out.messages.emplace_back(language, text);
  }
  if (!out.where.empty()) parse_condition(out.where, section.where("where"));
  if (out.points && out.effect.high > 1) {
    fail(section.where("effect"), "a probability cannot change by more than 1",
         "Write points as differences of shares: 0.05 for 5 points");
  }
  if (!out.cost_share_of.empty() && out.cost_share == 0) {
    fail(section.where("cost_share_of"), "there is no share to take of it", "Add cost_share = 0.1");
  }
  return out;
}

void read_control(const Section& section, ControlTerms& out) {
  if (section.has("share")) out.share = section.get_real("share");
  if (section.has("smallest_effect")) out.smallest_effect = section.get_real("smallest_effect");
  out.power = section.get_real("power");
  out.alpha = section.get_real("alpha");
  out.most = section.get_real("most");
  out.level = section.get_text("level");
  for (const char* key : {"smallest_effect", "most", "level"}) {
    if (!out.share || !section.has(key)) continue;
    fail(section.where(key), fmt::format("share already says who is held out: {} has no use", key),
         "Keep one of the two");
  }
}

void read_terms(const Section& section, OfferTerms& out) {
  out.line = section.line();
  out.aim = section.get_text("aim");
  if (section.has("budget")) out.budget = section.get_real("budget");
  out.max_per_customer = static_cast<int>(section.get_int("max_per_customer"));
  const std::string value = section.get_text("value");
  if (const auto amount = parse_number(value)) {
    out.value = *amount;
    if (!(*amount > 0)) {
      fail(section.where("value"), "a customer is worth nothing",
           "Give a number above 0, or the name of a value column");
    }
  } else {
    out.value_column = value;
  }
  out.value_error = section.get_real("value_error");
  out.unit = section.get_text("unit");
  if (const auto consent = section.section_if("consent")) {
    out.consent_column = consent->get_text("column");
    out.consent_yes = consent->get_text("yes");
  }
  out.do_not_contact = section.get_text("do_not_contact");
  if (const auto contacts = section.section_if("contacts")) {
    out.contacts_column = contacts->get_text("column");
    out.contacts_most = contacts->get_real("most");
  }
  out.language_column = section.get_text("language");
  for (const auto& [channel, capacity] : section.get_map("channel_capacity")) {
    out.channel_capacity[channel] = std::get<int64_t>(capacity);
  }
  if (const auto control = section.section_if("control")) read_control(*control, out.control);
}

// What only the whole catalogue shows.
void check_catalogue(const Section& question, const OfferTerms& terms, const std::string& where) {
  std::set<std::string> seen;
  std::vector<std::string> channels;
  size_t fixed = 0;
  for (const Offer& offer : terms.offers) {
    if (!seen.insert(to_lower(offer.name)).second) {
      fail(where, fmt::format("there are two offers of the name {}", quoted(offer.name)),
           "Names that differ in case alone count as equal: rename one");
    }
    channels.push_back(channel_of(offer));
    fixed += offer.fixed_cost > 0;
  }
  if (terms.offers.size() > kMostOffers) {
    fail(where, fmt::format("{} offers are too many", terms.offers.size()),
         fmt::format("A question has {} at most", kMostOffers));
  }
  if (fixed > kMostFixedCosts) {
    fail(where, fmt::format("{} offers have a fixed cost", fixed),
         fmt::format("{} at most may have one: every combination of them is tried",
                     kMostFixedCosts));
  }
  const auto section = question.section_if("offers");
  if (!section) return;
  if (terms.offers.empty()) {
    fail(where, "the question has no offer",
         fmt::format("Add [{}.offer.NAME] with effect = [0.05, 0.1, 0.15]", question.name()));
  }
  for (const auto& [channel, capacity] : terms.channel_capacity) {
    if (std::ranges::find(channels, channel) != channels.end()) continue;
    fail(section->where("channel_capacity"),
         fmt::format("no offer has the channel {}{}", quoted(channel),
                     did_you_mean(channel, channels)),
         "Channels: " + join(channels, ", "));
  }
}

}  // namespace

std::vector<SectionSpec> offer_sections() {
  return {offers_section(), consent_section(), contacts_section(), control_section(),
          offer_section()};
}

namespace {

// In its condition or in a message.
bool uses_segments(const Offer& offer) {
  const auto in_message = [](const std::string& message) {
    return message.find("{segment") != std::string::npos;
  };
  const auto in_one = [&](const auto& text) { return in_message(text.second); };
  if (in_message(offer.message) || std::ranges::any_of(offer.messages, in_one)) return true;
  if (offer.where.empty()) return false;
  const std::vector<std::string> names = names_in(parse_condition(offer.where, ""));
  return std::ranges::find(names, "segment") != names.end();
}

}  // namespace

void read_offers(const Section& question, const std::string& path, StudyQuestion& out) {
  const auto section = question.section_if("offers");
  const std::vector<Section> offers = question.sections("offer");
  if (!section && offers.empty()) return;
  OfferTerms terms;
  if (section) read_terms(*section, terms);
  for (const Section& offer : offers) terms.offers.push_back(read_offer(offer, path));
  if (!section) terms.line = terms.offers.front().line;
  check_catalogue(question, terms,
                  fmt::format("{}:{}, section [{}.offers]", path, terms.line, question.name()));
  for (const Offer& offer : terms.offers) {
    if (out.segments_enabled || !uses_segments(offer)) continue;
    fail(
        fmt::format("{}:{}, section [{}.offer.{}]", path, offer.line, question.name(), offer.name),
        "it names the customer's segment, but segments are switched off (segments.enabled = false)",
        "Remove the one or the other");
  }
  out.offers = std::move(terms);
}

}  // namespace perennial
