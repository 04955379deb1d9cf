// What every learner owes, by what it declares (rule 5): one suite drives all_learners().

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/workers.h"
#include "learn/all_learners.h"
#include "learn/pipeline.h"
#include "learn/test_data.h"
#include "prep/prep.h"

namespace perennial {
namespace {

using testing_data::made_matrix;
using testing_data::made_sample;
using testing_data::params_of;
using testing_data::predicted;
using testing_data::Sample;
using testing_data::saved;
using testing_data::take_columns;
using testing_data::take_rows;

// Solvers that iterate stop within their tolerance; what does not iterate is compared exactly.
constexpr double kSolver = 1e-6;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Contract : public ::testing::TestWithParam<std::string> {
 protected:
  const Learner& learner() const { return learner_named(GetParam()); }
  Capabilities can() const { return learner().capabilities(); }
  int most_classes() const { return can().multiclass ? 3 : 2; }

  // With the tolerance of a solver that has one far below kSolver, and with few trees in a forest:
  // every byte of a saved one is damaged in turn.
  Params params_of(const Learner& one, std::map<std::string, ParamValue> given = {}) const {
    const auto has = [&](const char* name) {
      return std::any_of(one.params().begin(), one.params().end(),
                         [&](const ParamSpec& spec) { return spec.name == name; });
    };
    if (has("tol")) given.emplace("tol", 1e-9);
    if (has("n_estimators")) given.emplace("n_estimators", int64_t{12});
    return testing_data::params_of(one, std::move(given));
  }

  // The defaults, and each choice, flag and end of a grid alone against the defaults.
  std::vector<Params> variants() const {
    std::vector<Params> out = {params_of(learner())};
    for (const ParamSpec& spec : learner().params()) {
      std::vector<ParamValue> values(spec.choices.begin(), spec.choices.end());
      if (spec.type == perennial::ParamType::kBool) values = {true, false};
      if (spec.type != perennial::ParamType::kChoice && !spec.grid.empty()) {
        values = {spec.grid.front(), spec.grid.back()};
      }
      for (const ParamValue& value : values) {
        const Params params = params_of(learner(), {{spec.name, value}});
        if (params != out[0]) out.push_back(params);
      }
    }
    return out;
  }

  std::vector<double> fit_predict(const Sample& sample, const Matrix& queries,
                                  const Params& params) const {
    return predicted(*learner().fit(sample.set(), params), queries, sample.classes);
  }

  void expect_error(const TrainingSet& set, ErrorCode code, const std::string& part) const {
    for (bool shared : {false, true}) {
      const std::vector<Params> one = {params_of(learner())};
      try {
        if (shared) {
          learner().fit_predict_many(set, *set.x, one, [](size_t, std::span<const double>) {});
        } else {
          learner().fit(set, one[0]);
        }
        FAIL() << "accepted: " << part;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
      }
    }
  }
};

void expect_near(std::span<const double> got, std::span<const double> expected, double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], tolerance) << i;
}

void expect_probabilities(const std::vector<double>& p, size_t rows, int classes) {
  ASSERT_EQ(p.size(), rows * static_cast<size_t>(classes));
  for (size_t i = 0; i < rows; ++i) {
    double sum = 0;
    for (size_t c = 0; c < static_cast<size_t>(classes); ++c) {
      const double share = p[i * static_cast<size_t>(classes) + c];
      ASSERT_TRUE(share >= 0 && share <= 1) << share;
      sum += share;
    }
    ASSERT_NEAR(sum, 1, 1e-12);
  }
}

