#include <cmath>

#include "base/text.h"
#include "explore/exploration.h"

namespace perennial {
namespace {

// Nine digits are more than any of these figures is sure of, and keep the file small. NaN and
// infinities become null.
Json number(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == 0) return 0;
  if (std::fabs(value) < 1e15 && value == std::floor(value)) return static_cast<int64_t>(value);
  const double scale = std::pow(10.0, 8 - std::floor(std::log10(std::fabs(value))));
  if (!std::isfinite(scale) || scale == 0) return value;
  return std::round(value * scale) / scale;
}

// As it stands in the data.
Json exact(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json numbers(const std::vector<double>& values) {
  Json out = Json::array();
  for (const double v : values) out.push_back(number(v));
  return out;
}

Json matrix(const std::vector<std::vector<double>>& rows) {
  Json out = Json::array();
  for (const auto& row : rows) out.push_back(numbers(row));
  return out;
}

Json figure(const Figure& f) {
  return {{"value", number(f.value)}, {"low", number(f.low)}, {"high", number(f.high)}};
}

Json slices(const std::vector<Slice>& all) {
  Json out = Json::array();
  for (const Slice& s : all) {
    Json rate = Json::array();
    for (const Figure& f : s.rate) rate.push_back(figure(f));
    Json one = {{"kind", to_string(s.kind)}, {"label", s.label}};
    if (s.kind == Slice::Kind::kRange || s.kind == Slice::Kind::kValue) {
      one["low"] = exact(s.low);
      one["high"] = exact(s.high);
    }
    one["rows"] = s.rows;
    one["by_class"] = s.by_class;
    one["rate"] = std::move(rate);
    out.push_back(std::move(one));
  }
  return out;
}

Json quantiles(const Quantiles& q) {
  return {{"min", exact(q.min)},    {"p01", number(q.p01)},       {"p05", number(q.p05)},
          {"p25", number(q.p25)},   {"median", number(q.median)}, {"p75", number(q.p75)},
          {"p95", number(q.p95)},   {"p99", number(q.p99)},       {"max", exact(q.max)},
          {"mean", number(q.mean)}, {"sd", number(q.sd)},         {"skewness", number(q.skewness)}};
}

Json fence(const Fence& f) {
  if (f.scale.empty()) return nullptr;
  Json examples = Json::array();
  for (const Outlier& o : f.examples) {
    examples.push_back({{"id", o.id}, {"value", exact(o.value)}, {"class", o.y}});
  }
  return {{"low", number(f.low)},           {"high", number(f.high)}, {"scale", f.scale},
          {"without_mode", f.without_mode}, {"below", f.below},       {"above", f.above},
          {"examples", std::move(examples)}};
}

Json column(const ColumnProfile& c) {
  Json out = {{"name", c.name},         {"table", c.table},
              {"role", c.role},         {"type", c.type},
              {"rows", c.rows},         {"missing", c.missing},
              {"distinct", c.distinct}, {"distinct_estimated", c.distinct_estimated},
              {"top", c.top},           {"top_rows", c.top_rows}};
  if (c.type != "text") {
    out["quantiles"] = quantiles(c.quantiles);
    Json by_class = Json::array();
    for (const Quantiles& q : c.by_class) by_class.push_back(quantiles(q));
    out["quantiles_by_class"] = std::move(by_class);
    out["fence"] = fence(c.fence);
    out["variance_inflation"] =
        std::isinf(c.variance_inflation) ? Json("infinite") : number(c.variance_inflation);
  }
  out["distribution"] = slices(c.distribution);
  out["groups"] = slices(c.groups);
  return out;
}

Json association(const TargetAssociation& a) {
  return {{"column", a.column},
          {"phik", number(a.phik)},
          {"phik_significance", number(a.phik_significance)},
          {"cramers_v", number(a.cramers_v)},
          {"mutual_information", number(a.mutual_information)},
          {"correlation_ratio", number(a.correlation_ratio)},
          {"pearson", number(a.pearson)},
          {"spearman", number(a.spearman)},
          {"kendall", number(a.kendall)},
          {"p_value", number(a.p_value)},
          {"adjusted_p", number(a.adjusted_p)},
          {"lowest_group", a.lowest_group},
          {"highest_group", a.highest_group}};
}

Json pairs(const PairMeasures& p) {
  return {{"columns", p.columns},
          {"order", p.order},
          {"global_phik", numbers(p.global_phik)},
          {"phik", matrix(p.phik)},
          {"phik_significance", matrix(p.phik_significance)},
          {"cramers_v", matrix(p.cramers_v)},
          {"mutual_information", matrix(p.mutual_information)},
          {"correlation_ratio", matrix(p.correlation_ratio)},
          {"pearson", matrix(p.pearson)},
          {"spearman", matrix(p.spearman)},
          {"kendall", matrix(p.kendall)},
          {"p_value", matrix(p.p_value)},
          {"adjusted_p", matrix(p.adjusted_p)}};
}

Json interaction(const Interaction& i) {
  Json rows = Json::array();
  for (const auto& row : i.cells) {
    Json cells = Json::array();
    for (const Interaction::Cell& c : row) {
      cells.push_back({{"rows", c.rows},
                       {"by_class", c.by_class},
                       {"rate", number(c.rate)},
                       {"low", number(c.low)},
                       {"high", number(c.high)},
                       {"additive", number(c.additive)}});
    }
    rows.push_back(std::move(cells));
  }
  return {{"a", i.a},
          {"b", i.b},
          {"gain", number(i.gain)},
          {"share_of_entropy", number(i.share_of_entropy)},
          {"statistic", number(i.statistic)},
          {"degrees", number(i.degrees)},
          {"p_value", number(i.p_value)},
          {"adjusted_p", number(i.adjusted_p)},
          {"a_labels", i.a_labels},
          {"b_labels", i.b_labels},
          {"cells", std::move(rows)}};
}

Json drift(const Drift& d) {
  Json blocks = Json::array();
  for (const DriftBlock& b : d.blocks) {
    blocks.push_back({{"from", b.from},
                      {"to", b.to},
                      {"rows", b.rows},
                      {"missing", b.missing},
                      {"middle", number(b.middle)},
                      {"rate", numbers(b.rate)}});
  }
  return {{"along", d.along},
          {"column", d.column},
          {"strength", number(d.strength)},
          {"p_value", number(d.p_value)},
          {"adjusted_p", number(d.adjusted_p)},
          {"blocks", std::move(blocks)}};
}

Json cell(const CellSignificance& c) {
  return {{"column", c.column},
          {"group", c.group},
          {"kind", to_string(c.kind)},
          {"class", c.y},
          {"rows", c.rows},
          {"expected", number(c.expected)},
          {"significance", number(c.significance)}};
}

template <typename T>
Json list(const std::vector<T>& all, Json (*one)(const T&)) {
  Json out = Json::array();
  for (const T& x : all) out.push_back(one(x));
  return out;
}

}  // namespace

const char* to_string(Slice::Kind kind) {
  switch (kind) {
    case Slice::Kind::kRange:
      return "range";
    case Slice::Kind::kValue:
      return "value";
    case Slice::Kind::kOther:
      return "other";
    case Slice::Kind::kAbsent:
      return "missing";
  }
  return "";
}

Json to_json(const Exploration& e) {
  Json copies = Json::array();
  for (const NearCopy& c : e.near_copies) {
    copies.push_back(
        {{"a", c.a}, {"b", c.b}, {"kind", c.kind}, {"agreement", number(c.agreement)}});
  }
  return {{"rows", e.rows},
          {"classes", e.classes},
          {"class_rows", e.class_rows},
          {"basis", e.basis},
          {"approximations", e.approximations},
          {"with_target", list(e.with_target, association)},
          {"columns", list(e.columns, column)},
          {"pairs", pairs(e.pairs)},
          {"near_copies", std::move(copies)},
          {"interactions", list(e.interactions, interaction)},
          {"outlier_cells", list(e.outlier_cells, cell)},
          {"drift", list(e.drift, drift)}};
}

}  // namespace perennial
