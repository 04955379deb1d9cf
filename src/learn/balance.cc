#include "learn/balance.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

using ClassRows = std::vector<std::vector<uint32_t>>;

// Places in `rows` of each class, those with the lowest hash first.
ClassRows drawn_order(std::span<const uint32_t> rows, std::span<const int32_t> y, int classes,
                      Seed seed) {
  ClassRows of(static_cast<size_t>(classes));
  for (size_t i = 0; i < rows.size(); ++i) {
    of[static_cast<size_t>(y[i])].push_back(static_cast<uint32_t>(i));
  }
  for (std::vector<uint32_t>& places : of) {
    std::vector<std::pair<uint64_t, uint32_t>> keyed;
    keyed.reserve(places.size());
    for (const uint32_t i : places) keyed.emplace_back(seed.child(rows[i]).value, i);
    std::sort(keyed.begin(), keyed.end());
    for (size_t k = 0; k < keyed.size(); ++k) places[k] = keyed[k].second;
  }
  return of;
}

// Rows of the rarest class that occurs, or of the most frequent one.
size_t wanted_rows(const ClassRows& of, bool rarest) {
  size_t wanted = 0;
  for (const auto& places : of) {
    if (places.empty()) continue;
    const bool better = rarest ? places.size() < wanted : places.size() > wanted;
    if (wanted == 0 || better) wanted = places.size();
  }
  return wanted;
}

std::vector<double> odds_of(const ClassRows& of, size_t rows) {
  const auto occurring = static_cast<double>(
      std::count_if(of.begin(), of.end(), [](const auto& places) { return !places.empty(); }));
  std::vector<double> odds(of.size(), 1.0);
  for (size_t k = 0; k < of.size(); ++k) {
    if (of[k].empty()) continue;
    odds[k] = static_cast<double>(of[k].size()) / static_cast<double>(rows) * occurring;
  }
  return odds;
}

}  // namespace

const ParamSpec& balance_param() {
  static const ParamSpec spec{
      .name = "balance",
      .type = ParamType::kChoice,
      .default_value = std::string("none"),
      .description =
          "Classes of unequal size: learned from as they are, weighed alike, or made alike by "
          "leaving out rows of the frequent class or repeating rows of the rare one, drawn at "
          "random among the training rows. Probabilities are brought back to the true rate.",
      .choices = {"none", "weights", "undersample", "oversample"}};
  return spec;
}

std::string balance_of(const Params& params) {
  const std::string& name = balance_param().name;
  return params.has(name) ? params.get_text(name) : "none";
}

void check_balance(const std::string& balance, const Learner& learner) {
  if (balance != "weights" || learner.capabilities().sample_weights) return;
  throw Error(
      ErrorCode::kStudy, fmt::format("learner {}", learner.name()),
      fmt::format("balance = \"weights\" is not possible: {} cannot weigh rows", learner.title()),
      "Choose balance = \"oversample\": repeated rows weigh more, which is nearest to it");
}

BalancedRows balanced_rows(const std::string& balance, std::span<const uint32_t> rows,
                           std::span<const int32_t> y, int classes, Seed seed) {
  PERENNIAL_CHECK(rows.size() == y.size());
  BalancedRows out;
  if (balance == "none" || rows.empty()) {
    out.rows.assign(rows.begin(), rows.end());
    return out;
  }
  const ClassRows of = drawn_order(rows, y, classes, seed);
  out.odds = odds_of(of, rows.size());
  if (balance == "weights") {
    out.rows.assign(rows.begin(), rows.end());
    for (const int32_t c : y) out.weights.push_back(1 / out.odds[static_cast<size_t>(c)]);
    return out;
  }
  const size_t wanted = wanted_rows(of, balance == "undersample");
  std::vector<size_t> times(rows.size(), 0);
  for (const auto& places : of) {
    for (size_t k = 0; k < places.size(); ++k) {
      times[places[k]] = wanted / places.size() + (k < wanted % places.size() ? 1 : 0);
    }
  }
  for (size_t i = 0; i < rows.size(); ++i) out.rows.insert(out.rows.end(), times[i], rows[i]);
  return out;
}

void correct_prior(std::span<double> probability, std::span<const double> odds) {
  if (odds.empty()) return;
  const size_t classes = odds.size();
  PERENNIAL_CHECK(probability.size() % classes == 0);
  for (size_t at = 0; at < probability.size(); at += classes) {
    const std::span<double> row = probability.subspan(at, classes);
    double sum = 0;
    for (size_t k = 0; k < classes; ++k) sum += row[k] *= odds[k];
    for (double& p : row) p /= sum;
  }
}

}  // namespace perennial
