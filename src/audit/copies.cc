// Customers that are copies of others.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <span>

#include "audit/check.h"
#include "audit/entity_check.h"
#include "audit/row_hash.h"
#include "base/text.h"

namespace perennial {
namespace {

bool rows_equal(const EntityView& view, size_t a, size_t b) {
  return std::all_of(view.features.begin(), view.features.end(), [&](const Column* column) {
    if (column->missing(a) || column->missing(b)) return column->missing(a) == column->missing(b);
    if (!column->is_text()) return column->numbers[a] == column->numbers[b];
    const auto &x = column->codes[a], &y = column->codes[b];
    return x == y ||
           column->dictionary[static_cast<size_t>(x)] == column->dictionary[static_cast<size_t>(y)];
  });
}

struct Cells {
  std::vector<std::vector<uint64_t>> columns;  // hash of each cell
  std::vector<uint64_t> rows;                  // their sum over columns
};

Cells cells_of(const EntityView& view, const Workers& workers) {
  Cells cells;
  cells.columns.resize(view.features.size());
  workers.run(view.features.size(),
              [&](size_t c) { cells.columns[c] = cell_hashes(*view.features[c], c + 1); });
  cells.rows.assign(view.ids.size(), 0);
  workers.run_blocks(view.ids.size(), 8192, [&](size_t begin, size_t end) {
    for (const auto& column : cells.columns) {
      for (size_t row = begin; row < end; ++row) cells.rows[row] += column[row];
    }
  });
  return cells;
}

// Which keys are equal: the group of each row, and how many rows each group has.
struct Grouping {
  std::vector<uint32_t> of_row, counts;
  uint32_t rows_like(size_t row) const { return counts[of_row[row]]; }
};

Grouping grouping_of(size_t rows, size_t expected, const auto& key_of_row) {
  KeyGroups groups(expected);
  Grouping result{.of_row = std::vector<uint32_t>(rows), .counts = {}};
  for (size_t row = 0; row < rows; ++row) {
    if (row + KeyGroups::kAhead < rows) groups.prefetch(key_of_row(row + KeyGroups::kAhead));
    const uint32_t group = groups.add(key_of_row(row));
    result.of_row[row] = group;
    if (group == result.counts.size()) result.counts.push_back(0);
    ++result.counts[group];
  }
  return result;
}

// How many rows have a row's key, for all rows whose key is not their own alone.
struct Likes {
  std::vector<uint32_t> rows;  // in order; a few with a key of their own among them
  Grouping groups;             // of rows[i]
};

Likes likes_of(std::span<const uint64_t> keys) {
  Likes result{.rows = maybe_repeated(keys), .groups = {}};
  result.groups = grouping_of(result.rows.size(), result.rows.size(),
                              [&](size_t i) { return keys[result.rows[i]]; });
  return result;
}

// Groups of two or more rows with equal features, in order of their first rows.
std::vector<std::vector<uint32_t>> equal_rows(const EntityView& view, const Likes& whole) {
  std::vector<uint32_t> first;
  std::map<uint32_t, std::vector<uint32_t>> members;  // by first row
  for (size_t i = 0; i < whole.rows.size(); ++i) {
    const uint32_t group = whole.groups.of_row[i], row = whole.rows[i];
    if (group == first.size()) {
      first.push_back(row);
    } else if (rows_equal(view, first[group], row)) {
      members[first[group]].push_back(row);
    }
  }
  std::vector<std::vector<uint32_t>> result;
  for (auto& [row, others] : members) {
    others.insert(others.begin(), row);
    result.push_back(std::move(others));
  }
  return result;
}

// Per column: how often each row's value occurs, and the chance that two rows agree.
struct Frequencies {
  Grouping values;
  std::vector<double> log_shares;  // of rows, by group
  double agreement = 1;
};

// Codes of a dictionary are groups already; missing cells are one more.
Grouping grouping_of_texts(const Column& column) {
  const size_t missing = column.dictionary.size();
  Grouping result{.of_row = std::vector<uint32_t>(column.size()),
                  .counts = std::vector<uint32_t>(missing + 1, 0)};
  for (size_t row = 0; row < column.size(); ++row) {
    const int32_t code = column.codes[row];
    result.of_row[row] = static_cast<uint32_t>(code < 0 ? missing : static_cast<size_t>(code));
    ++result.counts[result.of_row[row]];
  }
  return result;
}

Frequencies frequencies(const Column& column, const std::vector<uint64_t>& hashes) {
  constexpr size_t kFewValues = 1000;
  Frequencies result;
  result.values = column.is_text() ? grouping_of_texts(column)
                                   : grouping_of(hashes.size(), kFewValues,
                                                 [&](size_t row) { return hashes[row]; });
  const auto n = static_cast<double>(hashes.size());
  double sum = 0;
  for (const uint32_t count : result.values.counts) {
    sum += static_cast<double>(count) * count;
    result.log_shares.push_back(std::log(count / n));
  }
  result.agreement = sum / (n * n);
  return result;
}

// Rows so rare that independent columns would give less than one thousandth of a row equal to them.
bool is_rare(const std::vector<Frequencies>& of_column, size_t row, size_t rows) {
  double logarithm = std::log(static_cast<double>(rows));
  for (const Frequencies& column : of_column) {
    logarithm += column.log_shares[column.values.of_row[row]];
  }
  return logarithm < std::log(1e-3);
}

// Other rows that are equal to a row in all columns but `column`, summed over rare rows.
double near_misses(const Cells& cells, const Likes& whole, size_t column,
                   const std::vector<Frequencies>& of_column) {
  const size_t n = cells.rows.size();
  std::vector<uint64_t> keys(n);
  for (size_t row = 0; row < n; ++row) keys[row] = cells.rows[row] - cells.columns[column][row];
  const Likes without = likes_of(keys);
  double misses = 0;
  size_t next = 0;  // both lists rise; rows that `whole` leaves out are like themselves alone
  for (size_t i = 0; i < without.rows.size(); ++i) {
    const uint32_t row = without.rows[i];
    while (next < whole.rows.size() && whole.rows[next] < row) ++next;
    const bool listed = next < whole.rows.size() && whole.rows[next] == row;
    const uint32_t others =
        without.groups.rows_like(i) - (listed ? whole.groups.rows_like(next) : 1);
    if (others > 0 && is_rare(of_column, row, n)) misses += others;
  }
  return misses;
}

// Columns that vary freely among rows that are else equal. Where chance makes rows equal, it makes
// far more rows equal in all columns but one: for a column in which two rows agree with probability
// s, (1 - s) / s times as many. Columns that follow from others add nothing, so several free
// columns are the mark of chance, and none that of copies.
bool varies_freely(const Cells& cells, const Likes& whole,
                   const std::vector<Frequencies>& of_column, double equal_pairs,
                   const Workers& workers) {
  constexpr size_t kAtOnce = 4;  // most often the first columns tell enough
  double sum = 0;
  for (size_t first = 0; first < of_column.size() && sum < 1; first += kAtOnce) {
    std::vector<double> free(std::min(kAtOnce, of_column.size() - first), 0);
    workers.run(free.size(), [&](size_t i) {
      const double s = of_column[first + i].agreement;
      if (s >= 1) return;
      const double misses = near_misses(cells, whole, first + i, of_column);
      free[i] = std::min(1.0, misses * s / ((1 - s) * equal_pairs));
    });
    for (const double column : free) sum += column;
  }
  return sum >= 1;
}

// A run of ids that count up by one, as "215685–215695".
struct Range {
  int64_t first = 0, last = 0;
  std::string text() const {
    return first == last ? fmt::format("{}", first) : fmt::format("{}–{}", first, last);
  }
};

std::optional<int64_t> whole_number(const std::string& id) {
  const auto number = parse_number(id);
  if (!number || *number != std::floor(*number) || std::fabs(*number) > 9e15) return std::nullopt;
  return static_cast<int64_t>(*number);
}

// "215685–215695 are copies of 215895–215905": pairs of whole numbers that go up together are told
// as ranges, all others one by one. At most `limit` parts.
std::string told(const EntityView& view, const std::vector<std::vector<uint32_t>>& groups,
                 size_t limit) {
  std::vector<std::string> parts;
  std::vector<std::pair<int64_t, int64_t>> pairs;
  for (const auto& group : groups) {
    const auto a = whole_number(view.ids[group[0]]);
    const auto b = whole_number(view.ids[group[1]]);
    if (group.size() == 2 && a && b) {
      pairs.emplace_back(std::min(*a, *b), std::max(*a, *b));
      continue;
    }
    std::vector<std::string> ids;
    for (const uint32_t row : group) ids.push_back(view.ids[row]);
    if (ids.size() > 5) ids.resize(5), ids.push_back("…");
    parts.push_back(join(ids, " = "));
  }
  std::sort(pairs.begin(), pairs.end());
  std::vector<std::string> ranges;
  for (size_t i = 0; i < pairs.size();) {
    size_t end = i + 1;
    while (end < pairs.size() && pairs[end].first == pairs[end - 1].first + 1 &&
           pairs[end].second == pairs[end - 1].second + 1) {
      ++end;
    }
    const Range left{pairs[i].first, pairs[end - 1].first};
    const Range right{pairs[i].second, pairs[end - 1].second};
    ranges.push_back(fmt::format("{} {} of {}", left.text(),
                                 end - i == 1 ? "is a copy" : "are copies", right.text()));
    i = end;
  }
  parts.insert(parts.begin(), ranges.begin(), ranges.end());
  const size_t all = parts.size();
  if (all > limit) {
    parts.resize(limit);
    parts.push_back(fmt::format("and {} more", grouped(static_cast<int64_t>(all - limit))));
  }
  return join(parts, "; ");
}

Finding copies_finding(const EntityView& view, const std::vector<std::vector<uint32_t>>& groups) {
  Finding finding;
  finding.kind = "copies";
  finding.severity = Severity::kWarning;
  finding.table = view.table;
  finding.column = view.id_name;
  int64_t contradictions = 0;
  for (const auto& group : groups) {
    finding.rows += static_cast<int64_t>(group.size()) - 1;
    bool differs = false;
    for (const uint32_t row : group) differs = differs || view.y[row] != view.y[group[0]];
    contradictions += differs;
    for (const uint32_t row : group) {
      if (finding.examples.size() < 4 && view.origin) {
        finding.examples.push_back(view.origin(row));
      }
    }
  }
  finding.message = fmt::format(
      "{} {} equal to another in every feature, which chance does not explain: {}. Copies stay on "
      "one side of every split.",
      counted(finding.rows, "customer"), finding.rows == 1 ? "is" : "are", told(view, groups, 4));
  if (contradictions > 0) {
    finding.message +=
        fmt::format(" In {} of the groups the target differs.", grouped(contradictions));
  }
  finding.facts = {{"differ", contradictions}};
  finding.confidence = 0.95;
  return finding;
}

}  // namespace

void check_copies(const EntityView& view, const EntityFacts&, const Workers& workers,
                  EntityAudit& audit) {
  const size_t n = view.ids.size();
  audit.copy_group.resize(n);
  for (size_t row = 0; row < n; ++row) audit.copy_group[row] = static_cast<uint32_t>(row);
  if (n < 2 || view.features.size() < 2) return;
  const Cells cells = cells_of(view, workers);
  const Likes whole = likes_of(cells.rows);
  std::vector<std::vector<uint32_t>> groups = equal_rows(view, whole);
  if (groups.empty()) return;
  std::vector<Frequencies> of_column(view.features.size());
  workers.run(of_column.size(),
              [&](size_t c) { of_column[c] = frequencies(*view.features[c], cells.columns[c]); });
  std::erase_if(groups, [&](const auto& group) { return !is_rare(of_column, group[0], n); });
  double pairs = 0;  // ordered, as near misses are counted
  for (const auto& group : groups) {
    pairs += static_cast<double>(group.size()) * static_cast<double>(group.size() - 1);
  }
  if (groups.empty() || varies_freely(cells, whole, of_column, pairs, workers)) return;
  for (const auto& group : groups) {
    for (const uint32_t row : group) audit.copy_group[row] = group[0];
  }
  audit.findings.push_back(copies_finding(view, groups));
}

}  // namespace perennial
