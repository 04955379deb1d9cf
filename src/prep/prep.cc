#include "prep/prep.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/error.h"
#include "base/text.h"
#include "prep/numbers.h"

namespace perennial {
namespace {

constexpr size_t kMostColumns = 20'000;
// Scaled numbers stay below this, so that a learner may square them and add many of them up.
constexpr double kLargestScaled = 1e150;

// Few cells are not worth waking a thread for.
constexpr size_t kManyCells = 100'000;

bool all_finite(const std::vector<double>& numbers) {
  size_t others = 0;  // counted to the end: a loop without a way out runs in lanes
  for (const double v : numbers) others += std::isfinite(v) ? 0 : 1;
  return others == 0;
}

void each_feature(const FeatureTable& table, size_t rows, const Workers* workers,
                  const std::function<void(size_t)>& task) {
  const size_t features = table.features.size();
  if (workers != nullptr && features * rows >= kManyCells) {
    workers->run(features, task);
  } else {
    for (size_t f = 0; f < features; ++f) task(f);
  }
}

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
      choice("scale", {"standard", "min_max", "robust", "quantile", "power", "none"},
             "Numbers: to mean 0 and standard deviation 1, to the range 0 to 1, by median and the "
             "range of the middle half, by ranks to the normal distribution, by the Yeo-Johnson "
             "power that makes them most normal, or as they are."),
      choice("encode", {"one_hot", "ordinal", "label", "target"},
             "Text: a 0/1 column a category, its place in the stated order, its place in the "
             "alphabet, or the smoothed share of each class in it, learned out of fold."),
      choice("drop", {"none", "first", "if_binary"},
             "one_hot: leave out no column, the first, or the first where there are two."),
      choice("impute", {"median", "mean", "none"},
             "Missing numbers: the median or mean of the training rows, or left missing."),
      {.name = "indicator",
       .type = ParamType::kBool,
       .default_value = true,
       .description = "Numbers: a 0/1 column that says where the value was missing."},
      {.name = "min_frequency",
       .type = ParamType::kReal,
       .default_value = 0.0,
       .description = "Text: categories of a smaller share of the training rows are joined into "
                      "one, which also takes those never seen.",
       .min = 0,
       .max = 0.5},
      {.name = "smooth",
       .type = ParamType::kReal,
       .default_value = 10.0,
       .description = "encode = \"target\": rows of the average customer that are added to each "
                      "category.",
       .min = 0,
       .max = 1e6},
      choice("sets", {"none", "|", ";", ","},
             "Text columns with this sign in a cell hold several values: a 0/1 column for each."),
      choice("numeric", {"linear", "bins", "splines"},
             "Numbers: one column, a 0/1 column a bin of equally many rows, or cubic splines with "
             "knots at quantiles; bins and splines are not scaled."),
      {.name = "pieces",
       .type = ParamType::kInt,
       .default_value = int64_t{5},
       .description = "numeric = \"bins\" or \"splines\": how many bins, or intervals between "
                      "the knots.",
       .min = 2,
       .max = 100},
      {.name = "interactions",
       .type = ParamType::kBool,
       .default_value = false,
       .description = "A product of each two columns that come from different features."},
  };
}

void UnseenReport::add(const UnseenReport& more) {
  for (const auto& [feature, rows] : more.categories) {
    for (const auto& [category, count] : rows) categories[feature][category] += count;
  }
}

