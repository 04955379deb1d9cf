#include "study/keys_segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "table/condition.h"

namespace perennial {
namespace {

KeySpec text(std::string name, std::string description, std::string example) {
  return {.param = {.name = std::move(name),
                    .type = ParamType::kText,
                    .description = std::move(description)},
          .example = std::move(example)};
}

KeySpec numbers(std::string name, std::string description, std::string example) {
  return {.param = {.name = std::move(name),
                    .type = ParamType::kRealList,
                    .description = std::move(description)},
          .example = std::move(example)};
}

// Numbers between 0 and 1, both left out.
KeySpec shares(std::string name, std::string description, std::string example) {
  KeySpec out = numbers(std::move(name), std::move(description), std::move(example));
  out.param.min = 0;
  out.param.min_open = true;
  out.param.max = 1;
  return out;
}

[[noreturn]] void fail(const std::string& where, const std::string& what, const std::string& hint) {
  throw Error(ErrorCode::kStudy, where, what, hint);
}

void check_one_of(const Section& section, const char* cuts, const char* quantiles) {
  if (!section.has(cuts) || !section.has(quantiles)) return;
  fail(section.where(quantiles),
       fmt::format("both {} and {} say where bands begin", cuts, quantiles), "Keep one of the two");
}

// Rising and without doubles, so that bands are what their names say.
std::vector<double> cuts_of(const Section& section, const char* key) {
  std::vector<double> out = section.get_reals(key);
  if (section.has(key) && out.empty()) {
    fail(section.where(key), "the list is empty", "Give a value or remove the key");
  }
  for (size_t i = 1; i < out.size(); ++i) {
    if (out[i] > out[i - 1]) continue;
    fail(section.where(key), fmt::format("{} does not come after {}", out[i], out[i - 1]),
         "Write the numbers from low to high, each once");
  }
  return out;
}

void read_bands(const Section& section, SegmentOptions& out) {
  check_one_of(section, "risk_cuts", "risk_quantiles");
  check_one_of(section, "value_cuts", "value_quantiles");
  out.value = section.get_text("value");
  out.unit = section.get_text("unit");
  out.period = section.get_text("period");
  out.risk_cuts = cuts_of(section, "risk_cuts");
  out.risk_quantiles = cuts_of(section, "risk_quantiles");
  out.value_cuts = cuts_of(section, "value_cuts");
  out.value_quantiles = cuts_of(section, "value_quantiles");
  out.min_customers = section.get_int("min_customers");
  out.discover = section.get_int("discover");
}

std::vector<std::pair<std::string, std::string>> titles_of(const Section& section) {
  std::vector<std::pair<std::string, std::string>> out;
  const std::vector<std::string> known = {"en", "ru", "pt"};
  for (const auto& [language, title] : section.get_map("title")) {
    if (std::ranges::find(known, language) == known.end()) {
      fail(section.where("title"), fmt::format("there is no language {}", quoted(language)),
           "Languages of the report: en, ru, pt");
    }
    out.emplace_back(language, std::get<std::string>(title));
  }
  return out;
}

NamedSegment named_segment(const Section& section, const std::string& path) {
  NamedSegment out{
      .name = section.node_key(),
      .titles = titles_of(section),
      .where = section.get_text("where"),
      .by = section.get_text("by"),
      .primary = section.get_bool("primary"),
      .place = fmt::format("{}:{}, section [{}]", path, section.line(), section.name())};
  if (out.where.empty() && out.by.empty()) {
    fail(out.place, "this segment does not say who is in it",
         "Add where = \"risk > 0.5\", or by = \"…\" with a text feature");
  }
  if (!out.where.empty()) {
    out.place = section.where("where");
    parse_condition(out.where, out.place);
  }
  return out;
}

}  // namespace

SectionSpec segments_section() {
  const SegmentOptions defaults;
  return {
      .path = "question.NAME.segments",
      .text =
          "Customers by risk and value: who is at risk, what they are worth, what is lost with "
          "them. Made without this section too, where the tables have one value column and the "
          "target has two classes. Risk is the probability of the positive class by a model that "
          "had not seen the customer.",
      .example =
          "[question.leaves.segments]\nunit       = \"€\"\nperiod     = \"3 months\"\n"
          "risk_cuts  = [0.2, 0.5]\nvalue_quantiles = [0.5, 0.9]\n",
      .keys = {
          {.param = {.name = "enabled",
                     .type = ParamType::kBool,
                     .default_value = true,
                     .description =
                         "false: no segments are made (`segments.csv`, the columns "
                         "`segment` and `risk` of `scores.csv`, the report's section)."}},
          text("value", "The value column (one of a table's `value`). Without it: the only one.",
               "\"profit\""),
          text("unit", "What the value is counted in, as it is to stand beside numbers.", "\"€\""),
          text("period", "The time that a value is for.", "\"3 months\""),
          shares("risk_cuts",
                 "Probabilities where the bands of risk begin. Without it and `risk_quantiles`: "
                 "the threshold of the model.",
                 "[0.2, 0.5]"),
          shares("risk_quantiles", "The same as shares of the customers with less risk.",
                 "[0.5, 0.9]"),
          numbers("value_cuts",
                  "Values where the bands of value begin. Without it and `value_quantiles`: the "
                  "median.",
                  "[100, 1000]"),
          shares("value_quantiles", "The same as shares of the customers with less value.",
                 "[0.5, 0.9]"),
          {.param = {.name = "min_customers",
                     .type = ParamType::kInt,
                     .default_value = defaults.min_customers,
                     .description = "Fewest customers that a found rule, a category's segment and "
                                    "a comparison with the others rest on.",
                     .min = 2}},
          {.param = {.name = "discover",
                     .type = ParamType::kInt,
                     .default_value = defaults.discover,
                     .description = "Most rules (of up to three conditions) to find by themselves: "
                                    "customers at risk more often than others, on training rows "
                                    "and on sealed ones too. 0: none.",
                     .min = 0,
                     .max = 20}}}};
}

SectionSpec segment_section() {
  KeySpec title = text("title", "Title in the report, by language: en, ru, pt. Without it: NAME.",
                       "{ en = \"Bargain hunters\" }");
  title.shape = KeyShape::kMap;
  return {
      .path = "question.NAME.segment.NAME",
      .text =
          "A segment of your own: a condition on features, `risk` and `value`. A number may be "
          "compared with `median`, `mean` or a quantile (`q10`, `q75`) of all customers, risk also "
          "with `threshold` and `base_rate`. The first such segment that holds for a customer is "
          "the customer's own (column `segment` of scores.csv); customers without one belong to "
          "their band of risk and value.",
      .example =
          "[question.leaves.segment.bargain_hunters]\n"
          "where = \"risk > 0.5 and discount_share > median\"\n"
          "title = { en = \"Bargain hunters\", ru = \"Охотники за скидками\" }\n\n"
          "[question.leaves.segment.city]\nby      = \"city\"\nprimary = false\n",
      .keys = {text("where", "Who is in it; see Conditions. Without it: everybody.",
                    "\"risk > 0.5 and minutes < q25\""),
               text("by",
                    "A feature with text: a segment for each category that `min_customers` have, "
                    "called `NAME: category`.",
                    "\"city\""),
               title,
               {.param = {.name = "primary",
                          .type = ParamType::kBool,
                          .default_value = true,
                          .description = "Whether it may be a customer's own segment. false: it is "
                                         "a view that overlaps the others."}}}};
}

void read_segments(const Section& question, const std::string& path, StudyQuestion& out) {
  if (const auto section = question.section_if("segments")) {
    read_bands(*section, out.segments);
    out.segments.place = fmt::format("{}:{}, section [{}]", path, section->line(), section->name());
    out.segments_enabled = section->get_bool("enabled");
    out.segments_asked = out.segments_enabled;
  }
  std::set<std::string> seen;
  for (const Section& section : question.sections("segment")) {
    NamedSegment named = named_segment(section, path);
    const std::string where =
        fmt::format("{}:{}, section [{}]", path, section.line(), section.name());
    if (!out.segments_enabled) {
      fail(where, "a segment of your own, but segments are switched off (segments.enabled = false)",
           "Remove the one or the other");
    }
    if (trim(named.name) != named.name || named.name.empty() || named.name.size() > 100) {
      fail(where, "this name cannot be used", "Take a short name without blanks at its ends");
    }
    if (!seen.insert(to_lower(named.name)).second) {
      fail(where, fmt::format("there are two segments of the name {}", quoted(named.name)),
           "Names that differ in case alone count as equal: rename one");
    }
    out.segments.named.push_back(std::move(named));
    if (!out.segments_asked) out.segments.place = where;
    out.segments_asked = true;
  }
}

}  // namespace perennial
