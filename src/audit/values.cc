// Values of one column that are spelled in more than one way.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "audit/check.h"
#include "audit/spelling.h"
#include "base/text.h"

namespace perennial {
namespace {

// The values of a column that share a canonical spelling.
struct Group {
  std::u32string canonical;
  std::vector<size_t> members;  // indexes into ColumnView::used
  int64_t rows = 0;
  std::string best;  // the trimmed text most rows use
};

// Trimmed text -> rows: stray blanks are a repair of their own, which applies before.
std::map<std::string, int64_t> spellings(const ColumnView& view, const Group& group) {
  std::map<std::string, int64_t> rows;
  for (const size_t i : group.members) rows[std::string(trim(view.text(i)))] += view.rows_of(i);
  return rows;
}

std::vector<Group> groups_of(const ColumnView& view) {
  std::map<std::u32string, Group> by_spelling;
  for (size_t i = 0; i < view.used.size(); ++i) {
    if (view.canonical[i].empty()) continue;
    Group& group = by_spelling[view.canonical[i]];
    group.canonical = view.canonical[i];
    group.members.push_back(i);
    group.rows += view.rows_of(i);
  }
  std::vector<Group> groups;
  for (auto& [canonical, group] : by_spelling) {
    int64_t most = -1;
    for (const auto& [text, rows] : spellings(view, group)) {
      if (rows > most) group.best = text;
      most = std::max(most, rows);
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<int32_t> codes_of(const ColumnView& view, const Group& group) {
  std::vector<int32_t> codes;
  for (const size_t i : group.members) codes.push_back(view.used[i]);
  return codes;
}

Repair replacement(const ColumnView& view, std::vector<std::pair<std::string, std::string>> map) {
  return {.kind = Repair::Kind::kReplaceValues,
          .table = view.table->name,
          .column = view.name(),
          .map = std::move(map)};
}

Finding case_finding(const ColumnView& view, const Group& group,
                     const std::map<std::string, int64_t>& variants) {
  Finding finding = finding_on(view, "case-variants", Severity::kWarning);
  std::vector<std::string> described;
  std::vector<std::pair<std::string, std::string>> map;
  for (const auto& [text, rows] : variants) {
    if (text == group.best) continue;
    finding.rows += rows;
    described.push_back(fmt::format("{} ({})", in_quotes(text), counted(rows, "row")));
    map.emplace_back(text, group.best);
  }
  finding.message = fmt::format("{} {} to be {} ({}), written differently.", join(described, ", "),
                                described.size() == 1 ? "seems" : "seem", in_quotes(group.best),
                                counted(variants.at(group.best), "row"));
  finding.facts = {{"to", group.best}};
  std::vector<int32_t> codes;
  for (const size_t i : group.members) {
    if (trim(view.text(i)) != group.best) codes.push_back(view.used[i]);
  }
  finding.examples = examples_of(view, codes);
  finding.repair = {replacement(view, std::move(map))};
  // One letter may mean another thing in lower case: "M" and "m".
  finding.safe = group.canonical.size() >= 2;
  finding.confidence = finding.safe ? 0.97 : 0.6;
  return finding;
}

struct Match {
  const Group* rare = nullptr;
  const Group* frequent = nullptr;
  Likeness like = Likeness::kDifferent;
};

// The frequent value that `rare` misspells: the likeliest, then the most frequent. `rivals` counts
// the values that are as likely.
Match best_match(const Group& rare, const std::vector<const Group*>& frequent, int& rivals) {
  Match best{.rare = &rare};
  rivals = 0;
  for (const Group* candidate : frequent) {
    if (candidate->rows < 10 * rare.rows) break;  // sorted by rows, most first
    const Likeness like = likeness(rare.canonical, candidate->canonical);
    if (like == Likeness::kDifferent) continue;
    if (like == best.like) ++rivals;
    if (like > best.like) {
      best.like = like;
      best.frequent = candidate;
      rivals = 1;
    }
  }
  return best;
}

Finding near_finding(const ColumnView& view, const Match& match, bool safe) {
  Finding finding =
      finding_on(view, "near-duplicate-values", safe ? Severity::kWarning : Severity::kInfo);
  finding.rows = match.rare->rows;
  finding.message =
      fmt::format("{} ({}) looks like a misspelling of {} ({}).", in_quotes(match.rare->best),
                  counted(match.rare->rows, "row"), in_quotes(match.frequent->best),
                  counted(match.frequent->rows, "row"));
  finding.facts = {
      {"from", match.rare->best}, {"to", match.frequent->best}, {"to_rows", match.frequent->rows}};
  finding.examples = examples_of(view, codes_of(view, *match.rare));
  std::vector<std::pair<std::string, std::string>> map;
  for (const auto& [text, rows] : spellings(view, *match.rare)) {
    map.emplace_back(text, match.frequent->best);
  }
  finding.repair = {replacement(view, std::move(map))};
  finding.safe = safe;
  finding.confidence = match.like == Likeness::kTypo ? (safe ? 0.95 : 0.8) : 0.5;
  return finding;
}

}  // namespace

void check_stray_spaces(const ColumnView& view, std::vector<Finding>& out) {
  if (!view.column->is_text()) return;
  std::vector<int32_t> codes;
  int64_t rows = 0;
  for (size_t i = 0; i < view.used.size(); ++i) {
    const std::string_view inner = trim(view.text(i));
    if (inner.size() == view.text(i).size() || inner.empty()) continue;
    codes.push_back(view.used[i]);
    rows += view.rows_of(i);
  }
  if (codes.empty()) return;
  Finding finding = finding_on(view, "stray-spaces", Severity::kInfo);
  finding.rows = rows;
  finding.message =
      fmt::format("{} {} blanks at an end.", counted(rows, "cell"), rows == 1 ? "has" : "have");
  finding.examples = examples_of(view, codes);
  finding.repair = {
      {.kind = Repair::Kind::kTrim, .table = view.table->name, .column = view.name()}};
  finding.safe = true;
  finding.confidence = 0.99;
  out.push_back(std::move(finding));
}

void check_case_variants(const ColumnView& view, std::vector<Finding>& out) {
  if (!view.is_vocabulary) return;
  for (const Group& group : groups_of(view)) {
    if (group.members.size() < 2) continue;
    const auto variants = spellings(view, group);
    if (variants.size() > 1) out.push_back(case_finding(view, group, variants));
  }
}

void check_near_duplicates(const ColumnView& view, std::vector<Finding>& out) {
  if (!view.is_vocabulary) return;
  const std::vector<Group> groups = groups_of(view);
  if (groups.size() < 2) return;
  std::vector<const Group*> frequent;
  for (const Group& group : groups) {
    if (group.rows >= 10) frequent.push_back(&group);
  }
  std::stable_sort(frequent.begin(), frequent.end(),
                   [](const Group* a, const Group* b) { return a->rows > b->rows; });
  // In a long list (cities, surnames) two names may well be near each other by chance.
  const bool short_list = groups.size() <= 30;
  for (const Group& rare : groups) {
    int rivals = 0;
    const Match match = best_match(rare, frequent, rivals);
    if (match.frequent == nullptr) continue;
    if (match.like == Likeness::kPossible && groups.size() > 200) continue;
    const bool safe = match.like == Likeness::kTypo && rivals == 1 && short_list &&
                      match.frequent->rows >= 20 * rare.rows && rare.rows * 50 <= view.present;
    out.push_back(near_finding(view, match, safe));
  }
}

void check_synonyms(const ColumnView& view, std::vector<Finding>& out) {
  if (!view.is_vocabulary || view.used.size() > 50) return;
  const std::vector<Group> groups = groups_of(view);
  for (const Group& shorter : groups) {
    std::vector<const Group*> longer;
    for (const Group& group : groups) {
      if (&group != &shorter && may_abbreviate(shorter.canonical, group.canonical)) {
        longer.push_back(&group);
      }
    }
    // "blue" beside "dark blue" and "light blue" is a value of its own.
    if (longer.size() != 1) continue;
    Finding finding = finding_on(view, "synonyms", Severity::kInfo);
    finding.rows = shorter.rows;
    finding.message = fmt::format("{} ({}) and {} ({}) may mean the same.", in_quotes(shorter.best),
                                  counted(shorter.rows, "row"), in_quotes(longer[0]->best),
                                  counted(longer[0]->rows, "row"));
    finding.facts = {{"from", shorter.best}, {"to", longer[0]->best}};
    finding.examples = examples_of(view, codes_of(view, shorter));
    std::vector<std::pair<std::string, std::string>> map;
    for (const auto& [text, rows] : spellings(view, shorter))
      map.emplace_back(text, longer[0]->best);
    finding.repair = {replacement(view, std::move(map))};
    finding.confidence = 0.4;
    out.push_back(std::move(finding));
  }
}

}  // namespace perennial
