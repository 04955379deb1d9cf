#include "metric/ranking.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"

namespace perennial {
namespace {

bool among(std::span<const int32_t> list, int32_t c) {
  return std::find(list.begin(), list.end(), c) != list.end();
}

// Figures of each customer under one way to rank.
struct Rankings {
  std::vector<double> hit_1, hit_k, reciprocal, ndcg;
  std::vector<uint8_t> shown;  // class: among anybody's first k

  void add(const RankedCustomer& customer, std::span<const double> score, int k) {
    const std::vector<int32_t> list = ranked_classes(score, customer.excluded);
    shown.resize(score.size(), 0);
    for (size_t i = 0; i < list.size() && i < static_cast<size_t>(k); ++i) {
      shown[static_cast<size_t>(list[i])] = 1;
    }
    hit_1.push_back(hit_at(list, customer.taken, 1));
    hit_k.push_back(hit_at(list, customer.taken, k));
    reciprocal.push_back(reciprocal_rank(list, customer.taken));
    ndcg.push_back(ndcg_at(list, customer.taken, k));
  }

  RankingFigures figures() const {
    return {.hit_at_1 = share(hit_1),
            .hit_at_k = share(hit_k),
            .mrr = bounded(mean_interval(reciprocal)),
            .ndcg_at_k = bounded(mean_interval(ndcg)),
            .coverage = static_cast<double>(std::count(shown.begin(), shown.end(), 1)) /
                        static_cast<double>(shown.size())};
  }

 private:
  static Figure share(const std::vector<double>& hits) {
    const double sum = std::accumulate(hits.begin(), hits.end(), 0.0);
    return wilson(std::llround(sum), static_cast<int64_t>(hits.size()));
  }
  static Figure bounded(Figure f) {
    return {.value = f.value, .low = std::max(0.0, f.low), .high = std::min(1.0, f.high)};
  }
};

Figure gain(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> difference(a.size());
  for (size_t i = 0; i < a.size(); ++i) difference[i] = a[i] - b[i];
  return mean_interval(difference);
}

}  // namespace

std::vector<int32_t> ranked_classes(std::span<const double> score,
                                    std::span<const int32_t> excluded) {
  std::vector<int32_t> list;
  for (size_t c = 0; c < score.size(); ++c) {
    if (!among(excluded, static_cast<int32_t>(c))) list.push_back(static_cast<int32_t>(c));
  }
  std::stable_sort(list.begin(), list.end(), [&](int32_t a, int32_t b) {
    return score[static_cast<size_t>(a)] > score[static_cast<size_t>(b)];
  });
  return list;
}

double hit_at(std::span<const int32_t> list, std::span<const int32_t> taken, int k) {
  const auto first = list.subspan(0, std::min(list.size(), static_cast<size_t>(k)));
  return std::any_of(first.begin(), first.end(), [&](int32_t c) { return among(taken, c); }) ? 1
                                                                                             : 0;
}

double reciprocal_rank(std::span<const int32_t> list, std::span<const int32_t> taken) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (among(taken, list[i])) return 1.0 / static_cast<double>(i + 1);
  }
  return 0;
}

double ndcg_at(std::span<const int32_t> list, std::span<const int32_t> taken, int k) {
  double gained = 0, best = 0;
  for (size_t i = 0; i < static_cast<size_t>(k); ++i) {
    const double worth = 1.0 / std::log2(static_cast<double>(i + 2));
    if (i < list.size() && among(taken, list[i])) gained += worth;
    if (i < taken.size()) best += worth;
  }
  return best > 0 ? gained / best : 0;
}

RankingVerdict judge_ranking(std::span<const RankedCustomer> customers,
                             std::span<const double> popularity, int k) {
  PERENNIAL_CHECK(!customers.empty() && k >= 1);
  RankingVerdict out{.k = k, .customers = static_cast<int64_t>(customers.size())};
  Rankings model, popular;
  for (const RankedCustomer& customer : customers) {
    PERENNIAL_CHECK(customer.score.size() == popularity.size());
    out.taken += static_cast<int64_t>(customer.taken.size());
    model.add(customer, customer.score, k);
    popular.add(customer, popularity, k);
  }
  out.model = model.figures();
  out.popularity = popular.figures();
  out.hit_at_k_gain = gain(model.hit_k, popular.hit_k);
  out.mrr_gain = gain(model.reciprocal, popular.reciprocal);
  out.ndcg_gain = gain(model.ndcg, popular.ndcg);
  return out;
}

}  // namespace perennial
