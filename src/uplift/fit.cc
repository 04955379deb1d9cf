#include "uplift/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "learn/pipeline.h"
#include "metric/metric.h"

namespace perennial {
namespace {

constexpr const char* kArmColumn = "#arm";

std::vector<uint32_t> all_rows(size_t n) {
  std::vector<uint32_t> rows(n);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

UpliftLearner defaults_of(const std::string& name) {
  const Learner& learner = learner_named(name);
  return {name, complete(learner.params(), smoother_params(name), name),
          complete(pipeline_params(learner), Params(), name)};
}

// The table with the arm as one more column, for the S-learner.
FeatureTable with_arm(FeatureTable table, const std::vector<std::string>& arms,
                      std::span<const int32_t> arm) {
  std::vector<std::string> names;
  for (const int32_t a : arm) names.push_back(arms[static_cast<size_t>(a)]);
  table.features.push_back(Column::text(kArmColumn, names));
  table.feature_tables.emplace_back();
  return table;
}

// Uplift from one model of the outcome with the arm as a feature.
class SModel : public UpliftModel {
 public:
  SModel(MeanModel model, std::vector<std::string> arms)
      : model_(std::move(model)), arms_(std::move(arms)) {}
  PerArm predict(const FeatureTable& table) const override {
    const size_t n = table.rows(), k = arms_.size();
    PerArm out(n * k);
    const std::vector<uint32_t> rows = all_rows(n);
    std::vector<double> control;
    for (size_t a = 0; a < k; ++a) {
      const std::vector<int32_t> arm(n, static_cast<int32_t>(a));
      const std::vector<double> p = model_.predict(with_arm(table, arms_, arm), rows);
      if (a == 0) control = p;
      for (size_t i = 0; i < n; ++i) out[i * k + a] = p[i] - control[i];
    }
    return out;
  }

 private:
  MeanModel model_;
  std::vector<std::string> arms_;
};

// The difference of two outcome models.
class TModel : public UpliftModel {
 public:
  explicit TModel(std::vector<MeanModel> outcome) : outcome_(std::move(outcome)) {}
  PerArm predict(const FeatureTable& table) const override {
    const size_t n = table.rows(), k = outcome_.size();
    PerArm out(n * k);
    const std::vector<uint32_t> rows = all_rows(n);
    const std::vector<double> control = outcome_[0].predict(table, rows);
    for (size_t a = 1; a < k; ++a) {
      const std::vector<double> p = outcome_[a].predict(table, rows);
      for (size_t i = 0; i < n; ++i) out[i * k + a] = p[i] - control[i];
    }
    return out;
  }

 private:
  std::vector<MeanModel> outcome_;
};

// Models of the uplift itself: of the treated and of the controls, mixed by the propensity (X), or
// one for both (DR: the second list is empty).
class EffectModel : public UpliftModel {
 public:
  EffectModel(std::vector<MeanModel> treated, std::vector<MeanModel> control, Propensity propensity)
      : treated_(std::move(treated)),
        control_(std::move(control)),
        propensity_(std::move(propensity)) {}
  PerArm predict(const FeatureTable& table) const override {
    const size_t n = table.rows(), k = treated_.size() + 1;
    PerArm out(n * k);
    const std::vector<uint32_t> rows = all_rows(n);
    const PerArm chance = control_.empty() ? PerArm() : propensity_.of(table, rows);
    for (size_t a = 1; a < k; ++a) {
      const std::vector<double> one = treated_[a - 1].predict(table, rows);
      const std::vector<double> other =
          control_.empty() ? one : control_[a - 1].predict(table, rows);
      for (size_t i = 0; i < n; ++i) {
        const double g =
            control_.empty() ? 0 : chance[i * k + a] / (chance[i * k + a] + chance[i * k]);
        out[i * k + a] = g * other[i] + (1 - g) * one[i];
      }
    }
    return out;
  }

 private:
  std::vector<MeanModel> treated_, control_;
  Propensity propensity_;
};

class AverageModel : public UpliftModel {
 public:
  explicit AverageModel(std::vector<double> rate) : rate_(std::move(rate)) {}
  PerArm predict(const FeatureTable& table) const override {
    const size_t k = rate_.size();
    PerArm out(table.rows() * k);
    for (size_t i = 0; i < out.size(); ++i) out[i] = rate_[i % k] - rate_[0];
    return out;
  }

 private:
  std::vector<double> rate_;
};

// The rows of one fit: all of them (fold -1), or those outside a fold.
class Folds {
 public:
  Folds(std::span<const int32_t> fold, int folds) : fold_(fold), folds_(folds) {}
  int folds() const { return folds_; }
  size_t rows() const { return fold_.size(); }
  template <typename Keep>
  std::vector<uint32_t> outside(int f, Keep keep) const {
    std::vector<uint32_t> out;
    for (uint32_t i = 0; i < fold_.size(); ++i) {
      if ((f < 0 || fold_[i] != f) && keep(i)) out.push_back(i);
    }
    return out;
  }
  std::vector<uint32_t> inside(int f) const {
    std::vector<uint32_t> out;
    for (uint32_t i = 0; i < fold_.size(); ++i) {
      if (fold_[i] == f) out.push_back(i);
    }
    return out;
  }

 private:
  std::span<const int32_t> fold_;
  int folds_;
};

// One number for each row, fitted outside its fold; and the model of all rows.
struct Crossed {
  std::vector<double> out_of_fold;
  MeanModel model;
};

// A regression to be cross-fitted: its rows (by a test), targets and limits. Rows that the test
// leaves out are predicted all the same.
struct Regression {
  const FeatureTable* table = nullptr;
  const UpliftLearner* learner = nullptr;
  std::vector<uint8_t> in;     // one a row
  std::vector<double> target;  // one a row; looked at where `in` is 1
  double low = 0, high = 1;
  Seed seed;
};

// All regressions of a stage at once: folds + 1 fits each, shared by the workers.
std::vector<Crossed> cross_fit(const std::vector<Regression>& regressions, const Folds& folds,
                               const Workers& workers) {
  std::vector<Crossed> out(regressions.size());
  for (Crossed& c : out) c.out_of_fold.resize(folds.rows());
  const auto each = static_cast<size_t>(folds.folds()) + 1;
  workers.run(regressions.size() * each, [&](size_t task) {
    const Regression& r = regressions[task / each];
    const int f = static_cast<int>(task % each) - 1;
    const std::vector<uint32_t> rows = folds.outside(f, [&](uint32_t i) { return r.in[i] != 0; });
    std::vector<double> target;
    for (const uint32_t i : rows) target.push_back(r.target[i]);
    MeanModel model = MeanModel::fit(*r.learner, *r.table, rows, target, r.low, r.high,
                                     r.seed.child(static_cast<uint64_t>(f) + 1));
    Crossed& to = out[task / each];
    if (f < 0) {
      to.model = std::move(model);
      return;
    }
    const std::vector<uint32_t> held = folds.inside(f);
    const std::vector<double> p = model.predict(*r.table, held);
    for (size_t i = 0; i < held.size(); ++i) to.out_of_fold[held[i]] = p[i];
  });
  return out;
}

// All that one fit_uplift() shares.
class Fitter {
 public:
  Fitter(const UpliftRows& rows, const std::vector<std::string>& arms, const Folds& folds,
         const UpliftOptions& options, Seed seed, const Workers& workers)
      : rows_(rows), arms_(arms), folds_(folds), options_(options), seed_(seed), workers_(workers) {
    y_.assign(rows.table.y.begin(), rows.table.y.end());
  }

  UpliftFit run(const std::vector<UpliftLearner>& learners) {
    check_arms();
    fit_propensity();
    for (const UpliftLearner& learner : learners) outcomes_.push_back(fit_outcomes(learner));
    settle_scores(learners);
    add_average();
    for (size_t l = 0; l < learners.size(); ++l) add_candidates(learners[l], outcomes_[l]);
    return finish();
  }

 private:
  size_t k() const { return arms_.size(); }
  size_t n() const { return rows_.table.rows(); }

  struct Candidate {
    UpliftTrial trial;
    PerArm out_of_fold;
    std::shared_ptr<const UpliftModel> model;
  };

  bool wanted(const char* method) const {
    return std::find(options_.methods.begin(), options_.methods.end(), method) !=
           options_.methods.end();
  }

  void check_arms() const {
    for (size_t a = 0; a < k(); ++a) {
      for (int f = 0; f < folds_.folds(); ++f) {
        const auto rest =
            folds_.outside(f, [&](uint32_t i) { return rows_.arm[i] == static_cast<int32_t>(a); });
        if (!rest.empty()) continue;
        throw Error(ErrorCode::kData, "treatment " + quoted(options_.treatment),
                    fmt::format("the arm {} has too few customers to learn from", quoted(arms_[a])),
                    "Use fewer folds, or leave out customers of that arm by a cohort");
      }
    }
  }

  Regression arm_regression(const FeatureTable& table, const UpliftLearner& learner, size_t a,
                            Seed seed) const {
    Regression r{.table = &table, .learner = &learner, .target = y_, .seed = seed};
    for (const int32_t arm : rows_.arm) r.in.push_back(arm == static_cast<int32_t>(a) ? 1 : 0);
    return r;
  }

  void fit_propensity() {
    fit_.propensity.shares.assign(k(), 0);
    for (const int32_t a : rows_.arm) fit_.propensity.shares[static_cast<size_t>(a)] += 1;
    for (double& s : fit_.propensity.shares) s /= static_cast<double>(n());
    if (options_.propensity == "given") {
      for (size_t a = 0; a < k(); ++a) fit_.propensity.shares[a] = options_.shares.at(arms_[a]);
    }
    propensity_.resize(n() * k());
    for (size_t i = 0; i < propensity_.size(); ++i) {
      propensity_[i] = fit_.propensity.shares[i % k()];
    }
    if (options_.propensity != "estimated") return;
    const UpliftLearner logistic = defaults_of("logistic");
    std::vector<Regression> regressions;
    for (size_t a = 0; a < k(); ++a) {
      Regression r{.table = &rows_.table,
                   .learner = &logistic,
                   .in = std::vector<uint8_t>(n(), 1),
                   .seed = seed_.child("propensity").child(a)};
      for (const int32_t arm : rows_.arm) r.target.push_back(arm == static_cast<int32_t>(a));
      regressions.push_back(std::move(r));
    }
    std::vector<Crossed> crossed = cross_fit(regressions, folds_, workers_);
    count_fits(regressions.size());
    for (size_t a = 0; a < k(); ++a) {
      for (size_t i = 0; i < n(); ++i) propensity_[i * k() + a] = crossed[a].out_of_fold[i];
      fit_.propensity.models.push_back(std::move(crossed[a].model));
    }
    settle(propensity_, k());
  }

 public:
  // Sum 1, held away from 0.
  static void settle(PerArm& chance, size_t arms) {
    constexpr double kLeast = 0.02;
    for (size_t i = 0; i < chance.size(); i += arms) {
      double sum = 0;
      for (size_t a = 0; a < arms; ++a) sum += chance[i + a];
      for (size_t a = 0; a < arms; ++a) {
        chance[i + a] = std::clamp(chance[i + a] / sum, kLeast, 1 - kLeast);
      }
    }
  }

 private:
  std::vector<Crossed> fit_outcomes(const UpliftLearner& learner) {
    std::vector<Regression> regressions;
    for (size_t a = 0; a < k(); ++a) {
      regressions.push_back(arm_regression(rows_.table, learner, a,
                                           seed_.child(learner.name).child("outcome").child(a)));
    }
    count_fits(regressions.size());
    return cross_fit(regressions, folds_, workers_);
  }

  PerArm joined(const std::vector<Crossed>& outcome) const {
    PerArm out(n() * k());
    for (size_t a = 0; a < k(); ++a) {
      for (size_t i = 0; i < n(); ++i) out[i * k() + a] = outcome[a].out_of_fold[i];
    }
    return out;
  }

  // The doubly robust scores that judge all candidates: by the outcome models that foretell the
  // outcome best.
  void settle_scores(const std::vector<UpliftLearner>& learners) {
    size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (size_t l = 0; l < learners.size(); ++l) {
      double loss = 0;
      for (size_t i = 0; i < n(); ++i) {
        const auto arm = static_cast<size_t>(rows_.arm[i]);
        loss += row_log_loss(rows_.table.y[i], outcomes_[l][arm].out_of_fold[i]);
      }
      if (loss < least) {
        least = loss;
        best = l;
      }
    }
    fit_.outcome_learner = learners[best].name;
    for (const Crossed& c : outcomes_[best]) fit_.outcome.push_back(c.model);
    scores_ = robust_scores(rows_, {propensity_, joined(outcomes_[best])}, k());
    fit_.average.assign(k(), 0);
    for (size_t i = 0; i < scores_.size(); ++i) fit_.average[i % k()] += scores_[i];
    for (double& v : fit_.average) v /= static_cast<double>(n());
  }

  void add_average() {
    Candidate c{.trial = {.method = "average"}};
    c.model = std::make_shared<AverageModel>(fit_.average);
    c.out_of_fold = c.model->predict(rows_.table);
    candidates_.push_back(std::move(c));
  }

  void add(const char* method, const UpliftLearner& learner, PerArm out_of_fold,
           std::shared_ptr<const UpliftModel> model, size_t regressions) {
    const auto fits = static_cast<int64_t>(regressions) * (folds_.folds() + 1);
    candidates_.push_back({.trial = {.method = method, .learner = learner.name, .fits = fits},
                           .out_of_fold = std::move(out_of_fold),
                           .model = std::move(model)});
  }

  void count_fits(size_t regressions) {
    fit_.fits += static_cast<int64_t>(regressions) * (folds_.folds() + 1);
  }

  void add_candidates(const UpliftLearner& learner, const std::vector<Crossed>& outcome) {
    const PerArm mean = joined(outcome);
    if (wanted("s")) add_s(learner);
    if (wanted("t")) {
      PerArm uplift(mean.size());
      for (size_t i = 0; i < mean.size(); ++i) uplift[i] = mean[i] - mean[i - i % k()];
      std::vector<MeanModel> models;
      for (const Crossed& c : outcome) models.push_back(c.model);
      add("t", learner, std::move(uplift), std::make_shared<TModel>(std::move(models)), k());
    }
    if (wanted("x")) add_x(learner, mean);
    if (wanted("dr")) add_dr(learner, mean);
  }

  // One model of the outcome with the arm as a feature; the held-out rows are asked for every arm.
  void add_s(const UpliftLearner& learner) {
    const FeatureTable table = with_arm(rows_.table, arms_, rows_.arm);
    const Seed seed = seed_.child(learner.name).child("s");
    PerArm uplift(n() * k());
    std::shared_ptr<const UpliftModel> whole;
    workers_.run(static_cast<size_t>(folds_.folds()) + 1, [&](size_t task) {
      const int f = static_cast<int>(task) - 1;
      const std::vector<uint32_t> rows = folds_.outside(f, [](uint32_t) { return true; });
      std::vector<double> target;
      for (const uint32_t i : rows) target.push_back(y_[i]);
      const auto model = std::make_shared<SModel>(
          MeanModel::fit(learner, table, rows, target, 0, 1, seed.child(task)), arms_);
      if (f < 0) {
        whole = model;
        return;
      }
      const std::vector<uint32_t> held = folds_.inside(f);
      const PerArm p = model->predict(rows_.table.take(held));
      for (size_t i = 0; i < held.size(); ++i) {
        for (size_t a = 0; a < k(); ++a) uplift[held[i] * k() + a] = p[i * k() + a];
      }
    });
    count_fits(1);
    add("s", learner, std::move(uplift), whole, 1);
  }

  // Of the treated: what they did minus what they would have done; of the controls: what they would
  // have done under the arm minus what they did.
  void add_x(const UpliftLearner& learner, const PerArm& mean) {
    std::vector<Regression> regressions;
    const Seed seed = seed_.child(learner.name).child("x");
    for (const bool treated : {true, false}) {
      for (size_t a = 1; a < k(); ++a) {
        Regression r = arm_regression(rows_.table, learner, treated ? a : 0,
                                      seed.child(treated ? "treated" : "control").child(a));
        r.low = -1;
        for (size_t i = 0; i < n(); ++i) {
          r.target[i] = treated ? y_[i] - mean[i * k()] : mean[i * k() + a] - y_[i];
        }
        regressions.push_back(std::move(r));
      }
    }
    std::vector<Crossed> crossed = cross_fit(regressions, folds_, workers_);
    count_fits(regressions.size());
    PerArm uplift(n() * k());
    std::vector<MeanModel> treated, control;
    for (size_t a = 1; a < k(); ++a) {
      const Crossed &one = crossed[a - 1], &other = crossed[k() - 1 + a - 1];
      for (size_t i = 0; i < n(); ++i) {
        const double g =
            propensity_[i * k() + a] / (propensity_[i * k() + a] + propensity_[i * k()]);
        uplift[i * k() + a] = g * other.out_of_fold[i] + (1 - g) * one.out_of_fold[i];
      }
      treated.push_back(one.model);
      control.push_back(other.model);
    }
    add("x", learner, std::move(uplift),
        std::make_shared<EffectModel>(std::move(treated), std::move(control), fit_.propensity),
        regressions.size());
  }

  // The difference of the doubly robust scores, by its own learner's outcome models.
  void add_dr(const UpliftLearner& learner, const PerArm& mean) {
    const PerArm scores = robust_scores(rows_, {propensity_, mean}, k());
    std::vector<Regression> regressions;
    for (size_t a = 1; a < k(); ++a) {
      Regression r{.table = &rows_.table,
                   .learner = &learner,
                   .in = std::vector<uint8_t>(n(), 1),
                   .target = std::vector<double>(n()),
                   .seed = seed_.child(learner.name).child("dr").child(a)};
      for (size_t i = 0; i < n(); ++i) r.target[i] = scores[i * k() + a] - scores[i * k()];
      const auto [low, high] = std::minmax_element(r.target.begin(), r.target.end());
      r.low = *low - 1e-3;
      r.high = *high + 1e-3;
      regressions.push_back(std::move(r));
    }
    std::vector<Crossed> crossed = cross_fit(regressions, folds_, workers_);
    count_fits(regressions.size());
    PerArm uplift(n() * k());
    std::vector<MeanModel> models;
    for (size_t a = 1; a < k(); ++a) {
      for (size_t i = 0; i < n(); ++i) uplift[i * k() + a] = crossed[a - 1].out_of_fold[i];
      models.push_back(std::move(crossed[a - 1].model));
    }
    add("dr", learner, std::move(uplift),
        std::make_shared<EffectModel>(std::move(models), std::vector<MeanModel>(), Propensity()),
        regressions.size());
  }

  std::vector<double> losses(const Candidate& c) const {
    std::vector<double> out(n(), 0);
    for (size_t i = 0; i < n(); ++i) {
      for (size_t a = 1; a < k(); ++a) {
        const double away = scores_[i * k() + a] - scores_[i * k()] - c.out_of_fold[i * k() + a];
        out[i] += away * away / static_cast<double>(k() - 1);
      }
    }
    return out;
  }

  UpliftFit finish() {
    const std::vector<double> average = losses(candidates_[0]);
    for (Candidate& c : candidates_) {
      std::vector<double> loss = losses(c);
      c.trial.loss = std::accumulate(loss.begin(), loss.end(), 0.0) / static_cast<double>(n());
      for (size_t i = 0; i < n(); ++i) loss[i] -= average[i];
      const Figure over = mean_interval(loss);
      c.trial.loss_over_average = over.value;
      c.trial.standard_error = (over.high - over.low) / 2 / normal_quantile(0.975);
    }
    std::stable_sort(
        candidates_.begin(), candidates_.end(),
        [](const Candidate& a, const Candidate& b) { return a.trial.loss < b.trial.loss; });
    fit_.best = candidates_[0].model;
    for (const Candidate& c : candidates_) fit_.trials.push_back(c.trial);
    return std::move(fit_);
  }

  const UpliftRows& rows_;
  const std::vector<std::string>& arms_;
  const Folds& folds_;
  const UpliftOptions& options_;
  Seed seed_;
  const Workers& workers_;
  std::vector<double> y_;
  PerArm propensity_, scores_;
  std::vector<std::vector<Crossed>> outcomes_;  // [learner][arm]
  std::vector<Candidate> candidates_;
  UpliftFit fit_;
};

}  // namespace

Params smoother_params(const std::string& learner) {
  Params out;
  if (learner == "boosted_trees") {
    out.set("n_estimators", int64_t{100});
    out.set("max_depth", int64_t{3});
  } else if (learner == "random_forest" || learner == "extra_trees") {
    out.set("n_estimators", int64_t{200});
    out.set("min_samples_leaf", int64_t{50});
  }
  return out;
}

PerArm Propensity::of(const FeatureTable& table, std::span<const uint32_t> rows) const {
  const size_t k = shares.size();
  PerArm out(rows.size() * k);
  for (size_t i = 0; i < out.size(); ++i) out[i] = shares[i % k];
  if (models.empty()) return out;
  for (size_t a = 0; a < k; ++a) {
    const std::vector<double> p = models[a].predict(table, rows);
    for (size_t i = 0; i < p.size(); ++i) out[i * k + a] = p[i];
  }
  Fitter::settle(out, k);
  return out;
}

PerArm robust_scores(const UpliftRows& rows, const Nuisance& nuisance, size_t arms) {
  PerArm out = nuisance.outcome;
  for (size_t i = 0; i < rows.arm.size(); ++i) {
    const size_t at = i * arms + static_cast<size_t>(rows.arm[i]);
    out[at] += (rows.table.y[i] - nuisance.outcome[at]) / nuisance.propensity[at];
  }
  return out;
}

Nuisance UpliftFit::nuisance(const FeatureTable& table) const {
  const std::vector<uint32_t> rows = all_rows(table.rows());
  const size_t k = outcome.size();
  Nuisance out{.propensity = propensity.of(table, rows), .outcome = PerArm(rows.size() * k)};
  for (size_t a = 0; a < k; ++a) {
    const std::vector<double> p = outcome[a].predict(table, rows);
    for (size_t i = 0; i < p.size(); ++i) out.outcome[i * k + a] = p[i];
  }
  return out;
}

UpliftFit fit_uplift(const UpliftRows& rows, const std::vector<std::string>& arms,
                     std::span<const int32_t> fold, int folds,
                     const std::vector<UpliftLearner>& learners, const UpliftOptions& options,
                     Seed seed, const Workers& workers) {
  PERENNIAL_CHECK(rows.arm.size() == rows.table.rows() && fold.size() == rows.arm.size());
  PERENNIAL_CHECK(arms.size() >= 2 && !learners.empty());
  const Folds of(fold, folds);
  return Fitter(rows, arms, of, options, seed, workers).run(learners);
}

}  // namespace perennial
