#include "run/money.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "learn/pipeline.h"

namespace perennial {

std::string check_money(const Study& study, const StudyQuestion& question,
                        const FeatureTable& table) {
  if (!question.money) return "";
  const std::string where = fmt::format("{}:{}, section [question.{}.money]", study.path,
                                        question.money_line, question.name);
  if (table.classes.size() != 2) {
    throw Error(ErrorCode::kStudy, where,
                fmt::format("{} has {} classes, and money needs one that is to be found",
                            quoted(table.target_name), table.classes.size()),
                "Say which in target: positive = \"…\"");
  }
  int64_t unknown = 0;
  try {
    unknown = without_value(table, *question.money);
  } catch (const Error& error) {
    throw Error(error.code(), where + ", " + error.where(), error.problem(), error.hint());
  }
  if (unknown == 0) return "";
  return fmt::format("{} without a value in {}: counted as worth nothing, so not contacted",
                     counted(unknown, "customer"), quoted(question.money->kept_value_column));
}

std::optional<ContactPlan> settle_contacts(const StudyQuestion& question,
                                           const FeatureTable& training, SearchResult& found) {
  if (!question.money) return std::nullopt;
  ContactPlan plan =
      plan_contacts(training, positive_column(found.out_of_fold), *question.money, found.threshold);
  if (!plan.by_value) found.threshold = plan.cut;
  return plan;
}

std::vector<uint8_t> whom_to_contact(const std::optional<ContactPlan>& plan,
                                     const FeatureTable& table,
                                     std::span<const double> probability) {
  std::vector<uint8_t> out;
  if (!plan || plan->terms.threshold == "f1") return out;
  const std::vector<double> worth = worth_of(table, plan->terms);
  PERENNIAL_CHECK(probability.size() == 2 * table.rows());
  for (size_t i = 0; i < table.rows(); ++i) {
    out.push_back(contacted(*plan, probability[2 * i + 1], worth[i]) ? 1 : 0);
  }
  return out;
}

}  // namespace perennial
