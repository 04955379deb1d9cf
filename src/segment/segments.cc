#include "segment/segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "feature/names.h"
#include "segment/cells.h"
#include "segment/discover.h"
#include "segment/figures.h"
#include "segment/rule.h"

namespace perennial {
namespace {

constexpr size_t kMostDifferences = 8;
constexpr size_t kMostCategories = 30;  // that `by` makes segments of

// The value column; nullptr where there is none. Errors (kStudy): none of that name, or several.
const Column* value_column(const FeatureTable& table, const SegmentOptions& options) {
  std::vector<std::string> names;
  for (const Column& c : table.values) names.push_back(c.name);
  if (options.value.empty()) {
    if (names.size() > 1) {
      throw Error(ErrorCode::kStudy, options.place,
                  "there are several value columns, and segments go by one",
                  "Say value = \"…\": " + join(names, ", "));
    }
    return names.empty() ? nullptr : &table.values[0];
  }
  const int at = find_name(names, options.value);
  if (at >= 0) return &table.values[static_cast<size_t>(at)];
  throw Error(ErrorCode::kStudy, options.place,
              fmt::format("there is no value column {}{}", quoted(options.value),
                          did_you_mean(options.value, names)),
              names.empty() ? "Name the column in its table's `value`"
                            : "Value columns: " + join(names, ", "));
}

void check_value_cuts(const Column* value, const SegmentOptions& options) {
  if (value != nullptr || (options.value_cuts.empty() && options.value_quantiles.empty())) return;
  throw Error(ErrorCode::kStudy, options.place, "there is no value column to cut",
              "Name a column with money in its table's `value`, or remove these keys");
}

class Maker {
 public:
  Maker(const SegmentInput& input, const SegmentOptions& options)
      : input_(input), options_(options), value_(value_column(input.table, options)) {
    check_value_cuts(value_, options);
  }

  Segments make(Seed seed, const Workers& workers) {
    fill_facts();
    add_cells();
    const RuleSpace space(input_.table, input_.risk, value_, input_.threshold,
                          out_.base_rate.value);
    for (const NamedSegment& named : options_.named) add_named(named, space);
    add_discovered(seed.child("discover"), workers);
    settle_primary();
    const SegmentFacts facts{
        .table = input_.table, .risk = out_.risk, .value = out_.value, .sealed = sealed_};
    workers.run(out_.list.size(), [&](size_t s) {
      fill_figures(out_.list[s], out_.members[s], facts, out_.total_value);
      out_.list[s].small = out_.list[s].customers < options_.min_customers;
    });
    out_.expected_loss = expected_loss_of(everybody(), facts);
    fill_differences(out_.list, out_.members, input_.table, kMostDifferences, workers);
    count_overlaps();
    return std::move(out_);
  }

 private:
  size_t rows() const { return input_.table.rows(); }

  std::vector<uint32_t> everybody() const {
    std::vector<uint32_t> all(rows());
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint32_t>(i);
    return all;
  }

  void fill_facts() {
    out_.risk.assign(input_.risk.begin(), input_.risk.end());
    out_.value.assign(rows(), 0);
    out_.min_customers = options_.min_customers;
    int64_t sealed = 0, cases = 0;
    for (size_t i = 0; i < rows(); ++i) {
      const bool known = input_.role[i] == Role::kTest && input_.table.y[i] >= 0;
      sealed_.push_back(known ? 1 : 0);
      sealed += known;
      cases += known && input_.table.y[i] == 1;
      if (value_ == nullptr) continue;
      const double v = value_->numbers[i];
      out_.without_value += std::isnan(v);
      out_.value[i] = std::isnan(v) ? 0 : v;
      out_.total_value += out_.value[i];
    }
    out_.base_rate = wilson(cases, sealed);
    if (value_ == nullptr) return;
    out_.value_column = value_->name;
    out_.unit = options_.unit;
    out_.period = options_.period;
    if (out_.without_value > 0) {
      out_.notes.push_back(fmt::format(
          "{} without a value in {}: counted as worth nothing, and in the lowest band of value",
          counted(out_.without_value, "customer"), quoted(value_->name)));
    }
  }