FittedPrep::FittedColumn FittedPrep::fit_number(const Column& column,
                                                std::span<const uint32_t> rows,
                                                const Params& params, bool within) {
  std::vector<double> present(rows.size());
  size_t found = 0;
  for (const uint32_t row : rows) {
    present[found] = column.numbers[row];
    found += std::isfinite(column.numbers[row]) ? 1 : 0;
  }
  present.resize(found);
  const size_t missing = rows.size() - present.size();
  const std::string &scale = params.get_text("scale"), &impute = params.get_text("impute"),
                    &numeric = params.get_text("numeric");
  const bool bent = numeric != "linear";
  const std::string straight = bent || scale == "quantile" ? "none"
                               : scale == "power"          ? "standard"
                                                           : scale;
  const bool never = within && missing == 0 && all_finite(column.numbers);
  const NumberFit fit = fit_numbers(present, missing, straight, never ? "none" : impute);
  FittedColumn out;
  out.name = column.name;
  out.shift = fit.shift;
  out.scale = fit.scale;
  out.fill = fit.fill;
  out.keep_missing = impute == "none";
  out.indicator = missing > 0 && params.get_bool("indicator");
  if (present.empty() || (!bent && straight == scale)) return out;
  std::vector<double> values;
  for (const uint32_t row : rows) {
    const double v = column.numbers[row];
    if (!std::isfinite(v) && out.keep_missing) continue;
    values.push_back(((std::isfinite(v) ? v : out.fill) - out.shift) / out.scale);
  }
  out.curve = bent ? fit_basis(numeric, static_cast<size_t>(params.get_int("pieces")), values)
                   : fit_warp(scale, values);
  return out;
}

FittedPrep FittedPrep::fit(const FeatureTable& table, std::span<const uint32_t> rows,
                           const Params& params,
                           const std::map<std::string, std::vector<std::string>>& order,
                           const Workers* workers) {
  return fit_columns(table, rows, params, order, false, workers);
}

FittedPrep FittedPrep::fit_within(const FeatureTable& table, std::span<const uint32_t> rows,
                                  const Params& params,
                                  const std::map<std::string, std::vector<std::string>>& order,
                                  const Workers* workers) {
  return fit_columns(table, rows, params, order, true, workers);
}

FittedPrep FittedPrep::fit_columns(const FeatureTable& table, std::span<const uint32_t> rows,
                                   const Params& params,
                                   const std::map<std::string, std::vector<std::string>>& order,
                                   bool within, const Workers* workers) {
  FittedPrep prep;
  prep.encode_ = params.get_text("encode");
  prep.interactions_ = params.get_bool("interactions");
  prep.columns_.resize(table.features.size());
  each_feature(table, rows.size(), workers, [&](size_t f) {
    const Column& column = table.features[f];
    const auto stated = order.find(column.name);
    prep.columns_[f] =
        column.is_text()
            ? fit_text(column, rows, params, stated == order.end() ? nullptr : &stated->second)
            : fit_number(column, rows, params, within);
  });
  if (prep.encode_ == "target") prep.fit_target(table, rows, params.get_real("smooth"));
  prep.lay_out();
  return prep;
}

