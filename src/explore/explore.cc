#include "explore/explore.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "explore/phik.h"
#include "explore/profile.h"
#include "explore/rank.h"

namespace perennial {
namespace {

struct Both {  // the rows that two columns share
  std::vector<double> a, b;
};

Both shared(const std::vector<double>& a, const std::vector<double>& b) {
  Both out;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) continue;
    out.a.push_back(a[i]);
    out.b.push_back(b[i]);
  }
  return out;
}

double ratio_between(const std::vector<double>& numbers, std::span<const uint8_t> codes,
                     size_t count) {
  std::vector<double> values;
  std::vector<int> groups;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (!std::isfinite(numbers[i]) || codes[i] == Coded::kNone) continue;
    values.push_back(numbers[i]);
    groups.push_back(codes[i]);
  }
  return values.empty() ? kMissing : correlation_ratio(values, groups, count);
}

class Explorer {
 public:
  Explorer(const FeatureTable& table, const ExploreOptions& options, const Workers& workers)
      : table_(table), options_(options), workers_(workers) {
    for (const Column& c : table.features) columns_.push_back(&c);
    for (const Column& c : table.values) columns_.push_back(&c);
    coded_.resize(columns_.size());
    for (const int32_t y : table.y) {
      target_.push_back(y < 0 ? Coded::kNone : static_cast<uint8_t>(std::min(y, 254)));
      target_numbers_.push_back(y < 0 ? kMissing : y);
    }
  }

  Exploration explore() {
    describe();
    profiles();
    associations();
    pairs();
    return std::move(out_);
  }

 private:
  void describe() {
    out_.rows = static_cast<int64_t>(table_.rows());
    out_.classes = table_.classes;
    out_.class_rows.assign(table_.classes.size(), 0);
    for (const int32_t y : table_.y) {
      if (y >= 0) ++out_.class_rows[static_cast<size_t>(y)];
    }
    out_.basis = fmt::format(
        "All {} that were kept, the sealed ones too: this describes the data and is never used to "
        "choose or to fit a model.",
        counted(out_.rows, "customer"));
  }

  std::string type_of(const Column& c) const {
    const auto& dates = options_.dates;
    const bool date =
        c.type == ColumnType::kDate || std::find(dates.begin(), dates.end(), c.name) != dates.end();
    return c.is_text() ? "text" : date ? "date" : "number";
  }

  void profiles() {
    out_.columns.resize(columns_.size());
    workers_.run(columns_.size(), [&](size_t c) {
      ColumnProfile p =
          profile_of(*columns_[c], type_of(*columns_[c]), table_.y, table_, options_, coded_[c]);
      const bool feature = c < table_.features.size();
      p.role = feature ? "feature" : "value";
      if (feature && c < table_.feature_tables.size()) p.table = table_.feature_tables[c];
      out_.columns[c] = std::move(p);
    });
  }

  TargetAssociation with_target(size_t c) {
    const Coded& x = coded_[c];
    const size_t classes = table_.classes.size();
    TargetAssociation a{.column = columns_[c]->name};
    const Contingency bins = counted_by(x.bins, x.bin_count, target_, classes);
    const Dependence of_bins = dependence(bins);
    a.phik = phik(shapes_, bins, of_bins);
    a.phik_significance = of_bins.significance;
    const Dependence of_groups = dependence(counted_by(x.groups, x.group_count, target_, classes));
    a.cramers_v = of_groups.cramers_v;
    a.mutual_information = of_groups.corrected_information;
    a.p_value = of_groups.p_value;
    a.correlation_ratio = a.pearson = a.spearman = a.kendall = kMissing;
    if (x.number) {
      a.correlation_ratio = ratio_between(columns_[c]->numbers, target_, classes);
      if (classes == 2) {
        const Both both = shared(columns_[c]->numbers, target_numbers_);
        a.pearson = pearson(both.a, both.b);
        a.spearman = pearson(average_ranks(both.a), both.b);
        a.kendall = kendall(both.a, both.b);
      }
    }
    const auto& groups = out_.columns[c].groups;
    for (size_t g = 0; g < groups.size(); ++g) {
      if (groups[g].rows < 20 || groups[g].rate.empty()) continue;
      const auto rate = [&](int at) { return groups[static_cast<size_t>(at)].rate.back().value; };
      const auto here = static_cast<int>(g);
      if (a.lowest_group < 0 || rate(here) < rate(a.lowest_group)) a.lowest_group = here;
      if (a.highest_group < 0 || rate(here) > rate(a.highest_group)) a.highest_group = here;
    }
    return a;
  }

