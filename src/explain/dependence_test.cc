#include "explain/dependence.h"

#include <gtest/gtest.h>

#include <cmath>

#include "explain/test_support.h"

namespace perennial {
namespace {

using explain_testing::all_rows;
using explain_testing::planted_table;

// p = (x0 + x1) / 2 of its first two columns, which must lie in [0, 1].
class Mean : public Model {
 public:
  void predict(const Matrix& x, std::span<double> p) const override {
    for (size_t i = 0; i < x.rows; ++i) {
      p[2 * i + 1] = (x.at(i, 0) + x.at(i, 1)) / 2;
      p[2 * i] = 1 - p[2 * i + 1];
    }
  }
  void save(ByteWriter&) const override {}
};

struct Case {
  FeatureTable table;
  Pipeline pipeline;
};

// x1 goes with x0 but for a little; both are even in [0, 1].
Case made(size_t rows) {
  Case out;
  out.table = planted_table(
      rows, 2, [](const std::vector<double>&) { return 0.0; }, 1);
  Rng rng(Seed{5});
  for (size_t i = 0; i < rows; ++i) {
    const double v = rng.uniform();
    out.table.features[0].numbers[i] = v;
    out.table.features[1].numbers[i] = 0.9 * v + 0.1 * rng.uniform();
  }
  Params params;
  params.set("scale", std::string("none"));
  out.pipeline.prep =
      FittedPrep::fit(out.table, all_rows(out.table), complete(prep_params(), params, ""));
  out.pipeline.learner = "naive";  // a known name; the model is ours
  out.pipeline.model = std::make_shared<Mean>();
  return out;
}

// By hand: both curves are straight lines of slope 1/2, however the columns go together; the
// accumulated one has mean 0 over the rows.
TEST(Dependence, StraightLineByHand) {
  const Case c = made(1500);
  const Dependence d = dependence_of(c.table, 0, 1, c.pipeline, {}, Seed{1});
  EXPECT_EQ(d.answer, "yes");
  ASSERT_EQ(d.value.size(), d.partial.size());
  ASSERT_EQ(d.ale_edge.size(), d.ale_effect.size());
  ASSERT_EQ(d.ale_share.size() + 1, d.ale_edge.size());
  for (size_t g = 1; g < d.value.size(); ++g) {
    EXPECT_NEAR(d.partial[g] - d.partial[g - 1], (d.value[g] - d.value[g - 1]) / 2, 1e-12);
    EXPECT_NEAR(d.ale_effect[g] - d.ale_effect[g - 1], (d.ale_edge[g] - d.ale_edge[g - 1]) / 2,
                1e-12);
    EXPECT_NEAR(d.individual[0][g] - d.individual[0][g - 1], (d.value[g] - d.value[g - 1]) / 2,
                1e-12);
  }
  double shares = 0, mean = 0;
  for (size_t b = 0; b < d.ale_share.size(); ++b) {
    shares += d.ale_share[b];
    mean += d.ale_share[b] * (d.ale_effect[b] + d.ale_effect[b + 1]) / 2;
  }
  EXPECT_NEAR(shares, 1, 1e-12);
  EXPECT_NEAR(mean, 0, 1e-12);
}

TEST(Dependence, DensityByHand) {
  Dependence d;
  fill_density(Column::number("x", {0, 1, 1, 2, 10, kMissing}), 2, d);
  EXPECT_EQ(d.density_edge, (std::vector<double>{0, 5, 10}));
  EXPECT_NEAR(d.density[0], 0.8, 1e-12);
  EXPECT_NEAR(d.density[1], 0.2, 1e-12);
}

TEST(Dependence, OneValueHasNoCurve) {
  Case c = made(30);
  std::fill(c.table.features[0].numbers.begin(), c.table.features[0].numbers.end(), 0.5);
  EXPECT_TRUE(dependence_of(c.table, 0, 1, c.pipeline, {}, Seed{1}).partial.empty());
}

}  // namespace
}  // namespace perennial