  void add_cells() {
    Cells cells = make_cells(input_.risk, value_, options_, input_.threshold, out_.base_rate.value);
    out_.risk_cuts = cells.risk_cuts;
    out_.value_cuts = cells.value_cuts;
    out_.risk_cut_from = cells.risk_cut_from;
    out_.list = std::move(cells.list);
    out_.members.resize(out_.list.size());
    for (size_t i = 0; i < rows(); ++i) {
      out_.members[static_cast<size_t>(cells.cell[i])].push_back(static_cast<uint32_t>(i));
    }
    out_.primary = std::move(cells.cell);
    for (const Segment& s : out_.list) names_.insert(s.name);
  }

  void add(Segment segment, const std::vector<uint8_t>& holds, const std::string& place) {
    if (!names_.insert(segment.name).second) {
      throw Error(ErrorCode::kStudy, place,
                  fmt::format("two segments are called {}", quoted(segment.name)),
                  "Rename this one");
    }
    std::vector<uint32_t> members;
    for (size_t i = 0; i < holds.size(); ++i) {
      if (holds[i] != 0) members.push_back(static_cast<uint32_t>(i));
    }
    out_.list.push_back(std::move(segment));
    out_.members.push_back(std::move(members));
  }

  void add_named(const NamedSegment& named, const RuleSpace& space) {
    Segment segment{.name = named.name,
                    .titles = named.titles,
                    .kind = SegmentKind::kNamed,
                    .may_be_primary = named.primary};
    std::vector<uint8_t> holds(rows(), 1);
    if (!named.where.empty()) {
      const Condition condition = space.resolved(named.where, named.place);
      segment.rule = to_text(condition);
      holds = space.holds(condition);
    }
    if (!named.by.empty()) return add_by(named, segment, holds, space);
    if (std::ranges::count(holds, 1) == 0) {
      out_.notes.push_back(
          fmt::format("no customer is in the segment {} ({})", quoted(named.name), segment.rule));
    }
    add(std::move(segment), holds, named.place);
  }

  // One segment a category that enough customers have, most frequent first.
  void add_by(const NamedSegment& named, const Segment& base, const std::vector<uint8_t>& holds,
              const RuleSpace& space) {
    const Column& column = space.category_feature(named.by, named.place);
    std::vector<int64_t> counts(column.dictionary.size(), 0);
    int64_t left = 0;
    for (size_t i = 0; i < rows(); ++i) {
      if (holds[i] == 0) continue;
      if (column.codes[i] < 0) {
        ++left;
      } else {
        ++counts[static_cast<size_t>(column.codes[i])];
      }
    }
    std::vector<size_t> order(counts.size());
    for (size_t c = 0; c < order.size(); ++c) order[c] = c;
    std::ranges::sort(order, [&](size_t a, size_t b) {
      return counts[a] != counts[b] ? counts[a] > counts[b]
                                    : column.dictionary[a] < column.dictionary[b];
    });
    size_t made = 0;
    for (const size_t c : order) {
      if (counts[c] < std::max<int64_t>(1, options_.min_customers) || made == kMostCategories) {
        left += counts[c];
        continue;
      }
      ++made;
      Segment one = base;
      one.name += ": " + column.dictionary[c];
      for (auto& [language, title] : one.titles) title += ": " + column.dictionary[c];
      Condition is;
      is.name = column.name;
      is.op = "=";
      is.values.emplace_back(column.dictionary[c]);
      const std::string rule = to_text(is);
      one.rule = base.rule.empty() ? rule : fmt::format("({}) and {}", base.rule, rule);
      std::vector<uint8_t> inside(rows(), 0);
      for (size_t i = 0; i < rows(); ++i) {
        inside[i] = holds[i] != 0 && column.codes[i] == static_cast<int32_t>(c) ? 1 : 0;
      }
      add(std::move(one), inside, named.place);
    }
    if (left > 0) {
      out_.notes.push_back(
          fmt::format("{} in no segment of {}: a category with fewer than {} customers, or none",
                      counted(left, "customer is", "customers are"), quoted(named.name),
                      options_.min_customers));
    }
  }

