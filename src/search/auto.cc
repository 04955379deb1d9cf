#include "search/auto.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "learn/all_learners.h"
#include "search/compare.h"
#include "search/plan.h"

namespace perennial {
namespace {

// Of the budget, the share that is planned for: seconds of one core of the machine on which
// fit_cost was measured. The rest is for slower machines, the ensemble and the last fits.
constexpr double kPlannedShare = 0.7;
constexpr double kUsualBudget = 60;
constexpr int kMostRounds = 6;       // within the usual budget; a longer one has more in proportion
constexpr int kPatience = 2;         // rounds without a better setting; in proportion too
constexpr size_t kProposals = 8;     // a round
constexpr size_t kBoardPlaces = 10;  // a setting goes on while it would be among so many
constexpr double kOvertime = 0.1;    // of the planned work, for the setting that leads at the end
constexpr size_t kNoisyRows = 20000;  // below, two folds are tried before anything is stopped

class AutoSearch {
 public:
  AutoSearch(const SearchOptions& options, const TableShape& shape, Seed seed, Evaluator& evaluator,
             SearchPlan& plan)
      : options_(options),
        shape_(shape),
        seed_(seed),
        evaluator_(evaluator),
        plan_(plan),
        higher_(metric_named(options.metric).higher_is_better),
        folds_(evaluator.folds().size()),
        first_folds_(folds_ >= 4 && shape.rows < kNoisyRows ? 2 : 1),
        left_(kPlannedShare * options.budget_seconds) {}

  std::vector<Trial> run() {
    evaluator_.expect(left_);
    first_trials();
    first_round();
    int idle = 0;
    for (int round = 1; round <= most_rounds() && idle < patience() && more(); ++round) {
      const double before = best_mean();
      if (!next_round(round)) break;
      plan_.rounds = round;
      idle = better(best_mean(), before + (higher_ ? 1 : -1) * least_gain()) ? 0 : idle + 1;
    }
    finish_leader();
    return std::move(trials_);
  }

 private:
  bool fixed_work() const { return options_.trials > 0; }
  // Budgets of the usual one or less: once.
  int times() const {
    return std::max(1, static_cast<int>(options_.budget_seconds / kUsualBudget));
  }
  int most_rounds() const { return fixed_work() ? 1000 : kMostRounds * times(); }
  int patience() const { return fixed_work() ? kPatience : kPatience * times(); }
  bool more() const {
    if (!evaluator_.cut().empty()) return false;
    return fixed_work() ? !full() : left_ > 0;
  }
  // The naive rule does not count.
  bool full() const {
    return fixed_work() && static_cast<int64_t>(trials_.size()) > options_.trials;
  }
  bool better(double a, double b) const { return higher_ ? a > b : a < b; }

  static double mean_over(const Trial& t, size_t folds) {
    double sum = 0;
    for (size_t f = 0; f < folds; ++f) sum += t.fold_scores[f];
    return sum / static_cast<double>(folds);
  }
  double mean(const Trial& t) const { return mean_over(t, folds_); }

  std::vector<size_t> range(size_t begin, size_t end) const {
    std::vector<size_t> out(end - begin);
    std::iota(out.begin(), out.end(), begin);
    return out;
  }

  // A series of trials costs as much as its longest member.
  double series_cost(const std::vector<Trial>& series) const {
    double cost = 0;
    for (const Trial& t : series) cost = std::max(cost, fit_cost(t, shape_, shape_.rows));
    return cost;
  }

  // Adds the new ones of a series; what they cost on all folds is taken from what is left.
  void add(std::vector<Trial> series, double folds) {
    std::erase_if(series, [&](const Trial& t) { return !seen_.insert(settings_text(t)).second; });
    if (series.empty()) return;
    left_ -= folds * series_cost(series);
    for (Trial& t : series) {
      if (full()) return;
      t.fold_scores.assign(folds_, std::nan(""));
      t.complete = false;
      t.number = trials_.size();
      trials_.push_back(std::move(t));
    }
  }

  // Whatever the budget: the naive rule and the first setting of the portfolio that costs least.
  void first_trials() {
    std::vector<std::vector<Trial>> all = portfolio(options_, shape_);
    add({plan_trials({.method = "grid"}, seed_).back()}, static_cast<double>(folds_));
    const auto cheapest = std::min_element(
        all.begin(), all.end(),
        [&](const auto& a, const auto& b) { return series_cost(a) < series_cost(b); });
    if (cheapest != all.end()) {
      add(*cheapest, static_cast<double>(folds_));
    }
    evaluator_.evaluate(trials_, range(0, trials_.size()), range(0, folds_), true);
    show_best();
  }

  void first_round() {
    const size_t begin = trials_.size();
    for (std::vector<Trial>& series : portfolio(options_, shape_)) {
      // About half will be stopped early.
      const double folds = 0.5 * static_cast<double>(folds_ + first_folds_);
      if (!fixed_work() && folds * series_cost(series) > left_) continue;
      add(std::move(series), folds);
    }
    race(begin, true);
  }

