#include "uplift/reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/text.h"

namespace perennial {
namespace {

constexpr size_t kSlices = 5, kCategories = 8, kReasons = 8;

struct Slices {
  std::vector<int32_t> of_row;
  std::vector<std::string> labels;
};

// Values one by one where there are few; else between quantiles. Missing ones last.
Slices number_slices(const Column& column) {
  std::vector<double> sorted;
  for (const double v : column.numbers) {
    if (std::isfinite(v)) sorted.push_back(v);
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> values = sorted;
  values.erase(std::unique(values.begin(), values.end()), values.end());
  const bool date = column.type == ColumnType::kDate;
  const auto shown = [&](double v) { return date ? date_text(v) : number_text(v); };
  Slices out;
  std::vector<double> upper;  // of each slice, included
  if (values.size() <= kSlices) {
    upper = values;
    for (const double v : values) out.labels.push_back(shown(v));
  } else {
    for (size_t s = 1; s <= kSlices; ++s) {
      const double v = sorted[std::max<size_t>(1, sorted.size() * s / kSlices) - 1];
      if (upper.empty() || v > upper.back()) upper.push_back(v);
    }
    double from = sorted[0];
    for (const double v : upper) {
      out.labels.push_back(fmt::format("{} to {}", shown(from), shown(v)));
      const auto next = std::upper_bound(sorted.begin(), sorted.end(), v);
      if (next != sorted.end()) from = *next;
    }
  }
  const auto last = static_cast<int32_t>(out.labels.size());
  bool missing = false;
  for (const double v : column.numbers) {
    const auto place = std::lower_bound(upper.begin(), upper.end(), v);
    const bool known = std::isfinite(v);
    missing = missing || !known;
    out.of_row.push_back(known ? static_cast<int32_t>(place - upper.begin()) : last);
  }
  if (missing) out.labels.emplace_back("(missing)");
  return out;
}

Slices text_slices(const Column& column) {
  std::map<std::string, int64_t> rows;
  for (size_t i = 0; i < column.size(); ++i) {
    if (!column.missing(i)) ++rows[column.value_text(i)];
  }
  std::vector<std::pair<std::string, int64_t>> by_size(rows.begin(), rows.end());
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (by_size.size() > kCategories) by_size.resize(kCategories);
  Slices out;
  std::map<std::string, int32_t> number;
  for (const auto& [value, count] : by_size) {
    number[value] = static_cast<int32_t>(out.labels.size());
    out.labels.push_back(value);
  }
  int32_t others = -1, missing = -1;
  const auto extra = [&](int32_t& slot, const char* label) {
    if (slot < 0) {
      slot = static_cast<int32_t>(out.labels.size());
      out.labels.emplace_back(label);
    }
    return slot;
  };
  for (size_t i = 0; i < column.size(); ++i) {
    if (column.missing(i)) {
      out.of_row.push_back(extra(missing, "(missing)"));
      continue;
    }
    const auto found = number.find(column.value_text(i));
    out.of_row.push_back(found != number.end() ? found->second : extra(others, "(others)"));
  }
  return out;
}

Slices slices_of(const Column& column) {
  return column.is_text() ? text_slices(column) : number_slices(column);
}

double mean_of(const std::vector<double>& v) {
  return v.empty() ? 0 : std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}

UpliftReason reason_of(const Slices& slices, const std::vector<double>& uplift,
                       const std::vector<double>& difference) {
  UpliftReason out;
  std::vector<std::vector<double>> predicted(slices.labels.size()), measured(slices.labels.size());
  for (size_t i = 0; i < uplift.size(); ++i) {
    predicted[static_cast<size_t>(slices.of_row[i])].push_back(uplift[i]);
    measured[static_cast<size_t>(slices.of_row[i])].push_back(difference[i]);
  }
  const double mean = mean_of(uplift);
  double all = 0, between = 0;
  for (const double u : uplift) all += (u - mean) * (u - mean);
  for (size_t s = 0; s < slices.labels.size(); ++s) {
    if (predicted[s].empty()) continue;
    const double own = mean_of(predicted[s]);
    between += static_cast<double>(predicted[s].size()) * (own - mean) * (own - mean);
    out.slices.push_back({.label = slices.labels[s],
                          .customers = static_cast<int64_t>(predicted[s].size()),
                          .predicted = own,
                          .measured = mean_interval(measured[s])});
  }
  // An uplift that is the same for all has rounding for a variance.
  const double least = 1e-20 * static_cast<double>(uplift.size());
  out.share = all > least ? std::min(1.0, between / all) : 0;
  return out;
}

// How often, or how much, in one arm.
struct Side {
  double n = 0, mean = 0, variance = 0;
};

Side side_of(const std::vector<double>& v) {
  Side out{.n = static_cast<double>(v.size()), .mean = mean_of(v)};
  for (const double x : v) out.variance += (x - out.mean) * (x - out.mean);
  out.variance /= std::max(1.0, out.n - 1);
  return out;
}

double two_sided_p(const Side& a, const Side& b) {
  const double error = std::sqrt(a.variance / a.n + b.variance / b.n);
  return error > 0 ? 2 * normal_cdf(-std::abs(a.mean - b.mean) / error) : 1;
}

}  // namespace

std::vector<UpliftReason> uplift_reasons(const FeatureTable& table,
                                         const std::vector<std::string>& arms, const PerArm& uplift,
                                         const PerArm& scores) {
  const size_t n = table.rows(), k = arms.size();
  std::vector<UpliftReason> out;
  for (size_t a = 1; a < k; ++a) {
    std::vector<double> own(n), difference(n);
    for (size_t i = 0; i < n; ++i) {
      own[i] = uplift[i * k + a];
      difference[i] = scores[i * k + a] - scores[i * k];
    }
    std::vector<UpliftReason> of_arm;
    for (const Column& column : table.features) {
      UpliftReason reason = reason_of(slices_of(column), own, difference);
      reason.arm = arms[a];
      reason.feature = column.name;
      if (reason.share > 0) of_arm.push_back(std::move(reason));
    }
    std::stable_sort(
        of_arm.begin(), of_arm.end(),
        [](const UpliftReason& x, const UpliftReason& y) { return x.share > y.share; });
    if (of_arm.size() > kReasons) of_arm.resize(kReasons);
    for (UpliftReason& reason : of_arm) out.push_back(std::move(reason));
  }
  return out;
}

std::vector<std::string> unlike_arms(const UpliftRows& rows, const std::vector<std::string>& arms) {
  struct Unlike {
    std::string feature, arm;
    double p = 1;
  };
  std::vector<Unlike> found;
  double tests = 0;
  for (const Column& column : rows.table.features) {
    const Slices slices = slices_of(column);
    for (size_t a = 1; a < arms.size(); ++a) {
      double least = 1;
      for (size_t s = 0; s < slices.labels.size(); ++s) {
        std::vector<double> sides[2];
        for (size_t i = 0; i < rows.arm.size(); ++i) {
          const auto arm = static_cast<size_t>(rows.arm[i]);
          if (arm != 0 && arm != a) continue;
          sides[arm == a ? 1 : 0].push_back(slices.of_row[i] == static_cast<int32_t>(s) ? 1 : 0);
        }
        if (sides[0].size() < 2 || sides[1].size() < 2) continue;
        // Normal theory needs some customers on both sides of the slice.
        const double in = std::accumulate(sides[0].begin(), sides[0].end(), 0.0) +
                          std::accumulate(sides[1].begin(), sides[1].end(), 0.0);
        const auto all = static_cast<double>(sides[0].size() + sides[1].size());
        if (std::min(in, all - in) < 20) continue;
        ++tests;
        least = std::min(least, two_sided_p(side_of(sides[1]), side_of(sides[0])));
      }
      found.push_back({column.name, arms[a], least});
    }
  }
  std::vector<std::string> out;
  for (const Unlike& u : found) {
    if (!(u.p * tests < 0.001)) continue;
    out.push_back(fmt::format(
        "{} differs between {} and the control by more than chance: either the offers were not "
        "dealt at random (then say propensity = \"estimated\"), or the column was recorded after "
        "them (then ignore it).",
        quoted(u.feature), quoted(u.arm)));
  }
  return out;
}

}  // namespace perennial
