// What the preparation learns from text: categories, rare ones, sets, target codes.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "base/error.h"
#include "base/text.h"
#include "prep/prep.h"
#include "prep/target_codes.h"

namespace perennial {
namespace {

constexpr const char *kMissingName = "missing", *kRareName = "rare";

// Categories and their rows, in the order of their bytes; `missing`: rows without any.
using Counts = std::map<std::string, int64_t>;

Counts counts_of(const Column& column, std::span<const uint32_t> rows, int64_t& missing) {
  std::vector<int64_t> counts(column.dictionary.size() + 1, 0);
  for (const uint32_t row : rows) ++counts[static_cast<size_t>(std::max(column.codes[row] + 1, 0))];
  missing = counts[0];
  Counts out;
  for (size_t c = 1; c < counts.size(); ++c) {
    if (counts[c] > 0) out[column.dictionary[c - 1]] += counts[c];
  }
  return out;
}

// The parts of a cell without blanks around them, each once.
std::set<std::string> members_of(const std::string& cell, char separator) {
  std::set<std::string> out;
  for (const std::string& part : split(cell, separator)) {
    const std::string member(trim(part));
    if (!member.empty()) out.insert(member);
  }
  return out;
}

void check_order(const std::string& name, const Counts& counts,
                 const std::vector<std::string>& order) {
  for (const auto& [category, rows] : counts) {
    if (std::find(order.begin(), order.end(), category) != order.end()) continue;
    throw Error(ErrorCode::kStudy, "the order of " + perennial::quoted(name),
                "it does not name the category " + perennial::quoted(category),
                "Add it to the order");
  }
}

// Known categories, the rare ones joined, a place for missing ones.
template <typename Fitted>
void take_categories(const Counts& counts, int64_t missing, size_t rows, double min_frequency,
                     Fitted& out) {
  const double least = min_frequency * static_cast<double>(rows);
  for (const auto& [category, count] : counts) {
    (static_cast<double>(count) < least ? out.rare : out.categories).push_back(category);
  }
  if (!out.rare.empty()) out.categories.emplace_back(kRareName);
  out.missing_category = missing > 0;
  if (out.missing_category) out.categories.emplace_back(kMissingName);
}

}  // namespace

FittedPrep::FittedColumn FittedPrep::fit_set(const Column& column, std::span<const uint32_t> rows,
                                             const Params& params) {
  FittedColumn out;
  const std::string& sign = params.get_text("sets");
  if (sign == "none") return out;
  int64_t missing = 0;
  Counts members;
  bool several = false;
  for (const auto& [cell, count] : counts_of(column, rows, missing)) {
    several |= cell.find(sign) != std::string::npos;
    for (const std::string& member : members_of(cell, sign[0])) members[member] += count;
  }
  if (!several) return out;
  out.name = column.name;
  out.is_text = true;
  out.separator = sign;
  take_categories(members, missing, rows.size(), params.get_real("min_frequency"), out);
  return out;
}

FittedPrep::FittedColumn FittedPrep::fit_text(const Column& column, std::span<const uint32_t> rows,
                                              const Params& params,
                                              const std::vector<std::string>* order) {
  FittedColumn out = fit_set(column, rows, params);
  if (out.is_set()) return out;
  out.name = column.name;
  out.is_text = true;
  int64_t missing = 0;
  const Counts counts = counts_of(column, rows, missing);
  if (order != nullptr && params.get_text("encode") == "ordinal") {
    check_order(column.name, counts, *order);
    for (const std::string& category : *order) {
      if (std::find(out.categories.begin(), out.categories.end(), category) ==
          out.categories.end()) {
        out.categories.push_back(category);
      }
    }
    out.missing_category = missing > 0;
    if (out.missing_category) out.categories.emplace_back(kMissingName);
  } else {
    take_categories(counts, missing, rows.size(), params.get_real("min_frequency"), out);
  }
  const std::string& drop = params.get_text("drop");
  const bool leave_out = drop == "first" || (drop == "if_binary" && out.categories.size() == 2);
  out.first_kept = leave_out && !out.categories.empty() ? 1 : 0;
  return out;
}

void FittedPrep::fit_target(const FeatureTable& table, std::span<const uint32_t> rows,
                            double smooth) {
  const size_t classes = table.classes.size();
  PERENNIAL_CHECK(classes >= 2 && table.y.size() == table.rows());
  coded_classes_.assign(table.classes.begin() + (classes == 2 ? 1 : 0), table.classes.end());
  std::vector<std::string> ids;
  std::vector<int32_t> y;
  for (const uint32_t row : rows) {
    ids.push_back(table.ids[row]);
    y.push_back(table.y[row]);
  }
  const std::vector<int8_t> inner = inner_folds(ids, y);
  inner_fold_.assign(table.rows(), int8_t{-1});
  for (size_t i = 0; i < rows.size(); ++i) inner_fold_[rows[i]] = inner[i];
  for (size_t f = 0; f < columns_.size(); ++f) {
    FittedColumn& fit = columns_[f];
    if (!fit.is_text || fit.is_set()) continue;
    const std::vector<int32_t> place = places(fit, table.features[f]);
    std::vector<int32_t> at;
    for (const uint32_t row : rows) {
      at.push_back(place[static_cast<size_t>(std::max(table.features[f].codes[row] + 1, 0))]);
    }
    fit.codes = target_codes(at, y, fit.categories.size(), classes, smooth);
    for (int fold = 0; fold < kInnerFolds; ++fold) {
      std::vector<int32_t> others = y;
      for (size_t i = 0; i < others.size(); ++i) {
        if (inner[i] == fold) others[i] = -1;
      }
      fit.fold_codes.push_back(target_codes(at, others, fit.categories.size(), classes, smooth));
    }
  }
}

std::vector<int32_t> FittedPrep::places(const FittedColumn& fit, const Column& column) {
  const size_t known = fit.known();
  const auto rare = static_cast<int32_t>(known);
  std::unordered_map<std::string_view, int32_t> place_of;
  for (size_t k = 0; k < known; ++k) place_of[fit.categories[k]] = static_cast<int32_t>(k);
  std::vector<int32_t> out(column.dictionary.size() + 1, fit.rare.empty() ? kUnseen : rare);
  if (fit.missing_category) out[0] = static_cast<int32_t>(fit.categories.size() - 1);
  for (size_t code = 0; code < column.dictionary.size(); ++code) {
    const auto found = place_of.find(column.dictionary[code]);
    if (found != place_of.end()) out[code + 1] = found->second;
  }
  return out;
}

std::vector<std::vector<int32_t>> FittedPrep::members(
    const FittedColumn& fit, const Column& column, std::vector<std::vector<std::string>>& unseen) {
  const size_t known = fit.known();
  std::vector<std::vector<int32_t>> out(column.dictionary.size() + 1);
  unseen.assign(out.size(), {});
  if (fit.missing_category) out[0].push_back(static_cast<int32_t>(fit.categories.size() - 1));
  if (!fit.missing_category) unseen[0].emplace_back("(missing)");
  const auto end = fit.categories.begin() + static_cast<ptrdiff_t>(known);
  for (size_t code = 0; code < column.dictionary.size(); ++code) {
    bool is_rare = false;
    for (const std::string& member : members_of(column.dictionary[code], fit.separator[0])) {
      const auto found = std::find(fit.categories.begin(), end, member);
      if (found != end) {
        out[code + 1].push_back(static_cast<int32_t>(found - fit.categories.begin()));
        continue;
      }
      if (std::find(fit.rare.begin(), fit.rare.end(), member) == fit.rare.end()) {
        unseen[code + 1].push_back(member);
      }
      is_rare = true;
    }
    if (is_rare && !fit.rare.empty()) out[code + 1].push_back(static_cast<int32_t>(known));
  }
  return out;
}

}  // namespace perennial
