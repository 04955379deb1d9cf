// Rows and ids: repeated, or absent where another table has them.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "audit/check.h"
#include "audit/row_hash.h"
#include "base/text.h"
#include "base/whole.h"

namespace perennial {
namespace {

bool rows_equal(const Table& table, size_t a, size_t b) {
  return std::all_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
    if (column.is_text()) return column.codes[a] == column.codes[b];
    const double x = column.numbers[a], y = column.numbers[b];
    return x == y || (std::isnan(x) && std::isnan(y));
  });
}

void say_next(const KeyGroups& groups, const std::vector<uint64_t>& keys, size_t at) {
  if (at + KeyGroups::kAhead < keys.size()) groups.prefetch(keys[at + KeyGroups::kAhead]);
}

struct Repeats {
  std::vector<uint32_t> rows;   // rows equal to an earlier one
  std::vector<uint32_t> first;  // the earlier one of each
};

Repeats repeated_rows(const Table& table) {
  std::vector<const Column*> columns;
  for (const Column& column : table.columns) columns.push_back(&column);
  const std::vector<uint64_t> hashes = row_hashes(columns);
  const std::vector<uint32_t> rows = maybe_repeated(hashes);
  KeyGroups groups(rows.size());
  std::vector<uint32_t> first;
  Repeats repeats;
  for (const uint32_t row : rows) {
    const uint32_t group = groups.add(hashes[row]);
    if (group == first.size()) {
      first.push_back(row);
    } else if (rows_equal(table, first[group], row)) {
      repeats.rows.push_back(row);
      repeats.first.push_back(first[group]);
    }
  }
  return repeats;
}

bool one_row_each(const TableView& view) {
  return view.id != nullptr && view.roles->pivot_by.empty();
}

struct IdRepeats {
  int64_t ids = 0, rows = 0, missing = 0, distinct = 0;
  std::vector<uint32_t> examples;  // rows that repeat an id
};

IdRepeats repeated_ids(const ColumnView& id) {
  const std::vector<uint64_t> hashes = id_hashes(*id.column);
  IdRepeats result;
  for (size_t row = 0; row < hashes.size(); ++row) result.missing += id.column->missing(row);
  const std::vector<uint32_t> rows = maybe_repeated(hashes);
  KeyGroups groups(rows.size());
  std::vector<uint32_t> seen;
  for (const uint32_t row : rows) {
    if (id.column->missing(row)) continue;
    const uint32_t group = groups.add(hashes[row]);
    if (group == seen.size()) seen.push_back(0);
    if (++seen[group] == 2) ++result.ids;
    if (seen[group] < 2) continue;
    ++result.rows;
    if (result.examples.size() < 3) result.examples.push_back(row);
  }
  result.distinct = static_cast<int64_t>(hashes.size()) - result.missing - result.rows;
  return result;
}

// Whole numbers that lie close enough for a bit each.
struct NumberRange {
  double low = HUGE_VAL, high = -HUGE_VAL;
  bool dense = true;
  size_t rows = 0;

  void add(const Column& column) {
    dense = dense && !column.is_text();
    for (size_t row = 0; dense && row < column.size(); ++row) {
      const double v = column.numbers[row];
      if (std::isnan(v)) continue;
      dense = is_whole(v) && std::fabs(v) < 9e15;
      low = std::min(low, v);
      high = std::max(high, v);
    }
    rows += column.size();
    dense = dense && high - low < 64 * static_cast<double>(rows);
  }
  size_t place(double v) const { return static_cast<size_t>(v - low); }
  size_t places() const { return high < low ? 0 : place(high) + 1; }
};

// The distinct ids of a table: by hash, with the first row of each; or as bits of a range that
// holds the ids of all tables.
class IdSet {
 public:
  IdSet(const TableView& view, const NumberRange& range) : view_(&view), range_(range) {
    range.dense ? fill_bits() : fill_groups();
  }

  const TableView& view() const { return *view_; }
  size_t size() const { return size_; }

  struct Absent {
    int64_t count = 0;
    std::vector<uint32_t> first;  // rows of the first of them
  };
  static constexpr int64_t kLookedAt = 1000;  // as many at most
  Absent absent_from(const IdSet& other) const {
    Absent out;
    if (range_.dense) {
      for (size_t w = 0; w < bits_.size(); ++w)
        out.count += std::popcount(bits_[w] & ~other.bits_[w]);
      if (out.count > 0) out.first = first_absent(other);
      return out;
    }
    for (size_t i = 0; i < keys_.size(); ++i) {
      say_next(other.groups_, keys_, i);
      if (other.groups_.find(keys_[i]) >= 0) continue;
      if (++out.count <= kLookedAt) out.first.push_back(first_[i]);
    }
    return out;
  }