TEST_P(Contract, DeclaresItselfForPeople) {
  EXPECT_FALSE(learner().title().empty());
  EXPECT_EQ(learner().description().back(), '.');
  std::set<std::string> names;
  for (const auto* specs : {&learner().params(), &learner().prep()}) {
    for (const ParamSpec& spec : *specs) {
      // Learner and preparation share one name space in a study.
      EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
      EXPECT_EQ(spec.description.back(), '.') << spec.name;
      EXPECT_EQ(checked(spec, spec.default_value, "test"), spec.default_value) << spec.name;
      for (const ParamValue& value : spec.grid) {
        EXPECT_EQ(checked(spec, value, "test"), value) << spec.name;
      }
    }
  }
  std::vector<std::string> ours, all;
  for (const ParamSpec& spec : learner().prep()) ours.push_back(spec.name);
  for (const ParamSpec& spec : prep_params()) all.push_back(spec.name);
  EXPECT_EQ(ours, all);
}

// Wrong values made from the declared type, bounds and choices.
std::vector<ParamValue> wrong_values(const ParamSpec& spec) {
  std::vector<ParamValue> out = {std::vector<double>{1}};
  const auto number = [&](double v) {
    out.push_back(spec.type == ParamType::kInt ? ParamValue(static_cast<int64_t>(v))
                                               : ParamValue(v));
  };
  if (spec.type == ParamType::kInt || spec.type == ParamType::kReal) {
    out.push_back(std::string("1"));
    out.push_back(true);
    if (std::isfinite(spec.min)) number(spec.min_open ? spec.min : spec.min - 1);
    if (std::isfinite(spec.max)) number(spec.max + 1);
    if (spec.type == ParamType::kInt) out.push_back(1.5);
    if (spec.type == ParamType::kReal) out.push_back(std::nan(""));
  } else {
    out.push_back(int64_t{1});
    if (spec.type == ParamType::kChoice) {
      out.push_back(std::string(""));
      out.push_back(spec.choices[0] + "x");
    }
    if (spec.type == ParamType::kBool) out.push_back(std::string("true"));
  }
  return out;
}

TEST_P(Contract, RefusesWrongValues) {
  for (const auto* specs : {&learner().params(), &learner().prep()}) {
    for (const ParamSpec& spec : *specs) {
      for (const ParamValue& value : wrong_values(spec)) {
        try {
          complete(*specs, Params({{spec.name, value}}), "study.toml:7");
          ADD_FAILURE() << spec.name << " took " << to_json(value).dump();
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::kStudy);
          EXPECT_EQ(error.where(), "study.toml:7");
          EXPECT_NE(error.problem().find(spec.name), std::string::npos) << error.what();
        }
      }
    }
  }
}

TEST_P(Contract, GivesProbabilities) {
  const Matrix queries = made_matrix(40, 5, 5000);
  for (int classes = 2; classes <= most_classes(); ++classes) {
    const Sample sample = made_sample(120, classes);
    for (const Params& params : variants()) {
      SCOPED_TRACE(to_text(params));
      expect_probabilities(fit_predict(sample, queries, params), 40, classes);
    }
  }
}

TEST_P(Contract, RefusesMoreClassesThanItCanTell) {
  if (can().multiclass) return;
  const Sample sample = made_sample(60, 3);
  expect_error(sample.set(), ErrorCode::kStudy, "two classes");
}

TEST_P(Contract, ClassThatIsAbsentGetsNothing) {
  if (!can().multiclass) return;
  Sample sample = made_sample(60, 2);
  sample.classes = 4;
  for (const Params& params : variants()) {
    const auto p = fit_predict(sample, made_matrix(20, 5, 5000), params);
    expect_probabilities(p, 20, 4);
    for (size_t i = 0; i < 20; ++i) EXPECT_EQ(p[i * 4 + 2] + p[i * 4 + 3], 0.0);
  }
}