  void associations() {
    std::vector<TargetAssociation> all(columns_.size());
    std::vector<std::vector<CellSignificance>> cells(columns_.size());
    workers_.run(columns_.size(), [&](size_t c) {
      all[c] = with_target(c);
      cells[c] = cells_of(c);
    });
    std::vector<double> p;
    for (const TargetAssociation& a : all) p.push_back(a.p_value);
    const std::vector<double> adjusted = holm(p);
    for (size_t c = 0; c < all.size(); ++c) all[c].adjusted_p = adjusted[c];
    strongest_.resize(all.size());
    std::iota(strongest_.begin(), strongest_.end(), size_t{0});
    const auto strength = [&](size_t c) { return std::isnan(all[c].phik) ? -1 : all[c].phik; };
    std::stable_sort(strongest_.begin(), strongest_.end(),
                     [&](size_t a, size_t b) { return strength(a) > strength(b); });
    for (const size_t c : strongest_) out_.with_target.push_back(all[c]);
    for (auto& one : cells) {
      out_.outlier_cells.insert(out_.outlier_cells.end(), one.begin(), one.end());
    }
    std::stable_sort(out_.outlier_cells.begin(), out_.outlier_cells.end(),
                     [](const CellSignificance& a, const CellSignificance& b) {
                       return std::fabs(a.significance) > std::fabs(b.significance);
                     });
    if (out_.outlier_cells.size() > kCells) out_.outlier_cells.resize(kCells);
  }

  std::vector<CellSignificance> cells_of(size_t c) const {
    const auto& groups = out_.columns[c].groups;
    Contingency t(groups.size(), table_.classes.size());
    for (size_t g = 0; g < groups.size(); ++g) {
      for (size_t k = 0; k < t.columns; ++k)
        t.at(g, k) = static_cast<double>(groups[g].by_class[k]);
    }
    const CellOutliers found = cell_outliers(t);
    std::vector<CellSignificance> out;
    for (size_t i = 0; i < t.counts.size(); ++i) {
      if (!(std::fabs(found.significance[i]) >= 3)) continue;
      const Slice& slice = groups[i / t.columns];
      out.push_back({.column = columns_[c]->name,
                     .group = slice.label,
                     .kind = slice.kind,
                     .y = static_cast<int32_t>(i % t.columns),
                     .rows = static_cast<int64_t>(t.counts[i]),
                     .expected = found.expected[i],
                     .significance = found.significance[i]});
    }
    return out;
  }

