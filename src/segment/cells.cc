#include "segment/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "segment/rule.h"

namespace perennial {
namespace {

std::vector<double> distinct(std::vector<double> cuts) {
  std::erase_if(cuts, [](double v) { return std::isnan(v); });
  std::ranges::sort(cuts);
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  return cuts;
}

std::vector<double> quantiles(std::span<const double> numbers, const std::vector<double>& shares) {
  std::vector<double> out;
  for (const double share : shares) out.push_back(known_quantile(numbers, share));
  return distinct(std::move(out));
}

void settle_risk_cuts(std::span<const double> risk, const SegmentOptions& options, double threshold,
                      double base_rate, Cells& out) {
  out.risk_cut_from = "study";
  if (!options.risk_cuts.empty()) {
    out.risk_cuts = distinct(options.risk_cuts);
  } else if (!options.risk_quantiles.empty()) {
    out.risk_cuts = quantiles(risk, options.risk_quantiles);
  } else if (threshold > 0 && threshold < 1) {
    out.risk_cuts = {threshold};
    out.risk_cut_from = "threshold";
  } else {
    out.risk_cuts = {base_rate};
    out.risk_cut_from = "base rate";
  }
}

int band_of(const std::vector<double>& cuts, double v) {
  if (std::isnan(v)) return 0;
  return static_cast<int>(std::upper_bound(cuts.begin(), cuts.end(), v) - cuts.begin());
}

std::string band_name(int band, size_t cuts) {
  if (cuts == 1) return band == 0 ? "low" : "high";
  if (cuts == 2) return band == 0 ? "low" : band == 1 ? "middle" : "high";
  return fmt::format("{}of{}", band + 1, cuts + 1);
}

// "risk >= 0.2 and risk < 0.5"; "" for the only band.
std::string band_rule(const char* name, int band, const std::vector<double>& cuts) {
  std::vector<std::string> parts;
  if (band > 0) {
    parts.push_back(
        fmt::format("{} >= {}", name, number_text(cuts[static_cast<size_t>(band) - 1])));
  }
  if (static_cast<size_t>(band) < cuts.size()) {
    parts.push_back(fmt::format("{} < {}", name, number_text(cuts[static_cast<size_t>(band)])));
  }
  return join(parts, " and ");
}

std::string value_rule(int band, const Cells& cells, const Column& value) {
  std::string rule = band_rule("value", band, cells.value_cuts);
  const bool lacks = std::ranges::any_of(value.numbers, [](double v) { return std::isnan(v); });
  if (rule.empty() || band > 0 || !lacks) return rule;
  return "(" + rule + " or value is missing)";
}

Segment cell(int risk_band, int value_band, const Cells& cells, const Column* value) {
  Segment out{.name = band_name(risk_band, cells.risk_cuts.size()) + "_risk",
              .rule = band_rule("risk", risk_band, cells.risk_cuts),
              .risk_band = risk_band,
              .value_band = value_band};
  if (value_band < 0) return out;
  out.name += "_" + band_name(value_band, cells.value_cuts.size()) + "_value";
  const std::string more = value_rule(value_band, cells, *value);
  if (!more.empty()) out.rule += (out.rule.empty() ? "" : " and ") + more;
  return out;
}

}  // namespace

Cells make_cells(std::span<const double> risk, const Column* value, const SegmentOptions& options,
                 double threshold, double base_rate) {
  Cells out;
  settle_risk_cuts(risk, options, threshold, base_rate, out);
  if (value != nullptr) {
    out.value_cuts = !options.value_cuts.empty() ? distinct(options.value_cuts)
                     : options.value_quantiles.empty()
                         ? quantiles(value->numbers, {0.5})
                         : quantiles(value->numbers, options.value_quantiles);
  }
  const int value_bands = value == nullptr ? 1 : static_cast<int>(out.value_cuts.size()) + 1;
  const int bands = (static_cast<int>(out.risk_cuts.size()) + 1) * value_bands;
  // A cell's number: high risk first, then high value.
  const auto number = [&](size_t i) {
    const int of_risk = static_cast<int>(out.risk_cuts.size()) - band_of(out.risk_cuts, risk[i]);
    const int of_value =
        value == nullptr ? 0 : value_bands - 1 - band_of(out.value_cuts, value->numbers[i]);
    return of_risk * value_bands + of_value;
  };
  std::vector<int32_t> place(static_cast<size_t>(bands), -1);
  for (size_t i = 0; i < risk.size(); ++i) place[static_cast<size_t>(number(i))] = 0;
  for (int b = 0; b < bands; ++b) {
    if (place[static_cast<size_t>(b)] < 0) continue;
    place[static_cast<size_t>(b)] = static_cast<int32_t>(out.list.size());
    const int risk_band = static_cast<int>(out.risk_cuts.size()) - b / value_bands;
    const int value_band = value == nullptr ? -1 : value_bands - 1 - b % value_bands;
    out.list.push_back(cell(risk_band, value_band, out, value));
  }
  for (size_t i = 0; i < risk.size(); ++i) {
    out.cell.push_back(place[static_cast<size_t>(number(i))]);
  }
  return out;
}

}  // namespace perennial
