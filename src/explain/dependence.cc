#include "explain/dependence.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "explain/places.h"

namespace perennial {
namespace {

std::vector<uint32_t> drawn(size_t rows, size_t most, Seed seed) {
  std::vector<uint32_t> out(rows);
  std::iota(out.begin(), out.end(), uint32_t{0});
  Rng rng(seed);
  rng.shuffle(out);
  out.resize(std::min(rows, most));
  return out;
}

std::vector<double> finite_numbers(const Column& column) {
  std::vector<double> out = column.numbers;
  std::erase_if(out, [](double v) { return !std::isfinite(v); });
  return out;
}

// Distinct quantiles at `points` even steps from the smallest to the largest.
std::vector<double> quantile_grid(std::vector<double> numbers, size_t points) {
  std::vector<size_t> wanted;
  for (size_t k = 0; !numbers.empty() && k < points; ++k) {
    wanted.push_back((numbers.size() - 1) * k / (points - 1));
  }
  std::vector<double> out;
  for (const double v : sorted_places(std::move(numbers), wanted)) {
    if (out.empty() || v > out.back()) out.push_back(v);
  }
  return out;
}

// Most frequent codes; -1 (missing) is one of them.
std::vector<int32_t> frequent_codes(const Column& column, size_t most) {
  std::map<int32_t, size_t> counts;
  for (const int32_t c : column.codes) ++counts[c];
  const auto name = [&](int32_t c) {
    return c < 0 ? std::string() : column.dictionary[static_cast<size_t>(c)];
  };
  std::vector<std::pair<int32_t, size_t>> order(counts.begin(), counts.end());
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : name(a.first) < name(b.first);
  });
  std::vector<int32_t> out;
  for (const auto& [code, n] : order) {
    if (out.size() < most) out.push_back(code);
  }
  return out;
}

std::vector<double> answers(const FeatureTable& rows, size_t answer, const Pipeline& pipeline) {
  const std::vector<double> p = pipeline.predict(rows);
  const auto classes = static_cast<size_t>(pipeline.classes);
  std::vector<double> out(rows.rows());
  for (size_t i = 0; i < out.size(); ++i) out[i] = p[i * classes + answer];
  return out;
}

void fill_partial(const FeatureTable& rows, size_t feature, size_t answer, const Pipeline& pipeline,
                  const std::vector<int32_t>& codes, size_t individual, Dependence& out) {
  FeatureTable set = rows;
  Column& column = set.features[feature];
  out.individual.resize(std::min(individual, rows.rows()));
  const size_t points = out.is_text ? codes.size() : out.value.size();
  for (size_t g = 0; g < points; ++g) {
    if (out.is_text) {
      std::fill(column.codes.begin(), column.codes.end(), codes[g]);
    } else {
      std::fill(column.numbers.begin(), column.numbers.end(), out.value[g]);
    }
    const std::vector<double> p = answers(set, answer, pipeline);
    out.partial.push_back(std::accumulate(p.begin(), p.end(), 0.0) / static_cast<double>(p.size()));
    for (size_t i = 0; i < out.individual.size(); ++i) out.individual[i].push_back(p[i]);
  }
}

// Within each interval of neighbouring values the mean difference between its two ends, for the
// rows that lie in it; summed up from the left, and shifted so that its mean over the rows is 0.
void fill_effects(const FeatureTable& rows, size_t feature, size_t answer, const Pipeline& pipeline,
                  Dependence& out) {
  const std::vector<double>& edge = out.ale_edge;
  const Column& column = rows.features[feature];
  std::vector<uint32_t> known;
  for (uint32_t i = 0; i < column.size(); ++i) {
    if (std::isfinite(column.numbers[i])) known.push_back(i);
  }
  FeatureTable low = rows.take(known);
  FeatureTable high = low;
  std::vector<size_t> bin(known.size());
  for (size_t i = 0; i < known.size(); ++i) {
    const auto at = std::lower_bound(edge.begin() + 1, edge.end() - 1, column.numbers[known[i]]);
    bin[i] = static_cast<size_t>(at - edge.begin()) - 1;
    low.features[feature].numbers[i] = edge[bin[i]];
    high.features[feature].numbers[i] = edge[bin[i] + 1];
  }
  const std::vector<double> before = answers(low, answer, pipeline);
  const std::vector<double> after = answers(high, answer, pipeline);
  std::vector<double> sum(edge.size() - 1, 0.0), count(edge.size() - 1, 0.0);
  for (size_t i = 0; i < bin.size(); ++i) {
    sum[bin[i]] += after[i] - before[i];
    ++count[bin[i]];
  }
  out.ale_effect = {0};
  double mean = 0;
  const double n = static_cast<double>(bin.size());
  for (size_t b = 0; b < sum.size(); ++b) {
    const double from = out.ale_effect.back();
    const double to = from + (count[b] > 0 ? sum[b] / count[b] : 0);
    out.ale_share.push_back(count[b] / n);
    mean += out.ale_share.back() * (from + to) / 2;
    out.ale_effect.push_back(to);
  }
  for (double& v : out.ale_effect) v -= mean;
}

}  // namespace

void fill_density(const Column& column, size_t bins, Dependence& out) {
  const std::vector<double> numbers = finite_numbers(column);
  if (numbers.empty()) return;
  const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
  const double low = *least, high = *most;
  if (!(high > low)) return;
  for (size_t b = 0; b <= bins; ++b) {
    const double share = static_cast<double>(b) / static_cast<double>(bins);
    out.density_edge.push_back(low * (1 - share) + high * share);
  }
  out.density_edge.back() = high;
  out.density.assign(bins, 0.0);
  for (const double v : numbers) {
    const auto at = std::lower_bound(out.density_edge.begin() + 1, out.density_edge.end() - 1, v);
    out.density[static_cast<size_t>(at - out.density_edge.begin()) - 1] +=
        1 / static_cast<double>(numbers.size());
  }
}

Dependence dependence_of(const FeatureTable& rows, size_t feature, size_t answer,
                         const Pipeline& pipeline, const DependenceOptions& options, Seed seed) {
  const Column& column = rows.features[feature];
  Dependence out{.feature = column.name,
                 .answer = rows.classes[answer],
                 .is_text = column.is_text(),
                 .is_date = column.type == ColumnType::kDate};
  const FeatureTable few = rows.take(drawn(rows.rows(), options.most_rows, seed.child("rows")));
  if (out.is_text) {
    const std::vector<int32_t> codes = frequent_codes(column, options.categories);
    if (codes.size() < 2) return out;
    for (const int32_t c : codes) {
      out.category.push_back(c < 0 ? "" : column.dictionary[static_cast<size_t>(c)]);
      out.density.push_back(
          static_cast<double>(std::count(column.codes.begin(), column.codes.end(), c)) /
          static_cast<double>(column.size()));
    }
    fill_partial(few, feature, answer, pipeline, codes, options.individual, out);
    return out;
  }
  std::vector<double> grid = quantile_grid(finite_numbers(column), options.grid);
  if (grid.size() < 2) return out;
  out.value = grid;
  out.ale_edge = std::move(grid);
  fill_density(column, options.density_bins, out);
  fill_partial(few, feature, answer, pipeline, {}, options.individual, out);
  const FeatureTable more =
      rows.take(drawn(rows.rows(), options.most_effect_rows, seed.child("effects")));
  fill_effects(more, feature, answer, pipeline, out);
  return out;
}

}  // namespace perennial
