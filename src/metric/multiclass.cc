#include "metric/multiclass.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "metric/order.h"
#include "metric/resample.h"

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::span<const double> row_of(Scores p, size_t row, int classes) {
  const auto k = static_cast<size_t>(classes);
  return p.subspan(row * k, k);
}

void check_shape(Labels y, Scores p, int classes) {
  PERENNIAL_CHECK(classes >= 2 && p.size() == y.size() * static_cast<size_t>(classes));
}

double mean_over_rows(Labels y, Scores p, int classes,
                      double (*row_loss)(int32_t, std::span<const double>)) {
  check_shape(y, p, classes);
  if (y.empty()) return kNaN;
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i) sum += row_loss(y[i], row_of(p, i, classes));
  return sum / static_cast<double>(y.size());
}

// Mean of a metric of one class against the rest over the classes where it is a number.
double macro(Labels y, Scores p, int classes, double (*metric)(Labels, Scores)) {
  check_shape(y, p, classes);
  double sum = 0;
  int found = 0;
  for (int32_t c = 0; c < classes; ++c) {
    const OneAgainstRest one = one_against_rest(y, p, classes, c);
    const double value = metric(one.y, one.p);
    if (std::isnan(value)) continue;
    sum += value;
    ++found;
  }
  return found == 0 ? kNaN : sum / found;
}

int64_t total(const std::vector<int64_t>& counts) {
  int64_t sum = 0;
  for (const int64_t n : counts) sum += n;
  return sum;
}

int64_t called_total(const ClassCounts& counts, size_t called) {
  int64_t sum = 0;
  for (const auto& row : counts) sum += row[called];
  return sum;
}

// The rows of one class against the rest in the order of their scores.
struct ScoredOrder {
  std::vector<uint32_t> row;
  std::vector<uint8_t> positive, last_of_tie;
};

ScoredOrder scored_order(const OneAgainstRest& one) {
  ScoredOrder out{.row = order_by_falling_score(one.p), .positive = {}, .last_of_tie = {}};
  const size_t n = out.row.size();
  for (size_t i = 0; i < n; ++i) {
    out.positive.push_back(one.y[out.row[i]] == 1 ? 1 : 0);
    out.last_of_tie.push_back(i + 1 == n || one.p[out.row[i + 1]] != one.p[out.row[i]] ? 1 : 0);
  }
  return out;
}

// average_precision where row i counts counts[i] times.
double counted_precision(const ScoredOrder& order, const std::vector<uint32_t>& counts) {
  uint64_t positives = 0, called = 0, tied = 0;
  double sum = 0;
  for (size_t i = 0; i < order.row.size(); ++i) {
    const uint64_t n = counts[order.row[i]];
    called += n;
    tied += n * order.positive[i];
    if (order.last_of_tie[i] == 0) continue;
    positives += tied;
    sum +=
        static_cast<double>(tied * positives) / static_cast<double>(std::max<uint64_t>(called, 1));
    tied = 0;
  }
  return positives == 0 ? kNaN : sum / static_cast<double>(positives);
}

}  // namespace

