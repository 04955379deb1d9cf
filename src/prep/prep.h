// FeatureTable -> Matrix. The first room that learns from rows: everything here is fitted on
// training rows only and replayed on others. Where workers are given, they share the columns; the
// result is the same to the last bit.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/params.h"
#include "base/workers.h"
#include "feature/feature_table.h"
#include "prep/curve.h"
#include "prep/matrix.h"

namespace perennial {

// Parameters, searchable like those of a learner:
//   scale         standard | min_max | robust | quantile | power | none: numbers, fitted mean and
//                 sd (ddof 0), min and max, median and the range of the middle half; to the normal
//                 distribution by ranks; Yeo-Johnson of the standardised numbers
//   encode        one_hot | ordinal | label | target: text columns
//   drop          none | first | if_binary: one_hot, which column is left out
//   impute        median | mean | none: numbers; none keeps NaN (for learners that can take it)
//   indicator     true | false: a column "x is missing" where training rows had some
//   min_frequency rarer categories (share of the training rows) become one, "x is rare", which also
//                 takes what is unseen
//   smooth        target: rows of the average that each category gets
//   sets          none | "|" | ";" | ",": text columns with this sign in a cell hold several
//                 values: a 0/1 column for each, whatever encode says
//   numeric       linear | bins | splines: numbers, `pieces` of them; not scaled then
//   interactions  a product of each two columns of different features
//
// Missing text is a category of its own ("missing") where training rows had some, otherwise treated
// like an unseen one. Unseen categories: all zeros in one_hot, -1 in ordinal and label, the share
// of all rows in target; counted. Categories are in the order of their bytes (for UTF-8: of their
// code points), the rare and the missing one last; ordinal takes the stated order where there is
// one, and joins nothing then. Infinite numbers count as missing. Numbers are imputed, then scaled;
// codes and indicators are not scaled. A constant column is only shifted. target: the smoothed
// share of each class (of class 1 where there are two). For the rows it was fitted on,
// apply_training gives the shares among the other rows (kInnerFolds folds), so that no row's own
// outcome is in its code; apply gives those of all.
std::vector<ParamSpec> prep_params();

struct UnseenReport {
  // feature -> category -> rows; missing text that training rows did not have: "(missing)"
  std::map<std::string, std::map<std::string, int64_t>> categories;
  void add(const UnseenReport& more);
};

class FittedPrep {
 public:
  // Learns from rows `rows` of `table`. `order`: stated order of categories by feature name, for
  // ordinal. params: completed by prep_params(). Error (kStudy): a stated order lacks a category
  // that the training rows have.
  static FittedPrep fit(const FeatureTable& table, std::span<const uint32_t> rows,
                        const Params& params,
                        const std::map<std::string, std::vector<std::string>>& order = {},
                        const Workers* workers = nullptr);
  // The same for a preparation that meets rows of this table alone: what would stand in for missing
  // numbers is not looked for in columns that have none.
  static FittedPrep fit_within(const FeatureTable& table, std::span<const uint32_t> rows,
                               const Params& params,
                               const std::map<std::string, std::vector<std::string>>& order = {},
                               const Workers* workers = nullptr);
  // Row i of the result is rows[i] of the table. Error (kData): the table's features are not those
  // it was fitted on (same names and types, same order).
  Matrix apply(const FeatureTable& table, std::span<const uint32_t> rows,
               UnseenReport* unseen = nullptr, const Workers* workers = nullptr) const;
  Matrix apply(const FeatureTable& table, UnseenReport* unseen = nullptr,
               const Workers* workers = nullptr) const;
  // For the learner. REQUIRES: `table` and `rows` (or some of them) are those of fit; this object
  // was not read back.
  Matrix apply_training(const FeatureTable& table, std::span<const uint32_t> rows,
                        const Workers* workers = nullptr) const;

  // Made of what the first version of the preparation had: any program that reads models replays
  // it.
  bool plain() const;
  Json to_json() const;
  // Reads back the same preparation to the last bit. Error (kData): not what to_json wrote.
  static FittedPrep from_json(const Json& json);
  const std::vector<std::string>& column_names() const { return names_; }

 private:
  struct FittedColumn {
    std::string name;
    bool is_text = false;
    double shift = 0, scale = 1, fill = 0;  // value -> (value - shift) / scale, then the curve
    bool keep_missing = false, indicator = false;
    Curve curve;
    std::vector<std::string> categories;          // in the order of their codes
    std::vector<std::string> rare;                // joined: the category after the known ones
    bool missing_category = false;                // the last of `categories` stands for missing
    int first_kept = 0;                           // one_hot: 1 when the first is left out
    std::string separator;                        // of a set; "" : the cells are single values
    std::vector<double> codes;                    // target: see target_codes()
    std::vector<std::vector<double>> fold_codes;  // the same without each inner fold; not saved

    size_t known() const {
      return categories.size() - (missing_category ? 1 : 0) - (rare.empty() ? 0 : 1);
    }
    bool is_set() const { return !separator.empty(); }
  };
  static constexpr int32_t kUnseen = -1;
  struct Writer;  // apply(), one feature at a time
  // within: see fit_within.
  static FittedPrep fit_columns(const FeatureTable& table, std::span<const uint32_t> rows,
                                const Params& params,
                                const std::map<std::string, std::vector<std::string>>& order,
                                bool within, const Workers* workers);
  static FittedColumn fit_number(const Column& column, std::span<const uint32_t> rows,
                                 const Params& params, bool within);
  static FittedColumn fit_text(const Column& column, std::span<const uint32_t> rows,
                               const Params& params, const std::vector<std::string>* order);
  static FittedColumn fit_set(const Column& column, std::span<const uint32_t> rows,
                              const Params& params);
  void fit_target(const FeatureTable& table, std::span<const uint32_t> rows, double smooth);
  // Category of missing text (first) and of each code of the column's dictionary, kUnseen for none.
  static std::vector<int32_t> places(const FittedColumn& fit, const Column& column);
  // The categories of each, for a set; `unseen`: members that it does not know.
  static std::vector<std::vector<int32_t>> members(const FittedColumn& fit, const Column& column,
                                                   std::vector<std::vector<std::string>>& unseen);
  // Names and sources of the columns of the matrix, from encode_ and columns_.
  void lay_out();
  void check_features(const FeatureTable& table) const;
  Matrix apply_rows(const FeatureTable& table, const uint32_t* rows, size_t n, UnseenReport* unseen,
                    bool training, const Workers* workers) const;
  void write_feature(size_t feature, const Column& column, Writer& writer, bool training,
                     UnseenReport* unseen) const;
  void add_products(Matrix& matrix) const;
  std::string encode_;
  bool interactions_ = false;
  std::vector<std::string> coded_classes_;  // target: all, or the second of two
  std::vector<int8_t> inner_fold_;          // target: of each row of the fitted table, -1 elsewhere
  std::vector<FittedColumn> columns_;
  std::vector<std::string> names_;
  std::vector<int32_t> source_;
  size_t plain_columns_ = 0;  // before the products
};

}  // namespace perennial
