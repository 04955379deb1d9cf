#include "explain/effects.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "explain/places.h"

namespace perennial {
namespace {

// What a feature is set to, point by point: numbers, or codes of its dictionary.
struct Grid {
  std::vector<double> numbers;
  std::vector<int32_t> codes;
  size_t size() const { return numbers.size() + codes.size(); }
};

// 10, 30, 50, 70 and 90 % of the values, or the eight most frequent categories.
Grid grid_of(const Column& column) {
  Grid out;
  if (!column.is_text()) {
    std::vector<double> values = column.numbers;
    std::erase_if(values, [](double v) { return std::isnan(v); });
    if (values.empty()) return out;
    const size_t last = values.size() - 1;
    const std::vector<size_t> wanted = {
        0, last / 10, last * 3 / 10, last * 5 / 10, last * 7 / 10, last * 9 / 10, last};
    const std::vector<double> at = sorted_places(std::move(values), wanted);
    for (size_t k = 1; k + 1 < at.size(); ++k) {
      if (out.numbers.empty() || at[k] > out.numbers.back()) out.numbers.push_back(at[k]);
    }
    // A rare value is a value too: most features of a shop are zero for most customers.
    if (out.numbers.size() == 1 && at.back() > out.numbers[0]) {
      out.numbers.push_back(at.back());
    } else if (out.numbers.size() == 1 && at.front() < out.numbers[0]) {
      out.numbers.insert(out.numbers.begin(), at.front());
    }
    return out;
  }
  std::vector<std::pair<size_t, int32_t>> counts(column.dictionary.size());
  for (size_t c = 0; c < counts.size(); ++c) counts[c] = {0, static_cast<int32_t>(c)};
  for (const int32_t code : column.codes) {
    if (code >= 0) ++counts[static_cast<size_t>(code)].first;
  }
  std::erase_if(counts, [](const auto& c) { return c.first == 0; });
  std::sort(counts.begin(), counts.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first > b.first;
    return column.dictionary[static_cast<size_t>(a.second)] <
           column.dictionary[static_cast<size_t>(b.second)];
  });
  for (size_t c = 0; c < counts.size() && c < 8; ++c) out.codes.push_back(counts[c].second);
  return out;
}

// Mean probability of the last class were every row at each point of the grid.
std::vector<double> curve(const FeatureTable& rows, size_t feature, const Grid& grid,
                          const Pipeline& pipeline) {
  FeatureTable set = rows;
  Column& column = set.features[feature];
  std::vector<double> out;
  const auto classes = static_cast<size_t>(pipeline.classes);
  for (size_t g = 0; g < grid.size(); ++g) {
    if (column.is_text()) {
      std::fill(column.codes.begin(), column.codes.end(), grid.codes[g]);
    } else {
      std::fill(column.numbers.begin(), column.numbers.end(), grid.numbers[g]);
    }
    const std::vector<double> p = pipeline.predict(set);
    double sum = 0;
    for (size_t i = 0; i < rows.rows(); ++i) sum += p[i * classes + classes - 1];
    out.push_back(sum / static_cast<double>(rows.rows()));
  }
  return out;
}

// How much of `whole` is in `part`: least squares through the means; NaN where `whole` is flat.
double slope(const std::vector<double>& part, const std::vector<double>& whole) {
  const double n = static_cast<double>(whole.size());
  const double a = std::accumulate(part.begin(), part.end(), 0.0) / n;
  const double b = std::accumulate(whole.begin(), whole.end(), 0.0) / n;
  double both = 0, squares = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    both += (part[i] - a) * (whole[i] - b);
    squares += (whole[i] - b) * (whole[i] - b);
  }
  return squares > 1e-12 ? both / squares : kMissing;
}