TEST_P(Contract, WeightsActAsRepetition) {
  Sample weighted = made_sample(90, most_classes());
  std::vector<size_t> repeated;
  for (size_t i = 0; i < 90; ++i) {
    weighted.weights.push_back(static_cast<double>(1 + i % 3));
    repeated.insert(repeated.end(), 1 + i % 3, i);
  }
  if (!can().sample_weights) {
    expect_error(weighted.set(), ErrorCode::kData, "weigh");
    return;
  }
  Sample plain{.x = take_rows(weighted.x, repeated), .classes = weighted.classes};
  for (size_t i : repeated) plain.y.push_back(weighted.y[i]);
  const Matrix queries = made_matrix(40, 5, 5000);
  for (const Params& params : variants()) {
    SCOPED_TRACE(to_text(params));
    expect_near(fit_predict(weighted, queries, params), fit_predict(plain, queries, params),
                kSolver);
  }
}

TEST_P(Contract, RefusesImpossibleWeights) {
  if (!can().sample_weights) return;
  for (double bad : {0.0, -1.0, std::nan(""), kInfinity}) {
    Sample sample = made_sample(60);
    sample.weights.assign(60, 1.0);
    sample.weights[6] = bad;
    expect_error(sample.set(), ErrorCode::kData, "row 7");
  }
}

TEST_P(Contract, OrderOfRowsDoesNotMatter) {
  const Sample sample = made_sample(120, most_classes());
  std::vector<size_t> order(120);
  std::iota(order.begin(), order.end(), size_t{0});
  Rng(Seed{3}).shuffle(order);
  Sample shuffled{.x = take_rows(sample.x, order), .classes = sample.classes};
  for (size_t i : order) shuffled.y.push_back(sample.y[i]);
  const Matrix queries = made_matrix(40, 5, 5000);
  for (const Params& params : variants()) {
    SCOPED_TRACE(to_text(params));
    expect_near(fit_predict(shuffled, queries, params), fit_predict(sample, queries, params),
                kSolver);
  }
}

// 400 rows: with fewer, a deep tree meets splits that are equally good, which go to the first
// column.
TEST_P(Contract, OrderOfColumnsDoesNotMatter) {
  const Sample sample = made_sample(400, most_classes());
  const std::vector<size_t> order = {3, 0, 4, 2, 1};
  Sample shuffled = sample;
  shuffled.x = take_columns(sample.x, order);
  const Matrix queries = made_matrix(40, 5, 5000);
  std::map<std::string, ParamValue> given;
  for (const ParamSpec& spec : learner().params()) {
    if (spec.name == "max_depth") given[spec.name] = int64_t{3};
  }
  expect_near(fit_predict(shuffled, take_columns(queries, order), params_of(learner(), given)),
              fit_predict(sample, queries, params_of(learner(), given)), kSolver);
}

TEST_P(Contract, ConstantColumnChangesNothing) {
  const Sample sample = made_sample(120, most_classes());
  const auto with_constant = [](Matrix x, double value) {
    x.values.insert(x.values.begin(), x.rows, value);
    x.names.insert(x.names.begin(), "constant");
    x.source.insert(x.source.begin(), 0);
    ++x.cols;
    return x;
  };
  const Matrix queries = made_matrix(40, 5, 5000);
  Sample wider = sample;
  // 0, because another constant is a second intercept to a linear model with a penalty.
  wider.x = with_constant(sample.x, 0);
  for (const Params& params : variants()) {
    SCOPED_TRACE(to_text(params));
    expect_near(fit_predict(wider, with_constant(queries, 0), params),
                fit_predict(sample, queries, params), kSolver);
  }
  wider.x = with_constant(sample.x, 7);
  expect_probabilities(fit_predict(wider, with_constant(queries, 7), params_of(learner())), 40,
                       sample.classes);
}

TEST_P(Contract, TakesDuplicateColumns) {
  const Sample sample = made_sample(120, most_classes());
  const std::vector<size_t> twice = {0, 0, 1, 2, 3, 4, 4, 1};
  Sample wider = sample;
  wider.x = take_columns(sample.x, twice);
  for (const Params& params : variants()) {
    SCOPED_TRACE(to_text(params));
    expect_probabilities(fit_predict(wider, take_columns(made_matrix(40, 5, 5000), twice), params),
                         40, sample.classes);
  }
}

