#include "run/refit.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace perennial {

void check_refit(const Study& study, const StudyQuestion& question, const SplitPlan& split) {
  if (!question.refit || std::ranges::count(split.role, Role::kValidation) > 0) return;
  throw Error(ErrorCode::kStudy,
              fmt::format("{}:{}, question {}, key \"validation.refit\"", study.path, question.line,
                          quoted(question.name)),
              "no row is in a validation part, so the final model has nothing more to learn from",
              "Remove this key, or see to it that there is such a part");
}

std::vector<double> refit(const FeatureTable& table, const SplitPlan& split, Seed seed,
                          const Workers& workers, SplitRows& parts, SearchResult& found,
                          RunRecord& record) {
  std::vector<double> unseen = found.pipeline.predict(parts.validation, nullptr, &workers);
  parts.training = unsealed(table, split, &workers);
  found.pipeline = fit_again(found.pipeline, parts.training, record.search_options, seed, workers);
  const auto models = static_cast<int64_t>(std::max<size_t>(1, found.pipeline.members.size()));
  record.fits += models;
  record.fitted += models;
  record.refit = true;
  record.notes.push_back(fmt::format(
      "The final model learned from {}: the {} to learn from and the {} of the validation part; "
      "the validation figures are those of the model before.",
      counted(static_cast<int64_t>(parts.training.table.rows()), "row"),
      grouped(record.rows.at("train")), grouped(record.rows.at("validation"))));
  return unseen;
}

}  // namespace perennial