  void add_discovered(Seed seed, const Workers& workers) {
    if (options_.discover == 0) return;
    Discovery found = discover_rules(
        input_.table, input_.role,
        {.rules = options_.discover, .min_customers = options_.min_customers}, seed, workers);
    out_.rules_tried = found.tried;
    out_.rules_tested = found.tested;
    int number = 0;
    for (FoundRule& rule : found.rules) {
      Segment segment{.name = fmt::format("found_{}", ++number),
                      .kind = SegmentKind::kDiscovered,
                      .rule = to_text(rule.condition),
                      .may_be_primary = false,
                      .training = rule.training,
                      .training_cases = rule.training_cases,
                      .sealed_p = rule.adjusted_p};
      add(std::move(segment), rule.holds, options_.place);
    }
    const auto lost = found.tested - static_cast<int64_t>(found.rules.size());
    if (lost > 0) {
      out_.notes.push_back(fmt::format(
          "{} found on the training customers did not hold on the sealed ones and {} left out",
          counted(lost, "rule"), lost == 1 ? "was" : "were"));
    }
  }

  // The first named segment that may be, else the cell that add_cells() settled.
  void settle_primary() {
    for (size_t s = out_.list.size(); s-- > 0;) {
      if (out_.list[s].kind != SegmentKind::kNamed || !out_.list[s].may_be_primary) continue;
      for (const uint32_t i : out_.members[s]) out_.primary[i] = static_cast<int32_t>(s);
    }
    for (const int32_t s : out_.primary) ++out_.list[static_cast<size_t>(s)].primary;
  }

  void count_overlaps() {
    std::vector<uint8_t> covered(rows(), 0);
    std::vector<size_t> chosen;
    for (size_t s = 0; s < out_.list.size(); ++s) {
      if (out_.list[s].kind == SegmentKind::kCell) continue;
      chosen.push_back(s);
      for (const uint32_t i : out_.members[s]) covered[i] = 1;
    }
    out_.leftover = std::ranges::count(covered, 0);
    for (size_t x = 0; x < chosen.size(); ++x) {
      std::vector<uint8_t> in(rows(), 0);
      for (const uint32_t i : out_.members[chosen[x]]) in[i] = 1;
      for (size_t y = x + 1; y < chosen.size(); ++y) {
        int64_t n = 0;
        for (const uint32_t i : out_.members[chosen[y]]) n += in[i];
        if (n > 0) out_.overlaps.push_back({.a = chosen[x], .b = chosen[y], .customers = n});
      }
    }
    std::ranges::stable_sort(out_.overlaps, [](const SegmentOverlap& a, const SegmentOverlap& b) {
      return a.customers > b.customers;
    });
  }

  const SegmentInput& input_;
  const SegmentOptions& options_;
  const Column* value_;
  std::vector<uint8_t> sealed_;
  std::set<std::string> names_;
  Segments out_;
};

}  // namespace

const char* to_string(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::kCell:
      return "cell";
    case SegmentKind::kNamed:
      return "named";
    case SegmentKind::kDiscovered:
      break;
  }
  return "discovered";
}

Segments make_segments(const SegmentInput& input, const SegmentOptions& options, Seed seed,
                       const Workers& workers) {
  PERENNIAL_CHECK(input.table.classes.size() == 2 && input.risk.size() == input.table.rows() &&
                  input.role.size() == input.table.rows());
  return Maker(input, options).make(seed, workers);
}

void check_segments(const FeatureTable& table, const SegmentOptions& options) {
  if (table.classes.size() != 2) {
    throw Error(ErrorCode::kStudy, options.place,
                fmt::format("{} has {} classes, and segments go by the risk of one",
                            quoted(table.target_name), table.classes.size()),
                "Say which in target: positive = \"…\"");
  }
  const Column* value = value_column(table, options);
  check_value_cuts(value, options);
  const std::vector<double> risk(table.rows(), 0.5);
  const RuleSpace space(table, risk, value, 0.5, 0.5);
  for (const NamedSegment& named : options.named) {
    if (!named.where.empty()) static_cast<void>(space.resolved(named.where, named.place));
    if (!named.by.empty()) static_cast<void>(space.category_feature(named.by, named.place));
  }
}

}  // namespace perennial
