#include "run/earlier.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

constexpr const char* kModelFile = "model.perennial";

fs::path model_of(const std::string& named, const std::string& question) {
  fs::path path = path_of(named);
  if (!fs::is_directory(path)) return path;
  const fs::path own = path / path_of(question) / kModelFile;
  return fs::exists(own) ? own : path / kModelFile;
}

void check_origin(const Artifact& model, const std::string& where, const Study& study,
                  const StudyQuestion& question) {
  if (model.question != question.name) {
    throw Error(
        ErrorCode::kStudy, where,
        fmt::format("the model answers the question {}, not {}", quoted(model.question),
                    quoted(question.name)),
        fmt::format("Say --question {}, or name the folder that the run wrote", model.question));
  }
  if (model.search.is_null() || model.program_version != kVersion) {
    throw Error(ErrorCode::kData, where,
                model.search.is_null()
                    ? "the model was made by a version of Perennial that did not keep its search"
                    : fmt::format("the model was made by version {}, this is {}: its settings may "
                                  "score otherwise",
                                  model.program_version, kVersion),
                "Run the study anew");
  }
  if (model.seed != study.seed) {
    throw Error(
        ErrorCode::kStudy, where,
        fmt::format("the model's search had the seed {}, this run has {}", model.seed, study.seed),
        fmt::format("Say --seed {}", model.seed));
  }
}

// A search that went to its end tries nothing new within the same limits.
void check_more(const RunOptions& options, const SearchMemory& memory,
                const StudyQuestion& question, const std::string& where) {
  if (!memory.cut.empty()) return;
  const double budget = options.budget.value_or(question.search.budget_seconds);
  const int64_t trials = options.trials.value_or(question.search.trials);
  const bool more_trials = memory.trials > 0 ? trials > memory.trials : trials > 0;
  const bool more_time = memory.trials == 0 && trials == 0 && budget > memory.budget_seconds;
  if (more_trials || more_time) return;
  throw Error(ErrorCode::kUsage, where, "the search went to its end, and nothing more is asked for",
              memory.trials > 0 ? fmt::format("Say --trials with more than {}", memory.trials)
                                : fmt::format("Say --budget with more than {} seconds, or --trials",
                                              number_text(memory.budget_seconds)));
}

}  // namespace

std::optional<SearchMemory> earlier_search(const RunOptions& options, const Study& study,
                                           const StudyQuestion& question) {
  if (!options.resume && !options.replay) return std::nullopt;
  const fs::path path = model_of(options.resume ? *options.resume : *options.replay, question.name);
  const std::string where = path.string();
  const Artifact model = load_artifact(path);
  check_origin(model, where, study, question);
  SearchMemory memory = search_memory_from_json(model.search, where);
  if (options.resume) check_more(options, memory, question, where);
  return memory;
}

void tell_of_earlier(const RunOptions& options, const SearchPlan& plan,
                     std::vector<std::string>& notes, std::vector<std::string>& warnings) {
  if (options.resume) {
    notes.push_back(
        fmt::format("The search went on from an earlier one: {} of it {} not fitted again.",
                    counted(plan.taken_over, "model"), plan.taken_over == 1 ? "was" : "were"));
  }
  if (!options.replay) return;
  if (plan.differ == 0) {
    notes.push_back(fmt::format("The trials of an earlier search were tried again: {} the same.",
                                plan.replayed == 1
                                    ? "its score is"
                                    : fmt::format("all {} scores are", grouped(plan.replayed))));
    return;
  }
  warnings.push_back(
      fmt::format("The trials of an earlier search were tried again, and {} of {} scores differ, "
                  "by {} at most: "
                  "the machine or its libraries are others.",
                  grouped(plan.differ), grouped(plan.replayed), number_text(plan.most_difference)));
}

}  // namespace perennial
