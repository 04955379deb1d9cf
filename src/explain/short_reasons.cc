#include "explain/short_reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"

namespace perennial {
namespace {

constexpr size_t kBlock = 4096;        // rows explained at a time
constexpr int kLongestValue = 40;      // columns of a terminal
constexpr double kLeastPoints = 0.05;  // less is printed as 0.0

std::string value_words(const Column& column, size_t row) {
  if (column.missing(row)) return "missing";
  if (column.is_text()) {
    return shortened(column.dictionary[static_cast<size_t>(column.codes[row])], kLongestValue);
  }
  return short_value(column.numbers[row], column.type == ColumnType::kDate);
}

// One customer: the steps from the average score, the largest contribution first.
std::string words(const Explainer& explainer, const FeatureTable& table, size_t row,
                  const Contributions& c, size_t at, size_t answer, size_t most) {
  const size_t score = c.scores == 1 ? 0 : answer;
  std::vector<size_t> order(c.features);
  std::iota(order.begin(), order.end(), size_t{0});
  const size_t shown = std::min(most, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                    [&](size_t a, size_t b) {
                      const double x = std::abs(c.at(at, score, a)),
                                   y = std::abs(c.at(at, score, b));
                      return x != y ? x > y : a < b;
                    });
  std::vector<double> scores = c.base;
  double now = explainer.probability(scores)[answer];
  std::string out;
  for (size_t r = 0; r < shown; ++r) {
    const size_t f = order[r];
    for (size_t s = 0; s < c.scores; ++s) scores[s] += c.at(at, s, f);
    const double next = explainer.probability(scores)[answer], points = 100 * (next - now);
    now = next;
    if (std::abs(points) < kLeastPoints) continue;
    out +=
        fmt::format("{}{} {} ({}{})", out.empty() ? "" : "; ", table.features[f].name,
                    value_words(table.features[f], row), points > 0 ? "+" : "", fixed(points, 1));
  }
  return out;
}

size_t affordable(const Explainer& explainer, const FeatureTable& table,
                  const ShortReasonOptions& options) {
  const double a_row = explainer.method().exact
                           ? explainer.cost()
                           : 2.0 * static_cast<double>(options.sampled_references) *
                                 static_cast<double>(table.features.size() + 1);
  const double budget = explainer.method().exact ? options.exact_budget : options.sampled_budget;
  const double rows = std::min(budget / std::max(1.0, a_row), static_cast<double>(table.rows()));
  return std::min(options.most_rows, static_cast<size_t>(rows));
}

}  // namespace

ShortReasons short_reasons(const Explainer& explainer, const FeatureTable& table,
                           std::span<const double> answers, const ShortReasonOptions& options,
                           Seed seed, const Workers& workers) {
  ShortReasons out{.method = explainer.method()};
  if (options.most == 0 || table.rows() == 0) return out;
  out.text.resize(table.rows());
  const size_t classes = answers.size() / table.rows();
  const auto answer_of = [&](size_t i) {
    if (classes == 2) return size_t{1};
    const auto row = answers.subspan(i * classes, classes);
    return static_cast<size_t>(std::max_element(row.begin(), row.end()) - row.begin());
  };
  std::vector<uint32_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), uint32_t{0});
  out.explained = affordable(explainer, table, options);
  if (out.explained < rows.size()) {
    std::vector<double> sure(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) sure[i] = answers[i * classes + answer_of(i)];
    std::ranges::stable_sort(rows, [&](uint32_t a, uint32_t b) { return sure[a] > sure[b]; });
    rows.resize(out.explained);
    std::ranges::sort(rows);
  }
  for (size_t begin = 0; begin < rows.size(); begin += kBlock) {
    const size_t end = std::min(rows.size(), begin + kBlock);
    const std::vector<uint32_t> block(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                                      rows.begin() + static_cast<std::ptrdiff_t>(end));
    const Contributions c =
        explainer.explain(table.take(block), seed, workers, options.sampled_references);
    workers.run_blocks(block.size(), 256, [&](size_t from, size_t to) {
      for (size_t k = from; k < to; ++k) {
        out.text[block[k]] =
            words(explainer, table, block[k], c, k, answer_of(block[k]), options.most);
      }
    });
  }
  return out;
}

}  // namespace perennial
