#include "prep/prep.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "prep/numbers.h"

namespace perennial {
namespace {

constexpr const char* kMissingName = "missing";
constexpr int32_t kUnseen = -1;
// Scaled numbers stay below this, so that a learner may square them and add many of them up.
constexpr double kLargestScaled = 1e150;

ParamSpec choice(std::string name, const std::vector<std::string>& choices,
                 std::string description) {
  return {.name = std::move(name),
          .type = ParamType::kChoice,
          .default_value = choices.front(),
          .description = std::move(description),
          .choices = choices};
}

}  // namespace

std::vector<ParamSpec> prep_params() {
  return {
      choice("scale", {"standard", "min_max", "none"},
             "Numbers: to mean 0 and standard deviation 1, to the range 0 to 1, or as they are."),
      choice("encode", {"one_hot", "ordinal", "label"},
             "Text: a 0/1 column a category, its place in the stated order, or its place in the "
             "alphabet."),
      choice("drop", {"none", "first", "if_binary"},
             "one_hot: leave out no column, the first, or the first where there are two."),
      choice("impute", {"median", "mean", "none"},
             "Missing numbers: the median or mean of the training rows, or left missing."),
      {.name = "indicator",
       .type = ParamType::kBool,
       .default_value = true,
       .description = "Numbers: a 0/1 column that says where the value was missing."},
  };
}

FittedPrep::FittedColumn FittedPrep::fit_number(const Column& column,
                                                std::span<const uint32_t> rows,
                                                const Params& params) {
  std::vector<double> present(rows.size());
  size_t found = 0;
  for (const uint32_t row : rows) {
    present[found] = column.numbers[row];
    found += std::isfinite(column.numbers[row]) ? 1 : 0;
  }
  present.resize(found);
  const size_t missing = rows.size() - present.size();
  const NumberFit fit =
      fit_numbers(present, missing, params.get_text("scale"), params.get_text("impute"));
  FittedColumn out;
  out.name = column.name;
  out.shift = fit.shift;
  out.scale = fit.scale;
  out.fill = fit.fill;
  out.keep_missing = params.get_text("impute") == "none";
  out.indicator = missing > 0 && params.get_bool("indicator");
  return out;
}

FittedPrep::FittedColumn FittedPrep::fit_text(const Column& column, std::span<const uint32_t> rows,
                                              const Params& params,
                                              const std::vector<std::string>* order) {
  FittedColumn out;
  out.name = column.name;
  out.is_text = true;
  std::vector<bool> used(column.dictionary.size(), false);
  for (uint32_t row : rows) {
    const int32_t code = column.codes[row];
    if (code < 0) {
      out.missing_category = true;
    } else {
      used[static_cast<size_t>(code)] = true;
    }
  }
  std::set<std::string> seen;
  for (size_t code = 0; code < used.size(); ++code) {
    if (used[code]) seen.insert(column.dictionary[code]);
  }
  if (order != nullptr && params.get_text("encode") == "ordinal") {
    for (const std::string& category : seen) {
      if (std::find(order->begin(), order->end(), category) != order->end()) continue;
      throw Error(ErrorCode::kStudy, "the order of " + perennial::quoted(column.name),
                  "it does not name the category " + perennial::quoted(category),
                  "Add it to the order");
    }
    for (const std::string& category : *order) {
      if (std::find(out.categories.begin(), out.categories.end(), category) ==
          out.categories.end()) {
        out.categories.push_back(category);
      }
    }
  } else {
    out.categories.assign(seen.begin(), seen.end());
  }
  if (out.missing_category) out.categories.emplace_back(kMissingName);
  const std::string& drop = params.get_text("drop");
  const bool leave_out = drop == "first" || (drop == "if_binary" && out.categories.size() == 2);
  out.first_kept = leave_out && !out.categories.empty() ? 1 : 0;
  return out;
}

FittedPrep FittedPrep::fit(const FeatureTable& table, std::span<const uint32_t> rows,
                           const Params& params,
                           const std::map<std::string, std::vector<std::string>>& order) {
  FittedPrep prep;
  prep.encode_ = params.get_text("encode");
  for (const Column& column : table.features) {
    const auto stated = order.find(column.name);
    prep.columns_.push_back(
        column.is_text()
            ? fit_text(column, rows, params, stated == order.end() ? nullptr : &stated->second)
            : fit_number(column, rows, params));
  }
  prep.lay_out();
  return prep;
}

void FittedPrep::lay_out() {
  names_.clear();
  source_.clear();
  for (size_t f = 0; f < columns_.size(); ++f) {
    const FittedColumn& column = columns_[f];
    if (column.is_text && encode_ == "one_hot") {
      for (size_t k = static_cast<size_t>(column.first_kept); k < column.categories.size(); ++k) {
        const bool missing = column.missing_category && k + 1 == column.categories.size();
        names_.push_back(missing ? column.name + " is missing"
                                 : column.name + "=" + column.categories[k]);
      }
    } else {
      names_.push_back(column.name);
      if (column.indicator) names_.push_back(column.name + " is missing");
    }
    source_.resize(names_.size(), static_cast<int32_t>(f));
  }
}

void FittedPrep::check_features(const FeatureTable& table) const {
  bool same = table.features.size() == columns_.size();
  for (size_t f = 0; same && f < columns_.size(); ++f) {
    same = table.features[f].name == columns_[f].name &&
           table.features[f].is_text() == columns_[f].is_text;
  }
  if (same) return;
  throw Error(ErrorCode::kData, "",
              "the features of the table are not those the preparation was fitted on",
              "Build the features with the plan that is stored with the model");
}

// Writes the columns of one feature after another into the matrix. Rows are an index list, or all
// rows where it is null; the loops are compiled for both.
struct FittedPrep::Writer {
  Matrix& matrix;
  const uint32_t* rows;
  size_t next = 0;  // the next column to write

