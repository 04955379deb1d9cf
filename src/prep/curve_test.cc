// Known answers: scikit-learn 1.2.1, printed with repr, unless a comment says otherwise.
#include "prep/curve.h"

#include <gtest/gtest.h>

#include <numeric>

#include "prep/prep.h"

namespace perennial {
namespace {

const std::vector<double> kTraining = {3.5, -1.25, 0.1, 7, 2.2, 4.75, 0.1, 30};
const std::vector<double> kAsked = {-3, 0.05, 0.1, 1, 2.2, 8, 29.5, 40};

std::vector<uint32_t> rows_of(size_t n) {
  std::vector<uint32_t> rows(n);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

FeatureTable table_of(std::vector<Column> features) {
  FeatureTable table;
  for (size_t i = 0; i < features[0].size(); ++i) table.ids.push_back(std::to_string(i));
  table.features = std::move(features);
  return table;
}

FittedPrep fitted(const FeatureTable& table, const std::map<std::string, ParamValue>& given) {
  return FittedPrep::fit(table, rows_of(table.rows()),
                         complete(prep_params(), Params(given), "test"));
}

// Fitted on kTraining, applied to kAsked, before and after the way through JSON.
void expect_columns(const std::map<std::string, ParamValue>& given,
                    const std::vector<std::vector<double>>& expected, double tolerance = 1e-12,
                    const std::vector<double>& training = kTraining) {
  const FittedPrep prep = fitted(table_of({Column::number("x", training)}), given);
  const FeatureTable asked = table_of({Column::number("x", kAsked)});
  const Matrix got = prep.apply(asked);
  ASSERT_EQ(got.cols, expected.size());
  for (size_t j = 0; j < got.cols; ++j) {
    for (size_t i = 0; i < got.rows; ++i) {
      EXPECT_NEAR(got.at(i, j), expected[j][i], tolerance) << i << ", " << j;
    }
  }
  const FittedPrep back = FittedPrep::from_json(Json::parse(prep.to_json().dump()));
  EXPECT_EQ(back.apply(asked).values, got.values);
  EXPECT_EQ(back.column_names(), prep.column_names());
}

ParamValue word(const char* text) { return std::string(text); }

TEST(Curve, RobustAsScikitLearn) {
  expect_columns({{"scale", word("robust")}},
                 {{-1.1223021582733812, -0.5371702637889688, -0.52757793764988, -0.354916067146283,
                   -0.12470023980815345, 0.988009592326139, 5.112709832134292, 7.127098321342925}});
}

TEST(Curve, QuantileAsScikitLearn) {
  expect_columns(
      {{"scale", word("quantile")}},
      {{-5.199337582605575, -1.0913196025617318, -0.7916386077433746, -0.3935984157969242,
        -0.1800123697927051, 1.0955130636896775, 2.7364194385325114, 5.19933758270342}});
}

// QuantileTransformer(n_quantiles=256) on 1,000 values.
TEST(Curve, ManyQuantilesAsScikitLearn) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i)
    values.push_back((i * 7919 % 1000 / 10.0) * (i * 7919 % 1000 / 10.0));
  const Curve curve = fit_warp("quantile", values);
  EXPECT_EQ(curve.quantiles.size(), 256u);
  EXPECT_NEAR(curve.warped(0.5), -2.4643816054234216, 1e-9);
  EXPECT_NEAR(curve.warped(100), -1.2810931337869809, 1e-9);
  EXPECT_NEAR(curve.warped(5000), 0.547003390625311, 1e-9);
  EXPECT_NEAR(curve.warped(9900), 2.650654295019976, 1e-9);
}

// make_pipeline(StandardScaler(), PowerTransformer()); both optimisers stop near the best lambda.
TEST(Curve, PowerAsScikitLearn) {
  expect_columns(
      {{"scale", word("power")}},
      {{-2.3530482126080163, -0.8948475872794678, -0.8750100394620427, -0.5387097038916361,
        -0.1488886688929529, 0.9598872214277285, 1.8229940027628333, 1.944552092418613}},
      1e-6);
}

TEST(Curve, BinsAsScikitLearn) {
  expect_columns({{"numeric", word("bins")}, {"pieces", int64_t{3}}},
                 {{1, 1, 1, 0, 0, 0, 0, 0}, {0, 0, 0, 1, 1, 0, 0, 0}, {0, 0, 0, 0, 0, 1, 1, 1}});
}

TEST(Curve, SplinesAsScikitLearn) {
  expect_columns(
      {{"numeric", word("splines")}, {"pieces", int64_t{3}}},
      {{0.16666666666666666, 0.01565239168544952, 0.013583625691797226, 2.9181700657078127e-05, 0,
        0, 0, 0},
       {0.6837517433751743, 0.5014840723342285, 0.4890654710613032, 0.2601108653380591,
        0.06821124503007964, 0, 0, 0},
       {0.14958158995815898, 0.47758027953527427, 0.49143429328969257, 0.7124682401964365,
        0.8385531942056126, 0.45988782580006593, 5.398758285594313e-06, 0},
       {0, 0.005283256445047491, 0.005916609957206975, 0.027391712764847097, 0.09299463818139189,
        0.4875312526180452, 0.24934081406116723, 0.23533007334963327},
       {0, 0, 0, 0, 0.00024092258291595424, 0.05209501293271482, 0.5935388670469899,
        0.5980032599837}},
      1e-12, {3.5, -1.25, 0.1, 7, 2.2, 4.75, 0.6, 30});
}

TEST(Curve, AConstantColumnStaysOneColumn) {
  for (const char* numeric : {"bins", "splines"}) {
    const FittedPrep prep =
        fitted(table_of({Column::number("x", {2, 2, 2})}), {{"numeric", word(numeric)}});
    EXPECT_EQ(prep.column_names(), std::vector<std::string>{"x"});
  }
}

TEST(PrepText, RareCategoriesAreJoinedAndTakeTheUnseen) {
  const FeatureTable table =
      table_of({Column::text("c", {"a", "a", "a", "b", "b", "b", "x", "y", "a", "b"})});
  const FittedPrep prep = fitted(table, {{"min_frequency", 0.2}});
  EXPECT_EQ(prep.column_names(), (std::vector<std::string>{"c=a", "c=b", "c is rare"}));
  const FeatureTable asked = table_of({Column::text("c", {"a", "y", "new"})});
  UnseenReport unseen;
  const Matrix got = prep.apply(asked, &unseen);
  EXPECT_EQ(got.values, (std::vector<double>{1, 0, 0, 0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(unseen.categories.at("c"), (std::map<std::string, int64_t>{{"new", 1}}));
  const FittedPrep back = FittedPrep::from_json(Json::parse(prep.to_json().dump()));
  EXPECT_EQ(back.apply(asked).values, got.values);
}

TEST(PrepText, SetsBecomeOneColumnAMember) {
  const FeatureTable table = table_of({Column::text("c", {"a|b", "b", "c | a", "a"})});
  const FittedPrep prep = fitted(table, {{"sets", word("|")}});
  EXPECT_EQ(prep.column_names(), (std::vector<std::string>{"c=a", "c=b", "c=c"}));
  const FeatureTable asked = table_of({Column::text("c", {"b|c", "d|a"})});
  UnseenReport unseen;
  const Matrix got = prep.apply(asked, &unseen);
  EXPECT_EQ(got.values, (std::vector<double>{0, 1, 1, 0, 1, 0}));
  EXPECT_EQ(unseen.categories.at("c"), (std::map<std::string, int64_t>{{"d", 1}}));
  const FittedPrep back = FittedPrep::from_json(Json::parse(prep.to_json().dump()));
  EXPECT_EQ(back.apply(asked).values, got.values);
}

// The formula of scikit-learn's TargetEncoder (1.3) with smooth = 2, worked out by hand.
TEST(PrepText, TargetCodesAreSmoothedShares) {
  FeatureTable table = table_of({Column::text("c", {"a", "a", "a", "b", "b", "b", "b", "b"})});
  table.classes = {"no", "yes"};
  table.y = {1, 1, 0, 0, 0, 0, 1, 0};
  const FittedPrep prep = fitted(table, {{"encode", word("target")}, {"smooth", 2.0}});
  EXPECT_EQ(prep.column_names(), std::vector<std::string>{"c: share of yes"});
  const FeatureTable asked = table_of({Column::text("c", {"a", "b", "new"})});
  const Matrix got = prep.apply(asked);
  EXPECT_DOUBLE_EQ(got.at(0, 0), (2 + 2 * 0.375) / (3 + 2));
  EXPECT_DOUBLE_EQ(got.at(1, 0), (1 + 2 * 0.375) / (5 + 2));
  EXPECT_DOUBLE_EQ(got.at(2, 0), 0.375);
  const FittedPrep back = FittedPrep::from_json(Json::parse(prep.to_json().dump()));
  EXPECT_EQ(back.apply(asked).values, got.values);
}

// Every customer a category of its own, outcomes by chance: codes of all rows give the outcome
// away, codes learned out of fold cannot.
TEST(PrepText, TargetCodesForTrainingAreLearnedFromOtherRows) {
  std::vector<std::string> names;
  FeatureTable table;
  for (int i = 0; i < 100; ++i) names.push_back("k" + std::to_string(i));
  table = table_of({Column::text("c", names)});
  table.classes = {"no", "yes"};
  for (int i = 0; i < 100; ++i) table.y.push_back(i * 37 % 100 < 40 ? 1 : 0);
  const FittedPrep prep = fitted(table, {{"encode", word("target")}, {"smooth", 1.0}});
  const Matrix full = prep.apply(table), own = prep.apply_training(table, rows_of(100));
  for (size_t i = 0; i < 100; ++i) {
    EXPECT_DOUBLE_EQ(full.at(i, 0), (table.y[i] + 0.4) / 2);
    EXPECT_NEAR(own.at(i, 0), 0.4, 1e-12);  // 32 of 80 in every four fifths: stratified
  }
}

TEST(PrepText, TargetCodesOfThreeClasses) {
  FeatureTable table = table_of({Column::text("c", {"a", "a", "b", "b"})});
  table.classes = {"x", "y", "z"};
  table.y = {0, 1, 2, 2};
  const Matrix got = fitted(table, {{"encode", word("target")}, {"smooth", 0.0}}).apply(table);
  EXPECT_EQ(got.values, (std::vector<double>{0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0, 0, 0, 1, 1}));
}

TEST(Prep, ProductsOfDifferentFeatures) {
  const FeatureTable table =
      table_of({Column::number("x", {1, 2, 3}), Column::text("c", {"a", "b", "c"})});
  const FittedPrep prep = fitted(table, {{"scale", word("none")}, {"interactions", true}});
  EXPECT_EQ(prep.column_names(),
            (std::vector<std::string>{"x", "c=a", "c=b", "c=c", "x × c=a", "x × c=b", "x × c=c"}));
  const Matrix got = prep.apply(table);
  for (size_t j = 0; j < 3; ++j) {
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(got.at(i, 4 + j), i == j ? static_cast<double>(i + 1) : 0.0);
    }
  }
}

}  // namespace
}  // namespace perennial
