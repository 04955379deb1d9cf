#include "judge/recommend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

const Column& owned_column(const FeatureTable& table, const std::string& name) {
  std::vector<std::string> names;
  const std::string regular = regular_name(name);
  for (const Column& c : table.features) {
    if (c.name == name || regular_name(c.name) == regular) return c;
    names.push_back(c.name);
  }
  throw Error(ErrorCode::kStudy, "key \"recommend.exclude\"",
              fmt::format("there is no feature {}{}", quoted(name), did_you_mean(name, names)),
              "Name a column that the question uses: " + join(names, ", "));
}

}  // namespace

std::vector<std::vector<int32_t>> excluded_classes(const FeatureTable& table,
                                                   const std::vector<std::string>& classes,
                                                   const RecommendPlan& plan) {
  std::vector<std::vector<int32_t>> out(table.rows());
  if (plan.exclude.empty()) return out;
  const Column& owned = owned_column(table, plan.exclude);
  std::map<std::string, int32_t> place;
  for (size_t c = 0; c < classes.size(); ++c) place[classes[c]] = static_cast<int32_t>(c);
  if (!owned.is_text()) {
    const bool empty = std::all_of(owned.numbers.begin(), owned.numbers.end(),
                                   [](double v) { return std::isnan(v); });
    if (empty) return out;  // nobody has anything
    throw Error(ErrorCode::kStudy, "key \"recommend.exclude\"",
                fmt::format("the feature {} holds numbers, not classes", quoted(plan.exclude)),
                "Name a text column such as a|b");
  }
  std::vector<std::vector<int32_t>> of_code(owned.dictionary.size());
  for (size_t code = 0; code < of_code.size(); ++code) {
    const char sign = plan.separator.empty() ? '|' : plan.separator[0];
    for (const std::string& part : split(owned.dictionary[code], sign)) {
      const auto found = place.find(std::string(trim(part)));
      if (found != place.end()) of_code[code].push_back(found->second);
    }
    std::sort(of_code[code].begin(), of_code[code].end());
  }
  for (size_t row = 0; row < out.size(); ++row) {
    if (owned.codes[row] >= 0) out[row] = of_code[static_cast<size_t>(owned.codes[row])];
  }
  return out;
}

RankingVerdict judge_recommendation(const FeatureTable& opened, std::span<const double> probability,
                                    const RecommendPlan& plan, std::span<const double> popularity) {
  const size_t classes = opened.classes.size();
  const auto excluded = excluded_classes(opened, opened.classes, plan);
  std::vector<RankedCustomer> customers;
  for (size_t row = 0; row < opened.rows(); ++row) {
    if (row == 0 || opened.ids[row] != opened.ids[row - 1]) {
      const auto p = probability.subspan(classes * row, classes);
      customers.push_back({.score = {p.begin(), p.end()}, .taken = {}, .excluded = excluded[row]});
    }
    customers.back().taken.push_back(opened.y[row]);
  }
  return judge_ranking(customers, popularity, plan.k);
}

void exclude(std::span<double> probability, std::span<const int32_t> excluded) {
  if (excluded.empty()) return;
  for (const int32_t c : excluded) probability[static_cast<size_t>(c)] = 0;
  const double sum = std::accumulate(probability.begin(), probability.end(), 0.0);
  if (!(sum > 0)) return;
  for (double& p : probability) p /= sum;
}

}  // namespace perennial
