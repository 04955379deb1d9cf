#include "audit/bins.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace perennial {
namespace {

constexpr size_t kBins = 64;

std::vector<double> cuts_of(const std::vector<double>& numbers) {
  std::vector<double> sample;
  const size_t step = numbers.size() / 4096 + 1;
  for (size_t i = 0; i < numbers.size(); i += step) {
    if (!std::isnan(numbers[i])) sample.push_back(numbers[i]);
  }
  std::sort(sample.begin(), sample.end());
  std::vector<double> cuts;
  for (size_t b = 1; b < kBins && !sample.empty(); ++b) {
    const double cut = sample[b * sample.size() / kBins];
    if (cuts.empty() || cut > cuts.back()) cuts.push_back(cut);
  }
  return cuts;
}

}  // namespace

Binned binned(const Column& column) {
  Binned result;
  result.bin.resize(column.size());
  if (column.is_text()) {
    result.bins = column.dictionary.size() + 1;
    for (size_t row = 0; row < column.size(); ++row) {
      const int32_t code = column.codes[row];
      result.bin[row] = static_cast<uint32_t>(code < 0 ? column.dictionary.size() : code);
    }
    return result;
  }
  const std::vector<double> cuts = cuts_of(column.numbers);
  // Below the first cut, at a cut, between two: a number that many cells share has a bin of its
  // own.
  result.bins = 2 * cuts.size() + 2;
  // One behind the other from place 1 on, of one length: the search has no branches to guess.
  std::array<double, kBins + 1> edges;
  edges.fill(HUGE_VAL);
  edges[0] = kMissing;  // equal to no number
  std::copy(cuts.begin(), cuts.end(), edges.begin() + 1);
  const double* const numbers = column.numbers.data();
  uint32_t* const bins = result.bin.data();
  const auto all = static_cast<uint32_t>(cuts.size()), last = 2 * all + 1;
  for (size_t row = 0, rows = result.bin.size(); row < rows; ++row) {
    const double number = numbers[row];
    uint32_t above = 0;  // cuts up to the number
    for (uint32_t step = kBins / 2; step > 0; step /= 2) {
      above += step * static_cast<uint32_t>(edges[above + step] <= number);
    }
    above = std::min(above, all);
    const uint32_t bin = 2 * above - static_cast<uint32_t>(edges[above] == number);
    bins[row] = std::isnan(number) ? last : bin;
  }
  return result;
}

double out_of_fold_auc(const Binned& cells, const std::vector<uint32_t>& fold, size_t folds,
                       const std::vector<int32_t>& y) {
  std::vector<Counts> counts(cells.bins * folds, Counts{0, 0});
  Counts all{0, 0};
  for (size_t row = 0; row < y.size(); ++row) {
    if (y[row] < 0) continue;
    counts[cells.bin[row] * folds + fold[row]][static_cast<size_t>(y[row])] += 1;
    all[static_cast<size_t>(y[row])] += 1;
  }
  const double base = all[1] / std::max(1.0, all[0] + all[1]);
  double wins = 0, pairs = 0;
  std::vector<std::pair<double, size_t>> order;
  for (size_t f = 0; f < folds; ++f) {
    order.clear();
    for (size_t bin = 0; bin < cells.bins; ++bin) {
      const Counts& here = counts[bin * folds + f];
      if (here[0] + here[1] == 0) continue;
      Counts others{0, 0};
      for (size_t g = 0; g < folds; ++g) {
        if (g == f) continue;
        others[0] += counts[bin * folds + g][0];
        others[1] += counts[bin * folds + g][1];
      }
      order.emplace_back((others[1] + 2 * base) / (others[0] + others[1] + 2), bin);
    }
    std::sort(order.begin(), order.end());
    double below = 0, positives = 0;
    for (size_t i = 0; i < order.size();) {
      Counts tied{0, 0};
      const double score = order[i].first;
      for (; i < order.size() && order[i].first == score; ++i) {
        tied[0] += counts[order[i].second * folds + f][0];
        tied[1] += counts[order[i].second * folds + f][1];
      }
      wins += tied[1] * (below + tied[0] / 2);
      below += tied[0];
      positives += tied[1];
    }
    pairs += below * positives;
  }
  return pairs > 0 ? wins / pairs : 0.5;
}

bool too_many_values(const Column& column) {
  return column.is_text() && column.dictionary.size() > 50 &&
         column.dictionary.size() * 2 > column.size();
}

}  // namespace perennial
