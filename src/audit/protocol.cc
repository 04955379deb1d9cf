#include "audit/protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "table/condition.h"

namespace perennial {
namespace {

bool same_name(const std::string& a, const std::string& b) {
  return a == b || regular_name(a) == regular_name(b);
}

// Rows chosen by the outcome make the question easier than it is, and the model cannot be used:
// nobody knows the outcome of new customers.
void check_filters(const ProtocolView& view, std::vector<Finding>& out) {
  for (const ProtocolFilter& filter : view.filters) {
    if (!filter.table.empty() && filter.table != view.entity->name) continue;
    for (const std::string& name : names_in(parse_condition(filter.where, filter.key))) {
      const bool looks = std::any_of(view.target.begin(), view.target.end(),
                                     [&](const std::string& t) { return same_name(t, name); });
      if (!looks) continue;
      Finding finding{.kind = "filter-looks-at-target",
                      .severity = Severity::kWarning,
                      .table = view.entity->name,
                      .column = name};
      finding.message = fmt::format(
          "The {} \"{}\" chooses rows by {}, which makes the target. The rows that stay are easier "
          "than those to come, whose outcome nobody knows yet: figures from them flatter the "
          "model. "
          "Choose by what is known beforehand.",
          filter.key, filter.where, quoted(name));
      out.push_back(std::move(finding));
      break;
    }
  }
}

struct Sharing {
  int64_t values = 0, rows = 0, shared = 0;  // with a value; in a row that shares it
  int64_t most = 0;
};

Sharing sharing_of(const Column& column) {
  std::map<std::string, int64_t> rows;
  for (size_t i = 0; i < column.size(); ++i) {
    if (!column.missing(i)) ++rows[column.value_text(i)];
  }
  Sharing s;
  for (const auto& [value, n] : rows) {
    s.values += 1;
    s.rows += n;
    s.shared += n > 1 ? n : 0;
    s.most = std::max(s.most, n);
  }
  return s;
}

// E-mail addresses, telephone numbers and the like: text in which most cells look like one.
bool names_persons(const Column& column) {
  if (!column.is_text()) return false;
  size_t mails = 0, used = 0;
  for (const std::string& value : column.dictionary) {
    const size_t at = value.find('@');
    mails += at != std::string::npos && at > 0 && value.find('.', at) != std::string::npos;
    ++used;
  }
  return used > 0 && mails * 10 >= used * 9;
}

// An id of somebody else's table by its name.
bool named_as_id(const Column& column) {
  static const std::vector<std::string> kIds = {"id", "email", "phone"};
  static const std::vector<std::string> kPersons = {"user",   "customer",     "client",
                                                    "клиент", "пользователь", "cliente"};
  const auto among = [](const std::vector<std::string>& words, const std::string& part) {
    return std::find(words.begin(), words.end(), part) != words.end();
  };
  for (const std::string& part : split(regular_name(column.name), '_')) {
    if (among(kIds, part) || (column.is_text() && among(kPersons, part))) return true;
  }
  return false;
}

void check_persons(const ProtocolView& view, std::vector<Finding>& out) {
  constexpr int64_t kFewestRows = 50, kFewestValues = 20;
  for (const Column& column : view.entity->columns) {
    if (same_name(column.name, view.id) || same_name(column.name, view.group)) continue;
    const bool target =
        std::any_of(view.target.begin(), view.target.end(),
                    [&](const std::string& t) { return same_name(t, column.name); });
    if (target || !(names_persons(column) || named_as_id(column))) continue;
    const Sharing s = sharing_of(column);
    // Few values with many rows each are categories; without repeats there is nothing to divide.
    const bool personal = s.values >= kFewestValues && s.values * 5 >= s.rows;
    if (s.rows < kFewestRows || !personal || s.shared * 20 < s.rows) continue;
    Finding finding{.kind = "rows-of-one-person",
                    .severity = Severity::kWarning,
                    .table = view.entity->name,
                    .column = column.name,
                    .rows = s.shared};
    finding.message = fmt::format(
        "{} of {} share their {} with another row (up to {} rows): they seem to be several rows of "
        "one person. Where some of them train and others test, the model meets people it knows. "
        "Say "
        "validation = {{ group = {} }} to keep them on one side.",
        counted(s.shared, "row"), grouped(s.rows), quoted(column.name), grouped(s.most),
        quoted(column.name));
    finding.confidence = 0.8;
    out.push_back(std::move(finding));
  }
}

void check_sums(const ProtocolView& view, std::vector<Finding>& out) {
  for (const ProtocolSum& sum : view.sums) {
    if (sum.bounded) continue;
    for (const Column& column : sum.table->columns) {
      if (column.type != ColumnType::kDate) continue;
      const bool several = std::any_of(column.numbers.begin(), column.numbers.end(), [&](double d) {
        return !std::isnan(d) && d != column.numbers.front();
      });
      if (!several) continue;
      Finding finding{.kind = "sums-without-cutoff",
                      .severity = Severity::kWarning,
                      .table = sum.table->name,
                      .column = column.name,
                      .rows = static_cast<int64_t>(sum.table->rows())};
      finding.message = fmt::format(
          "Its rows are dated ({}) and added up for each customer over all dates. What happened "
          "after the outcome, or because of it, counts as an input then, and no figure of the run "
          "would show it. Keep only rows from before the outcome (a cutoff), or drop later ones by "
          "a repair.",
          quoted(column.name));
      finding.confidence = 0.6;
      out.push_back(std::move(finding));
      break;
    }
  }
}

}  // namespace

std::vector<Finding> audit_protocol(const ProtocolView& view) {
  std::vector<Finding> out;
  check_filters(view, out);
  check_persons(view, out);
  check_sums(view, out);
  return out;
}

}  // namespace perennial