  template <typename Body>
  void each_row(Body body) const {
    if (rows == nullptr) {
      for (size_t i = 0; i < matrix.rows; ++i) body(i, i);
    } else {
      for (size_t i = 0; i < matrix.rows; ++i) body(i, rows[i]);
    }
  }

  void number(const FittedColumn& fit, const Column& column) {
    const double* in = column.numbers.data();
    double* out = matrix.values.data() + next++ * matrix.rows;
    const double shift = fit.shift, scale = fit.scale;
    const bool scaled = shift != 0 || scale != 1;
    const auto place = [=](double v) {
      return scaled ? std::clamp((v - shift) / scale, -kLargestScaled, kLargestScaled) : v;
    };
    const double absent = fit.keep_missing ? kMissing : place(fit.fill);
    each_row([=](size_t i, size_t row) {
      const double v = in[row];
      out[i] = std::isfinite(v) ? place(v) : absent;
    });
    if (!fit.indicator) return;
    double* flag = matrix.values.data() + next++ * matrix.rows;
    each_row([=](size_t i, size_t row) { flag[i] = std::isfinite(in[row]) ? 0.0 : 1.0; });
  }

  void one_hot(const FittedColumn& fit, const Column& column, const std::vector<int32_t>& place) {
    const int32_t* codes = column.codes.data();
    const size_t n = matrix.rows;
    // place[0] is for missing text, place[1 + code] for the codes. A category that is left out or
    // unseen has no column: its rows stay zero.
    std::vector<double*> columns(place.size(), nullptr);
    for (size_t c = 0; c < place.size(); ++c) {
      if (place[c] < fit.first_kept) continue;
      columns[c] =
          matrix.values.data() + (next + static_cast<size_t>(place[c] - fit.first_kept)) * n;
    }
    double* const* to = columns.data();
    each_row([=](size_t i, size_t row) {
      if (double* out = to[std::max(codes[row], -1) + 1]) out[i] = 1;
    });
    next += fit.categories.size() - static_cast<size_t>(fit.first_kept);
  }

  void ordinal(const Column& column, const std::vector<int32_t>& place) {
    const int32_t* codes = column.codes.data();
    const int32_t* to = place.data();
    double* out = matrix.values.data() + next++ * matrix.rows;
    each_row([=](size_t i, size_t row) { out[i] = to[std::max(codes[row], -1) + 1]; });
  }

  void count_unseen(const Column& column, const std::vector<int32_t>& place,
                    UnseenReport& report) const {
    if (std::find(place.begin(), place.end(), kUnseen) == place.end()) return;
    const int32_t* codes = column.codes.data();
    std::vector<int64_t> counts(place.size(), 0);
    int64_t* count = counts.data();
    each_row([=](size_t, size_t row) { ++count[std::max(codes[row], -1) + 1]; });
    for (size_t c = 0; c < place.size(); ++c) {
      if (place[c] != kUnseen || counts[c] == 0) continue;
      report.categories[column.name][c == 0 ? "(missing)" : column.dictionary[c - 1]] += counts[c];
    }
  }
};

Matrix FittedPrep::apply_rows(const FeatureTable& table, const uint32_t* rows, size_t n,
                              UnseenReport* unseen) const {
  check_features(table);
  Matrix matrix{.rows = n,
                .cols = names_.size(),
                .values = std::vector<double>(n * names_.size()),
                .names = names_,
                .source = source_};
  Writer writer{.matrix = matrix, .rows = rows};
  for (size_t f = 0; f < columns_.size(); ++f) {
    const FittedColumn& fit = columns_[f];
    const Column& column = table.features[f];
    if (!fit.is_text) {
      writer.number(fit, column);
      continue;
    }
    const size_t known = fit.categories.size() - (fit.missing_category ? 1 : 0);
    std::unordered_map<std::string_view, int32_t> place_of;
    for (size_t k = 0; k < known; ++k) place_of[fit.categories[k]] = static_cast<int32_t>(k);
    std::vector<int32_t> place(column.dictionary.size() + 1, kUnseen);
    if (fit.missing_category) place[0] = static_cast<int32_t>(known);
    for (size_t code = 0; code < column.dictionary.size(); ++code) {
      const auto found = place_of.find(column.dictionary[code]);
      if (found != place_of.end()) place[code + 1] = found->second;
    }
    if (encode_ == "one_hot") {
      writer.one_hot(fit, column, place);
    } else {
      writer.ordinal(column, place);
    }
    if (unseen != nullptr) writer.count_unseen(column, place, *unseen);
  }
  return matrix;
}

Matrix FittedPrep::apply(const FeatureTable& table, std::span<const uint32_t> rows,
                         UnseenReport* unseen) const {
  // An empty span may hold a null pointer, which would mean all rows.
  static constexpr uint32_t kNone = 0;
  return apply_rows(table, rows.empty() ? &kNone : rows.data(), rows.size(), unseen);
}

Matrix FittedPrep::apply(const FeatureTable& table, UnseenReport* unseen) const {
  return apply_rows(table, nullptr, table.rows(), unseen);
}

}  // namespace perennial
