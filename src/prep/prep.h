// FeatureTable -> Matrix. The first room that learns from rows: everything here is fitted on
// training rows only and replayed on others.
#pragma once

#include <map>
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
//   indicator true | false                      a column "x is missing" where training rows had some
// Missing text is a category of its own ("missing") where training rows had some, otherwise treated
// like an unseen one. Unseen categories: all zeros in one_hot, -1 in ordinal and label; counted.
std::vector<ParamSpec> prep_params();

struct UnseenReport {
  // feature -> category -> rows
  std::map<std::string, std::map<std::string, int64_t>> categories;
};

class FittedPrep {
 public:
  // Learns from rows `rows` of `table`. `order`: stated order of categories by feature name, for
  // ordinal. params: completed by prep_params().
  static FittedPrep fit(const FeatureTable& table, std::span<const uint32_t> rows,
                        const Params& params,
                        const std::map<std::string, std::vector<std::string>>& order = {});
  // REQUIRES: table has the features it was fitted on (same names and types, same order).
  Matrix apply(const FeatureTable& table, std::span<const uint32_t> rows,
               UnseenReport* unseen = nullptr) const;
  Matrix apply(const FeatureTable& table, UnseenReport* unseen = nullptr) const;

  Json to_json() const;
  static FittedPrep from_json(const Json& json);
  const std::vector<std::string>& column_names() const;

 private:
  struct FittedColumn {
    std::string name;
    bool is_text = false;
    double shift = 0, scale = 1, fill = 0;  // value -> (value - shift) / scale
    bool keep_missing = false, indicator = false;
    std::vector<std::string> categories;    // in the order of their codes
    bool missing_category = false;          // the last of `categories` stands for missing
    int first_kept = 0;                     // one_hot: 1 when the first is left out
  };
  std::string encode_;
  std::vector<FittedColumn> columns_;
  std::vector<std::string> names_;
  std::vector<int32_t> source_;
};

}  // namespace perennial