  // Settings around the best of the learners that lead: half for the first, the rest for two more.
  bool next_round(int round) {
    std::vector<size_t> board = ranked();
    Rng rng(seed_.child("round").child(static_cast<uint64_t>(round)));
    const size_t begin = trials_.size();
    std::set<std::string> learners;
    std::vector<Trial> from;
    for (const size_t i : board) {
      if (trials_[i].learner == "naive" || !learners.insert(trials_[i].learner).second) continue;
      from.push_back(trials_[i]);
      if (from.size() == 3) break;
    }
    if (from.empty()) return false;
    const double folds = 0.5 * static_cast<double>(folds_ + first_folds_);
    for (size_t k = 0; k < kProposals; ++k) {
      const Trial& base = from[k % 2 == 0 ? 0 : (k / 2) % from.size()];
      std::vector<Trial> series = proposal(base, options_, shape_, rng);
      if (!fixed_work() && folds * series_cost(series) > left_) continue;
      add(std::move(series), folds);
    }
    if (trials_.size() == begin) return false;
    return race(begin, false);
  }

  // Complete trials, best first.
  std::vector<size_t> ranked() const {
    std::vector<size_t> out;
    for (size_t i = 0; i < trials_.size(); ++i) {
      if (trials_[i].complete) out.push_back(i);
    }
    std::stable_sort(out.begin(), out.end(), [&](size_t a, size_t b) {
      return better(mean(trials_[a]), mean(trials_[b]));
    });
    return out;
  }
  double best_mean() const { return mean(trials_[ranked().front()]); }
  // Less than a twentieth of the spread of the folds is nothing.
  double least_gain() const {
    const Trial& t = trials_[ranked().front()];
    double squares = 0;
    for (const double s : t.fold_scores) squares += (s - mean(t)) * (s - mean(t));
    return 0.05 * std::sqrt(squares / static_cast<double>(folds_ * folds_));
  }

  void show_best() {
    Trial best = trials_[ranked().front()];
    best.cv_mean = mean(best);
    evaluator_.best(best);
  }

  // Trials from `begin`: all on the first folds; those that hold a place there, on the rest too. Of
  // the first round every learner's best goes on, so that learners can be compared.
  bool race(size_t begin, bool first) {
    const std::vector<size_t> all = range(begin, trials_.size());
    if (!evaluator_.evaluate(trials_, all, range(0, first_folds_))) return false;
    std::vector<size_t> board;
    for (size_t i = 0; i < trials_.size(); ++i) {
      if (trials_[i].complete || i >= begin) board.push_back(i);
    }
    std::stable_sort(board.begin(), board.end(), [&](size_t a, size_t b) {
      return better(mean_over(trials_[a], first_folds_), mean_over(trials_[b], first_folds_));
    });
    std::vector<size_t> on;
    std::set<std::string> learners;
    const size_t places = first ? std::max(kBoardPlaces, all.size() / 3) : kBoardPlaces;
    for (size_t rank = 0; rank < board.size(); ++rank) {
      const bool leads = learners.insert(trials_[board[rank]].learner).second && first;
      if (board[rank] >= begin && (rank < places || leads)) on.push_back(board[rank]);
    }
    if (on.empty()) return true;
    std::sort(on.begin(), on.end());
    const bool went = evaluator_.evaluate(trials_, on, range(first_folds_, folds_));
    show_best();
    return went;
  }

  // By how much a trial leads another on the folds on which it was tried; NaN: on none.
  double lead_over(const Trial& t, const Trial& other) const {
    double sum = 0;
    size_t known = 0;
    for (size_t f = 0; f < folds_; ++f) {
      if (std::isnan(t.fold_scores[f])) continue;
      sum += (higher_ ? 1 : -1) * (t.fold_scores[f] - other.fold_scores[f]);
      ++known;
    }
    return known == 0 ? std::nan("") : sum / static_cast<double>(known);
  }

  // Where the clock ends the search among the first folds, only what costs least was tried on all:
  // the setting that leads it by most is tried on the rest, whatever the clock says.
  void finish_leader() {
    if (evaluator_.cut() != "budget") return;
    const Trial& best = trials_[ranked().front()];
    size_t leader = trials_.size();
    double most = 0;
    for (size_t i = 0; i < trials_.size(); ++i) {
      const Trial& t = trials_[i];
      if (t.complete) continue;
      const auto open =
          std::ranges::count_if(t.fold_scores, [](double s) { return std::isnan(s); });
      const double cost = static_cast<double>(open) * fit_cost(t, shape_, shape_.rows);
      const double lead = lead_over(t, best);
      if (cost > kOvertime * options_.budget_seconds || !(lead > most)) continue;
      most = lead;
      leader = i;
    }
    if (leader == trials_.size()) return;
    evaluator_.evaluate(trials_, {&leader, 1}, range(0, folds_), true);
    show_best();
  }

  const SearchOptions& options_;
  const TableShape shape_;
  const Seed seed_;
  Evaluator& evaluator_;
  SearchPlan& plan_;
  const bool higher_;
  const size_t folds_, first_folds_;
  double left_;  // of the planned work, seconds of one core
  std::vector<Trial> trials_;
  std::set<std::string> seen_;
};

}  // namespace

std::vector<Trial> auto_trials(const SearchOptions& options, const TableShape& shape, Seed seed,
                               Evaluator& evaluator, SearchPlan& plan) {
  return AutoSearch(options, shape, seed.child("auto"), evaluator, plan).run();
}

}  // namespace perennial