TEST_P(Contract, RefusesOneClass) {
  for (int32_t only : {0, 1}) {
    Sample sample = made_sample(60);
    sample.y.assign(60, only);
    expect_error(sample.set(), ErrorCode::kData, "one class");
  }
}

TEST_P(Contract, RefusesNoRows) {
  const Sample sample = made_sample(0);
  expect_error(sample.set(), ErrorCode::kData, "no rows");
}

TEST_P(Contract, MissingNumbers) {
  Sample sample = made_sample(60);
  sample.x.column(2)[7] = kMissing;
  if (can().missing_values) {
    expect_probabilities(fit_predict(sample, sample.x, params_of(learner())), 60, 2);
  } else {
    expect_error(sample.set(), ErrorCode::kData, "\"c2\"");
  }
  sample.x.column(2)[7] = kInfinity;
  expect_error(sample.set(), ErrorCode::kData, "infinite");
}

TEST_P(Contract, SavesAndLoadsTheSameModel) {
  const Sample sample = made_sample(80, most_classes());
  const Matrix queries = made_matrix(40, 5, 5000);
  for (const Params& params : variants()) {
    SCOPED_TRACE(to_text(params));
    const auto model = learner().fit(sample.set(), params);
    const std::string bytes = saved(*model);
    ByteReader in(bytes, "model");
    const auto loaded = learner().load(in);
    EXPECT_EQ(in.left(), 0u);
    EXPECT_EQ(saved(*loaded), bytes);
    EXPECT_EQ(predicted(*loaded, queries, sample.classes),
              predicted(*model, queries, sample.classes));
  }
}

// All places of a short text; of a long one all in the first and last thousand bytes, where its
// sizes and flags stand, and every few between, at a distance that no record repeats at.
std::vector<size_t> places_in(size_t bytes) {
  constexpr size_t kEnds = 1000, kBetween = 1500;
  std::vector<size_t> out;
  const size_t step = bytes > 2 * kEnds + kBetween ? ((bytes - 2 * kEnds) / kBetween) | 1 : 1;
  for (size_t at = 0; at < bytes;) {
    out.push_back(at);
    const bool inside = at + 1 >= kEnds && at + kEnds < bytes;
    at += inside ? step : 1;
  }
  return out;
}

TEST_P(Contract, TruncatedModelsAreErrors) {
  const Sample sample = made_sample(20);
  const std::string bytes = saved(*learner().fit(sample.set(), params_of(learner())));
  for (const size_t length : places_in(bytes.size())) {
    ByteReader in(std::string_view(bytes).substr(0, length), "model");
    try {
      learner().load(in);
      ADD_FAILURE() << "took " << length << " of " << bytes.size() << " bytes";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
    }
  }
}

