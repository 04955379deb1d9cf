#include "report/segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/report.h"
#include "report/story.h"

namespace perennial {
namespace {

constexpr size_t kMostOverlaps = 50;

Json figure_json(const Figure& f) { return {{"value", f.value}, {"low", f.low}, {"high", f.high}}; }

Json titles_json(const Segment& s) {
  Json out = Json::object();
  for (const auto& [language, title] : s.titles) out[language] = title;
  return out;
}

Json differences_json(const Segment& s) {
  Json out = Json::array();
  for (const SegmentDifference& d : s.differences) {
    out.push_back({{"feature", d.feature},
                   {"category", d.category},
                   {"date", d.is_date},
                   {"inside", d.inside},
                   {"outside", d.outside},
                   {"size", figure_json(d.size)},
                   {"adjusted_p", d.adjusted_p},
                   {"in_rule", d.in_rule}});
  }
  return out;
}

Json drivers_json(const Segment& s) {
  Json out = Json::array();
  for (const SegmentDriver& d : s.drivers) {
    out.push_back({{"feature", d.feature}, {"contribution", figure_json(d.contribution)}});
  }
  return out;
}

Json segment_json(const Segment& s, bool has_value) {
  Json out = {
      {"name", s.name}, {"title", titles_json(s)}, {"kind", to_string(s.kind)}, {"rule", s.rule}};
  if (s.kind == SegmentKind::kCell) {
    out["risk_band"] = s.risk_band;
    if (s.value_band >= 0) out["value_band"] = s.value_band;
  }
  out["customers"] = s.customers;
  out["primary"] = s.primary;
  out["share"] = s.share;
  out["mean_risk"] = s.mean_risk;
  if (has_value) {
    out["value"] = s.value;
    out["value_share"] = s.value_share;
    out["expected_loss"] = figure_json(s.expected_loss);
  }
  out["sealed"] = s.sealed;
  out["cases"] = s.cases;
  out["rate"] = figure_json(s.rate);
  if (s.kind == SegmentKind::kDiscovered) {
    out["training"] = s.training;
    out["training_cases"] = s.training_cases;
    out["sealed_p"] = s.sealed_p;
  }
  out["small"] = s.small;
  out["differences"] = differences_json(s);
  out["drivers"] = drivers_json(s);
  out["driver_rows"] = s.driver_rows;
  return out;
}

}  // namespace

Json segments_json(const Segments& s) {
  const bool has_value = !s.value_column.empty();
  Json out = {{"value_column", s.value_column}, {"unit", s.unit}, {"period", s.period}};
  out["risk_cuts"] = s.risk_cuts;
  out["risk_cut_from"] = s.risk_cut_from;
  out["value_cuts"] = s.value_cuts;
  out["min_customers"] = s.min_customers;
  out["customers"] = s.primary.size();
  out["without_value"] = s.without_value;
  if (has_value) {
    out["total_value"] = s.total_value;
    out["expected_loss"] = figure_json(s.expected_loss);
  }
  out["base_rate"] = figure_json(s.base_rate);
  out["list"] = Json::array();
  for (const Segment& one : s.list) out["list"].push_back(segment_json(one, has_value));
  out["overlaps"] = Json::array();
  for (size_t i = 0; i < s.overlaps.size() && i < kMostOverlaps; ++i) {
    const SegmentOverlap& o = s.overlaps[i];
    out["overlaps"].push_back(
        {{"a", s.list[o.a].name}, {"b", s.list[o.b].name}, {"customers", o.customers}});
  }
  out["leftover"] = s.leftover;
  out["rules"] = {{"tried", s.rules_tried}, {"tested", s.rules_tested}};
  out["driver_space"] = s.driver_space;
  out["notes"] = s.notes;
  return out;
}

namespace {

std::string number_field(double v) { return std::isnan(v) ? "" : number_text(v); }

}  // namespace

std::string segments_csv(const Segments& segments) {
  const bool has_value = !segments.value_column.empty();
  std::string out = "segment,kind,rule,customers,own_customers,share,mean_risk";
  if (has_value) out += ",value,value_share,expected_loss,expected_loss_low,expected_loss_high";
  out += ",sealed,cases,rate,rate_low,rate_high\n";
  for (const Segment& s : segments.list) {
    out +=
        fmt::format("{},{},{},{},{},{},{}", csv_field(s.name), to_string(s.kind), csv_field(s.rule),
                    s.customers, s.primary, number_field(s.share), number_field(s.mean_risk));
    if (has_value) {
      out += fmt::format(",{},{},{},{},{}", number_field(s.value), number_field(s.value_share),
                         number_field(s.expected_loss.value), number_field(s.expected_loss.low),
                         number_field(s.expected_loss.high));
    }
    out += fmt::format(",{},{},{},{},{}\n", s.sealed, s.cases,
                       s.sealed == 0 ? "" : number_field(s.rate.value),
                       s.sealed == 0 ? "" : number_field(s.rate.low),
                       s.sealed == 0 ? "" : number_field(s.rate.high));
  }
  return out;
}

std::string segments_text(const Segments& segments, int width) {
  if (!segments.computed()) return "";
  const bool has_value = !segments.value_column.empty();
  const auto padded = [](const std::string& text, int to) {
    const int gap = to - display_width(text);
    return text + std::string(static_cast<size_t>(std::max(0, gap)), ' ');
  };
  const int name_width = std::clamp(width - 66, 20, 34);
  std::string out =
      fmt::format("  {}  {}  {}  {}\n", padded("segment", name_width), padded("customers", 9),
                  padded("share that has it", 24), has_value ? "value at stake" : "");
  for (const Segment& s : segments.list) {
    const std::string rate = s.sealed == 0 ? "none sealed"
                                           : fmt::format("{} ({} to {})", percent(s.rate.value),
                                                         percent(s.rate.low), percent(s.rate.high));
    const std::string loss = !has_value
                                 ? ""
                                 : fmt::format("{} of {}", amount_text(s.expected_loss.value),
                                               amount_text(s.value, segments.unit));
    out += fmt::format("  {}  {}  {}  {}\n", padded(shortened(s.name, name_width), name_width),
                       padded(grouped(s.customers), 9), padded(rate, 24), loss);
  }
  return out;
}

}  // namespace perennial
