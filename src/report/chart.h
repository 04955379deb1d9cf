// Small charts as SVG text: no script, readable in print, dark and light.
#pragma once

#include <string>
#include <vector>

#include "metric/metric.h"

namespace perennial {

std::string html_escape(std::string_view text);

struct UnitChart {
  std::string title, x_label, y_label;
  std::vector<CurvePoint> line;        // x and y in [0, 1]
  bool diagonal = false;               // the naive rule as a dashed line
  double level = -1;                   // the naive rule as a dashed level; < 0: none
  std::vector<ReliabilityBin> points;  // with interval bars
};

// A square chart over [0, 1] x [0, 1] with gridlines and a text alternative. At most 200 points of
// the line are drawn, evenly chosen, so that the page stays small.
std::string unit_chart(const UnitChart& chart);

// A horizontal interval for a table row: value and its 95 % bar between `from` and `to`.
std::string interval_bar(const Figure& figure, double from, double to);

}  // namespace perennial