// Any byte may be wrong: an Error or an answer, never a crash (the sanitizers watch).
TEST_P(Contract, DamagedModelsDoNotCrash) {
  const Sample sample = made_sample(20);
  const std::string bytes = saved(*learner().fit(sample.set(), params_of(learner())));
  size_t answered = 0, refused = 0;
  const std::vector<size_t> places = places_in(bytes.size());
  for (const size_t at : places) {
    for (int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      try {
        ByteReader in(damaged, "model");
        predicted(*learner().load(in), sample.x, 2);
        ++answered;
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  EXPECT_EQ(answered + refused, 3 * places.size());
  EXPECT_GT(refused, 0u);
}

TEST_P(Contract, RowsArePredictedOneByOne) {
  const Sample sample = made_sample(300, most_classes());
  const Matrix queries = made_matrix(37, 5, 5000);
  const std::vector<size_t> some = {36, 3, 4, 30, 3};
  const size_t classes = static_cast<size_t>(sample.classes);
  for (const Params& params : variants()) {
    SCOPED_TRACE(to_text(params));
    const auto model = learner().fit(sample.set(), params);
    const auto all = predicted(*model, queries, sample.classes);
    const auto part = predicted(*model, take_rows(queries, some), sample.classes);
    for (size_t i = 0; i < some.size(); ++i) {
      for (size_t c = 0; c < classes; ++c) {
        EXPECT_EQ(part[i * classes + c], all[some[i] * classes + c]);
      }
    }
    EXPECT_TRUE(predicted(*model, take_rows(queries, {}), sample.classes).empty());
  }
}

Matrix scaled(Matrix x, double factor) {
  for (double& v : x.values) v *= factor;
  return x;
}

TEST_P(Contract, TakesExtremeScales) {
  const Matrix queries = made_matrix(40, 5, 5000);
  const Sample sample = made_sample(120, most_classes());
  for (const Params& params : variants()) {
    SCOPED_TRACE(to_text(params));
    const auto plain = fit_predict(sample, queries, params);
    // Powers of two scale without rounding: 2^40 is about 1e12.
    for (double factor : {1e-12, 1e12, std::ldexp(1.0, -40), std::ldexp(1.0, 40)}) {
      Sample other = sample;
      other.x = scaled(sample.x, factor);
      const auto p = fit_predict(other, scaled(queries, factor), params);
      expect_probabilities(p, 40, sample.classes);
      int exponent = 0;
      if (can().scale_invariant && std::frexp(factor, &exponent) == 0.5) {
        EXPECT_EQ(p, plain);
      }
    }
  }
}

TEST_P(Contract, TakesOneRowAClass) {
  Sample sample = made_sample(static_cast<size_t>(most_classes()), most_classes());
  std::iota(sample.y.begin(), sample.y.end(), 0);
  for (const Params& params : variants()) {
    SCOPED_TRACE(to_text(params));
    expect_probabilities(fit_predict(sample, made_matrix(9, 5, 5000), params), 9, sample.classes);
  }
}

TEST_P(Contract, TakesOneColumn) {
  const Sample sample = made_sample(60, most_classes(), 1);
  for (const Params& params : variants()) {
    SCOPED_TRACE(to_text(params));
    expect_probabilities(fit_predict(sample, made_matrix(9, 1, 5000), params), 9, sample.classes);
  }
}

// All columns may have been left out: the class rates are all there is to say.
TEST_P(Contract, TakesNoColumns) {
  const Sample sample = made_sample(60, 2, 0);
  expect_probabilities(fit_predict(sample, made_matrix(9, 0, 5000), params_of(learner())), 9, 2);
}

TEST_P(Contract, TakesFiveThousandColumns) {
  const Sample sample = made_sample(30, 2, 5000);
  expect_probabilities(fit_predict(sample, made_matrix(9, 5000, 5000), params_of(learner())), 9, 2);
}

TEST_P(Contract, SharedWorkGivesTheSame) {
  for (int classes = 2; classes <= most_classes(); ++classes) {
    const Sample sample = made_sample(120, classes);
    const Matrix queries = made_matrix(40, 5, 5000);
    std::vector<Params> candidates = variants();
    for (const ParamSpec& spec : learner().params()) {
      for (const ParamValue& value : spec.grid) {
        candidates.push_back(params_of(learner(), {{spec.name, value}}));
      }
    }
    std::vector<int> calls(candidates.size(), 0);
    const size_t fitted = learner().fit_predict_many(
        sample.set(), queries, candidates, [&](size_t i, std::span<const double> probability) {
          ++calls[i];
          SCOPED_TRACE(to_text(candidates[i]));
          expect_near(probability, fit_predict(sample, queries, candidates[i]), kSolver);
        });
    EXPECT_EQ(calls, std::vector<int>(candidates.size(), 1));
    EXPECT_GE(fitted, 1u);
    EXPECT_LE(fitted, candidates.size());
  }
}

TEST_P(Contract, SameSeedSameBytes) {
  const Sample sample = made_sample(120, most_classes());
  for (const Params& params : variants()) {
    SCOPED_TRACE(to_text(params));
    const std::string bytes = saved(*learner().fit(sample.set(1), params));
    EXPECT_EQ(saved(*learner().fit(sample.set(1), params)), bytes);
    if (!can().random) {
      EXPECT_EQ(saved(*learner().fit(sample.set(2), params)), bytes);
    }
  }
}

TEST_P(Contract, ThreadsChangeNothing) {
  const Sample sample = made_sample(3000, 2);
  const Workers two(2);
  TrainingSet set = sample.set();
  const std::string alone = saved(*learner().fit(set, params_of(learner())));
  set.workers = &two;
  EXPECT_EQ(saved(*learner().fit(set, params_of(learner()))), alone);
}

INSTANTIATE_TEST_SUITE_P(All, Contract, ::testing::ValuesIn(learner_names()),
                         [](const auto& one) { return one.param; });

TEST(AllLearners, OrderAndNames) {
  const std::vector<std::string> names = learner_names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  ASSERT_GE(names.size(), 4u);
  EXPECT_EQ(std::vector<std::string>(names.begin(), names.begin() + 4),
            (std::vector<std::string>{"naive", "logistic", "tree", "knn"}));
  EXPECT_EQ(learner_rank("tree"), 2u);
}

TEST(AllLearners, UnknownNameIsAStudyError) {
  try {
    learner_named("logistik", "study.toml:3");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStudy);
    EXPECT_EQ(error.where(), "study.toml:3");
    EXPECT_NE(std::string(error.what()).find("did you mean \"logistic\"?"), std::string::npos);
  }
}

FeatureTable small_table(bool missing) {
  FeatureTable table;
  table.classes = {"осталась", "снизилась"};
  std::vector<double> money;
  std::vector<std::string> kind;
  for (int i = 0; i < 30; ++i) {
    table.ids.push_back(std::to_string(i));
    table.y.push_back(i % 3 == 0 ? 1 : 0);
    money.push_back(i * 10.0);
    kind.push_back(i % 2 == 0 ? "стандарт" : "премиум");
  }
  if (missing) money[4] = kMissing;
  table.features = {Column::number("выручка", money), Column::text("тип", kind)};
  return table;
}

Pipeline small_pipeline(const std::string& learner, const FeatureTable& table,
                        const std::map<std::string, ParamValue>& prep) {
  std::vector<uint32_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), 0U);
  const Learner& known = learner_named(learner);
  return fit_pipeline(learner, params_of(known), complete(known.prep(), Params(prep), "test"),
                      table, rows, {}, Seed{1});
}

