// Exploration -> what the section "Every column" of the page shows. Figures that are not there are
// left out or null.
#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "report/page_parts.h"

namespace perennial {
namespace {

// Bounds that keep the page small whatever the number of columns.
constexpr size_t kMostColumns = 300, kMostPairColumns = 64, kMostInteractions = 5, kMostListed = 20,
                 kMostOutliers = 5;
constexpr int kLongestLabel = 60;

bool is_range(const Slice& s) {
  return s.kind == Slice::Kind::kRange || s.kind == Slice::Kind::kValue;
}

Json slice_json(const Slice& s, bool numbers) {
  Json out = {{"kind", to_string(s.kind)},
              {"label", shortened(s.label, kLongestLabel)},
              {"rows", s.rows},
              {"rate", {nullptr, nullptr, nullptr}}};
  if (numbers && is_range(s)) {
    out["low"] = shown_number(s.low);
    out["high"] = shown_number(s.high);
  }
  if (!s.rate.empty()) {
    const Figure& f = s.rate.back();
    out["rate"] = {shown_number(f.value), shown_number(f.low), shown_number(f.high)};
  }
  return out;
}

Json quantiles_json(const Quantiles& q) {
  return {{"min", shown_number(q.min)},       {"p25", shown_number(q.p25)},
          {"median", shown_number(q.median)}, {"p75", shown_number(q.p75)},
          {"max", shown_number(q.max)},       {"mean", shown_number(q.mean)},
          {"sd", shown_number(q.sd)}};
}

Json column_json(const ColumnProfile& c, const TargetAssociation* with_target) {
  const bool numbers = c.type != "text";
  Json distribution = Json::array(), outliers = Json::array();
  for (const Slice& s : c.distribution) distribution.push_back(slice_json(s, numbers));
  for (size_t i = 0; i < c.fence.examples.size() && i < kMostOutliers; ++i) {
    const Outlier& o = c.fence.examples[i];
    outliers.push_back({shortened(o.id, kLongestLabel), shown_number(o.value)});
  }
  Json out = {{"name", c.name},
              {"table", c.table},
              {"role", c.role},
              {"type", c.type},
              {"rows", c.rows},
              {"missing", c.missing},
              {"distinct", c.distinct},
              {"estimated", c.distinct_estimated},
              {"top", shortened(c.top, kLongestLabel)},
              {"topRows", c.top_rows},
              {"outside", c.fence.below + c.fence.above},
              {"outliers", outliers},
              {"distribution", distribution},
              {"phik", with_target == nullptr ? Json() : shown_number(with_target->phik)}};
  // (A column without a single number has no quantiles.)
  if (numbers && c.missing < c.rows && c.distinct > 0)
    out["quantiles"] = quantiles_json(c.quantiles);
  return out;
}

// The φK matrix in clustered order.
Json pairs_json(const PairMeasures& pairs) {
  const size_t n = std::min(pairs.phik.size(), kMostPairColumns);
  if (n < 2) return nullptr;
  std::vector<size_t> order;
  for (const size_t i : pairs.order) {
    if (i < n) order.push_back(i);
  }
  if (order.size() != n) {
    order.clear();
    for (size_t i = 0; i < n; ++i) order.push_back(i);
  }
  Json columns = Json::array(), rows = Json::array();
  for (const size_t i : order) {
    columns.push_back(pairs.columns[i]);
    Json row = Json::array();
    for (const size_t k : order) row.push_back(shown_number(pairs.phik[i][k]));
    rows.push_back(std::move(row));
  }
  return {{"columns", columns}, {"phik", rows}};
}

Json interaction_json(const Interaction& one) {
  Json cells = Json::array();
  for (const auto& row : one.cells) {
    Json line = Json::array();
    for (const Interaction::Cell& cell : row) line.push_back({cell.rows, shown_number(cell.rate)});
    cells.push_back(std::move(line));
  }
  return {{"a", one.a},
          {"b", one.b},
          {"aLabels", one.a_labels},
          {"bLabels", one.b_labels},
          {"cells", cells}};
}

// Drift that chance does not explain, strongest first as found.
Json drift_json(const std::vector<Drift>& all) {
  Json out = Json::array();
  for (const Drift& d : all) {
    if (!(d.adjusted_p < 0.05) || out.size() >= kMostListed) continue;
    out.push_back(
        {{"along", d.along}, {"column", d.column}, {"strength", shown_number(d.strength)}});
  }
  return out;
}

}  // namespace

Json exploration_page(const Exploration& e,
                      const std::vector<std::pair<std::string, std::string>>& definitions) {
  const std::map<std::string, std::string> defined(definitions.begin(), definitions.end());
  std::map<std::string, const TargetAssociation*> with_target;
  for (const TargetAssociation& a : e.with_target) with_target[a.column] = &a;
  Json columns = Json::array(), copies = Json::array(), interactions = Json::array();
  for (size_t i = 0; i < e.columns.size() && i < kMostColumns; ++i) {
    const auto found = with_target.find(e.columns[i].name);
    columns.push_back(
        column_json(e.columns[i], found == with_target.end() ? nullptr : found->second));
    const auto definition = defined.find(e.columns[i].name);
    if (definition != defined.end()) columns.back()["definition"] = definition->second;
  }
  for (size_t i = 0; i < e.near_copies.size() && i < kMostListed; ++i) {
    const NearCopy& c = e.near_copies[i];
    copies.push_back({{"a", c.a}, {"b", c.b}, {"agreement", shown_number(c.agreement)}});
  }
  for (size_t i = 0; i < e.interactions.size() && i < kMostInteractions; ++i) {
    interactions.push_back(interaction_json(e.interactions[i]));
  }
  return {{"columns", columns},
          {"pairs", pairs_json(e.pairs)},
          {"nearCopies", copies},
          {"interactions", interactions},
          {"drift", drift_json(e.drift)}};
}

}  // namespace perennial
