#include "explain/short_reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "base/error.h"
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

// Of each row: the class that is explained.
size_t answer_of(std::span<const double> answers, size_t classes, size_t row) {
  if (classes == 2) return 1;
  const auto own = answers.subspan(row * classes, classes);
  return static_cast<size_t>(std::max_element(own.begin(), own.end()) - own.begin());
}

// The rows that get texts, rising: the `most` surest ones.
std::vector<uint32_t> surest(std::span<const double> answers, size_t classes, size_t most) {
  std::vector<uint32_t> rows(answers.size() / classes);
  std::iota(rows.begin(), rows.end(), uint32_t{0});
  if (most >= rows.size()) return rows;
  std::vector<double> sure(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    sure[i] = answers[i * classes + answer_of(answers, classes, i)];
  }
  std::ranges::stable_sort(rows, [&](uint32_t a, uint32_t b) { return sure[a] > sure[b]; });
  rows.resize(most);
  std::ranges::sort(rows);
  return rows;
}

// Row `at` of `c`, behind those that are there.
void append_row(const Contributions& c, size_t at, Contributions& out) {
  const auto width = static_cast<std::ptrdiff_t>(c.scores * c.features);
  const auto from = static_cast<std::ptrdiff_t>(at) * width;
  out.scores = c.scores;
  out.features = c.features;
  out.base = c.base;
  out.values.insert(out.values.end(), c.values.begin() + from, c.values.begin() + from + width);
  if (!c.error.empty()) {
    out.error.insert(out.error.end(), c.error.begin() + from, c.error.begin() + from + width);
  }
  ++out.rows;
}

}  // namespace

size_t KeptContributions::place(uint32_t row) const {
  const auto found = std::ranges::lower_bound(rows, row);
  PERENNIAL_CHECK(found != rows.end() && *found == row);
  return static_cast<size_t>(found - rows.begin());
}

ShortReasons short_reasons(const Explainer& explainer, const FeatureTable& table,
                           std::span<const double> answers, const ShortReasonOptions& options,
                           Seed seed, const Workers& workers, KeptContributions* keep) {
  ShortReasons out{.method = explainer.method()};
  if (table.rows() == 0) return out;
  const size_t classes = answers.size() / table.rows();
  std::vector<uint32_t> told;
  if (options.most > 0) {
    out.text.resize(table.rows());
    out.explained = affordable(explainer, table, options);
    told = surest(answers, classes, out.explained);
  }
  std::vector<uint32_t> rows = told;
  if (keep != nullptr) {
    rows.clear();
    std::ranges::set_union(told, keep->rows, std::back_inserter(rows));
  }
  std::vector<uint8_t> has_text(table.rows(), 0), kept(table.rows(), 0);
  for (const uint32_t row : told) has_text[row] = 1;
  for (size_t i = 0; keep != nullptr && i < keep->rows.size(); ++i) kept[keep->rows[i]] = 1;
  for (size_t begin = 0; begin < rows.size(); begin += kBlock) {
    const size_t end = std::min(rows.size(), begin + kBlock);
    const std::vector<uint32_t> block(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                                      rows.begin() + static_cast<std::ptrdiff_t>(end));
    const Contributions c =
        explainer.explain(table.take(block), seed, workers, options.sampled_references);
    workers.run_blocks(block.size(), 256, [&](size_t from, size_t to) {
      for (size_t k = from; k < to; ++k) {
        const uint32_t row = block[k];
        if (has_text[row] == 0) continue;
        out.text[row] =
            words(explainer, table, row, c, k, answer_of(answers, classes, row), options.most);
      }
    });
    for (size_t k = 0; k < block.size(); ++k) {
      if (kept[block[k]] != 0) append_row(c, k, keep->values);
    }
  }
  return out;
}

}  // namespace perennial