TEST(Pipeline, NaivePredictsTheBaseRate) {
  const FeatureTable table = small_table(false);
  const Pipeline pipeline = small_pipeline("naive", table, {});
  EXPECT_EQ(pipeline.positive_probability(table), std::vector<double>(30, 1.0 / 3));
}

TEST_P(Contract, UnseenCategoriesAreCountedAndScored) {
  FeatureTable table = small_table(false);
  table.features[1] = Column::text("тип", std::vector<std::string>(30, "новый"));
  for (const char* encode : {"one_hot", "ordinal", "label", "target"}) {
    SCOPED_TRACE(encode);
    const Pipeline pipeline =
        small_pipeline(GetParam(), small_table(false), {{"encode", std::string(encode)}});
    UnseenReport unseen;
    expect_probabilities(pipeline.predict(table, &unseen), 30, 2);
    EXPECT_EQ(unseen.categories.at("тип").at("новый"), 30);
  }
}

// The preparation may keep missing numbers; a model that cannot take them says so when it scores.
TEST(Pipeline, MissingNumbersThatNobodyFillsAreAnError) {
  for (const std::string name : {"logistic", "tree", "knn"}) {
    const Pipeline pipeline =
        small_pipeline(name, small_table(false), {{"impute", std::string("none")}});
    try {
      pipeline.predict(small_table(true));
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_NE(std::string(error.what()).find("выручка"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace perennial
