#include "explain/importance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace perennial {
namespace {

// Rows in the order of their hash: the first so many are a sample that the order of rows does not
// decide, because rows are ordered by id.
std::vector<uint32_t> sample_rows(size_t rows, size_t most, Seed seed) {
  std::vector<uint32_t> out(rows);
  std::iota(out.begin(), out.end(), uint32_t{0});
  if (rows <= most) return out;
  Rng rng(seed);
  rng.shuffle(out);
  out.resize(most);
  std::sort(out.begin(), out.end());
  return out;
}

// Probabilities (rows x classes) -> how good they are, row by row and as areas.
struct Scored {
  std::vector<double> p;
  size_t classes = 2;

  std::vector<double> column(size_t k) const {
    std::vector<double> out(p.size() / classes);
    for (size_t i = 0; i < out.size(); ++i) out[i] = p[i * classes + k];
    return out;
  }
  double loss(size_t row, int32_t y) const {
    return row_log_loss(1, p[row * classes + static_cast<size_t>(y)]);
  }
};

struct Drop {
  double mean = 0, variance = 0;
};

// How far the area under the curve falls; of several classes: the mean of one against the rest.
Drop auc_drop(const std::vector<int32_t>& y, const Scored& before, const Scored& after) {
  const size_t first = before.classes == 2 ? 1 : 0;
  Drop out;
  size_t counted = 0;
  double error = 0;
  for (size_t k = first; k < before.classes; ++k) {
    std::vector<int32_t> is(y.size());
    for (size_t i = 0; i < y.size(); ++i) is[i] = y[i] == static_cast<int32_t>(k) ? 1 : 0;
    const AucDifference d = roc_auc_difference(is, before.column(k), after.column(k));
    if (std::isnan(d.difference)) continue;
    out.mean += d.difference;
    error += d.standard_error;  // the classes' areas go together: no cancelling is assumed
    ++counted;
  }
  const double n = static_cast<double>(counted);
  if (counted == 0) return {kMissing, kMissing};
  return {out.mean / n, (error / n) * (error / n)};
}

Figure interval(double mean, double variance) {
  const double half = normal_quantile(0.975) * std::sqrt(variance);
  return {mean, mean - half, mean + half};
}

// Mean over the deals; the variance of one deal's area stays (the rows are the same in each), that
// between deals shrinks with their number.
Figure combined(const std::vector<Drop>& drops) {
  const double n = static_cast<double>(drops.size());
  double mean = 0, within = 0, between = 0;
  for (const Drop& d : drops) {
    mean += d.mean / n;
    within += d.variance / n;
  }
  for (const Drop& d : drops) between += (d.mean - mean) * (d.mean - mean);
  if (drops.size() > 1) between /= (n - 1) * n;
  return interval(mean, within + between);
}

Column dealt(const Column& column, const std::vector<uint32_t>& order) {
  return column.take(order);
}

}  // namespace

std::vector<FeatureImportance> permutation_importance(const OpenedRows& rows,
                                                      const Pipeline& pipeline,
                                                      const ImportanceOptions& options, Seed seed,
                                                      const Workers& workers) {
  const FeatureTable& all = rows.table();
  const FeatureTable table =
      all.take(sample_rows(all.rows(), options.most_rows, seed.child("rows")));
  const size_t n = table.rows(), classes = static_cast<size_t>(pipeline.classes);
  std::vector<FeatureImportance> out(table.features.size());
  for (size_t f = 0; f < out.size(); ++f) {
    out[f].feature = table.features[f].name;
    out[f].table = table.feature_tables[f];
  }
  if (n == 0) return out;
  const Scored before{.p = pipeline.predict(table), .classes = classes};
  workers.run(out.size(), [&](size_t f) {
    FeatureTable dealt_table = table;
    std::vector<Drop> drops;
    std::vector<double> rise(n, 0.0);
    for (int r = 0; r < options.repeats; ++r) {
      std::vector<uint32_t> order(n);
      std::iota(order.begin(), order.end(), uint32_t{0});
      Rng rng(seed.child(table.features[f].name).child(static_cast<uint64_t>(r)));
      rng.shuffle(order);
      dealt_table.features[f] = dealt(table.features[f], order);
      const Scored after{.p = pipeline.predict(dealt_table), .classes = classes};
      drops.push_back(auc_drop(table.y, before, after));
      for (size_t i = 0; i < n; ++i) {
        rise[i] += (after.loss(i, table.y[i]) - before.loss(i, table.y[i])) / options.repeats;
      }
    }
    out[f].auc_drop = combined(drops);
    out[f].log_loss_rise = mean_interval(rise);
  });
  return out;
}

}  // namespace perennial