  // How many of these rows' ids the other table has in small or capital letters. Of numbers none.
  int64_t written_otherwise(const std::vector<uint32_t>& rows, const IdSet& other) const {
    const Column& id = *view_->id->column;
    if (!id.is_text() || range_.dense) return 0;
    std::vector<std::string> texts;
    for (const uint32_t row : rows) {
      const std::string& text = id.dictionary[static_cast<size_t>(id.codes[row])];
      std::string capitals = text;
      for (char& c : capitals) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
      texts.insert(texts.end(), {to_lower(text), std::move(capitals)});
    }
    const std::vector<uint64_t> keys = id_hashes(Column::text("", texts));
    int64_t found = 0;
    for (size_t i = 0; i + 1 < keys.size(); i += 2) {
      found += other.groups_.find(keys[i]) >= 0 || other.groups_.find(keys[i + 1]) >= 0;
    }
    return found;
  }

 private:
  void fill_bits() {
    bits_.resize(range_.places() / 64 + 1);
    for (const double v : view_->id->column->numbers) {
      if (std::isnan(v)) continue;
      const size_t at = range_.place(v);
      bits_[at / 64] |= uint64_t{1} << (at % 64);
    }
    for (const uint64_t word : bits_) size_ += static_cast<size_t>(std::popcount(word));
  }

  void fill_groups() {
    const std::vector<uint64_t> hashes = id_hashes(*view_->id->column);
    groups_ = KeyGroups(hashes.size());
    for (size_t row = 0; row < hashes.size(); ++row) {
      say_next(groups_, hashes, row);
      if (view_->id->column->missing(row)) continue;
      if (groups_.add(hashes[row]) == first_.size()) {
        keys_.push_back(hashes[row]);
        first_.push_back(static_cast<uint32_t>(row));
      }
    }
    size_ = keys_.size();
  }

  std::vector<uint32_t> first_absent(const IdSet& other) const {
    std::vector<uint32_t> rows;
    std::vector<double> found;
    const auto& numbers = view_->id->column->numbers;
    for (size_t row = 0; row < numbers.size() && rows.size() < 3; ++row) {
      if (std::isnan(numbers[row])) continue;
      const size_t at = range_.place(numbers[row]);
      if ((other.bits_[at / 64] >> (at % 64) & 1) != 0) continue;
      if (std::find(found.begin(), found.end(), numbers[row]) != found.end()) continue;
      found.push_back(numbers[row]);
      rows.push_back(static_cast<uint32_t>(row));
    }
    return rows;
  }

  const TableView* view_;
  NumberRange range_;
  size_t size_ = 0;
  std::vector<uint64_t> bits_;
  KeyGroups groups_{0};
  std::vector<uint64_t> keys_;
  std::vector<uint32_t> first_;
};

// Ids of `from` that `to` has not; reported on table `to` when customers lack there, on `from` when
// it brings ids nobody knows.
void compare_ids(const IdSet& from, const IdSet& to, bool from_is_customers,
                 std::vector<Finding>& out) {
  const auto [count, absent] = from.absent_from(to);
  if (count == 0) return;
  const auto total = static_cast<int64_t>(from.size());
  const double share = static_cast<double>(count) / static_cast<double>(total);
  const IdSet& reported = from_is_customers ? to : from;
  const Severity severity = count == total  ? Severity::kError
                            : share >= 0.01 ? Severity::kWarning
                                            : Severity::kInfo;
  Finding finding = finding_on(*reported.view().id, "missing-ids", severity);
  finding.rows = count;
  finding.examples = examples_at(*from.view().id, absent);
  const std::string there = in_quotes(to.view().table->name);
  finding.message =
      count == total
          ? fmt::format("None of the {} of table {} is in table {}: are these the same ids?",
                        counted(total, "id"), in_quotes(from.view().table->name), there)
          : fmt::format("{} of the {} of table {} ({}) {} not in table {}.", grouped(count),
                        counted(total, "id"), in_quotes(from.view().table->name), percent(share),
                        count == 1 ? "is" : "are", there);
  if (count < total && from_is_customers) {
    finding.message += " What that table tells is missing for them.";
  } else if (count < total) {
    finding.message += " Their rows there are not used.";
  }
  const int64_t otherwise = from.written_otherwise(absent, to);
  if (otherwise > 0) {
    finding.message += fmt::format(
        " {}{} of them {} there with other capitals: a join takes them for somebody else. Write "
        "them alike in both tables.",
        count > IdSet::kLookedAt ? "At least " : "", grouped(otherwise),
        otherwise == 1 ? "is" : "are");
  }
  finding.facts = {{"from", from.view().table->name},
                   {"total", total},
                   {"share", share},
                   {"other", to.view().table->name}};
  finding.confidence = share >= 0.01 ? 0.8 : 0.6;
  out.push_back(std::move(finding));
}

}  // namespace

