#include "study/uplift.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

[[noreturn]] void fail(const std::string& where, const std::string& what, const std::string& hint) {
  throw Error(ErrorCode::kStudy, where, what, hint);
}

void read_shares(const Section& treatment, UpliftOptions& out) {
  const bool given = out.propensity == "given";
  if (given != treatment.has("shares")) {
    fail(treatment.where(given ? "propensity" : "shares"),
         given ? "the chances of the arms are not said"
               : fmt::format("propensity = {} has no use for shares", quoted(out.propensity)),
         given ? "Add shares = { \"arm\" = 0.5, … } with every arm, the control too"
               : "Say propensity = \"given\", or remove shares");
  }
  double sum = 0;
  for (const auto& [arm, value] : treatment.get_map("shares")) {
    const double share = std::get<double>(value);
    out.shares[arm] = share;
    sum += share;
  }
  if (given && std::abs(sum - 1) > 1e-6) {
    fail(treatment.where("shares"),
         fmt::format("the shares add up to {}, not to 1", number_text(sum)),
         "Give the chance of every arm, the control too");
  }
}

UpliftOptions read_treatment(const Section& treatment) {
  UpliftOptions out{.treatment = treatment.get_text("column"),
                    .control = treatment.get_text("control"),
                    .propensity = treatment.get_text("propensity"),
                    .methods = treatment.get_texts("methods"),
                    .line = treatment.line()};
  read_shares(treatment, out);
  std::set<std::string> seen;
  for (const std::string& method : out.methods) {
    if (seen.insert(method).second) continue;
    fail(treatment.where("methods"), fmt::format("\"{}\" stands twice in the list", method),
         "Keep one of them");
  }
  if (out.methods.empty()) {
    fail(treatment.where("methods"), "the list is empty", "Name at least one method");
  }
  return out;
}

// What would be passed over in silence must not stand there.
void refuse_useless(const Section& question) {
  const auto refuse = [](const Section& section, const char* key) {
    if (!section.has(key)) return;
    fail(section.where(key), fmt::format("a question of uplift has no use for \"{}\"", key),
         "Remove it");
  };
  refuse(question, "money");
  if (const auto search = question.section_if("search")) {
    for (const KeySpec& key : section_at("question.NAME.search").keys) {
      if (key.param.name != "learners") refuse(*search, key.param.name.c_str());
    }
  }
  if (const auto validation = question.section_if("validation")) {
    refuse(*validation, "save");
    refuse(*validation, "refit");
  }
}

}  // namespace

SectionSpec treatment_section() {
  const UpliftOptions defaults;
  return {
      .path = "question.NAME.treatment",
      .text =
          "Makes the question one of uplift: not who will, but whom an offer changes. The rows are "
          "the customers of a past campaign, whose offers were dealt at random; the target is what "
          "came after. Columns recorded after the offers must be in `ignore`. The learners of "
          "`search` (logistic and boosted_trees where it names none) are fitted by each of the "
          "methods.",
      .example =
          "[question.visits]\nkind      = \"uplift\"\n"
          "target    = { column = \"visit\", positive = 1 }\n"
          "treatment = { column = \"segment\", control = \"No E-Mail\" }\n"
          "ignore    = [\"conversion\", \"spend\"]\n",
      .keys = {
          {.param = {.name = "column",
                     .type = ParamType::kText,
                     .description = "Column of the target's table that says which offer a customer "
                                    "got. It is no feature.",
                     .required = true},
           .example = "\"segment\""},
          {.param = {.name = "control",
                     .type = ParamType::kText,
                     .description = "Its value for customers who got no offer.",
                     .required = true},
           .shape = KeyShape::kScalar,
           .example = "\"No E-Mail\""},
          {.param = {.name = "propensity",
                     .type = ParamType::kChoice,
                     .default_value = defaults.propensity,
                     .description =
                         "Chance of getting each offer. shares: as often as among the "
                         "training customers, whoever they are (dealt at random). given: "
                         "`shares`. estimated: from the features.",
                     .choices = {"shares", "given", "estimated"}}},
          {.param = {.name = "shares",
                     .type = ParamType::kReal,
                     .description = "Chance of every offer and of the control, for propensity = "
                                    "\"given\".",
                     .min = 0,
                     .max = 1,
                     .min_open = true},
           .shape = KeyShape::kMap,
           .example = "{ \"No E-Mail\" = 0.5, \"Mens E-Mail\" = 0.5 }"},
          {.param = {.name = "methods",
                     .type = ParamType::kTextList,
                     .default_value = defaults.methods,
                     .description = "How uplift is learned. s: one model with the offer as a "
                                    "column. t: a model an offer. x: models of what each side "
                                    "would have done. dr: a model of doubly robust scores.",
                     .choices = defaults.methods}}}};
}

std::vector<std::string> default_uplift_learners() { return {"logistic", "boosted_trees"}; }

void read_uplift(const Section& question, StudyQuestion& out) {
  const auto treatment = question.section_if("treatment");
  const auto kind = question.text_if("kind");
  if (!treatment) {
    if (kind != "uplift") return;
    fail(question.where("kind"), "a question of uplift needs the key \"treatment\"",
         "Add treatment = { column = \"…\", control = \"…\" }");
  }
  if (kind && kind != "uplift") {
    fail(question.where("treatment"),
         fmt::format("kind = {} has no use for a treatment", quoted(*kind)),
         "Say kind = \"uplift\", or remove treatment");
  }
  refuse_useless(question);
  out.uplift = read_treatment(*treatment);
}

}  // namespace perennial
