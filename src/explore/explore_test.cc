// Known answers: the φK authors' own test values (KaveIO/PhiK, test_phik.py) on their insurance
// data; a plain numpy version of the paper for the shop; scipy 1.10.1 and scikit-learn 1.2.1.
#include "explore/explore.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/seed.h"
#include "base/test_places.h"
#include "explore/contingency.h"
#include "explore/phik.h"
#include "explore/profile.h"
#include "explore/rank.h"
#include "explore/tails.h"
#include "table/read.h"

namespace perennial {
namespace {

Contingency three_by_three() {
  Contingency t(3, 3);
  t.counts = {10, 20, 30, 6, 9, 17, 40, 3, 5};
  return t;
}

TEST(Explore, TailsAreThoseOfScipy) {
  EXPECT_NEAR(log_chi2_tail(3, 2.5), -1.1846617048495725, 1e-12);
  EXPECT_NEAR(log_chi2_tail(50, 9), -16.043695105226487, 1e-11);
  EXPECT_NEAR(log_chi2_tail(0.5, 7), -0.0005536718575536753, 1e-14);
  EXPECT_NEAR(z_of_log_p(std::log(1e-12)), 7.034483825301131, 1e-9);
  EXPECT_NEAR(z_of_log_p(std::log(1e-200)), 30.20559417957964, 1e-9);
  // Sums of 2 k log(k / mu) over scipy.stats.poisson.
  EXPECT_NEAR(mean_poisson_deviance(0.01), 0.0922417460391609, 1e-4);
  EXPECT_NEAR(mean_poisson_deviance(0.3), 0.8398188822903193, 2e-4);
  EXPECT_NEAR(mean_poisson_deviance(2.7), 1.1067666837215115, 1e-4);
  EXPECT_NEAR(mean_poisson_deviance(100), 1.001683659360025, 1e-4);
}

TEST(Explore, TableStatisticsAreThoseOfScipyAndScikitLearn) {
  const Dependence d = dependence(three_by_three());
  EXPECT_NEAR(d.chi_square, 57.4754607371795, 1e-10);
  EXPECT_NEAR(d.g, 60.4499567715599, 1e-10);
  EXPECT_NEAR(std::exp(log_chi2_tail(d.g, d.degrees)), 2.33324754655974e-12, 1e-20);
  EXPECT_NEAR(d.mutual_information, 0.21589270275557, 1e-12);
  EXPECT_NEAR(d.effective_degrees, 4, 0.15);
  EXPECT_NEAR(d.cramers_v, 0.440076808706991, 1e-12);  // Bergsma's formula in numpy
}

TEST(Explore, CorrelationsAreThoseOfScipy) {
  const std::vector<double> x{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8},
      y{2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5};
  EXPECT_NEAR(pearson(x, y), 0.0997990075972155, 1e-13);
  EXPECT_NEAR(pearson(average_ranks(x), average_ranks(y)), 0.141579686364016, 1e-13);
  EXPECT_NEAR(kendall(x, y), 0.171096477707289, 1e-13);
  const std::vector<int> groups{0, 1, 0, 2, 2, 1, 0, 1, 2, 0, 1, 2};
  EXPECT_NEAR(correlation_ratio(x, groups, 3), 0.397515871286328, 1e-13);  // from F of f_oneway
}

// Every customer twice: shares and correlations stay, test statistics double.
TEST(Explore, DuplicatesChangeNoShare) {
  Rng rng(Seed{3});
  std::vector<double> x, y;
  for (int i = 0; i < 200; ++i) {
    x.push_back(std::floor(5 * rng.normal()));
    y.push_back(x.back() + 9 * rng.normal());
  }
  std::vector<double> xx(x), yy(y);
  xx.insert(xx.end(), x.begin(), x.end());
  yy.insert(yy.end(), y.begin(), y.end());
  EXPECT_NEAR(pearson(x, y), pearson(xx, yy), 1e-12);
  EXPECT_NEAR(pearson(average_ranks(x), average_ranks(y)),
              pearson(average_ranks(xx), average_ranks(yy)), 1e-12);
  Contingency once = three_by_three(), twice = once;
  for (double& c : twice.counts) c *= 2;
  const Dependence a = dependence(once), b = dependence(twice);
  EXPECT_NEAR(2 * a.chi_square, b.chi_square, 1e-9);
  EXPECT_NEAR(2 * a.g, b.g, 1e-9);
  EXPECT_NEAR(a.mutual_information, b.mutual_information, 1e-12);
  EXPECT_LT(b.log_p, a.log_p);
}

TEST(Explore, AdjustedPValuesAreThoseOfTheirDefinition) {  // by hand
  const std::vector<double> p{0.01, 0.04, 0.03, NAN, 0.005};
  const std::vector<double> h = holm(p), b = benjamini_hochberg(p);
  EXPECT_DOUBLE_EQ(h[0], 0.03);
  EXPECT_DOUBLE_EQ(h[1], 0.06);
  EXPECT_DOUBLE_EQ(h[2], 0.06);
  EXPECT_TRUE(std::isnan(h[3]));
  EXPECT_DOUBLE_EQ(h[4], 0.02);
  EXPECT_DOUBLE_EQ(b[0], 0.02);
  EXPECT_DOUBLE_EQ(b[1], 0.04);
  EXPECT_DOUBLE_EQ(b[2], 0.04);
  EXPECT_DOUBLE_EQ(b[4], 0.02);
}

TEST(Phik, ChiSquareOfHalf) {
  const PhikShape shape(10, 10);
  EXPECT_NEAR(chi_square_of_phik(shape, 0.5, 1000, 10, 10, 0), 271.16068979654125, 271e-6);
  EXPECT_NEAR(phik_of_chi_square(shape, 271.16068979654125, 1000, 10, 10, 0), 0.5, 1e-6);
}

TEST(Phik, SeriesAndQuadratureMeetAndRise) {
  for (const auto& [r, k] : {std::pair{size_t{2}, size_t{2}}, {2, 10}, {10, 10}, {3, 40}}) {
    const PhikShape shape(r, k);
    EXPECT_NEAR(shape.distance(0.95), shape.distance(0.95 + 1e-9), 1e-4 * shape.distance(0.95));
    double before = -1;
    for (int i = 0; i <= 100; ++i) {
      const double here = shape.distance(i / 100.0);
      EXPECT_GT(here, before) << r << " x " << k << " at " << i;
      before = here;
    }
    for (const double rho : {0.1, 0.6, 0.94, 0.97, 0.999}) {
      const double chi = chi_square_of_phik(shape, rho, 500, r, k, 0);
      EXPECT_NEAR(phik_of_chi_square(shape, chi, 500, r, k, 0), rho, 1e-7);
    }
  }
}

// Whatever describes rows must not depend on their order, and does not on the threads.
TEST(Explore, OrderOfRowsAndThreadsChangeNothing) {
  Rng rng(Seed{7});
  FeatureTable f{.classes = {"no", "yes"}};
  std::vector<double> a, b;
  std::vector<std::string> t;
  for (size_t i = 0; i < 700; ++i) {
    f.ids.push_back(std::to_string(i));
    a.push_back(i % 9 == 0 ? kMissing : std::floor(20 * rng.normal()));
    b.push_back(std::exp(rng.normal()));
    t.push_back(rng.bernoulli(0.3) ? "x" : "y");
    f.y.push_back(rng.bernoulli(b.back() > 1 ? 0.7 : 0.2));
    f.position.push_back(static_cast<uint32_t>(i));
  }
  f.features = {Column::number("a", a), Column::number("b", b), Column::text("t", t)};
  std::vector<uint32_t> order(700);
  for (uint32_t i = 0; i < 700; ++i) order[i] = i;
  rng.shuffle(order);
  const auto text = [](const FeatureTable& table, int threads) {
    const Workers workers(threads);
    return json_text(to_json(explore(table, {}, workers)));
  };
  EXPECT_EQ(text(f, 1), text(f, 2));
  EXPECT_EQ(text(f, 1), text(f.take(order), 2));
  // Another unit of measurement changes no association.
  const Workers one(1);
  const Exploration before = explore(f, {}, one);
  for (double& v : f.features[0].numbers) v = 8 * v + 16;
  const Exploration after = explore(f, {}, one);
  EXPECT_NEAR(before.pairs.phik[0][1], after.pairs.phik[0][1], 1e-9);
  EXPECT_NEAR(before.pairs.spearman[0][1], after.pairs.spearman[0][1], 1e-12);
  EXPECT_EQ(before.with_target[0].column, "b");
  EXPECT_LT(before.with_target[0].adjusted_p, 1e-6);
  int64_t rows = 0;
  for (const Slice& s : before.columns[0].groups) rows += s.rows;
  EXPECT_EQ(rows, 700);
  EXPECT_EQ(before.columns[0].missing, 78);
}

FeatureTable as_features(const Table& table) {
  FeatureTable f{.features = table.columns, .classes = {"no", "yes"}};
  for (size_t row = 0; row < table.rows(); ++row) {
    f.ids.push_back(std::to_string(row));
    f.y.push_back(static_cast<int32_t>(row % 2));
    f.position.push_back(static_cast<uint32_t>(row));
  }
  return f;
}

TEST(Phik, InsuranceDataOfTheAuthors) {
  const std::string file = "fake_insurance_data.csv.gz";
  if (!fs::exists(data_folder() / "oracles" / file)) {
    GTEST_SKIP() << "no oracles in " << data_folder().string();
  }
  const Workers workers(2);
  const Table table = read_table("cars", data_folder() / "oracles", {.files = {file}}, workers);
  const Exploration e = explore(as_features(table), {}, workers);
  const auto at = [&](const std::string& name) {
    const auto& c = e.pairs.columns;
    return static_cast<size_t>(std::find(c.begin(), c.end(), name) - c.begin());
  };
  const size_t color = at("car_color"), area = at("area"), miles = at("mileage"),
               size = at("car_size"), age = at("driver_age");
  EXPECT_NEAR(e.pairs.phik[color][area], 0.5904561614620166, 1e-6);
  EXPECT_NEAR(e.pairs.phik[miles][size], 0.768588987856336, 1e-6);
  EXPECT_NEAR(e.pairs.global_phik[area], 0.6057528003711345, 1e-6);
  EXPECT_NEAR(e.pairs.global_phik[size], 0.76858883, 1e-6);
  EXPECT_NEAR(e.pairs.global_phik[miles], 0.768588987856336, 1e-6);
  EXPECT_NEAR(e.pairs.phik[color][age], 0.38967121, 1e-6);  // the numpy version
  EXPECT_NEAR(e.pairs.phik[age][area], 0.10550642, 1e-6);
  // phik 0.12.5, significance_from_chi2_hybrid with 10,000 simulated tables; the last digits are
  // noise of the simulation.
  EXPECT_NEAR(e.pairs.phik_significance[color][age], 19.87598917179183, 0.02);
  EXPECT_NEAR(e.pairs.phik_significance[age][area], 1.886132269463861, 0.05);
  EXPECT_NEAR(e.pairs.phik_significance[color][miles], -0.5083173656937657, 0.05);
}

// Columns as codes, with the rows of the authors' tables: the uniform bins, the sorted names.
Contingency authors_table(const Table& table, const std::string& a, const std::string& b) {
  const FeatureTable f = as_features(table);
  Coded x, z;
  profile_of(*table.find(a), table.find(a)->is_text() ? "text" : "number", f.y, f, {}, x);
  profile_of(*table.find(b), table.find(b)->is_text() ? "text" : "number", f.y, f, {}, z);
  const auto code = [](const Column& c, const Coded& coded, size_t row) {
    std::vector<std::string> names = c.dictionary;
    std::sort(names.begin(), names.end());
    if (!c.is_text()) return static_cast<size_t>(coded.bins[row]);
    const auto& name = c.dictionary[static_cast<size_t>(c.codes[row])];
    return static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  const auto count = [](const Column& c, const Coded& coded) {
    return c.is_text() ? c.dictionary.size() : coded.bin_count;
  };
  Contingency t(count(*table.find(a), x), count(*table.find(b), z));
  for (size_t row = 0; row < table.rows(); ++row) {
    t.at(code(*table.find(a), x, row), code(*table.find(b), z, row)) += 1;
  }
  return t;
}

// Where a p-value is below what a double holds, the authors' package takes Chernoff's bound.
double chernoff_z(double g, double degrees) {
  const double z = g / degrees;
  const double u = -std::log(2 * M_PI) - degrees * std::log(z) + degrees * (z - 1);
  return std::sqrt(u - std::log(u));
}

TEST(Phik, SignificancesThatTheAuthorsPublish) {
  const std::string file = "fake_insurance_data.csv.gz";
  if (!fs::exists(data_folder() / "oracles" / file)) {
    GTEST_SKIP() << "no oracles in " << data_folder().string();
  }
  const Workers workers(1);
  const Table table = read_table("cars", data_folder() / "oracles", {.files = {file}}, workers);
  const Dependence area = dependence(authors_table(table, "car_color", "area"));
  const Dependence size = dependence(authors_table(table, "mileage", "car_size"));
  // test_significance_matrix_asymptotic: all degrees of freedom.
  EXPECT_NEAR(chernoff_z(area.g, area.degrees), 37.66184429195198, 1e-9);
  EXPECT_NEAR(chernoff_z(size.g, size.degrees), 49.3323049685695, 1e-9);
  // test_significance_matrix_hybrid: simulated ones, and their tolerance for it.
  EXPECT_NEAR(chernoff_z(area.g, area.effective_degrees), 37.63086023595297, 0.1);
  EXPECT_NEAR(chernoff_z(size.g, size.effective_degrees), 49.28345609465683, 0.1);
  // scipy 1.10.1: the tail itself by quadrature, norm.logsf.
  EXPECT_NEAR(z_of_log_p(log_chi2_tail(area.g, area.degrees)), 37.827448918, 1e-6);
  EXPECT_NEAR(z_of_log_p(log_chi2_tail(size.g, size.degrees)), 49.464811931, 1e-6);
  // phik 0.12.5, asymptotic, where the p-value is large enough to be one.
  const Dependence age = dependence(authors_table(table, "car_color", "driver_age"));
  EXPECT_NEAR(z_of_log_p(log_chi2_tail(age.g, age.degrees)), 19.68156382241358, 1e-8);
}

TEST(Phik, OutlierCellsThatTheAuthorsPublish) {  // test_outlier_significance_matrix
  const std::string file = "fake_insurance_data.csv.gz";
  if (!fs::exists(data_folder() / "oracles" / file)) {
    GTEST_SKIP() << "no oracles in " << data_folder().string();
  }
  const Workers workers(1);
  const Table table = read_table("cars", data_folder() / "oracles", {.files = {file}}, workers);
  const Contingency t = authors_table(table, "mileage", "car_size");
  EXPECT_EQ(t.at(1, 1), 10);  // test_hist2d
  EXPECT_EQ(t.at(5, 5), 217);
  const CellOutliers cells = cell_outliers(t);
  EXPECT_NEAR(cells.significance[0 * t.columns + 1], 21.483476494343552, 1e-8);
  EXPECT_NEAR(cells.significance[2 * t.columns + 4], -1.246784034214704, 1e-8);
}

}  // namespace
}  // namespace perennial
