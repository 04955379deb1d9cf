#include "explore/explore.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "explore/cells.h"
#include "explore/drift.h"
#include "explore/interact.h"
#include "explore/phik.h"
#include "explore/profile.h"
#include "explore/rank.h"
#include "explore/relations.h"

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

// Correlation ratio of a column of numbers (centred) by groups; cells with no group are left out.
double ratio_between(const Coded& x, const std::vector<uint8_t>& groups, size_t count) {
  std::vector<double> sums(count, 0), sizes(count, 0);
  double all = 0, n = 0, sum = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] >= count || x.bins[i] >= x.bin_count) continue;
    const double v = x.centred[i];
    sums[groups[i]] += v;
    sizes[groups[i]] += 1;
    all += v * v;
  }
  for (size_t g = 0; g < count; ++g) n += sizes[g], sum += sums[g];
  double between = 0;
  for (size_t g = 0; g < count; ++g) {
    if (sizes[g] > 0) between += sums[g] * sums[g] / sizes[g];
  }
  const double shift = n > 0 ? sum * sum / n : 0;
  return all - shift > 1e-14 * all
             ? std::sqrt(std::clamp((between - shift) / (all - shift), 0.0, 1.0))
             : kMissing;
}

class Explorer {
 public:
  Explorer(const FeatureTable& table, const ExploreOptions& options, const Workers& workers)
      : table_(table), options_(options), workers_(workers) {
    for (const Column& c : table.features) columns_.push_back(&c);
    for (const Column& c : table.values) columns_.push_back(&c);
    coded_.resize(columns_.size());
    target_.number = true;
    target_.bin_count = std::min(table.classes.size(), size_t{254});
    const auto unknown = static_cast<int32_t>(target_.bin_count);
    for (const int32_t y : table.y) {
      target_.bins.push_back(static_cast<uint8_t>(y < 0 ? unknown : std::min(y, unknown - 1)));
      target_.centred.push_back(y < 0 ? 0 : y);
    }
    target_.ranks = target_.centred;
  }

