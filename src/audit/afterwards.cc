// What is known only after the outcome: whole tables, columns with telling names, missing cells.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "audit/check.h"
#include "audit/entity_check.h"
#include "base/text.h"

namespace perennial {
namespace {

// Rows for which a table has nothing at all.
std::vector<char> absent_from(const EntityView& view, const std::vector<size_t>& features) {
  std::vector<char> absent(view.ids.size(), 1);
  for (const size_t c : features) {
    for (size_t row = 0; row < absent.size(); ++row) {
      if (!view.features[c]->missing(row)) absent[row] = 0;
    }
  }
  return absent;
}

Finding one_class_finding(const EntityView& view, const EntityFacts& facts,
                          const std::string& table, const Counts& inside, int absent) {
  Finding finding;
  finding.kind = "table-for-one-class";
  finding.severity = Severity::kWarning;
  finding.table = table;
  finding.rows = static_cast<int64_t>(inside[0] + inside[1]);
  finding.confidence = 0.95;
  const std::string who =
      absent == 0 ? "is " + in_quotes(view.positive) : "is other than " + in_quotes(view.positive);
  finding.message = fmt::format(
      "Each of the {} that this table knows {}, where about {} others were expected: its rows are "
      "made by the outcome, so that nothing in it may become a feature. Ignore its columns.",
      counted(finding.rows, "customer"), who,
      grouped(std::lround(facts.share(absent) * static_cast<double>(finding.rows))));
  finding.facts = {
      {"expected", std::lround(facts.share(absent) * static_cast<double>(finding.rows))}};
  return finding;
}

// Words that name what is known only afterwards, by how a word of the column's name begins. Those
// with "=" must be the whole word.
constexpr std::string_view kAfterwardsWords[] = {
    // how long it took
    "duration", "dauer", "gesprächsdauer", "duração", "duracao", "duración", "duracion", "durée",
    "duree", "durata", "длительност", "продолжительност",
    // how it ended
    "outcome", "=result", "ergebnis", "resultado", "résultat", "resultat", "risultato", "исход",
    "результат", "итог", "cancel", "kündig", "kuendig", "stornier", "annul", "отмен", "расторж",
    "churn", "отток", "terminat", "closed", "closing", "=won", "=lost", "refund", "возврат",
    "rückzahl", "reembols", "rembours", "unsubscri", "отписк", "=exit", "leaving", "закрыт",
    // why
    "reason", "grund", "kündigungsgrund", "motivo", "motif", "причин",
    // when
    "=enddate", "=end", "future", "=after", "nachher", "будущ", "=post"};

// Words that place all of it in the past.
constexpr std::string_view kBeforeWords[] = {"prev",  "previous", "prior", "before", "=past",
                                             "vorig", "frühere",  "antes", "предыд", "прошл"};

bool begins_with_one(const std::string& name, std::span<const std::string_view> words) {
  for (const std::string& part : split(to_lower(regular_name(name)), '_')) {
    for (std::string_view word : words) {
      if (word.front() == '=' ? part == word.substr(1) : part.starts_with(word)) return true;
    }
  }
  return false;
}

}  // namespace

void check_one_class_tables(const EntityView& view, const EntityFacts& facts, const Workers&,
                            EntityAudit& audit) {
  if (!facts.telling) return;
  std::map<std::string, std::vector<size_t>> tables;
  for (size_t c = 0; c < view.feature_tables.size(); ++c) {
    if (view.feature_tables[c] != view.table) tables[view.feature_tables[c]].push_back(c);
  }
  for (const auto& [table, features] : tables) {
    // A table that tells something of everybody knows both classes.
    if (std::any_of(features.begin(), features.end(), [&](size_t c) { return facts.complete[c]; }))
      continue;
    const std::vector<char> absent = absent_from(view, features);
    Counts inside{0, 0};
    for (size_t row = 0; row < absent.size(); ++row) {
      if (view.y[row] >= 0 && !absent[row]) inside[static_cast<size_t>(view.y[row])] += 1;
    }
    for (const int none : {0, 1}) {
      const double rows = inside[0] + inside[1], share = facts.share(none);
      const bool striking = rows >= 20 && rows * std::log1p(-share) < std::log(1e-9);
      if (inside[static_cast<size_t>(none)] > 0 || !striking) continue;
      audit.findings.push_back(one_class_finding(view, facts, table, inside, none));
    }
  }
}

void check_known_afterwards(const EntityView& view, const EntityFacts& facts, const Workers&,
                            EntityAudit& audit) {
  for (size_t c = 0; c < facts.auc.size(); ++c) {
    const std::string& name = view.features[c]->name;
    if (facts.auc[c] < 0.7 || facts.auc[c] > 0.95) continue;
    if (!begins_with_one(name, kAfterwardsWords) || begins_with_one(name, kBeforeWords)) continue;
    Finding finding = feature_finding(view, c, "known-afterwards");
    finding.rows = static_cast<int64_t>(facts.classes[0] + facts.classes[1]);
    finding.message = fmt::format(
        "By its name this column may be known only after the outcome (how long it took, how or "
        "why it ended), and alone it predicts the target with ROC-AUC {} (cross-validated). Leave "
        "it out unless it is known when customers are to be scored.",
        fixed(facts.auc[c], 2));
    finding.facts = {{"auc", facts.auc[c]}};
    finding.confidence = 0.7;
    audit.findings.push_back(std::move(finding));
  }
}

// One column's missing cells, or how many cells of a row are missing.
void check_missing_cells(const EntityView& view, const EntityFacts& facts, const Workers&,
                         EntityAudit& audit) {
  if (!facts.telling) return;
  constexpr double kTelling = 0.75;
  std::vector<uint32_t> missing(view.ids.size(), 0);
  bool one_column = false, any = false;
  for (size_t c = 0; c < view.features.size(); ++c) {
    if (facts.complete[c]) continue;
    Counts with{0, 0};
    for (size_t row = 0; row < view.y.size(); ++row) {
      if (!view.features[c]->missing(row)) continue;
      missing[row] += 1;
      if (view.y[row] >= 0) with[static_cast<size_t>(view.y[row])] += 1;
    }
    any = any || with[0] + with[1] > 0;
    // ROC-AUC of an indicator, whichever class it points to.
    const double difference = with[1] / facts.classes[1] - with[0] / facts.classes[0];
    const double auc = 0.5 + std::fabs(difference) / 2;
    if (auc < kTelling) continue;
    one_column = true;
    if (is_found(audit, view, c, "one-sided-column") ||
        is_found(audit, view, c, "near-decisive-column") ||
        is_found(audit, view, c, "table-for-one-class")) {
      continue;
    }
    Finding finding = feature_finding(view, c, "missing-tells-target");
    finding.rows = static_cast<int64_t>(with[0] + with[1]);
    finding.message = fmt::format(
        "{} of {} have no value here, and {} of the others: whether the cell is missing predicts "
        "the target with ROC-AUC {}. It may be filled in only once the outcome is known.",
        percent(with[1] / facts.classes[1]), in_quotes(view.positive),
        percent(with[0] / facts.classes[0]), fixed(auc, 2));
    finding.facts = {{"form", "column"},
                     {"share", with[1] / facts.classes[1]},
                     {"others_share", with[0] / facts.classes[0]},
                     {"positive", view.positive},
                     {"auc", auc}};
    finding.confidence = 0.75;
    audit.findings.push_back(std::move(finding));
  }
  if (!any || one_column) return;
  Binned cells{.bin = missing, .bins = view.features.size() + 1};
  const double auc = out_of_fold_auc(cells, facts.fold, facts.folds, view.y);
  if (auc < kTelling) return;
  Finding finding;
  finding.kind = "missing-tells-target";
  finding.severity = Severity::kWarning;
  finding.table = view.table;
  for (const uint32_t cell : missing) finding.rows += cell > 0;
  finding.message = fmt::format(
      "How many cells of a row are missing predicts the target with ROC-AUC {}: the classes seem "
      "to come from sources that were filled in differently.",
      fixed(auc, 2));
  finding.facts = {{"form", "row"}, {"auc", auc}};
  finding.confidence = 0.75;
  audit.findings.push_back(std::move(finding));
}

}  // namespace perennial
