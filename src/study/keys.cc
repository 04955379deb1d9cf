#include "study/keys.h"

#include <algorithm>

#include "audit/finding.h"
#include "base/error.h"
#include "learn/pipeline.h"
#include "metric/metric.h"
#include "metric/profit.h"
#include "search/search.h"
#include "split/split.h"
#include "study/keys_make.h"
#include "study/keys_offer.h"
#include "study/keys_segment.h"
#include "study/keys_tables.h"
#include "study/study.h"
#include "study/uplift.h"
#include "table/calendar.h"

namespace perennial {
namespace {

using key::choice;
using key::flag;
using key::required;
using key::section;
using key::shaped;
using key::text;
using key::texts;
using key::with_default;

std::vector<std::string> learner_names() {
  std::vector<std::string> names;
  for (const auto& learner : all_learners()) names.emplace_back(learner->name());
  return names;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const MetricInfo& metric : all_metrics()) names.push_back(metric.name);
  return names;
}

SectionSpec top_section() {
  return {
      .path = "",
      .text = "",
      .example = "",
      .keys = {section("study", KeyShape::kSection, "Name, language and seed."),
               section("audit", KeyShape::kSection, "Whether safe repairs are applied."),
               section("tables", KeyShape::kNamed, "The tables, one section each.", true),
               section("repair", KeyShape::kList, "Repairs that you accept, in order."),
               section("question", KeyShape::kNamed, "The questions, one section each.", true)}};
}

SectionSpec study_section() {
  return {.path = "study",
          .text = "The section may be left out.",
          .example = "[study]\nname = \"Spring campaign\"\nseed = 7\n",
          .keys = {text("name", "Title of the report. Without it: the name of the file.",
                        "\"Spring campaign\""),
                   {.param = {.name = "language",
                              .type = ParamType::kChoice,
                              .default_value = std::string("auto"),
                              .description = "Of the report when it opens: English, Russian or "
                                             "Portuguese (it can be switched in the page). auto: "
                                             "by the names in the data.",
                              .choices = {"auto", "en", "ru", "pt"}}},
                   {.param = {.name = "seed",
                              .type = ParamType::kInt,
                              .default_value = int64_t{0},
                              .description = "Decides the split and everything else that is drawn "
                                             "at random: the same study, data and seed give the "
                                             "same results.",
                              .min = 0}}}};
}

SectionSpec audit_section() {
  return {.path = "audit",
          .text =
              "The audit looks at the tables before anything is computed. What is safe to repair "
              "is repaired and listed; what is doubtful is printed as lines to paste.",
          .example = "[audit]\nrepair = false\n",
          .keys = {with_default(flag("repair",
                                     "Safe repairs are applied without being asked for: "
                                     "misspelled categories, decimal commas, blanks."),
                                true)}};
}

SectionSpec question_section() {
  return {.path = "question.NAME",
          .text =
              "One section a question; its name is that of the folder with the results. Which "
              "column is asked for must be said, and mostly which of its values is the answer yes.",
          .example =
              "[question.leaves]\ntarget = { column = \"left\", positive = \"yes\" }\n"
              "cohort = \"every revenue > 0\"\nignore = [\"minutes\"]\n",
          .keys = {choice("kind", {"outcome", "uplift"},
                          "outcome: for whom the target will be true. uplift: whom an offer "
                          "changes. Without it: uplift where there is a `treatment`."),
                   section("target", KeyShape::kSection, "What is asked.", true),
                   section("treatment", KeyShape::kSection, "Which offers were made to whom."),
                   text("cohort",
                        "Condition for the customers that the question is about. Without "
                        "it: everybody. See Conditions.",
                        "\"age >= 18\""),
                   texts("tables",
                         "Tables that this question uses. Without it: all of them. Questions on "
                         "different entities (visits, users) need different tables.",
                         "[\"customers\"]"),
                   texts("ignore", "Features that this question does not use.", "[\"minutes\"]"),
                   text("cutoff",
                        "With tables of events: the moment up to which inputs look; the target "
                        "looks from it on. A date, or \"latest\": the last one that leaves room "
                        "for the target. Without it: latest.",
                        "\"2024-03-01\""),
                   texts("cutoffs",
                         "Several such moments, as dates: every customer gives a row for each. The "
                         "last is the test, of three or more the one before it the validation.",
                         "[\"2024-03-01\", \"2024-06-01\", \"2024-09-01\"]"),
                   text("inputs",
                        "How far back before the cutoff inputs look, such as \"two years\". "
                        "Without it: as far as the events go.",
                        "\"two years\""),
                   with_default(texts("windows",
                                      "The times before the cutoff in which events are counted "
                                      "and added, beside all of them.",
                                      "[\"7 days\", \"30 days\"]"),
                                std::vector<std::string>{"7 days", "30 days", "90 days", "1 year"}),
                   {.param = {.name = "most_features",
                              .type = ParamType::kInt,
                              .default_value = int64_t{60},
                              .description = "Features that a table of events gives at most.",
                              .min = 1,
                              .max = 1000}},
                   with_default(flag("explore",
                                     "Whether the columns are described (`explore.json`) before "
                                     "anything is learned; of many customers that takes about as "
                                     "long as a plain model."),
                                StudyQuestion{}.explore),
                   with_default(flag("explain",
                                     "Whether it is found out what the model goes by "
                                     "(`importance.csv`, the report's section on why, what "
                                     "drives a segment, the reasons in `scores.csv`). The saved "
                                     "model can explain single customers either way."),
                                StudyQuestion{}.explain),
                   section("validation", KeyShape::kSection, "How the answer is tested."),
                   section("search", KeyShape::kSection, "What is tried."),
                   section("money", KeyShape::kSection, "What contacts cost and bring."),
                   section("offers", KeyShape::kSection, "Who gets which offer."),
                   section("offer", KeyShape::kNamed, "The offers, one section each."),
                   section("recommend", KeyShape::kSection,
                           "Of several classes: which are offered to whom, first to last."),
                   {.param = {.name = "reasons",
                              .type = ParamType::kInt,
                              .default_value = StudyQuestion{}.reasons,
                              .description = "How many reasons of each customer's probability "
                                             "stand in scores.csv. 0: none.",
                              .min = 0,
                              .max = 10}},
                   section("segments", KeyShape::kSection, "Customers by risk and value."),
                   section("segment", KeyShape::kNamed, "Segments of your own."),
                   section("learner", KeyShape::kNamed, "Settings to try, by learner.")}};
}

SectionSpec recommend_section() {
  return {
      .path = "question.NAME.recommend",
      .text =
          "For a target of several classes that are things to recommend. The classes are ranked "
          "for each customer, and the verdict says how often one of those that the customer "
          "took is among the first, against the same list for everybody by popularity.",
      .example = "[question.leaves.recommend]\nk       = 3\nexclude = \"owned\"\n",
      .keys = {{.param = {.name = "k",
                          .type = ParamType::kInt,
                          .default_value = int64_t{3},
                          .description = "Length of the list that counts.",
                          .min = 1,
                          .max = 50}},
               text("exclude",
                    "Feature with the classes that a customer has already, as a set (`a|b`): "
                    "they are never recommended.",
                    "\"owned\"")}};
}

SectionSpec target_section() {
  return {
      .path = "question.NAME.target",
      .text =
          "Either a column (and its value that counts as yes), or a condition: customers for whom "
          "it "
          "holds are the ones to find. The columns that the condition names are no features; a "
          "comparison with a missing value does not hold. Or events: customers who have some "
          "within a time after the cutoff.",
      .example =
          "[question.leaves]\ntarget = { where = \"end_date is not missing\", table = "
          "\"customers\" }\n\n[question.buys_again]\ntarget = { event = \"purchases\", within = "
          "\"90 days\" }\n\n[question.halves]\ntarget = { event = \"purchases\", sum = \"price\", "
          "within = \"3 months\", falls_by = 0.5 }\n\n[question.adopts]\ntarget = { event = "
          "\"visits\", within = \"90 days\", at_least = 3, in_any = \"7 days\" }\n",
      .keys = {
          text("column", "Column with the outcome.", "\"left\""),
          shaped(text("positive", "Value that counts as yes: the customers to find.", "\"yes\""),
                 KeyShape::kScalar),
          choice("each", {"|", ";", ","},
                 "The column holds several values, with this sign between them: every one is a "
                 "class, and a customer may have several. Such a customer is one entity all the "
                 "same, on one side of the split."),
          text("where",
               "Condition that makes the target, in place of `column` and `positive`; it may "
               "name columns of every table with one row a customer. See Conditions.",
               "\"end_date is not missing\""),
          text("table",
               "Table that brings the customers. Without it: the only one that has the column "
               "or all columns of the condition; for a target made of events, their table: "
               "everybody with an event before the cutoff.",
               "\"customers\""),
          text("event",
               "Table of events that make the target: who has one within the time that `within` "
               "says, from the cutoff on. `where` is then a condition on its rows.",
               "\"purchases\""),
          text("within", "How long after the cutoff the target looks.", "\"90 days\""),
          text("sum", "Amount that is added up, in place of counting the events.", "\"price\""),
          {.param = {.name = "at_least",
                     .type = ParamType::kReal,
                     .description = "The number of events, or the sum, from which on the answer is "
                                    "yes. Without it: 1.",
                     .min = 0,
                     .min_open = true},
           .example = "3"},
          {.param = {.name = "falls_by",
                     .type = ParamType::kReal,
                     .description = "In place of at_least: the answer is yes where the number or "
                                    "sum is lower by this share than in as long a time before the "
                                    "cutoff. Customers who had none then are left out.",
                     .min = 0,
                     .max = 1,
                     .min_open = true},
           .example = "0.5"},
          text("in_any",
               "At least `at_least` events within some time of this length: three visits in seven "
               "days, say.",
               "\"7 days\"")}};
}

SectionSpec validation_section() {
  const SplitOptions defaults;
  return {
      .path = "question.NAME.validation",
      .text =
          "The test rows are put aside before anything is learned and looked at once, at the "
          "end. Settings are compared by cross-validation on the other rows.",
      .example = "[question.leaves.validation]\ntest  = 0.2\nfolds = 10\n",
      .keys = {{.param = {.name = "test",
                          .type = ParamType::kReal,
                          .default_value = defaults.test,
                          .description = "Share of customers that are put aside for the verdict.",
                          .min = 0,
                          .max = 0.9,
                          .min_open = true}},
               {.param = {.name = "validation",
                          .type = ParamType::kReal,
                          .default_value = defaults.validation,
                          .description = "Share of customers in a second part that is put aside.",
                          .min = 0,
                          .max = 0.9}},
               {.param = {.name = "folds",
                          .type = ParamType::kInt,
                          .default_value = int64_t{defaults.folds},
                          .description = "Parts of the cross-validation.",
                          .min = 2,
                          .max = 50}},
               text("group",
                    "Column of the target's table: customers with the same value in it (a "
                    "household, a shop) stay on one side and in one fold. It is no feature then.",
                    "\"household\""),
               text("time",
                    "Column of the target's table with a date or number: the latest customers are "
                    "the test, those before them the validation, and the folds are blocks in "
                    "time. It is no feature then.",
                    "\"signed_up\""),
               with_default(flag("refit",
                                 "Whether the final model learns from the validation rows too: "
                                 "settings, calibration, threshold and the validation figures are "
                                 "decided by the training rows alone, then the chosen model is "
                                 "fitted again on both parts. The test rows stay sealed."),
                            StudyQuestion{}.refit),
               with_default(choice("save", {"none", "float32", "float64"},
                                   "Whether the parts are written as `splits/train.npz`, "
                                   "`validation.npz` and `test.npz`, with numbers of this size: "
                                   "standardised inputs, targets, ids, names of the features."),
                            StudyQuestion{}.save)}};
}

SectionSpec search_section() {
  const SearchOptions defaults;
  KeySpec learners =
      texts("learners",
            "Learners to compare. Without it: all of them, in a grid or random search "
            "logistic, tree and knn.",
            "[\"logistic\"]");
  learners.param.choices = learner_names();
  return {
      .path = "question.NAME.search",
      .text =
          "Without this section all learners that suit the table are tried, within 60 seconds. "
          "The naive baseline is judged in every run and need not be named.",
      .example =
          "[question.leaves.search]\nlearners = [\"logistic\"]\nmethod   = \"random\"\n"
          "trials   = 50\n",
      .keys = {
          learners,
          choice("method", {"auto", "grid", "random"},
                 "auto: settings that did well elsewhere, then others around the best, losers "
                 "stopped early. grid: all combinations of the values. random: some of them. "
                 "Without it: grid where values are listed for a learner, else auto."),
          {.param = {.name = "budget",
                     .type = ParamType::kReal,
                     .default_value = defaults.budget_seconds,
                     .description = "Seconds that an auto search may take; its plan of trials is "
                                    "made so that it ends well inside them. A search that is cut "
                                    "finishes the setting that leads.",
                     .min = 0,
                     .max = 1e6,
                     .min_open = true}},
          {.param = {.name = "trials",
                     .type = ParamType::kInt,
                     .description = "Settings to try: fixes the work of an auto search instead of "
                                    "its time; a random search draws 100 without it.",
                     .min = 1,
                     .max = 100000},
           .example = "50"},
          with_default(choice("metric", metric_names(), "What decides which settings are best."),
                       defaults.metric),
          {.param = {.name = "ensemble",
                     .type = ParamType::kBool,
                     .default_value = defaults.ensemble,
                     .description = "auto: whether the best settings are also averaged by weight, "
                                    "and the mean is kept where it adds more than noise."}},
          {.param = {.name = "stacking",
                     .type = ParamType::kBool,
                     .default_value = defaults.stacking,
                     .description = "auto: whether weights for the best settings are also learned "
                                    "by logistic regression on their log odds; kept where that "
                                    "adds more than noise to what is simpler."}},
          {.param = calibration_param()}}};
}

SectionSpec money_section() {
  return {
      .path = "question.NAME.money",
      .text =
          "What it costs to contact a customer and what that can bring. With it the verdict says "
          "whom to advertise to and whom not, and what that saves against contacting everybody. "
          "The cut is chosen on out-of-fold probabilities of the training customers and judged on "
          "the sealed ones.",
      .example =
          "[question.leaves.money]\ncontact_cost = 1.5\nkept_value   = 40      # or \"profit\", "
          "a column named in its table's `value`\nsuccess_rate = 0.25\nthreshold    = \"money\"\n",
      .keys = {
          required({.param = {.name = "contact_cost",
                              .type = ParamType::kReal,
                              .description = "What contacting one customer costs.",
                              .min = 0}}),
          required(shaped(text("kept_value",
                               "What a customer with the positive class brings when the contact "
                               "turns them: a number, or a value column's name.",
                               "40"),
                          KeyShape::kScalar)),
          {.param = {.name = "success_rate",
                     .type = ParamType::kReal,
                     .default_value = MoneyTerms{}.success_rate,
                     .description = "Share of contacted customers with the positive class whom the "
                                    "contact turns. 1 suits a question whose positive class is to "
                                    "be found (buyers); customers who would leave are not all "
                                    "kept.",
                     .min = 0,
                     .max = 1,
                     .min_open = true}},
          with_default(choice("threshold", {"f1", "share", "money"},
                              "Who is contacted: by the best F1, a fixed share of all "
                              "(`contact_share`), or who earns more than the contact costs."),
                       MoneyTerms{}.threshold),
          {.param = {.name = "contact_share",
                     .type = ParamType::kReal,
                     .description = "Share of customers to contact, for threshold = \"share\".",
                     .min = 0,
                     .max = 1,
                     .min_open = true}}}};
}

SectionSpec learner_section() {
  return {.path = "question.NAME.learner.LEARNER",
          .text =
              "Values to try for a learner's parameters and for its preparation of the columns: "
              "one value, or a list. A grid search tries the listed grid of a parameter that is "
              "not named; a random search keeps its default.",
          .example =
              "[question.leaves.learner.logistic]\nC     = [0.1, 1, 10]\n"
              "scale = \"standard\"\n",
          .keys = {}};
}

std::vector<SectionSpec> make_sections() {
  std::vector<SectionSpec> out = {top_section(),        study_section(),  audit_section(),
                                  table_section(),      pivot_section(),  repair_section(),
                                  question_section(),   target_section(), treatment_section(),
                                  validation_section(), search_section(), money_section()};
  out.push_back(segments_section());
  out.push_back(segment_section());
  for (SectionSpec& section : offer_sections()) out.push_back(std::move(section));
  out.push_back(recommend_section());
  out.push_back(learner_section());
  return out;
}

}  // namespace

const std::vector<SectionSpec>& study_sections() {
  static const std::vector<SectionSpec> sections = make_sections();
  return sections;
}

const SectionSpec& section_at(std::string_view path) {
  const auto& sections = study_sections();
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [&](const SectionSpec& s) { return s.path == path; });
  PERENNIAL_CHECK(found != sections.end());
  return *found;
}

std::vector<ParamSpec> learner_keys(const std::string& learner, const std::string& where) {
  const Learner& found = learner_named(learner, where);
  std::vector<ParamSpec> keys = found.params();
  const std::vector<ParamSpec> around = pipeline_params(found);
  keys.insert(keys.end(), around.begin(), around.end());
  return keys;
}

std::vector<std::string> default_learners(const std::string& method) {
  if (method != "auto") return {"logistic", "tree", "knn"};
  std::vector<std::string> all = learner_names();
  std::erase(all, "naive");
  return all;
}

}  // namespace perennial