void check_duplicate_rows(const TableView& view, std::vector<Finding>& out) {
  const Table& table = *view.table;
  if (table.rows() < 2 || table.columns.size() < 2) return;
  if (one_row_each(view)) {  // rows with ids of their own are not equal
    const IdRepeats ids = repeated_ids(*view.id);
    if (ids.rows == 0 && ids.missing < 2) return;
  }
  const Repeats repeats = repeated_rows(table);
  if (repeats.rows.empty()) return;
  const auto count = static_cast<int64_t>(repeats.rows.size());
  const double share = static_cast<double>(count) / static_cast<double>(table.rows());
  // Without an id, customers may well be equal; in a table of events, so may two events.
  const bool one_each = one_row_each(view);
  if (view.id == nullptr && share > 0.05) return;
  Finding finding;
  finding.kind = "duplicate-rows";
  finding.severity = one_each ? Severity::kWarning : Severity::kInfo;
  finding.table = table.name;
  finding.rows = count;
  const ColumnView& shown = view.id != nullptr ? *view.id : view.columns[0];
  finding.examples = examples_at(shown, repeats.rows);
  finding.message = fmt::format("{} {} equal to an earlier row in every column.",
                                counted(count, "row"), count == 1 ? "is" : "are");
  finding.repair = {{.kind = Repair::Kind::kDropDuplicates, .table = table.name}};
  finding.safe = one_each && share < 0.2;
  finding.confidence = one_each ? 0.97 : view.id != nullptr ? 0.6 : 0.3;
  out.push_back(std::move(finding));
}

void check_duplicate_ids(const TableView& view, std::vector<Finding>& out) {
  if (!one_row_each(view)) return;
  const IdRepeats repeats = repeated_ids(*view.id);
  if (repeats.missing > 0) {
    Finding finding = finding_on(*view.id, "duplicate-ids", Severity::kWarning);
    finding.rows = repeats.missing;
    finding.message = fmt::format("{} {} no id.", counted(repeats.missing, "row"),
                                  repeats.missing == 1 ? "has" : "have");
    out.push_back(std::move(finding));
  }
  if (repeats.rows == 0) return;
  const bool long_form = repeats.rows > repeats.distinct / 4;
  Finding finding =
      finding_on(*view.id, "duplicate-ids", long_form ? Severity::kInfo : Severity::kError);
  finding.rows = repeats.rows;
  finding.examples = examples_at(*view.id, repeats.examples);
  finding.message =
      long_form
          ? fmt::format("{} for {}: a table with several rows a customer, which needs a pivot.",
                        counted(repeats.rows + repeats.distinct, "row"),
                        counted(repeats.distinct, "customer"))
          : fmt::format("{} {} in several rows; one row a customer was expected.",
                        counted(repeats.ids, "id"), repeats.ids == 1 ? "stands" : "stand");
  finding.confidence = 0.9;
  out.push_back(std::move(finding));
}

void check_missing_ids(const std::vector<TableView>& tables, std::vector<Finding>& out) {
  std::vector<const TableView*> with_ids;
  NumberRange range;
  for (const TableView& view : tables) {
    if (view.id == nullptr || view.table->rows() == 0) continue;
    if (view.roles->id == kRowNumber) continue;  // numbers of rows are nobody's ids
    with_ids.push_back(&view);
    range.add(*view.id->column);
  }
  if (with_ids.size() < 2) return;
  std::vector<IdSet> sets;
  for (const TableView* view : with_ids) sets.emplace_back(*view, range);
  // The customers: the table with the target, or else the one with the most ids.
  size_t customers = 0;
  for (size_t s = 1; s < sets.size(); ++s) {
    const bool has_target = !sets[s].view().roles->target.empty();
    const bool best_has = !sets[customers].view().roles->target.empty();
    if (has_target != best_has ? has_target : sets[s].size() > sets[customers].size()) {
      customers = s;
    }
  }
  for (size_t s = 0; s < sets.size(); ++s) {
    if (s == customers) continue;
    const size_t before = out.size();
    compare_ids(sets[customers], sets[s], true, out);
    const bool disjoint = out.size() > before && out.back().severity == Severity::kError;
    if (!disjoint) compare_ids(sets[s], sets[customers], false, out);
  }
}

}  // namespace perennial
