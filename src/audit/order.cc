// Ids and file order that tell the target: how the file was made, not what customers do.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "audit/check.h"
#include "audit/entity_check.h"
#include "base/text.h"

namespace perennial {
namespace {

// The number in an id: the whole of it, or the digits at its end ("C-00123").
std::optional<double> number_in(const std::string& id) {
  size_t start = id.size();
  while (start > 0 && id[start - 1] >= '0' && id[start - 1] <= '9') --start;
  if (start == id.size() || id.size() - start > 15) return std::nullopt;
  uint64_t number = 0;
  for (size_t i = start; i < id.size(); ++i)
    number = 10 * number + static_cast<uint64_t>(id[i] - '0');
  return static_cast<double>(number);
}

// ROC-AUC of small whole-number scores, ties counted half.
template <size_t kScores>
double counted_auc(const std::array<std::array<double, 2>, kScores>& counts) {
  double below = 0, wins = 0, positives = 0;
  for (const auto& count : counts) {
    wins += count[1] * (below + count[0] / 2);
    below += count[0];
    positives += count[1];
  }
  return below > 0 && positives > 0 ? wins / (below * positives) : 0.5;
}

double neighbour_auc(const std::vector<int32_t>& y) {
  std::array<std::array<double, 2>, 5> counts{};
  for (size_t i = 2; i + 2 < y.size(); ++i) {
    const auto around = static_cast<uint32_t>(y[i - 2] + y[i - 1] + y[i + 1] + y[i + 2]);
    counts[around][static_cast<size_t>(y[i])] += 1;
  }
  return counted_auc(counts);
}

bool by_trend(const OrderSignal& signal) {
  return std::fabs(signal.auc - 0.5) > 0.1 && std::fabs(signal.auc_z) > 6;
}

bool by_blocks(const OrderSignal& signal) {
  return signal.runs_z < -8 && signal.runs < 0.75 * signal.expected_runs &&
         signal.neighbour_auc > 0.6;
}

Finding order_finding(const EntityView& view, const OrderSignal& signal, const char* kind,
                      const std::string& what, size_t rows) {
  Finding finding;
  finding.kind = kind;
  finding.severity = Severity::kWarning;
  finding.table = view.table;
  finding.rows = static_cast<int64_t>(rows);
  finding.confidence = 0.95;
  if (by_trend(signal)) {
    const bool rises = signal.auc > 0.5;
    finding.message = fmt::format("{} predicts the target with ROC-AUC {} ({} comes {}).", what,
                                  fixed(std::max(signal.auc, 1 - signal.auc), 2),
                                  in_quotes(view.positive), rises ? "late" : "early");
    finding.facts = {{"form", rises ? "late" : "early"},
                     {"auc", std::max(signal.auc, 1 - signal.auc)},
                     {"positive", view.positive}};
  } else {
    finding.message = fmt::format(
        "{} goes in blocks of one class: {} runs where {} are expected; the four rows "
        "around a row predict its class with ROC-AUC {}.",
        what, grouped(static_cast<int64_t>(signal.runs)),
        grouped(static_cast<int64_t>(std::lround(signal.expected_runs))),
        fixed(signal.neighbour_auc, 2));
    finding.facts = {{"form", "blocks"},
                     {"runs", signal.runs},
                     {"expected", std::lround(signal.expected_runs)},
                     {"auc", signal.neighbour_auc}};
  }
  finding.message +=
      " That is how the file was made, or the rows follow time and the share of the classes "
      "changes; ids and the order of rows never reach a model.";
  return finding;
}

std::vector<Example> ends_of(const EntityView& view, const std::vector<uint32_t>& order) {
  std::vector<Example> examples;
  for (const size_t row : {order.front(), order.back()}) {
    if (view.origin) examples.push_back(view.origin(row));
  }
  return examples;
}

std::vector<int32_t> in_order(const EntityView& view, const std::vector<uint32_t>& order) {
  std::vector<int32_t> y;
  y.reserve(order.size());
  for (const uint32_t row : order) y.push_back(view.y[row]);
  return y;
}

}  // namespace

OrderSignal order_signal(const std::vector<int32_t>& y) {
  OrderSignal signal;
  const auto n = static_cast<double>(y.size());
  double ranks = 0, positives = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    if (y[i] == 1) ranks += static_cast<double>(i) + 1, positives += 1;
    if (i == 0 || y[i] != y[i - 1]) signal.runs += 1;
  }
  const double negatives = n - positives;
  if (positives < 1 || negatives < 1) return signal;
  const double both = positives * negatives;
  const double wins = ranks - positives * (positives + 1) / 2;
  signal.auc = wins / both;
  signal.auc_z = (wins - both / 2) / std::sqrt(both * (n + 1) / 12);
  signal.expected_runs = 1 + 2 * both / n;
  const double variance = 2 * both * (2 * both - n) / (n * n * (n - 1));
  if (variance > 0) signal.runs_z = (signal.runs - signal.expected_runs) / std::sqrt(variance);
  signal.neighbour_auc = neighbour_auc(y);
  return signal;
}

