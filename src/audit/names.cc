#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "audit/check.h"
#include "base/text.h"

namespace perennial {

void check_names(const TableView& view, std::vector<Finding>& out) {
  std::set<std::string> taken;
  for (const ColumnView& column : view.columns) taken.insert(column.name());
  Finding finding;
  finding.kind = "irregular-names";
  finding.severity = Severity::kInfo;
  finding.table = view.table->name;
  Repair repair{.kind = Repair::Kind::kRenameColumns, .table = view.table->name};
  for (const ColumnView& column : view.columns) {
    if (column.name() == kRowNumber) continue;
    const std::string regular = regular_name(column.name());
    // Two names with one regular form: the first column gets it, the others keep their own.
    if (regular == column.name() || !taken.insert(regular).second) continue;
    repair.map.emplace_back(column.name(), regular);
    if (repair.map.size() <= 3) {
      const std::string file = view.table->files.empty() ? "" : view.table->files[0].file;
      finding.examples.push_back(
          {.file = file, .line = file.empty() ? 0 : 1, .value = column.name()});
    }
  }
  if (repair.map.empty()) return;
  const auto names = static_cast<int64_t>(repair.map.size());
  finding.message = fmt::format("{} {} capitals, blanks or signs; {} becomes {}.",
                                counted(names, "column name"), names == 1 ? "has" : "have",
                                in_quotes(repair.map[0].first), in_quotes(repair.map[0].second));
  finding.confidence = 1;
  finding.safe = true;
  finding.repair = {std::move(repair)};
  out.push_back(std::move(finding));
}

}  // namespace perennial