  Exploration explore() {
    describe();
    profiles();
    associations();
    pairs();
    out_.drift = drift_of(table_, columns_, out_.columns, coded_, target_.bins, workers_);
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
    return c.is_text() ? "text" : c.type == ColumnType::kDate ? "date" : "number";
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
    const Contingency bins = counted_by(x.bins, x.bin_count, target_.bins, target_.bin_count);
    const Dependence of_bins = dependence(bins);
    a.phik = phik(shapes_, bins, of_bins);
    a.phik_significance = of_bins.significance;
    const Dependence of_groups =
        dependence(counted_by(x.groups, x.group_count, target_.bins, target_.bin_count));
    a.cramers_v = of_groups.cramers_v;
    a.mutual_information = of_groups.corrected_information;
    a.p_value = of_groups.p_value;
    a.correlation_ratio = a.pearson = a.spearman = a.kendall = kMissing;
    if (x.number && !x.constant) {
      a.correlation_ratio = ratio_between(x, target_.bins, target_.bin_count);
      if (classes == 2) {
        const SharedCorrelation both = shared_correlation(x, target_);
        a.pearson = both.values;
        a.spearman = both.ranks;
        a.kendall = x.kendall_with_target;
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

  void say_what_is_not_exact(size_t compared) {
    if (compared < table_.features.size()) {
      out_.approximations.push_back(
          fmt::format("Of {} columns, the {} nearest to the target are compared with each other.",
                      table_.features.size(), compared));
    }
    if (compared > 1 && table_.rows() > options_.exact_rows) {
      out_.approximations.push_back(
          fmt::format("Above {} customers Kendall's tau between columns is left out.",
                      grouped(static_cast<int64_t>(options_.exact_rows))));
    }
    int64_t gaps = 0;
    for (const ColumnProfile& c : out_.columns) gaps += c.type != "text" && c.missing > 0 ? 1 : 0;
    if (compared > 1 && table_.rows() > options_.exact_rows && gaps > 0) {
      out_.approximations.push_back(
          "Spearman's correlation of columns with missing cells takes the ranks in the whole "
          "columns.");
    }
    if (std::any_of(table_.y.begin(), table_.y.end(), [](int32_t y) { return y < 0; })) {
      out_.approximations.push_back(
          "Spearman's correlation with the target takes the ranks among all customers, those of "
          "unknown class too.");
    }
    for (const ColumnProfile& c : out_.columns) {
      if (c.type != "text" || c.distinct <= static_cast<int64_t>(kMostCategories)) continue;
      out_.approximations.push_back(
          fmt::format("φK of {} takes its {} most frequent values and all others as one.", c.name,
                      kMostCategories));
    }
  }

  // The features nearest to the target, in the order of the table.
  void pairs() {
    std::vector<size_t> chosen;
    for (const size_t c : strongest_) {
      if (c < table_.features.size() && chosen.size() < options_.pair_columns) chosen.push_back(c);
    }
    say_what_is_not_exact(chosen.size());
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
    numbers_together(chosen);
    std::vector<std::pair<size_t, size_t>> all;
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = i + 1; j < n; ++j) all.emplace_back(i, j);
    }
    std::vector<Found> found(all.size());
    prepare_interactions();
    workers_.run(all.size(), [&](size_t k) {
      const auto [i, j] = all[k];
      compare(chosen[i], chosen[j], i, j, found[k]);
    });
    std::vector<double> p;
    for (const auto& [i, j] : all) p.push_back(m.p_value[i][j]);
    const std::vector<double> adjusted = benjamini_hochberg(p);
    for (size_t k = 0; k < all.size(); ++k)
      set(m.adjusted_p, all[k].first, all[k].second, adjusted[k]);
    m.order = clustered_order(m.phik);
    m.global_phik = global_phik(m.phik);
    for (Found& one : found) {
      if (!one.copy.kind.empty()) out_.near_copies.push_back(std::move(one.copy));
    }
    keep_interactions(found);
  }

  // Correlations of all pairs of complete columns, and how far the others tell each number.
  void numbers_together(const std::vector<size_t>& chosen) {
    std::vector<const Coded*> numbers;
    std::vector<size_t> place;
    for (size_t i = 0; i < chosen.size(); ++i) {
      if (!coded_[chosen[i]].number) continue;
      numbers.push_back(&coded_[chosen[i]]);
      place.push_back(i);
    }
    const Products products = products_of(numbers, workers_);
    const std::vector<double> inflation = variance_inflation(products.values);
    for (size_t a = 0; a < numbers.size(); ++a) {
      out_.columns[chosen[place[a]]].variance_inflation = inflation[a];
      for (size_t b = 0; b < numbers.size(); ++b) {
        if (a == b || numbers[a]->constant || numbers[b]->constant) continue;
        if (!numbers[a]->complete || !numbers[b]->complete) continue;
        const auto within = [](double r) { return std::clamp(r, -1.0, 1.0); };
        out_.pairs.pearson[place[a]][place[b]] = within(products.values[a][b]);
        out_.pairs.spearman[place[a]][place[b]] = within(products.ranks[a][b]);
      }
    }
  }

  static void set(std::vector<std::vector<double>>& matrix, size_t i, size_t j, double value) {
    matrix[i][j] = matrix[j][i] = value;
  }

  struct Found {
    NearCopy copy;  // kind "": none
    Interaction interaction;
    bool tested = false;
  };

  void compare(size_t a, size_t b, size_t i, size_t j, Found& found) {
    PairMeasures& m = out_.pairs;
    const Coded &x = coded_[a], &z = coded_[b];
    const Contingency bins = counted_by(x.bins, x.bin_count, z.bins, z.bin_count);
    const Dependence of_bins = dependence(bins);
    set(m.phik, i, j, phik(shapes_, bins, of_bins));
    set(m.phik_significance, i, j, of_bins.significance);
    // One pass counts the groups of both with the classes.
    const size_t ways = table_.classes.size() + 1, stride = z.group_count * ways;
    const auto counts = count_codes(x.groups, x.group_count, z.groups_by_class, stride);
    Contingency groups(x.group_count, z.group_count);
    for (size_t cell = 0; cell < counts.size(); ++cell) groups.counts[cell / ways] += counts[cell];
    groups = groups.without_empty();
    const Dependence of_groups = dependence(groups);
    set(m.cramers_v, i, j, of_groups.cramers_v);
    set(m.mutual_information, i, j, of_groups.corrected_information);
    set(m.p_value, i, j, of_groups.p_value);
    if (x.number != z.number) {
      const Coded &numbers = x.number ? x : z, &text = x.number ? z : x;
      if (!numbers.constant) {
        set(m.correlation_ratio, i, j, ratio_between(numbers, text.bins, text.bin_count));
      }
    } else if (x.number && !x.constant && !z.constant) {
      correlate(a, b, i, j);
    }
    found.copy = near_copy(a, b, m.pearson[i][j], m.spearman[i][j], bins, groups);
    if (!coarse_.empty() && found.copy.kind.empty()) {
      found.interaction = interaction_between(a, b, counts);
      found.tested = true;
    }
  }

  void correlate(size_t a, size_t b, size_t i, size_t j) {
    PairMeasures& m = out_.pairs;
    const Coded &x = coded_[a], &z = coded_[b];
    const bool few = table_.rows() <= options_.exact_rows, whole = x.complete && z.complete;
    if (!few) {
      if (whole) return;
      const SharedCorrelation r = shared_correlation(x, z);
      set(m.pearson, i, j, r.values);
      set(m.spearman, i, j, r.ranks);
      return;
    }
    const Both both = shared(columns_[a]->numbers, columns_[b]->numbers);
    if (!whole) {
      set(m.pearson, i, j, pearson(both.a, both.b));
      set(m.spearman, i, j, pearson(average_ranks(both.a), average_ranks(both.b)));
    }
    set(m.kendall, i, j, kendall(both.a, both.b));
  }

  bool every_value_named(size_t c) const {
    for (const Slice& s : out_.columns[c].groups) {
      if (s.kind != Slice::Kind::kValue && s.kind != Slice::Kind::kAbsent) return false;
    }
    return true;
  }

  NearCopy near_copy(size_t a, size_t b, double pearson, double spearman, const Contingency& bins,
                     const Contingency& groups) const {
    NearCopy copy{.a = columns_[a]->name, .b = columns_[b]->name};
    const Coded &x = coded_[a], &z = coded_[b];
    std::optional<double> same;
    if (x.number && z.number && std::fabs(spearman) >= 0.99 && shared_rows_suffice(a, b)) {
      if (std::fabs(pearson) >= 0.999) {
        copy.kind = "linear";
        copy.agreement = std::fabs(pearson);
      } else if (std::fabs(spearman) >= 0.999) {
        copy.kind = "monotone";
        copy.agreement = std::fabs(spearman);
      }
    } else if (!x.number && !z.number) {
      const auto many = [&](size_t c) {
        return out_.columns[c].distinct > static_cast<int64_t>(kMostCategories);
      };
      same = many(a) && many(b)   ? renaming(*columns_[a], *columns_[b])
             : many(a) || many(b) ? std::nullopt
                                  : renaming(bins);
    } else if (every_value_named(a) && every_value_named(b)) {
      same = renaming(groups);
    }
    if (same) {
      copy.kind = "renamed";
      copy.agreement = *same;
    }
    if (!copy.kind.empty() && same_cells(*columns_[a], *columns_[b])) {
      copy.kind = "equal";
      copy.agreement = 1;
    }
    return copy;
  }

  // At least half of the rows that either has are rows of both.
  bool shared_rows_suffice(size_t a, size_t b) const {
    if (coded_[a].complete && coded_[b].complete) return true;
    size_t both = 0, either = 0;
    for (size_t row = 0; row < table_.rows(); ++row) {
      const bool x = columns_[a]->missing(row), z = columns_[b]->missing(row);
      both += !x && !z ? 1 : 0;
      either += !x || !z ? 1 : 0;
    }
    return 2 * both >= either;
  }

  // Few groups, so that the cells of two columns hold customers of the rarer classes.
  void prepare_interactions() {
    const auto& rows = out_.class_rows;
    if (rows.size() < 2 || rows.size() > kMostClasses) return;
    const int64_t known = std::accumulate(rows.begin(), rows.end(), int64_t{0});
    const auto rarer = static_cast<double>(known - *std::max_element(rows.begin(), rows.end()));
    const double most = std::floor(std::sqrt(rarer / 10));
    if (most < 2) return;
    for (const ColumnProfile& c : out_.columns) {
      coarse_.push_back(coarse_groups(c, static_cast<size_t>(std::min(most, 5.0))));
    }
  }

  Interaction interaction_between(size_t a, size_t b, const std::vector<uint32_t>& counts) const {
    const Coarse &x = coarse_[a], &z = coarse_[b];
    const size_t classes = table_.classes.size(), ways = classes + 1, fine = coded_[b].group_count;
    std::vector<double> few(x.labels.size() * z.labels.size() * classes, 0);
    for (size_t cell = 0; cell < counts.size(); ++cell) {
      const size_t y = cell % ways, g = cell / ways;
      if (y == classes) continue;
      const size_t row = x.of_group[g / fine], column = z.of_group[g % fine];
      few[(row * z.labels.size() + column) * classes + y] += counts[cell];
    }
    Interaction out = interaction_of(few, x.labels.size(), z.labels.size(), classes);
    out.a = columns_[a]->name;
    out.b = columns_[b]->name;
    out.a_labels = x.labels;
    out.b_labels = z.labels;
    return out;
  }

  void keep_interactions(std::vector<Found>& found) {
    std::vector<double> p;
    for (const Found& one : found) p.push_back(one.tested ? one.interaction.p_value : kMissing);
    const std::vector<double> adjusted = benjamini_hochberg(p);
    double entropy = 0, known = 0;
    for (const int64_t n : out_.class_rows) known += static_cast<double>(n);
    for (const int64_t n : out_.class_rows) {
      const double share = static_cast<double>(n) / known;
      if (n > 0) entropy -= share * std::log(share);
    }
    for (size_t k = 0; k < found.size(); ++k) {
      Interaction& one = found[k].interaction;
      one.adjusted_p = adjusted[k];
      one.share_of_entropy = entropy > 0 ? one.gain / entropy : 0;
      if (!(one.adjusted_p < 0.05) || one.share_of_entropy < 0.001) continue;
      out_.interactions.push_back(std::move(one));
    }
    std::stable_sort(out_.interactions.begin(), out_.interactions.end(),
                     [](const Interaction& a, const Interaction& b) { return a.gain > b.gain; });
    if (out_.interactions.size() > options_.interactions) {
      out_.interactions.resize(options_.interactions);
    }
  }

  static constexpr size_t kCells = 40, kMostClasses = 10;
  const FeatureTable& table_;
  const ExploreOptions& options_;
  const Workers& workers_;
  std::vector<const Column*> columns_;  // features, then values
  std::vector<Coded> coded_;
  Coded target_;                   // bins: the classes; centred, ranks: the class as a number
  std::vector<Coarse> coarse_;     // one a column; empty where interactions are not looked for
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