void FittedPrep::lay_out() {
  names_.clear();
  source_.clear();
  for (size_t f = 0; f < columns_.size(); ++f) {
    const FittedColumn& column = columns_[f];
    if (column.is_text && (encode_ == "one_hot" || column.is_set())) {
      for (size_t k = static_cast<size_t>(column.first_kept); k < column.categories.size(); ++k) {
        const bool missing = column.missing_category && k + 1 == column.categories.size();
        const bool rare = !missing && k >= column.known();
        names_.push_back(missing ? column.name + " is missing"
                         : rare  ? column.name + " is rare"
                                 : column.name + "=" + column.categories[k]);
      }
    } else if (column.is_text && encode_ == "target") {
      for (const std::string& one : coded_classes_) {
        names_.push_back(column.name + ": share of " + one);
      }
    } else if (column.curve.basis != "linear") {
      for (size_t k = 0; k < column.curve.columns(); ++k) {
        names_.push_back(column.name + " " + column.curve.column_name(k));
      }
    } else {
      names_.push_back(column.name);
    }
    if (column.indicator) names_.push_back(column.name + " is missing");
    source_.resize(names_.size(), static_cast<int32_t>(f));
  }
  plain_columns_ = names_.size();
  if (!interactions_) return;
  const size_t plain = plain_columns_;
  for (size_t a = 0; a < plain; ++a) {
    for (size_t b = a + 1; b < plain; ++b) {
      if (source_[a] == source_[b]) continue;
      if (names_.size() == kMostColumns) {
        throw Error(
            ErrorCode::kStudy, "interactions",
            "the products of " + counted(static_cast<int64_t>(plain), "column") + " are too many",
            "Ignore some features, or join rare categories with min_frequency");
      }
      names_.push_back(names_[a] + " × " + names_[b]);
      source_.push_back(source_[a]);
    }
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
    double* out = matrix.values.data() + next * matrix.rows;
    next += fit.curve.columns();
    const double shift = fit.shift, scale = fit.scale;
    const bool scaled = shift != 0 || scale != 1;
    const auto place = [=](double v) {
      return scaled ? std::clamp((v - shift) / scale, -kLargestScaled, kLargestScaled) : v;
    };
    const double absent = fit.keep_missing ? kMissing : place(fit.fill);
    if (fit.curve.plain()) {
      each_row([=](size_t i, size_t row) {
        const double v = in[row];
        out[i] = std::isfinite(v) ? place(v) : absent;
      });
    } else {
      const size_t stride = matrix.rows;
      each_row([&](size_t i, size_t row) {
        const double v = in[row];
        fit.curve.write(std::isfinite(v) ? place(v) : absent, out + i, stride);
        out[i] = std::isnan(out[i]) ? out[i] : std::clamp(out[i], -kLargestScaled, kLargestScaled);
      });
    }
    if (!fit.indicator) return;
    double* flag = matrix.values.data() + next++ * matrix.rows;
    each_row([=](size_t i, size_t row) { flag[i] = std::isfinite(in[row]) ? 0.0 : 1.0; });
  }

  // Members of a set; of_code[0] is for missing text.
  void set(const FittedColumn& fit, const Column& column,
           const std::vector<std::vector<int32_t>>& of_code) {
    double* out = matrix.values.data() + next * matrix.rows;
    next += fit.categories.size();
    each_row([&](size_t i, size_t row) {
      for (const int32_t k : of_code[static_cast<size_t>(std::max(column.codes[row] + 1, 0))]) {
        out[static_cast<size_t>(k) * matrix.rows + i] = 1;
      }
    });
  }

  // inner: the fold of each row of the table, for the rows that the codes were learned from.
  void target(const FittedColumn& fit, const Column& column, const std::vector<int32_t>& place,
              size_t classes, const std::vector<int8_t>* inner) {
    const size_t all = fit.categories.size();
    const size_t written = classes == 2 ? 1 : classes;
    for (size_t c = classes - written; c < classes; ++c) {
      double* out = matrix.values.data() + next++ * matrix.rows;
      each_row([&](size_t i, size_t row) {
        const int32_t at = place[static_cast<size_t>(std::max(column.codes[row] + 1, 0))];
        const size_t line = at < 0 ? all : static_cast<size_t>(at);
        const int8_t fold = inner == nullptr ? int8_t{-1} : (*inner)[row];
        const auto& codes = fold < 0 ? fit.codes : fit.fold_codes[static_cast<size_t>(fold)];
        out[i] = codes[line * classes + c];
      });
    }
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

  // Rows of each code of the column, first those without text.
  std::vector<int64_t> count_codes(const Column& column) const {
    std::vector<int64_t> counts(column.dictionary.size() + 1, 0);
    const int32_t* codes = column.codes.data();
    int64_t* count = counts.data();
    each_row([=](size_t, size_t row) { ++count[std::max(codes[row], -1) + 1]; });
    return counts;
  }

  // What is unseen may have the place of the rare ones.
  void count_unseen(const FittedColumn& fit, const Column& column,
                    const std::vector<int32_t>& place, UnseenReport& report) const {
    const auto known = [&](size_t c) {
      if (place[c] == kUnseen) return false;
      if (fit.rare.empty() || place[c] != static_cast<int32_t>(fit.known())) return true;
      return c > 0 && std::find(fit.rare.begin(), fit.rare.end(), column.dictionary[c - 1]) !=
                          fit.rare.end();
    };
    std::vector<size_t> unknown;
    for (size_t c = 0; c < place.size(); ++c) {
      if (!known(c)) unknown.push_back(c);
    }
    if (unknown.empty()) return;
    const std::vector<int64_t> counts = count_codes(column);
    for (const size_t c : unknown) {
      if (counts[c] == 0) continue;
      report.categories[column.name][c == 0 ? "(missing)" : column.dictionary[c - 1]] += counts[c];
    }
  }

  void count_unseen_members(const Column& column,
                            const std::vector<std::vector<std::string>>& unknown,
                            UnseenReport& report) const {
    const std::vector<int64_t> counts = count_codes(column);
    for (size_t c = 0; c < unknown.size(); ++c) {
      for (const std::string& member : unknown[c]) {
        if (counts[c] > 0) report.categories[column.name][member] += counts[c];
      }
    }
  }
};

void FittedPrep::write_feature(size_t feature, const Column& column, Writer& writer, bool training,
                               UnseenReport* unseen) const {
  const FittedColumn& fit = columns_[feature];
  if (!fit.is_text) {
    writer.number(fit, column);
    return;
  }
  if (fit.is_set()) {
    std::vector<std::vector<std::string>> unknown;
    writer.set(fit, column, members(fit, column, unknown));
    if (unseen != nullptr) writer.count_unseen_members(column, unknown, *unseen);
    return;
  }
  const std::vector<int32_t> place = places(fit, column);
  if (encode_ == "one_hot") {
    writer.one_hot(fit, column, place);
  } else if (encode_ == "target") {
    const bool own = training && !inner_fold_.empty();
    const size_t classes = fit.codes.size() / (fit.categories.size() + 1);
    writer.target(fit, column, place, classes, own ? &inner_fold_ : nullptr);
  } else {
    writer.ordinal(column, place);
  }
  if (unseen != nullptr) writer.count_unseen(fit, column, place, *unseen);
}

Matrix FittedPrep::apply_rows(const FeatureTable& table, const uint32_t* rows, size_t n,
                              UnseenReport* unseen, bool training, const Workers* workers) const {
  check_features(table);
  Matrix matrix{.rows = n,
                .cols = names_.size(),
                .values = std::vector<double>(n * names_.size()),
                .names = names_,
                .source = source_};
  PERENNIAL_CHECK(!training || inner_fold_.empty() || inner_fold_.size() == table.rows());
  // The plain columns of a feature follow those of the features before it.
  std::vector<size_t> first(columns_.size() + 1, 0);
  for (size_t k = 0; k < plain_columns_; ++k) ++first[static_cast<size_t>(source_[k]) + 1];
  for (size_t f = 0; f < columns_.size(); ++f) first[f + 1] += first[f];
  std::vector<UnseenReport> reports(unseen != nullptr ? columns_.size() : 0);
  each_feature(table, n, workers, [&](size_t f) {
    Writer writer{.matrix = matrix, .rows = rows, .next = first[f]};
    write_feature(f, table.features[f], writer, training,
                  unseen != nullptr ? &reports[f] : nullptr);
  });
  for (const UnseenReport& report : reports) unseen->add(report);
  if (interactions_) add_products(matrix);
  return matrix;
}

// After the plain columns, in the order of lay_out().
void FittedPrep::add_products(Matrix& matrix) const {
  const size_t plain = plain_columns_;
  size_t next = plain;
  for (size_t a = 0; a < plain; ++a) {
    for (size_t b = a + 1; b < plain; ++b) {
      if (source_[a] == source_[b]) continue;
      const std::span<const double> x = matrix.column(a), y = matrix.column(b);
      double* out = matrix.values.data() + next++ * matrix.rows;
      for (size_t i = 0; i < matrix.rows; ++i) {
        const double product = x[i] * y[i];
        out[i] =
            std::isnan(product) ? product : std::clamp(product, -kLargestScaled, kLargestScaled);
      }
    }
  }
}

Matrix FittedPrep::apply(const FeatureTable& table, std::span<const uint32_t> rows,
                         UnseenReport* unseen, const Workers* workers) const {
  // An empty span may hold a null pointer, which would mean all rows.
  static constexpr uint32_t kNone = 0;
  return apply_rows(table, rows.empty() ? &kNone : rows.data(), rows.size(), unseen, false,
                    workers);
}

Matrix FittedPrep::apply(const FeatureTable& table, UnseenReport* unseen,
                         const Workers* workers) const {
  return apply_rows(table, nullptr, table.rows(), unseen, false, workers);
}

Matrix FittedPrep::apply_training(const FeatureTable& table, std::span<const uint32_t> rows,
                                  const Workers* workers) const {
  static constexpr uint32_t kNone = 0;
  return apply_rows(table, rows.empty() ? &kNone : rows.data(), rows.size(), nullptr, true,
                    workers);
}

}  // namespace perennial
