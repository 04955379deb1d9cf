// FeatureTable -> Matrix. The first room that learns from rows: everything here is fitted on
// training rows only and replayed on others.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/params.h"
#include "feature/feature_table.h"
#include "prep/matrix.h"

namespace perennial {

// Parameters, searchable like those of a learner:
//   scale     standard | min_max | none         numbers, fitted mean/sd (ddof 0) or min/max
//   encode    one_hot | ordinal | label         text columns
//   drop      none | first | if_binary          one_hot: which column is left out
//   impute    median | mean | none              numbers; none keeps NaN (learners that can take it)
//   indicator true | false                      a column "x is missing" where training rows had
//   some
// Missing text is a category of its own ("missing") where training rows had some, otherwise treated
// like an unseen one. Unseen categories: all zeros in one_hot, -1 in ordinal and label; counted.
// Categories are in the order of their bytes (for UTF-8: of their code points), the missing one
// last; ordinal takes the stated order where there is one. Infinite numbers count as missing.
// Numbers are imputed, then scaled; codes and indicators are not scaled. A constant column is only
// shifted.
std::vector<ParamSpec> prep_params();

struct UnseenReport {
  // feature -> category -> rows; missing text that training rows did not have: "(missing)"
  std::map<std::string, std::map<std::string, int64_t>> categories;
};

class FittedPrep {
 public:
  // Learns from rows `rows` of `table`. `order`: stated order of categories by feature name, for
  // ordinal. params: completed by prep_params(). Error (kStudy): a stated order lacks a category
  // that the training rows have.
  static FittedPrep fit(const FeatureTable& table, std::span<const uint32_t> rows,
                        const Params& params,
                        const std::map<std::string, std::vector<std::string>>& order = {});
  // Row i of the result is rows[i] of the table. Error (kData): the table's features are not those
  // it was fitted on (same names and types, same order).
  Matrix apply(const FeatureTable& table, std::span<const uint32_t> rows,
               UnseenReport* unseen = nullptr) const;
  Matrix apply(const FeatureTable& table, UnseenReport* unseen = nullptr) const;

  Json to_json() const;
  // Reads back the same preparation to the last bit. Error (kData): not what to_json wrote.
  static FittedPrep from_json(const Json& json);
  const std::vector<std::string>& column_names() const { return names_; }

 private:
  struct FittedColumn {
    std::string name;
    bool is_text = false;
    double shift = 0, scale = 1, fill = 0;  // value -> (value - shift) / scale
    bool keep_missing = false, indicator = false;
    std::vector<std::string> categories;  // in the order of their codes
    bool missing_category = false;        // the last of `categories` stands for missing
    int first_kept = 0;                   // one_hot: 1 when the first is left out
  };
  struct Writer;  // apply(), one feature at a time
  static FittedColumn fit_number(const Column& column, std::span<const uint32_t> rows,
                                 const Params& params);
  static FittedColumn fit_text(const Column& column, std::span<const uint32_t> rows,
                               const Params& params, const std::vector<std::string>* order);
  // Names and sources of the columns of the matrix, from encode_ and columns_.
  void lay_out();
  void check_features(const FeatureTable& table) const;
  Matrix apply_rows(const FeatureTable& table, const uint32_t* rows, size_t n,
                    UnseenReport* unseen) const;
  std::string encode_;
  std::vector<FittedColumn> columns_;
  std::vector<std::string> names_;
  std::vector<int32_t> source_;
};

}  // namespace perennial
