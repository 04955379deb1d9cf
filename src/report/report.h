// RunRecord -> files.
#pragma once

#include <string>

#include "report/record.h"

namespace perennial {

std::string metrics_json(const RunRecord& record);  // docs/outputs.md
std::string audit_json(const std::vector<Finding>& findings, const std::vector<FileReading>& files);
std::string leaderboard_csv(const RunRecord& record);
std::string importance_csv(const RunRecord& record);
std::string segments_csv(const Segments& segments);
std::string report_html(const RunRecord& record);  // self-contained; no times in it
// For the terminal.
std::string findings_text(const std::vector<Finding>& findings, int width, bool colour);
// `perennial explore`: associations with the target, interactions, copies, drift.
std::string exploration_text(const std::string& question, const Exploration& exploration);
std::string summary_text(const RunRecord& record, const std::string& folder, int width,
                         bool colour);

}  // namespace perennial