  // The features nearest to the target, in the order of the table.
  void pairs() {
    std::vector<size_t> chosen;
    for (const size_t c : strongest_) {
      if (c < table_.features.size() && chosen.size() < options_.pair_columns) chosen.push_back(c);
    }
    if (chosen.size() < table_.features.size()) {
      out_.approximations.push_back(
          fmt::format("Of {} columns, the {} nearest to the target are compared with each other.",
                      table_.features.size(), chosen.size()));
    }
    if (chosen.size() > 1 && table_.rows() > options_.exact_rows) {
      out_.approximations.push_back(
          fmt::format("Above {} customers Kendall's tau between columns is left out.",
                      grouped(static_cast<int64_t>(options_.exact_rows))));
    }
    for (const ColumnProfile& c : out_.columns) {
      if (c.type != "text" || c.distinct <= static_cast<int64_t>(kMostCategories)) continue;
      out_.approximations.push_back(
          fmt::format("φK of {} takes its {} most frequent values and all others as one.", c.name,
                      kMostCategories));
    }
    std::sort(chosen.begin(), chosen.end());
    PairMeasures& m = out_.pairs;
    const size_t n = chosen.size();
    for (const size_t c : chosen) m.columns.push_back(columns_[c]->name);
    for (auto* each :
         {&m.phik, &m.phik_significance, &m.cramers_v, &m.mutual_information, &m.correlation_ratio,
          &m.pearson, &m.spearman, &m.kendall, &m.p_value, &m.adjusted_p}) {
      each->assign(n, std::vector<double>(n, kMissing));
    }
    for (size_t i = 0; i < n; ++i) m.phik[i][i] = 1;
    std::vector<std::pair<size_t, size_t>> all;
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = i + 1; j < n; ++j) all.emplace_back(i, j);
    }
    workers_.run(all.size(), [&](size_t k) {
      const auto [i, j] = all[k];
      compare(chosen[i], chosen[j], i, j);
    });
    std::vector<double> p;
    for (const auto& [i, j] : all) p.push_back(m.p_value[i][j]);
    const std::vector<double> adjusted = benjamini_hochberg(p);
    for (size_t k = 0; k < all.size(); ++k)
      set(m.adjusted_p, all[k].first, all[k].second, adjusted[k]);
    m.order = clustered_order(m.phik);
    m.global_phik = global_phik(m.phik);
  }

  static void set(std::vector<std::vector<double>>& matrix, size_t i, size_t j, double value) {
    matrix[i][j] = matrix[j][i] = value;
  }

  void compare(size_t a, size_t b, size_t i, size_t j) {
    PairMeasures& m = out_.pairs;
    const Coded &x = coded_[a], &z = coded_[b];
    const Contingency bins = counted_by(x.bins, x.bin_count, z.bins, z.bin_count);
    const Dependence of_bins = dependence(bins);
    set(m.phik, i, j, phik(shapes_, bins, of_bins));
    set(m.phik_significance, i, j, of_bins.significance);
    const Dependence of_groups =
        dependence(counted_by(x.groups, x.group_count, z.groups, z.group_count));
    set(m.cramers_v, i, j, of_groups.cramers_v);
    set(m.mutual_information, i, j, of_groups.corrected_information);
    set(m.p_value, i, j, of_groups.p_value);
    if (x.number != z.number) {
      const auto& numbers = x.number ? columns_[a]->numbers : columns_[b]->numbers;
      const Coded& text = x.number ? z : x;
      set(m.correlation_ratio, i, j, ratio_between(numbers, text.bins, text.bin_count));
    } else if (x.number) {
      const Both both = shared(columns_[a]->numbers, columns_[b]->numbers);
      set(m.pearson, i, j, pearson(both.a, both.b));
      const bool whole = both.a.size() == table_.rows();
      set(m.spearman, i, j,
          whole ? pearson(x.ranks, z.ranks)
                : pearson(average_ranks(both.a), average_ranks(both.b)));
      if (both.a.size() <= options_.exact_rows) set(m.kendall, i, j, kendall(both.a, both.b));
    }
  }

  static constexpr size_t kCells = 40;
  const FeatureTable& table_;
  const ExploreOptions& options_;
  const Workers& workers_;
  std::vector<const Column*> columns_;  // features, then values
  std::vector<Coded> coded_;
  std::vector<uint8_t> target_;
  std::vector<double> target_numbers_;
  std::vector<size_t> strongest_;  // columns, nearest to the target first
  PhikShapes shapes_;
  Exploration out_;
};

}  // namespace

Exploration explore(const FeatureTable& table, const ExploreOptions& options,
                    const Workers& workers) {
  return Explorer(table, options, workers).explore();
}

}  // namespace perennial
