#include "report/chart.h"

#include <fmt/format.h>

#include <algorithm>

namespace perennial {
namespace {

constexpr double kLeft = 44, kTop = 10, kSize = 240, kWidth = 300, kHeight = 290;
constexpr size_t kMostPoints = 200;

double px(double x) { return kLeft + kSize * std::clamp(x, 0.0, 1.0); }
double py(double y) { return kTop + kSize * (1 - std::clamp(y, 0.0, 1.0)); }

std::string grid() {
  std::string out;
  for (int i = 0; i <= 4; ++i) {
    const double v = i / 4.0;
    out += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>"
        "<line class=\"grid\" y1=\"{3:.1f}\" y2=\"{4:.1f}\" x1=\"{5:.1f}\" x2=\"{5:.1f}\"/>"
        "<text class=\"tick\" x=\"{6:.1f}\" y=\"{7:.1f}\" text-anchor=\"end\">{8:.2f}</text>"
        "<text class=\"tick\" x=\"{5:.1f}\" y=\"{9:.1f}\" text-anchor=\"middle\">{8:.2f}</text>",
        px(0), px(1), py(v), py(0), py(1), px(v), px(0) - 5, py(v) + 4, v, py(0) + 14);
  }
  return out;
}

std::string polyline(const std::vector<CurvePoint>& line) {
  if (line.empty()) return "";
  std::string points;
  const size_t shown = std::min(line.size(), kMostPoints);
  for (size_t k = 0; k < shown; ++k) {
    const size_t i = shown == 1 ? 0 : k * (line.size() - 1) / (shown - 1);
    points += fmt::format("{:.1f},{:.1f} ", px(line[i].x), py(line[i].y));
  }
  return "<polyline class=\"curve\" points=\"" + points + "\"/>";
}

std::string bin_marks(const std::vector<ReliabilityBin>& bins) {
  std::string out;
  for (const ReliabilityBin& b : bins) {
    if (b.rows == 0) continue;
    out += fmt::format(
        "<line class=\"bar\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\"/>"
        "<circle class=\"dot\" cx=\"{0:.1f}\" cy=\"{3:.1f}\" r=\"4\"/>",
        px(b.mean_probability), py(b.low), py(b.high), py(b.rate));
  }
  return out;
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string unit_chart(const UnitChart& chart) {
  std::string out =
      fmt::format("<figure><svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", kWidth,
                  kHeight, html_escape(chart.title));
  out += grid();
  if (chart.diagonal) {
    out += fmt::format("<line class=\"naive\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", px(0),
                       py(0), px(1), py(1));
  }
  if (chart.level >= 0) {
    out +=
        fmt::format("<line class=\"naive\" x1=\"{0}\" y1=\"{2:.1f}\" x2=\"{1}\" y2=\"{2:.1f}\"/>",
                    px(0), px(1), py(chart.level));
  }
  out += polyline(chart.line) + bin_marks(chart.points);
  out += fmt::format(
      "<text class=\"axis\" x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>"
      "<text class=\"axis\" transform=\"translate(12 {:.0f}) rotate(-90)\" "
      "text-anchor=\"middle\">{}</text></svg><figcaption>{}</figcaption></figure>\n",
      px(0.5), py(0) + 32, html_escape(chart.x_label), py(0.5), html_escape(chart.y_label),
      html_escape(chart.title));
  return out;
}

std::string interval_bar(const Figure& f, double from, double to) {
  const double span = to > from ? to - from : 1;
  const auto x = [&](double v) { return 2 + 156 * std::clamp((v - from) / span, 0.0, 1.0); };
  return fmt::format(
      "<svg class=\"interval\" viewBox=\"0 0 160 16\" aria-hidden=\"true\">"
      "<line class=\"bar\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"8\" y2=\"8\"/>"
      "<circle class=\"dot\" cx=\"{:.1f}\" cy=\"8\" r=\"4\"/></svg>",
      x(f.low), x(f.high), x(f.value));
}

}  // namespace perennial
