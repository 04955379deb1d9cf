#include "watch/picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/error.h"

namespace perennial {
namespace {

constexpr size_t kBins = 10, kValues = 50, kKnown = 1000, kNewShown = 10;
constexpr double kMoved = 0.1, kMovedFar = 0.25, kAlpha = 0.01;

// Of many numbers some tell the tenths as well.
constexpr size_t kMostSorted = 20'000;

std::vector<double> some_of(const Column& column) {
  std::vector<double> out;
  const size_t rows = column.size(), taken = std::min(rows, kMostSorted);
  for (size_t i = 0; i < taken; ++i) {
    const double value = column.numbers[i * rows / taken];
    if (!std::isnan(value)) out.push_back(value);
  }
  return out;
}

std::vector<double> edges_of(std::vector<double> numbers) {
  std::vector<double> edges;
  if (numbers.empty()) return edges;
  const double last = *std::max_element(numbers.begin(), numbers.end());
  auto from = numbers.begin();  // all that is less lies before
  for (size_t b = 1; b < kBins; ++b) {
    const size_t place = std::min(numbers.size() - 1, numbers.size() * b / kBins);
    const auto at = numbers.begin() + static_cast<std::ptrdiff_t>(place);
    std::nth_element(from, at, numbers.end());
    from = at;
    // The last value has no bin behind it.
    if (*at < last && (edges.empty() || *at > edges.back())) edges.push_back(*at);
  }
  return edges;
}

// Rows in each bin, then those without a number. There are at most nine edges, so that all are
// looked at without branches.
void count_numbers(const std::vector<double>& edges, const std::vector<double>& numbers,
                   std::vector<int64_t>& counts) {
  std::array<double, kBins - 1> all;
  all.fill(HUGE_VAL);
  std::copy(edges.begin(), edges.end(), all.begin());
  std::array<int64_t, kBins + 1> rows{};
  for (const double number : numbers) {
    size_t bin = 0;
    for (const double edge : all) bin += edge < number ? 1 : 0;
    ++rows[std::isnan(number) ? kBins : bin];
  }
  std::copy_n(rows.begin(), edges.size() + 1, counts.begin());
  counts.back() = rows[kBins];
}

// Rows with each value, the most frequent first, of equals by their bytes.
std::vector<std::pair<std::string, int64_t>> value_counts(const Column& column) {
  std::vector<int64_t> rows(column.dictionary.size(), 0);
  for (const int32_t code : column.codes) {
    if (code >= 0) ++rows[static_cast<size_t>(code)];
  }
  std::vector<std::pair<std::string, int64_t>> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] > 0) out.emplace_back(column.dictionary[i], rows[i]);
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return out;
}

// Numbers where text was, or the other way round: everything counts as missing then.
std::vector<int64_t> counts_of(const ColumnPicture& picture, const Column& column) {
  std::vector<int64_t> counts(
      (picture.is_text ? picture.values.size() + 1 : picture.edges.size() + 1) + 1, 0);
  if (!picture.is_text && !column.is_text()) {
    count_numbers(picture.edges, column.numbers, counts);
    return counts;
  }
  int64_t present = 0;
  if (picture.is_text && column.is_text()) {
    for (const auto& [value, n] : value_counts(column)) {
      const auto found = std::find(picture.values.begin(), picture.values.end(), value);
      counts[static_cast<size_t>(found - picture.values.begin())] += n;
      present += n;
    }
  }
  counts.back() = static_cast<int64_t>(column.size()) - present;
  return counts;
}