// Whether models agree on a direction shows in so many rows as well as in all of them. A rare class
// keeps a few.
std::vector<uint32_t> enough_rows(std::vector<uint32_t> rows, const FeatureTable& table,
                                  Seed seed) {
  if (rows.size() <= kMostRefitRows) return rows;
  constexpr size_t kLeastOfClass = 50;
  Rng rng(seed);
  rng.shuffle(rows);
  std::vector<size_t> taken(table.classes.size(), 0);
  std::vector<uint32_t> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    size_t& of_class = taken[static_cast<size_t>(table.y[rows[i]])];
    if (i >= kMostRefitRows && of_class >= kLeastOfClass) continue;
    ++of_class;
    out.push_back(rows[i]);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<Pipeline> fold_models(const TrainingRows& training, const Pipeline& pipeline,
                                  const std::map<std::string, std::vector<std::string>>& order,
                                  Seed seed, const Workers& workers) {
  std::vector<Pipeline> out(static_cast<size_t>(training.folds));
  workers.run(out.size(), [&](size_t fold) {
    std::vector<uint32_t> rows;
    for (size_t i = 0; i < training.fold.size(); ++i) {
      if (training.fold[i] != static_cast<int32_t>(fold)) rows.push_back(static_cast<uint32_t>(i));
    }
    const Seed own = seed.child(fold);
    out[fold] = fit_like(pipeline, training.table,
                         enough_rows(std::move(rows), training.table, own.child("sample")), order,
                         own, &workers);
    // The same map for all, so that curves differ by what the models learned.
    out[fold].calibration = pipeline.calibration;
  });
  return out;
}

void describe(FeatureImportance& out, const Column& column, const Grid& grid,
              const std::vector<double>& p) {
  if (p.size() < 2) return;
  out.direction = direction_of(p);
  out.is_date = column.type == ColumnType::kDate;
  if (!column.is_text()) {
    out.low_value = grid.numbers.front();
    out.high_value = grid.numbers.back();
    out.low_probability = p.front();
    out.high_probability = p.back();
    return;
  }
  if (out.direction != Direction::kNone) out.direction = Direction::kCategories;
  const auto low = std::min_element(p.begin(), p.end()),
             high = std::max_element(p.begin(), p.end());
  const auto name = [&](auto at) {
    return column.dictionary[static_cast<size_t>(grid.codes[static_cast<size_t>(at - p.begin())])];
  };
  out.low_value = out.high_value = kMissing;
  out.low_category = name(low);
  out.high_category = name(high);
  out.low_probability = *low;
  out.high_probability = *high;
}

}  // namespace

Direction direction_of(std::span<const double> probability) {
  double up = 0, down = 0;
  for (size_t i = 1; i < probability.size(); ++i) {
    const double step = probability[i] - probability[i - 1];
    (step > 0 ? up : down) += std::abs(step);
  }
  if (up + down < 0.001) return Direction::kNone;
  if (up >= 0.8 * (up + down)) return Direction::kRaises;
  return down >= 0.8 * (up + down) ? Direction::kLowers : Direction::kMixed;
}

Certainty rate_certainty(const Figure& drop, std::span<const double> fold_effects) {
  if (std::any_of(fold_effects.begin(), fold_effects.end(), [](double e) { return e < 0; })) {
    return Certainty::kUnstable;
  }
  return drop.low > 0 ? Certainty::kClear : Certainty::kFaint;
}

int fill_effects(std::vector<FeatureImportance>& features, const TrainingRows& training,
                 const Pipeline& pipeline,
                 const std::map<std::string, std::vector<std::string>>& order,
                 const EffectOptions& options, Seed seed, const Workers& workers) {
  const FeatureTable& all = training.table;
  std::vector<uint32_t> chosen(all.rows());
  std::iota(chosen.begin(), chosen.end(), uint32_t{0});
  Rng rng(seed.child("rows"));
  rng.shuffle(chosen);
  chosen.resize(std::min(chosen.size(), options.most_rows));
  const FeatureTable rows = all.take(chosen);
  const std::vector<Pipeline> folds =
      options.refit ? fold_models(training, pipeline, order, seed.child("folds"), workers)
                    : std::vector<Pipeline>{};
  workers.run(features.size(), [&](size_t f) {
    const Grid grid = grid_of(all.features[f]);
    if (grid.size() < 2) return;
    const std::vector<double> whole = curve(rows, f, grid, pipeline);
    describe(features[f], all.features[f], grid, whole);
    for (const Pipeline& fold : folds) {
      const double effect = slope(curve(rows, f, grid, fold), whole);
      if (!std::isnan(effect)) features[f].fold_effects.push_back(effect);
    }
  });
  for (FeatureImportance& f : features) {
    f.certainty = rate_certainty(f.auc_drop, f.fold_effects);
  }
  return static_cast<int>(folds.size());
}

}  // namespace perennial
