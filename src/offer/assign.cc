#include "offer/assign.h"

#include <algorithm>
#include <numeric>

namespace perennial {
namespace {

constexpr size_t kBlock = 2048;
// Beyond this many customers only options near the margin are looked at again.
constexpr size_t kManyCustomers = 100'000;
constexpr double kNearMargin = 0.02;  // of the mean best profit
constexpr int kRounds = 5;

OfferOption option_of(const OfferProblem& problem, size_t customer, uint32_t mask) {
  return {mask, profit_of(problem, customer, mask), cost_of(problem, customer, mask)};
}

// How much better the best option is than the next, "nothing" included.
std::vector<double> margins(const OfferProblem& problem, const OfferLimits& limits,
                            const std::vector<double>& price, const Workers& workers) {
  std::vector<double> out(problem.customers);
  workers.run_blocks(problem.customers, kBlock, [&](size_t begin, size_t end) {
    std::vector<OfferOption> options;
    for (size_t i = begin; i < end; ++i) {
      options_of(problem, limits, i, options);
      double best = 0, second = -kNoLimit;
      for (const OfferOption& option : options) {
        const double score = score_of(problem, limits, option, price);
        second = std::max(second, std::min(best, score));
        best = std::max(best, score);
      }
      out[i] = best - second;
    }
  });
  return out;
}

struct Move {
  double loss = 0;  // of score; the smallest come first
  uint32_t customer = 0;
  OfferOption to;
};

// Options that earn more than the present one and that still fit.
std::vector<Move> moves(const OfferProblem& problem, const OfferLimits& limits,
                        const DualResult& dual, const std::vector<uint32_t>& chosen,
                        const OfferUse& use, const Workers& workers) {
  const double widest = problem.customers > kManyCustomers ? kNearMargin * dual.scale : kNoLimit;
  std::vector<std::vector<Move>> blocks((problem.customers + kBlock - 1) / kBlock);
  workers.run_blocks(problem.customers, kBlock, [&](size_t begin, size_t end) {
    std::vector<OfferOption> options;
    for (size_t i = begin; i < end; ++i) {
      options_of(problem, limits, i, options);
      const OfferOption now = option_of(problem, i, chosen[i]);
      const double score = score_of(problem, limits, now, dual.price);
      for (const OfferOption& option : options) {
        if (option.profit <= now.profit || !use.fits(now, option)) continue;
        const double loss = score - score_of(problem, limits, option, dual.price);
        if (loss > widest) continue;
        blocks[begin / kBlock].push_back({loss, static_cast<uint32_t>(i), option});
      }
    }
  });
  std::vector<Move> out;
  for (const auto& block : blocks) out.insert(out.end(), block.begin(), block.end());
  std::ranges::stable_sort(out, {}, &Move::loss);
  return out;
}

}  // namespace

bool OfferUse::fits(const OfferOption& now, const OfferOption& next) const {
  bool fine = true;
  // Uses of one option may count twice against a limit, so the sum is what is compared.
  uses_of(*problem_, *limits_, next, [&](size_t row, double) {
    double wanted = used_[row];
    const auto add = [&](const OfferOption& option, double sign) {
      uses_of(*problem_, *limits_, option, [&](size_t other, double amount) {
        if (other == row) wanted += sign * amount;
      });
    };
    add(now, -1);
    add(next, 1);
    if (wanted > limits_->capacity[row] * (1 + 1e-12)) fine = false;
  });
  return fine;
}

void OfferUse::change(const OfferOption& now, const OfferOption& next) {
  uses_of(*problem_, *limits_, now, [&](size_t row, double amount) { used_[row] -= amount; });
  uses_of(*problem_, *limits_, next, [&](size_t row, double amount) { used_[row] += amount; });
}

double OfferUse::slack_price(const std::vector<double>& price) const {
  double sum = 0;
  for (size_t r = 0; r < used_.size(); ++r) sum += price[r] * (limits_->capacity[r] - used_[r]);
  return sum;
}

std::vector<uint32_t> assign_offers(const OfferProblem& problem, const OfferLimits& limits,
                                    const DualResult& dual, const Workers& workers) {
  const std::vector<double> margin = margins(problem, limits, dual.price, workers);
  std::vector<uint32_t> order(problem.customers), chosen(problem.customers, 0);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](uint32_t a, uint32_t b) { return margin[a] > margin[b]; });
  OfferUse use(problem, limits);
  std::vector<OfferOption> options;
  for (const uint32_t i : order) {
    options_of(problem, limits, i, options);
    OfferOption best;
    double highest = 0;
    for (const OfferOption& option : options) {
      const double score = score_of(problem, limits, option, dual.price);
      if (score <= highest || !use.fits({}, option)) continue;
      highest = score;
      best = option;
    }
    use.change({}, best);
    chosen[i] = best.mask;
  }
  for (int round = 0; round < kRounds; ++round) {
    bool changed = false;
    for (const Move& move : moves(problem, limits, dual, chosen, use, workers)) {
      const OfferOption now = option_of(problem, move.customer, chosen[move.customer]);
      if (move.to.profit <= now.profit || !use.fits(now, move.to)) continue;
      use.change(now, move.to);
      chosen[move.customer] = move.to.mask;
      changed = true;
    }
    if (!changed) break;
  }
  return chosen;
}

}  // namespace perennial
