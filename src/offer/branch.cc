#include <algorithm>
#include <cmath>

#include "offer/assign.h"

namespace perennial {
namespace {

constexpr int64_t kMostTrials = 300'000;
constexpr size_t kMostOpen = 2'000;

struct Open {
  uint32_t customer = 0;
  std::vector<std::pair<double, OfferOption>> options;  // loss of score, smallest first
};

// Depth first. Whatever a plan earns is the bound minus the scores it gives up minus the price of
// what it leaves unused, so a branch ends where the scores given up reach what separates the best
// plan from the bound.
class Search {
 public:
  Search(std::vector<Open> open, OfferUse use, const std::vector<double>& price, double gap)
      : open_(std::move(open)), use_(std::move(use)), price_(price), gap_(gap) {
    now_.resize(open_.size());
  }

  void run(size_t at, double loss) {
    if (trials_++ >= kMostTrials) return;
    if (at == open_.size()) {
      const double total = loss + use_.slack_price(price_);
      if (total >= gap_) return;
      gap_ = total;
      best_ = now_;
      return;
    }
    for (const auto& [more, option] : open_[at].options) {
      if (loss + more >= gap_) return;
      if (!use_.fits({}, option)) continue;
      use_.change({}, option);
      now_[at] = option.mask;
      run(at + 1, loss + more);
      use_.change(option, {});
    }
  }

  bool complete() const { return trials_ < kMostTrials; }
  const std::vector<uint32_t>& best() const { return best_; }  // empty: none better
  const std::vector<Open>& open() const { return open_; }

 private:
  std::vector<Open> open_;
  OfferUse use_;
  const std::vector<double>& price_;
  double gap_;
  int64_t trials_ = 0;
  std::vector<uint32_t> now_, best_;
};

double profit_sum(const OfferProblem& problem, const std::vector<uint32_t>& chosen) {
  double sum = 0;
  for (size_t i = 0; i < chosen.size(); ++i) sum += profit_of(problem, i, chosen[i]);
  return sum;
}

}  // namespace

bool branch_offers(const OfferProblem& problem, const OfferLimits& limits, const DualResult& dual,
                   std::vector<uint32_t>& chosen) {
  const double rounding = 1e-9 * std::max(1e-300, std::abs(dual.bound));
  const double gap = dual.bound - profit_sum(problem, chosen);
  if (gap <= rounding) return true;
  OfferUse use(problem, limits);
  std::vector<Open> open;
  std::vector<OfferOption> options;
  for (size_t i = 0; i < problem.customers; ++i) {
    options_of(problem, limits, i, options);
    options.push_back({});
    Open one{.customer = static_cast<uint32_t>(i)};
    double best = 0;
    for (const OfferOption& option : options) {
      one.options.emplace_back(-score_of(problem, limits, option, dual.price), option);
      best = std::max(best, -one.options.back().first);
    }
    for (auto& [loss, option] : one.options) loss += best;
    std::erase_if(one.options, [&](const auto& option) { return option.first >= gap; });
    std::ranges::stable_sort(one.options, {}, [](const auto& option) { return option.first; });
    if (one.options.size() > 1) {
      open.push_back(std::move(one));
    } else if (use.fits({}, one.options[0].second)) {
      use.change({}, one.options[0].second);
      // In every plan that earns more than this one.
    } else {
      return true;  // no plan earns more than this one: it would break a limit
    }
    if (open.size() > kMostOpen) return false;
  }
  // Customers with the most to lose decide first: their branches end soonest.
  std::ranges::stable_sort(open, std::ranges::greater{},
                           [](const Open& o) { return o.options[1].first; });
  Search search(std::move(open), std::move(use), dual.price, gap - rounding);
  search.run(0, 0);
  if (!search.best().empty()) {
    std::vector<uint32_t> found(problem.customers, 0);
    std::vector<uint8_t> settled(problem.customers, 0);
    for (size_t k = 0; k < search.open().size(); ++k) {
      found[search.open()[k].customer] = search.best()[k];
      settled[search.open()[k].customer] = 1;
    }
    for (size_t i = 0; i < problem.customers; ++i) {
      if (settled[i]) continue;
      options_of(problem, limits, i, options);
      double highest = 0;
      for (const OfferOption& option : options) {
        const double score = score_of(problem, limits, option, dual.price);
        if (score > highest) found[i] = option.mask;
        highest = std::max(highest, score);
      }
    }
    if (profit_sum(problem, found) > profit_sum(problem, chosen)) chosen = std::move(found);
  }
  return search.complete();
}

}  // namespace perennial