int32_t likeliest_class(std::span<const double> row) {
  return static_cast<int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

int32_t called_class(std::span<const double> row, double threshold) {
  if (row.size() == 2) return row[1] >= threshold ? 1 : 0;
  return likeliest_class(row);
}

ClassCounts class_counts(Labels y, Scores p, int classes) {
  check_shape(y, p, classes);
  const auto k = static_cast<size_t>(classes);
  ClassCounts counts(k, std::vector<int64_t>(k, 0));
  for (size_t i = 0; i < y.size(); ++i) {
    const auto called = static_cast<size_t>(likeliest_class(row_of(p, i, classes)));
    ++counts[static_cast<size_t>(y[i])][called];
  }
  return counts;
}

OneAgainstRest one_against_rest(Labels y, Scores p, int classes, int32_t positive) {
  check_shape(y, p, classes);
  OneAgainstRest out;
  out.y.reserve(y.size());
  out.p.reserve(y.size());
  for (size_t i = 0; i < y.size(); ++i) {
    out.y.push_back(y[i] == positive ? 1 : 0);
    out.p.push_back(row_of(p, i, classes)[static_cast<size_t>(positive)]);
  }
  return out;
}

double macro_roc_auc(Labels y, Scores p, int classes) { return macro(y, p, classes, roc_auc); }

double macro_average_precision(Labels y, Scores p, int classes) {
  return macro(y, p, classes, average_precision);
}

double row_multi_log_loss(int32_t y, std::span<const double> row) {
  return -std::log(std::clamp(row[static_cast<size_t>(y)], 1e-15, 1.0));
}

double row_multi_brier(int32_t y, std::span<const double> row) {
  double sum = 0;
  for (size_t c = 0; c < row.size(); ++c) {
    const double error = row[c] - (static_cast<size_t>(y) == c ? 1 : 0);
    sum += error * error;
  }
  return sum;
}

double multi_log_loss(Labels y, Scores p, int classes) {
  return mean_over_rows(y, p, classes, row_multi_log_loss);
}

double multi_brier(Labels y, Scores p, int classes) {
  return mean_over_rows(y, p, classes, row_multi_brier);
}

double accuracy(const ClassCounts& counts) {
  int64_t right = 0, rows = 0;
  for (size_t c = 0; c < counts.size(); ++c) {
    right += counts[c][c];
    rows += total(counts[c]);
  }
  return static_cast<double>(right) / static_cast<double>(rows);
}

double macro_f1(const ClassCounts& counts) {
  double sum = 0;
  int found = 0;
  for (size_t c = 0; c < counts.size(); ++c) {
    const int64_t both = total(counts[c]) + called_total(counts, c);
    if (both == 0) continue;
    sum += 2 * static_cast<double>(counts[c][c]) / static_cast<double>(both);
    ++found;
  }
  return found == 0 ? kNaN : sum / found;
}

double balanced_accuracy(const ClassCounts& counts) {
  double sum = 0;
  int found = 0;
  for (size_t c = 0; c < counts.size(); ++c) {
    const int64_t rows = total(counts[c]);
    if (rows == 0) continue;
    sum += static_cast<double>(counts[c][c]) / static_cast<double>(rows);
    ++found;
  }
  return found == 0 ? kNaN : sum / found;
}

OneAgainstRest top_label(Labels y, Scores p, int classes) {
  check_shape(y, p, classes);
  OneAgainstRest out;
  for (size_t i = 0; i < y.size(); ++i) {
    const auto row = row_of(p, i, classes);
    const int32_t called = likeliest_class(row);
    out.y.push_back(y[i] == called ? 1 : 0);
    out.p.push_back(row[static_cast<size_t>(called)]);
  }
  return out;
}

Figure balanced_accuracy_interval(const ClassCounts& counts) {
  double below = 0, above = 0;
  int found = 0;
  for (size_t c = 0; c < counts.size(); ++c) {
    const int64_t rows = total(counts[c]);
    if (rows == 0) continue;
    const Figure share = wilson(counts[c][c], rows);
    below += (share.value - share.low) * (share.value - share.low);
    above += (share.high - share.value) * (share.high - share.value);
    ++found;
  }
  const double value = balanced_accuracy(counts);
  if (found == 0) return {.value = kNaN, .low = 0, .high = 1};
  return {.value = value,
          .low = std::max(0.0, value - std::sqrt(below) / found),
          .high = std::min(1.0, value + std::sqrt(above) / found)};
}

Figure f1_interval(const Confusion& c) {
  const Figure share =
      wilson(c.true_positive, c.true_positive + c.false_positive + c.false_negative);
  const auto carried = [](double j) { return 2 * j / (1 + j); };
  return {.value = f1(c), .low = carried(share.low), .high = carried(share.high)};
}

double balanced_accuracy(const Confusion& c) {
  return balanced_accuracy(
      ClassCounts{{c.true_negative, c.false_positive}, {c.false_negative, c.true_positive}});
}

Figure balanced_accuracy_interval(const Confusion& c) {
  return balanced_accuracy_interval(
      ClassCounts{{c.true_negative, c.false_positive}, {c.false_negative, c.true_positive}});
}

Figure macro_f1_interval(const ClassCounts& counts, int rounds, Seed seed) {
  const size_t k = counts.size();
  std::vector<uint32_t> cell;  // of each row
  for (size_t c = 0; c < k * k; ++c) {
    cell.insert(cell.end(), static_cast<size_t>(counts[c / k][c % k]), static_cast<uint32_t>(c));
  }
  std::vector<double> found;
  Rng rng(seed);
  ClassCounts drawn;
  for (int round = 0; round < rounds && !cell.empty(); ++round) {
    drawn.assign(k, std::vector<int64_t>(k, 0));
    for (size_t i = 0; i < cell.size(); ++i) {
      const uint32_t at = cell[rng.below(cell.size())];
      ++drawn[at / k][at % k];
    }
    found.push_back(macro_f1(drawn));
  }
  return percentile_figure(macro_f1(counts), std::move(found));
}

Figure macro_average_precision_interval(Labels y, Scores p, int classes, int rounds, Seed seed,
                                        const Workers* workers) {
  std::vector<ScoredOrder> orders;
  for (int32_t c = 0; c < classes; ++c) {
    orders.push_back(scored_order(one_against_rest(y, p, classes, c)));
  }
  std::vector<double> found(y.empty() || rounds < 0 ? 0 : static_cast<size_t>(rounds));
  in_blocks(found.size(), workers, [&](size_t begin, size_t end) {
    Draws draws(y.size(), block_seed(seed, begin));
    for (size_t round = begin; round < end; ++round) {
      const std::vector<uint32_t>& counts = draws.next();
      double sum = 0;
      int occurring = 0;
      for (const ScoredOrder& order : orders) {
        const double value = counted_precision(order, counts);
        if (std::isnan(value)) continue;
        sum += value;
        ++occurring;
      }
      found[round] = sum / occurring;
    }
  });
  return logit_figure(macro_average_precision(y, p, classes), found);
}

}  // namespace perennial
