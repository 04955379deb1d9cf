// Past campaigns with a known truth, for tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/seed.h"
#include "learn/pipeline.h"
#include "uplift/uplift.h"

namespace perennial {

// Two offers and a control, dealt at random. Of customers with plan "b" the mail "one" brings
// `gain` more, of the others `loss` less; "two" changes nothing. `noise` says nothing.
struct PastCampaign {
  double gain = 0, loss = 0;

  static std::vector<std::string> arms() { return {"none", "one", "two"}; }
  double truth(bool b) const { return b ? gain : -loss; }

  UpliftRows draw(size_t n, Seed seed) const {
    Rng rng(seed);
    UpliftRows out;
    FeatureTable& t = out.table;
    t.id_name = "id";
    t.target_name = "came";
    t.classes = {"no", "yes"};
    std::vector<std::string> plan;
    std::vector<double> age, noise;
    for (size_t i = 0; i < n; ++i) {
      const bool b = rng.bernoulli(0.5);
      plan.emplace_back(b ? "b" : "a");
      age.push_back(20 + 40 * rng.uniform());
      noise.push_back(rng.normal());
      const auto arm = static_cast<int32_t>(rng.below(3));
      const double p = 0.2 + 0.3 * (age.back() - 20) / 40 + (arm == 1 ? truth(b) : 0);
      out.arm.push_back(arm);
      t.ids.push_back(std::to_string(i));
      t.y.push_back(rng.bernoulli(std::clamp(p, 0.0, 1.0)) ? 1 : 0);
      t.position.push_back(static_cast<uint32_t>(i));
    }
    t.features = {Column::text("plan", plan), Column::number("age", age),
                  Column::number("noise", noise)};
    t.feature_tables.assign(3, "customers");
    return out;
  }
};

inline UpliftLearner uplift_learner(const std::string& name) {
  const Learner& learner = learner_named(name);
  return {name, complete(learner.params(), smoother_params(name), name),
          complete(pipeline_params(learner), Params(), name)};
}

// Folds in turn; rows are drawn independently, so any assignment will do.
inline std::vector<int32_t> folds_in_turn(size_t n, int folds) {
  std::vector<int32_t> out;
  for (size_t i = 0; i < n; ++i)
    out.push_back(static_cast<int32_t>(i % static_cast<size_t>(folds)));
  return out;
}

}  // namespace perennial
