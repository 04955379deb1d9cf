// Small tables for the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "audit/audit.h"

namespace perennial::testing {

inline Table table_of(std::string name, std::vector<Column> columns) {
  Table table;
  table.name = std::move(name);
  table.columns = std::move(columns);
  FileReading file;
  file.file = table.name + ".csv";
  table.files.push_back(file);
  for (size_t row = 0; row < table.rows(); ++row) {
    table.row_line.push_back(static_cast<uint32_t>(row) + 2);
  }
  return table;
}

// Values with how often each occurs, one block after the other.
inline Column text_column(std::string name,
                          const std::vector<std::pair<std::string, int>>& counts) {
  std::vector<std::string> values;
  for (const auto& [value, count] : counts) {
    values.insert(values.end(), static_cast<size_t>(count), value);
  }
  return Column::text(std::move(name), values);
}

inline std::vector<Finding> audit_one(const Table& table, AuditTable roles = {}) {
  roles.table = &table;
  return audit_tables({roles}, Workers(2));
}

inline std::vector<Finding> of_kind(const std::vector<Finding>& findings, const std::string& kind) {
  std::vector<Finding> result;
  std::copy_if(findings.begin(), findings.end(), std::back_inserter(result),
               [&](const Finding& finding) { return finding.kind == kind; });
  return result;
}

inline std::vector<Finding> on_column(const std::vector<Finding>& findings,
                                      const std::string& column) {
  std::vector<Finding> result;
  std::copy_if(findings.begin(), findings.end(), std::back_inserter(result),
               [&](const Finding& finding) { return finding.column == column; });
  return result;
}

inline std::string listed(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += std::string(to_string(finding.severity)) + (finding.safe ? " SAFE " : " ") +
            finding.kind + " [" + finding.table + "." + finding.column +
            "] rows=" + std::to_string(finding.rows) + ": " + finding.message + "\n";
    for (const Repair& repair : finding.repair) text += "    " + describe(repair) + "\n";
  }
  return text;
}

}  // namespace perennial::testing