double sum_of(const std::vector<int64_t>& counts) {
  return static_cast<double>(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
}

// Chi-squared's upper tail after Wilson and Hilferty 1931.
double chi_squared_tail(double x, double df) {
  const double spread = 2.0 / (9.0 * df);
  return 1 - normal_cdf((std::cbrt(x / df) - (1 - spread)) / std::sqrt(spread));
}

// What of the statistic x is not chance: non-centrality with the mean df + l and the variance
// 2 (df + 2 l), solved for l at x and at 1.96 standard deviations around it.
Figure beyond_chance(double x, double df) {
  constexpr double z2 = 1.959963984540054 * 1.959963984540054;
  const double d = x - df, middle = d + 2 * z2;
  const double inside = 4 * d * z2 + 4 * z2 * z2 + 2 * z2 * df;
  const double half = std::sqrt(std::max(0.0, inside));
  return {.value = std::max(0.0, d),
          .low = std::max(0.0, middle - half),
          .high = std::max(0.0, middle + half)};
}

Shift compare(const ColumnPicture& then, const std::vector<int64_t>& now) {
  Shift shift{.name = then.name, .is_text = then.is_text, .time = then.time};
  const double n = sum_of(then.counts), m = sum_of(now);
  shift.missing_then = static_cast<double>(then.counts.back()) / n;
  shift.missing_now = static_cast<double>(now.back()) / m;
  double bins = 0;
  for (size_t b = 0; b < now.size(); ++b) bins += then.counts[b] + now[b] > 0;
  if (bins < 2) return shift;
  for (size_t b = 0; b < now.size(); ++b) {
    if (then.counts[b] + now[b] == 0) continue;
    const double p = (static_cast<double>(then.counts[b]) + 0.5) / (n + 0.5 * bins);
    const double q = (static_cast<double>(now[b]) + 0.5) / (m + 0.5 * bins);
    shift.psi += (q - p) * std::log(q / p);
  }
  const double scale = 1 / n + 1 / m;
  shift.p_value = chi_squared_tail(shift.psi / scale, bins - 1);
  const Figure beyond = beyond_chance(shift.psi / scale, bins - 1);
  shift.change = {beyond.value * scale, beyond.low * scale, beyond.high * scale};
  return shift;
}

void find_new_values(const ColumnPicture& then, const Column& column, Shift& shift) {
  if (!then.is_text || !column.is_text() || !then.all_known) return;
  int64_t rows = 0;
  const auto known = [&](const std::string& value) {
    return std::find(then.values.begin(), then.values.end(), value) != then.values.end() ||
           std::binary_search(then.others.begin(), then.others.end(), value);
  };
  for (const auto& [value, n] : value_counts(column)) {
    if (known(value)) continue;
    rows += n;
    if (shift.new_values.size() < kNewShown) shift.new_values.emplace_back(value, n);
  }
  shift.new_share = static_cast<double>(rows) / static_cast<double>(column.size());
}

void set_levels(std::vector<Shift>& shifts) {
  const double alpha = kAlpha / static_cast<double>(std::max<size_t>(1, shifts.size()));
  for (Shift& s : shifts) {
    if (s.p_value >= alpha || s.change.value < kMoved) continue;
    s.level = s.change.value < kMovedFar ? "moved" : "moved far";
  }
}

Json to_json(const ColumnPicture& p) {
  Json out = {{"name", p.name}, {"counts", p.counts}};
  if (p.is_text) {
    out["values"] = p.values;
    out["others"] = p.others;
    out["all_known"] = p.all_known;
  } else {
    out["edges"] = p.edges;
  }
  if (p.time) out["time"] = true;
  return out;
}

ColumnPicture column_from(const Json& json) {
  ColumnPicture p{.name = json.at("name").get<std::string>(), .is_text = json.contains("values")};
  p.time = json.value("time", false);
  p.counts = json.at("counts").get<std::vector<int64_t>>();
  if (p.is_text) {
    p.values = json.at("values").get<std::vector<std::string>>();
    p.others = json.at("others").get<std::vector<std::string>>();
    p.all_known = json.at("all_known").get<bool>();
  } else {
    p.edges = json.at("edges").get<std::vector<double>>();
  }
  const size_t bins = p.is_text ? p.values.size() + 2 : p.edges.size() + 2;
  const bool sound =
      p.counts.size() == bins && sum_of(p.counts) > 0 &&
      std::all_of(p.counts.begin(), p.counts.end(), [](int64_t n) { return n >= 0; }) &&
      std::is_sorted(p.edges.begin(), p.edges.end()) && p.edges.size() < kBins &&
      std::is_sorted(p.others.begin(), p.others.end());
  if (!sound) {
    throw Error(ErrorCode::kData, "picture of the training data", "it is damaged",
                "Copy the model file again from where it was made");
  }
  return p;
}

Json to_json(const Figure& f) { return {f.value, f.low, f.high}; }

}  // namespace

ColumnPicture picture_of(const Column& column, bool time) {
  ColumnPicture p{.name = column.name, .is_text = column.is_text(), .time = time};
  if (p.is_text) {
    for (auto& [value, n] : value_counts(column)) {
      if (p.values.size() < kValues) {
        p.values.push_back(value);
      } else if (p.others.size() < kKnown) {
        p.others.push_back(value);
      } else {
        p.all_known = false;
      }
    }
    std::sort(p.others.begin(), p.others.end());
  } else {
    p.edges = edges_of(some_of(column));
  }
  p.counts = counts_of(p, column);
  return p;
}

std::vector<Shift> shifts_of(const TrainingPicture& picture, const FeatureTable& later,
                             const std::vector<std::vector<double>>& scores) {
  PERENNIAL_CHECK(picture.columns.size() == later.features.size());
  PERENNIAL_CHECK(picture.scores.size() == scores.size());
  std::vector<Shift> out;
  for (size_t c = 0; c < picture.columns.size(); ++c) {
    out.push_back(compare(picture.columns[c], counts_of(picture.columns[c], later.features[c])));
    find_new_values(picture.columns[c], later.features[c], out.back());
  }
  for (size_t s = 0; s < scores.size(); ++s) {
    const Column column = Column::number(picture.scores[s].name, scores[s]);
    out.push_back(compare(picture.scores[s], counts_of(picture.scores[s], column)));
  }
  set_levels(out);
  return out;
}

Json TrainingPicture::to_json() const {
  Json out = {{"columns", Json::array()},
              {"scores", Json::array()},
              {"test", Json::object()},
              {"reliability", Json::array()}};
  for (const ColumnPicture& p : columns) out["columns"].push_back(perennial::to_json(p));
  for (const ColumnPicture& p : scores) out["scores"].push_back(perennial::to_json(p));
  for (const auto& [name, f] : test) out["test"][name] = perennial::to_json(f);
  for (const ReliabilityBin& b : reliability) {
    out["reliability"].push_back({b.mean_probability, b.rate, b.low, b.high, b.rows});
  }
  return out;
}

TrainingPicture TrainingPicture::from_json(const Json& json) {
  TrainingPicture out;
  for (const Json& p : json.at("columns")) out.columns.push_back(column_from(p));
  for (const Json& p : json.at("scores")) out.scores.push_back(column_from(p));
  // Figures of one class alone are no numbers, which JSON writes as null.
  const auto number = [](const Json& j) { return j.is_null() ? kMissing : j.get<double>(); };
  for (const auto& [name, f] : json.at("test").items()) {
    out.test[name] = {number(f.at(0)), number(f.at(1)), number(f.at(2))};
  }
  for (const Json& b : json.at("reliability")) {
    out.reliability.push_back({.mean_probability = number(b.at(0)),
                               .rate = number(b.at(1)),
                               .low = number(b.at(2)),
                               .high = number(b.at(3)),
                               .rows = b.at(4).get<int64_t>()});
  }
  return out;
}

}  // namespace perennial
