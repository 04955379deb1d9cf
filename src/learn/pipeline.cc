#include "learn/pipeline.h"

#include <numeric>

#include "base/error.h"
#include "learn/mix.h"

namespace perennial {
namespace {

constexpr size_t kBlock = 32768;

// Each block looks all categories up again: not worth it where there are many.
bool suits_blocks(const FeatureTable& table) {
  size_t categories = 0;
  for (const Column& c : table.features) categories += c.dictionary.size();
  return table.rows() >= 2 * kBlock && categories * 8 <= table.rows();
}

void predict_rows(const Pipeline& pipeline, const Matrix& x, std::span<double> probability) {
  const Learner& known = learner_named(pipeline.learner);
  check_numbers(x, known.capabilities(), known.title());
  pipeline.model->predict(x, probability);
}

// A block of rows at a time, so that its numbers are still near when the model asks for them.
void predict_blocks(const Pipeline& pipeline, const FeatureTable& table, UnseenReport* unseen,
                    const Workers& workers, std::span<double> probability) {
  std::vector<uint32_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), uint32_t{0});
  std::vector<UnseenReport> reports(unseen != nullptr ? rows.size() / kBlock + 1 : 0);
  const auto k = static_cast<size_t>(pipeline.classes);
  workers.run_blocks(rows.size(), kBlock, [&](size_t begin, size_t end) {
    UnseenReport* report = unseen != nullptr ? &reports[begin / kBlock] : nullptr;
    const std::span<const uint32_t> own = std::span(rows).subspan(begin, end - begin);
    predict_rows(pipeline, pipeline.prep.apply(table, own, report),
                 probability.subspan(k * begin, k * own.size()));
  });
  for (const UnseenReport& report : reports) unseen->add(report);
}

// What was unseen is told once: the members see the same cells.
std::vector<double> mixed(const Pipeline& ensemble, const FeatureTable& table, UnseenReport* unseen,
                          const Workers* workers) {
  std::vector<double> out;
  for (const Member& member : ensemble.members) {
    const std::vector<double> p =
        member.pipeline->predict(table, out.empty() ? unseen : nullptr, workers);
    add_to_mix(p, member.weight, !ensemble.intercept.empty(), out);
  }
  finish_mix(ensemble.intercept, out);
  return out;
}

}  // namespace

std::vector<double> Pipeline::predict(const FeatureTable& table, UnseenReport* unseen,
                                      const Workers* workers) const {
  if (!members.empty()) {
    std::vector<double> probability = mixed(*this, table, unseen, workers);
    calibration.apply(probability, classes);
    return probability;
  }
  PERENNIAL_CHECK(model != nullptr);
  std::vector<double> probability(table.rows() * static_cast<size_t>(classes));
  if (workers != nullptr && suits_blocks(table)) {
    predict_blocks(*this, table, unseen, *workers, probability);
  } else {
    predict_rows(*this, prep.apply(table, unseen, workers), probability);
  }
  correct_prior(probability, odds);
  calibration.apply(probability, classes);
  return probability;
}

std::vector<double> Pipeline::positive_probability(const FeatureTable& table,
                                                   UnseenReport* unseen) const {
  PERENNIAL_CHECK(classes == 2);
  return positive_column(predict(table, unseen));
}

std::vector<double> positive_column(std::span<const double> probability) {
  std::vector<double> positive(probability.size() / 2);
  for (size_t i = 0; i < positive.size(); ++i) positive[i] = probability[2 * i + 1];
  return positive;
}

std::vector<ParamSpec> pipeline_params(const Learner& learner) {
  std::vector<ParamSpec> specs = learner.prep();
  specs.push_back(balance_param());
  return specs;
}

Pipeline fit_pipeline(const std::string& learner, const Params& params, const Params& prep_params,
                      const FeatureTable& table, std::span<const uint32_t> rows,
                      const std::map<std::string, std::vector<std::string>>& order, Seed seed,
                      const Workers* workers) {
  Pipeline out;
  out.learner = learner;
  out.params = params;
  out.prep_params = prep_params;
  out.classes = static_cast<int>(table.classes.size());
  out.prep = FittedPrep::fit(table, rows, prep_params, order, workers);
  const Learner& known = learner_named(learner);
  const std::string balance = balance_of(prep_params);
  check_balance(balance, known);
  std::vector<int32_t> y(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) y[i] = table.y[rows[i]];
  BalancedRows seen = balanced_rows(balance, rows, y, out.classes, seed.child("balance"));
  const Matrix x = out.prep.apply_training(table, seen.rows, workers);
  y.resize(seen.rows.size());
  for (size_t i = 0; i < y.size(); ++i) y[i] = table.y[seen.rows[i]];
  out.odds = std::move(seen.odds);
  out.model = known.fit({.x = &x,
                         .y = y,
                         .classes = out.classes,
                         .weights = seen.weights,
                         .seed = seed,
                         .workers = workers},
                        params);
  return out;
}

Pipeline fit_like(const Pipeline& like, const FeatureTable& table, std::span<const uint32_t> rows,
                  const std::map<std::string, std::vector<std::string>>& order, Seed seed,
                  const Workers* workers) {
  if (like.members.empty()) {
    return fit_pipeline(like.learner, like.params, like.prep_params, table, rows, order, seed,
                        workers);
  }
  Pipeline out;
  out.learner = like.learner;
  out.classes = like.classes;
  out.intercept = like.intercept;
  for (const Member& member : like.members) {
    out.members.push_back({.weight = member.weight,
                           .pipeline = std::make_shared<Pipeline>(
                               fit_like(*member.pipeline, table, rows, order, seed, workers))});
  }
  return out;
}

}  // namespace perennial
