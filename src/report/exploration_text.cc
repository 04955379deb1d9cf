// What `perennial explore` prints.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/report.h"
#include "report/story.h"

namespace perennial {
namespace {

constexpr size_t kShown = 8;  // of each list below the table

std::string cell(const std::string& text, int width) {
  const std::string cut = shortened(text, width);
  return cut + std::string(static_cast<size_t>(std::max(0, width - display_width(cut))), ' ');
}

std::string group_text(const Exploration& e, const std::string& column, int group) {
  const auto found = std::find_if(e.columns.begin(), e.columns.end(),
                                  [&](const ColumnProfile& c) { return c.name == column; });
  if (found == e.columns.end() || group < 0) return "";
  const Slice& s = found->groups.at(static_cast<size_t>(group));
  return percent(s.rate.back().value) + " (" +
         shortened(s.label.empty() ? to_string(s.kind) : s.label, 18) + ")";
}

std::string p_text(double p) { return std::isnan(p) ? "-" : p < 0.0001 ? "<0.0001" : fixed(p, 4); }

std::string associations_text(const Exploration& e) {
  std::string out =
      fmt::format("  {}  {}  {}  {}  {}  {}\n", cell("column", 32), cell("φK", 5), cell("sd", 6),
                  cell("p", 7), cell("rarest among", 28), "most often among");
  for (const TargetAssociation& a : e.with_target) {
    out += fmt::format(
        "  {}  {}  {}  {}  {}  {}\n", cell(a.column, 32),
        cell(std::isnan(a.phik) ? "-" : fixed(a.phik, 3), 5),
        cell(std::isnan(a.phik_significance) ? "-" : fixed(a.phik_significance, 1), 6),
        cell(p_text(a.adjusted_p), 7), cell(group_text(e, a.column, a.lowest_group), 28),
        group_text(e, a.column, a.highest_group));
  }
  return out;
}

std::string interactions_text(const Exploration& e) {
  std::string out;
  for (size_t i = 0; i < std::min(kShown, e.interactions.size()); ++i) {
    const Interaction& x = e.interactions[i];
    out += fmt::format("  {} and {}: {} of what is unknown (p {})\n", x.a, x.b,
                       percent(x.share_of_entropy), p_text(x.adjusted_p));
  }
  return out.empty() ? "" : "\nTell more together than one by one\n" + out;
}

std::string copies_text(const Exploration& e) {
  std::string out;
  for (size_t i = 0; i < std::min(kShown, e.near_copies.size()); ++i) {
    const NearCopy& c = e.near_copies[i];
    out += fmt::format("  {} and {}: {}, {}\n", c.a, c.b, c.kind, percent(c.agreement));
  }
  return out.empty() ? "" : "\nSay (nearly) the same\n" + out;
}

std::string drift_text(const Exploration& e) {
  std::string out;
  size_t shown = 0;
  for (const Drift& d : e.drift) {
    if (!(d.adjusted_p < 0.05) || !(d.strength >= 0.05) || shown == kShown) continue;
    ++shown;
    out += fmt::format(
        "  {} along {}: strength {} (p {})\n", d.column.empty() ? "the target" : d.column,
        d.along.empty() ? "the file" : d.along, fixed(d.strength, 2), p_text(d.adjusted_p));
  }
  return out.empty() ? "" : "\nChange on the way\n" + out;
}

}  // namespace

std::string exploration_text(const std::string& question, const Exploration& e) {
  std::string out = fmt::format("{}: {}", question, counted(e.rows, "customer"));
  for (size_t k = 0; k < e.classes.size(); ++k) {
    out += fmt::format("{}{} {}", k == 0 ? ", " : " / ", quoted(e.classes[k]),
                       grouped(e.class_rows[k]));
  }
  out += fmt::format("\n\nWhat goes with it (rates of {})\n",
                     quoted(e.classes.empty() ? "" : e.classes.back()));
  out += associations_text(e) + interactions_text(e) + copies_text(e) + drift_text(e);
  out +=
      "\nφK: strength from 0 to 1. sd: how far from chance, in standard deviations. p: adjusted "
      "for "
      "the number of tests. Going together is not being a cause.\n";
  for (const std::string& a : e.approximations) out += "Note: " + a + "\n";
  return out;
}

}  // namespace perennial