void check_id_order(const EntityView& view, const EntityFacts&, const Workers&,
                    EntityAudit& audit) {
  if (view.id_name == kRowNumber) return;  // the order of the file says it
  std::vector<std::pair<double, uint32_t>> numbered;
  size_t known = 0;
  for (size_t row = 0; row < view.ids.size(); ++row) {
    if (view.y[row] < 0) continue;
    ++known;
    if (const auto number = number_in(view.ids[row])) {
      numbered.emplace_back(*number, static_cast<uint32_t>(row));
    }
  }
  if (numbered.size() < 50 || numbered.size() * 10 < known * 9) return;
  // Rows come ordered by id as a rule: sorting what is sorted already costs little.
  if (!std::is_sorted(numbered.begin(), numbered.end())) {
    std::sort(numbered.begin(), numbered.end());
  }
  std::vector<uint32_t> order;
  for (const auto& [number, row] : numbered) order.push_back(row);
  const OrderSignal signal = order_signal(in_order(view, order));
  if (!by_trend(signal) && !by_blocks(signal)) return;
  Finding finding = order_finding(view, signal, "id-predicts-target",
                                  fmt::format("The id {}", in_quotes(view.id_name)), order.size());
  finding.column = view.id_name;
  finding.examples = ends_of(view, order);
  audit.findings.push_back(std::move(finding));
}

namespace {

// A category an id: what its beginning, its length or its end look like.
using IdForm = std::string_view (*)(std::string_view);

std::string_view letters_before(std::string_view id) {
  size_t end = 0;
  while (end < id.size() && !(id[end] >= '0' && id[end] <= '9')) ++end;
  return id.substr(0, end == id.size() ? std::min<size_t>(1, end) : end);
}
// As many signs as the id has, so that lengths compare like the other forms.
std::string_view length_of(std::string_view id) {
  static constexpr std::array<char, 1024> kSigns{};
  return {kSigns.data(), std::min(id.size(), kSigns.size())};
}
std::string_view last_of(std::string_view id) { return id.substr(id.empty() ? 0 : id.size() - 1); }
std::string_view first_of(std::string_view id) { return id.substr(0, 1); }

double form_auc(const EntityView& view, const EntityFacts& facts, IdForm form) {
  constexpr uint32_t kNew = UINT32_MAX;
  std::map<std::string_view, uint32_t> numbers;
  std::array<uint32_t, 256> of_sign;  // the numbers of the forms of one sign
  of_sign.fill(kNew);
  Binned cells;
  cells.bin.reserve(view.ids.size());
  std::string_view before;
  uint32_t number = kNew;
  for (const std::string& id : view.ids) {
    const std::string_view here = form(id);
    uint32_t* const known =
        here.size() == 1 ? &of_sign[static_cast<unsigned char>(here[0])] : nullptr;
    if (known != nullptr && *known != kNew) {
      number = *known;
    } else if (known != nullptr || number == kNew || here != before) {
      const auto next = static_cast<uint32_t>(numbers.size());
      number = numbers.try_emplace(here, next).first->second;
      if (known != nullptr) *known = number;
      if (numbers.size() > 64) return 0.5;
    }
    before = here;
    cells.bin.push_back(number);
  }
  cells.bins = numbers.size();
  return cells.bins < 2 ? 0.5 : out_of_fold_auc(cells, facts.fold, facts.folds, view.y);
}

}  // namespace

void check_id_form(const EntityView& view, const EntityFacts& facts, const Workers& workers,
                   EntityAudit& audit) {
  if (!facts.telling || view.id_name == kRowNumber) return;
  for (const Finding& f : audit.findings) {
    if (f.kind == "id-predicts-target") return;
  }
  static constexpr std::array<std::pair<const char*, IdForm>, 4> kForms{
      {{"The letters at the beginning of the id", letters_before},
       {"The first character of the id", first_of},
       {"The length of the id", length_of},
       {"The last character of the id", last_of}}};
  std::array<double, kForms.size()> told{};
  workers.run(kForms.size(),
              [&](size_t i) { told.at(i) = form_auc(view, facts, kForms.at(i).second); });
  for (size_t i = 0; i < kForms.size(); ++i) {
    const auto& [what, form] = kForms.at(i);
    const double auc = told.at(i);
    if (auc < 0.7) continue;
    Finding finding;
    finding.kind = "id-form-predicts-target";
    finding.severity = Severity::kWarning;
    finding.table = view.table;
    finding.column = view.id_name;
    finding.rows = static_cast<int64_t>(view.ids.size());
    finding.message = fmt::format(
        "{} {} predicts the target with ROC-AUC {}. That is how the ids were given; they never "
        "reach a model.",
        what, in_quotes(view.id_name), fixed(auc, 2));
    finding.facts = {{"auc", auc}};
    finding.confidence = 0.95;
    audit.findings.push_back(std::move(finding));
    return;
  }
}

void check_file_order(const EntityView& view, const EntityFacts& facts, const Workers&,
                      EntityAudit& audit) {
  const std::vector<uint32_t>& order = facts.in_file;
  if (order.size() < 50) return;
  const OrderSignal signal = order_signal(in_order(view, order));
  if (!by_trend(signal) && !by_blocks(signal)) return;
  const std::string what = signal.runs <= 2 ? "The file is sorted by the target: its order"
                                            : "The order of rows in the file";
  Finding finding = order_finding(view, signal, "order-predicts-target", what, order.size());
  finding.examples = ends_of(view, order);
  audit.findings.push_back(std::move(finding));
}

}  // namespace perennial
