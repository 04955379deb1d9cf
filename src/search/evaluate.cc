#include "search/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <numeric>

#include "base/error.h"
#include "base/text.h"
#include "learn/all_learners.h"
#include "search/memory.h"
#include "search/plan.h"

namespace perennial {
namespace {

// Probabilities are kept up to so many numbers; beyond, those that are needed are fitted again.
constexpr size_t kMostKept = 16'000'000;

// For a learner that scaling cannot change, candidates that differ only in it are one.
Params shared_prep(const Learner& learner, const Params& prep) {
  Params out = prep;
  // Ranks and powers are more than a scale: they move what lies between two values.
  const bool scale = prep.has("scale") && prep.get_text("scale") != "quantile" &&
                     prep.get_text("scale") != "power";
  if (learner.capabilities().scale_invariant && scale) out.set("scale", std::string("none"));
  return out;
}

// A learner that looks at no column gets none.
Matrix rows_alone(size_t rows) { return {.rows = rows}; }

void check_every_class(const std::vector<int32_t>& y, const std::vector<std::string>& classes,
                       size_t fold) {
  for (size_t c = 0; c < classes.size(); ++c) {
    if (std::find(y.begin(), y.end(), static_cast<int32_t>(c)) != y.end()) continue;
    throw Error(ErrorCode::kData, fmt::format("fold {}", fold + 1),
                classes.size() == 2
                    ? "only one class is left in it"
                    : fmt::format("no row of the class {} is left in it", quoted(classes[c])),
                "Use fewer folds, or more customers of the rarer class");
  }
}

bool complete(const Trial& trial) {
  return std::none_of(trial.fold_scores.begin(), trial.fold_scores.end(),
                      [](double s) { return std::isnan(s); });
}

}  // namespace

std::vector<FoldRows> fold_rows(const TrainingRows& rows) {
  std::vector<FoldRows> folds(static_cast<size_t>(rows.folds));
  for (size_t f = 0; f < folds.size(); ++f) {
    const auto out = static_cast<size_t>(
        std::count(rows.fold.begin(), rows.fold.end(), static_cast<int32_t>(f)));
    folds[f].held_out.reserve(out);
    folds[f].held_out_y.reserve(out);
    folds[f].train.reserve(rows.fold.size() - out);
    folds[f].train_y.reserve(rows.fold.size() - out);
  }
  for (size_t i = 0; i < rows.fold.size(); ++i) {
    for (size_t f = 0; f < folds.size(); ++f) {
      const bool out = static_cast<size_t>(rows.fold[i]) == f;
      (out ? folds[f].held_out : folds[f].train).push_back(static_cast<uint32_t>(i));
      (out ? folds[f].held_out_y : folds[f].train_y).push_back(rows.table.y[i]);
    }
  }
  for (size_t f = 0; f < folds.size(); ++f) {
    check_every_class(folds[f].train_y, rows.table.classes, f);
    check_every_class(folds[f].held_out_y, rows.table.classes, f);
  }
  return folds;
}

Seed fit_seed(Seed seed, const std::string& learner, size_t fold) {
  return seed.child(learner).child(fold);
}

void place(std::span<const double> probability, std::span<const uint32_t> rows, size_t classes,
           std::vector<double>& out) {
  for (size_t i = 0; i < probability.size(); ++i) {
    out[classes * rows[i / classes] + i % classes] = probability[i];
  }
}

// Candidates of one learner that share a preparation: fitted together on a fold.
struct Evaluator::Group {
  const Learner* learner = nullptr;
  Params prep;                 // as fitted: `scale` is "none" where scaling changes nothing
  std::vector<size_t> trials;  // indices
  std::vector<Params> params;  // of the distinct candidates that are fitted
  std::vector<size_t> slot;    // trial k of the group reads the scores of candidate slot[k]
  double cost = 0;
};

struct Evaluator::Task {
  Group group;
  size_t fold = 0;
};

// What one task leaves: the metric of each distinct candidate on one fold.
struct Evaluator::Result {
  bool done = false;
  std::vector<double> scores;
  std::vector<std::vector<double>> kept;  // probabilities of each, row-major
  size_t fitted = 0;
  double seconds = 0;
};

Evaluator::Evaluator(const TrainingRows& rows, const SearchOptions& options, Seed seed,
                     const Workers& workers, Progress& progress, const SearchLimits& limits,
                     const SearchMemory* memory)
    : rows_(rows),
      options_(options),
      seed_(seed),
      workers_(workers),
      progress_(progress),
      limits_(limits),
      shape_(shape_of(rows.table)),
      folds_(fold_rows(rows)) {
  if (memory == nullptr) return;
  for (const Trial& t : memory->tried) known_.emplace(settings_text(t), t);
}

// A score of the memory counts only where it would be the same had it been tried here. In a random
// search a learner whose shared fits depend on their company is tried again: it has new company. A
// grid's candidates are tried all together or not at all.
void Evaluator::recall(std::vector<Trial>& trials, std::span<const size_t> which,
                       std::span<const size_t> folds) {
  if (known_.empty()) return;
  for (const size_t i : which) {
    Trial& trial = trials[i];
    if (options_.method == "random" && !shares_exactly(trial.learner)) continue;
    const auto found = known_.find(settings_text(trial));
    if (found == known_.end() || found->second.fold_scores.size() != folds_.size()) continue;
    for (const size_t f : folds) {
      const double score = found->second.fold_scores[f];
      if (!std::isnan(trial.fold_scores[f]) || std::isnan(score)) continue;
      trial.fold_scores[f] = score;
      ++trial.fits;
      ++taken_over;
    }
  }
}

void Evaluator::adopt(std::vector<Trial>& trials) {
  if (known_.empty()) return;
  std::vector<size_t> all(trials.size()), folds(folds_.size());
  std::iota(all.begin(), all.end(), size_t{0});
  std::iota(folds.begin(), folds.end(), size_t{0});
  recall(trials, all, folds);
  for (Trial& t : trials) {
    t.complete = complete(t);
    known_.erase(settings_text(t));
  }
  std::vector<Trial> rest;
  for (const auto& [text, t] : known_) {
    if (t.fold_scores.size() == folds_.size()) rest.push_back(t);
  }
  std::sort(rest.begin(), rest.end(),
            [](const Trial& a, const Trial& b) { return a.number < b.number; });
  for (Trial& t : rest) {
    t.number = trials.size();
    t.fits = std::count_if(t.fold_scores.begin(), t.fold_scores.end(),
                           [](double s) { return !std::isnan(s); });
    taken_over += t.fits;
    trials.push_back(std::move(t));
  }
}

bool Evaluator::over() const {
  if (limits_.stop != nullptr && limits_.stop->load()) return true;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin_;
  return limits_.seconds > 0 && took.count() > limits_.seconds;
}

// In an auto search settings that are fitted together today may be fitted apart tomorrow (a search
// that is resumed or replayed): there only learners share whose shared fits are the same to the
// bit.
std::vector<Evaluator::Group> Evaluator::groups_of(const std::vector<Trial>& trials,
                                                   std::span<const size_t> which,
                                                   size_t fold) const {
  std::map<std::string, size_t> at;
  std::vector<Group> groups;
  std::vector<std::map<std::string, size_t>> distinct;
  for (const size_t i : which) {
    const Trial& trial = trials[i];
    if (!std::isnan(trial.fold_scores[fold])) continue;
    const Learner& learner = learner_named(trial.learner);
    const Params prep = shared_prep(learner, trial.prep_params);
    std::string key = trial.learner + to_text(prep);
    if (options_.method == "auto") {
      Params alike = trial.params;
      if (trial.learner == "boosted_trees") alike.set("n_estimators", int64_t{0});
      if (!shares_exactly(trial.learner) || trial.learner == "boosted_trees") key += to_text(alike);
    }
    const auto [found, is_new] = at.try_emplace(key, groups.size());
    if (is_new) {
      groups.push_back({.learner = &learner, .prep = prep, .trials = {}, .params = {}, .slot = {}});
      distinct.emplace_back();
    }
    Group& g = groups[found->second];
    const auto [slot, first] =
        distinct[found->second].try_emplace(to_text(trial.params), g.params.size());
    const double cost = fit_cost(trial, shape_, folds_[fold].train.size());
    if (first) {
      g.params.push_back(trial.params);
      g.cost = trial.learner == "boosted_trees" && options_.method == "auto"
                   ? std::max(g.cost, cost)
                   : g.cost + cost;
    }
    g.trials.push_back(i);
    g.slot.push_back(slot->second);
  }
  return groups;
}

Evaluator::Result Evaluator::run_task(const Task& task, bool keep) const {
  const auto begin = std::chrono::steady_clock::now();
  const Group& group = task.group;
  const FoldRows& fold = folds_[task.fold];
  const Seed seed = fit_seed(seed_, std::string(group.learner->name()), task.fold);
  const auto classes = static_cast<int>(shape_.classes);
  const bool looks = group.learner->capabilities().uses_features;
  const FittedPrep prep = looks ? FittedPrep::fit_within(rows_.table, fold.train, group.prep,
                                                         options_.category_order, &workers_)
                                : FittedPrep();
  const BalancedRows seen = balanced_rows(balance_of(group.prep), fold.train, fold.train_y, classes,
                                          seed.child("balance"));
  const Matrix x =
      looks ? prep.apply_training(rows_.table, seen.rows, &workers_) : rows_alone(seen.rows.size());
  std::vector<int32_t> y(seen.rows.size());
  for (size_t i = 0; i < y.size(); ++i) y[i] = rows_.table.y[seen.rows[i]];
  const Matrix held_out = looks ? prep.apply(rows_.table, fold.held_out, nullptr, &workers_)
                                : rows_alone(fold.held_out.size());
  const MetricInfo& metric = metric_named(options_.metric);
  Result result{.done = true, .scores = std::vector<double>(group.params.size()), .kept = {}};
  result.kept.resize(keep ? group.params.size() : 0);
  std::vector<double> p;
  result.fitted = group.learner->fit_predict_many(
      {.x = &x,
       .y = y,
       .classes = classes,
       .weights = seen.weights,
       .seed = seed,
       .workers = &workers_},
      held_out, group.params, [&](size_t candidate, std::span<const double> probability) {
        p.assign(probability.begin(), probability.end());
        correct_prior(p, seen.odds);
        result.scores[candidate] = metric.score(fold.held_out_y, p, classes);
        if (keep) result.kept[candidate] = p;
      });
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

// Five folds leave one over on two cores: it goes first, and alone, so that its learner may have
// both. It would take a turn of its own anyway.
size_t Evaluator::left_over(const std::vector<Task>& tasks) const {
  const auto threads = static_cast<size_t>(workers_.threads());
  const auto large =
      static_cast<size_t>(std::count_if(tasks.begin(), tasks.end(), [&](const Task& t) {
        return 2 * t.group.cost > tasks.front().group.cost;
      }));
  return threads > 1 && large > 1 && large % threads == 1 ? 1 : 0;
}

void Evaluator::show(const Task& task, double done) const {
  const double share = expected_ > 0 ? std::min(1.0, done / expected_) : 0;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin_;
  double left = share > 0.02 ? took.count() * (1 - share) / share : -1;
  if (limits_.seconds > 0) {
    const double most = std::max(0.0, limits_.seconds - took.count());
    left = left < 0 ? most : std::min(left, most);
  }
  std::string note = best_.empty() ? "" : best_ + " · ";
  note += fmt::format("trying {}", task.group.learner->title());
  if (left >= 0) note += fmt::format(" · {:.0f} s left", left);
  progress_.advance(static_cast<size_t>(share * 1000), note);
}

void Evaluator::best(const Trial& trial) {
  best_ =
      fmt::format("best {} ({})", fixed(trial.cv_mean, 4), learner_named(trial.learner).title());
}

void Evaluator::collect(const Task& task, const Result& result, std::vector<Trial>& trials) {
  const Group& group = task.group;
  Sharing& sharing = sharing_[std::string(group.learner->name())];
  for (size_t k = 0; k < group.trials.size(); ++k) {
    Trial& trial = trials[group.trials[k]];
    trial.fold_scores[task.fold] = result.scores[group.slot[k]];
    trial.seconds += result.seconds / static_cast<double>(group.trials.size());
    ++trial.fits;
    ++sharing.models;
    if (result.kept.empty()) continue;
    auto& kept = kept_[settings_text(trial)];
    kept.resize(folds_.size());
    kept_values_ += result.kept[group.slot[k]].size();
    kept[task.fold] = result.kept[group.slot[k]];
  }
  sharing.fits += static_cast<int64_t>(result.fitted);
  sharing.scaling |= group.params.size() < group.trials.size();
  fitted += static_cast<int64_t>(result.fitted);
}

bool Evaluator::evaluate(std::vector<Trial>& trials, std::span<const size_t> which,
                         std::span<const size_t> folds, bool must) {
  recall(trials, which, folds);
  std::vector<Task> tasks;
  size_t values = kept_values_;
  for (const size_t f : folds) {
    for (Group& g : groups_of(trials, which, f)) {
      values += g.trials.size() * folds_[f].held_out.size() * shape_.classes;
      tasks.push_back({.group = std::move(g), .fold = f});
    }
  }
  const bool keep = values <= kMostKept;
  // What takes long goes first, so that no core waits long at the end.
  std::stable_sort(tasks.begin(), tasks.end(),
                   [](const Task& a, const Task& b) { return a.group.cost > b.group.cost; });
  std::vector<Result> results(tasks.size());
  std::mutex mutex;
  const auto run_one = [&](size_t t) {
    if (!must && over()) return;
    {
      const std::lock_guard lock(mutex);
      show(tasks[t], done_);
    }
    results[t] = run_task(tasks[t], keep);
    const std::lock_guard lock(mutex);
    done_ += tasks[t].group.cost;
  };
  const size_t alone = left_over(tasks);
  for (size_t t = 0; t < alone; ++t) run_one(t);
  workers_.run(tasks.size() - alone, [&](size_t t) { run_one(alone + t); });
  bool all = true;
  for (size_t t = 0; t < tasks.size(); ++t) {
    all &= results[t].done;
    if (results[t].done) collect(tasks[t], results[t], trials);
  }
  for (const size_t i : which) {
    trials[i].complete = complete(trials[i]);
  }
  if (!all && cut_.empty()) {
    cut_ = limits_.stop != nullptr && limits_.stop->load() ? "interrupted" : "budget";
  }
  return all;
}

std::vector<double> Evaluator::out_of_fold(const Trial& trial, std::span<const Trial> board) {
  std::vector<double> out(shape_.classes * rows_.table.rows());
  std::vector<std::vector<double>>& kept = kept_[settings_text(trial)];
  kept.resize(folds_.size());
  std::vector<Trial> again = {trial};  // and who was fitted with it, in the order of the plan
  if (options_.method != "auto") {
    for (const Trial& t : board) {
      if (t.learner == trial.learner && t.number != trial.number) again.push_back(t);
    }
    std::sort(again.begin(), again.end(),
              [](const Trial& a, const Trial& b) { return a.number < b.number; });
  }
  std::vector<Task> tasks;
  std::vector<size_t> slots;  // of the trial among the candidates of each task
  for (size_t f = 0; f < folds_.size(); ++f) {
    if (!kept[f].empty()) continue;
    std::vector<size_t> tried;
    for (size_t i = 0; i < again.size(); ++i) {
      if (!std::isnan(again[i].fold_scores[f])) tried.push_back(i);
      again[i].fold_scores[f] = std::nan("");
    }
    for (Group& g : groups_of(again, tried, f)) {
      for (size_t k = 0; k < g.trials.size(); ++k) {
        if (again[g.trials[k]].number != trial.number) continue;
        slots.push_back(g.slot[k]);
        tasks.push_back({.group = g, .fold = f});
      }
    }
  }
  std::vector<Result> results(tasks.size());
  workers_.run(tasks.size(), [&](size_t t) { results[t] = run_task(tasks[t], true); });
  for (size_t t = 0; t < tasks.size(); ++t) {
    kept[tasks[t].fold] = std::move(results[t].kept[slots[t]]);
    fitted += static_cast<int64_t>(results[t].fitted);
  }
  for (size_t f = 0; f < folds_.size(); ++f)
    place(kept[f], folds_[f].held_out, shape_.classes, out);
  return out;
}

// "k nearest neighbours: 300 models came from 10 fits: one set of distances serves ...".
std::vector<std::string> Evaluator::shared_sentences() const {
  std::vector<std::string> out;
  for (const auto& learner : all_learners()) {
    const auto found = sharing_.find(std::string(learner->name()));
    if (found == sharing_.end() || found->second.fits >= found->second.models) continue;
    std::string sentence =
        fmt::format("{}: {} models came from {}", learner->title(), grouped(found->second.models),
                    counted(found->second.fits, "fit"));
    if (!learner->shares().empty()) sentence += fmt::format(": {}", learner->shares());
    if (found->second.scaling) sentence += "; settings that differ only in scaling share one fit";
    out.push_back(sentence + ".");
  }
  return out;
}

}  // namespace perennial
