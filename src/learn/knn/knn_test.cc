#include "learn/knn/knn.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "learn/changing_row.h"
#include "learn/knn/neighbours.h"
#include "learn/test_data.h"

namespace perennial {
namespace {

using testing_data::answers;
using testing_data::made_matrix;
using testing_data::made_sample;
using testing_data::params_of;
using testing_data::predicted;
using testing_data::Sample;

ParamValue whole(int64_t v) { return v; }
ParamValue word(const char* v) { return std::string(v); }

void expect_near(const std::vector<double>& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-11) << i;
}

// scikit-learn 1.2.1, KNeighborsClassifier, by learn/tree/sklearn_cases.py.
TEST(Knn, AnswersAsScikitLearn) {
  const auto learner = make_knn();
  const Matrix queries = made_matrix(10, 5, 5000);
  expect_near(answers(*learner, made_sample(160), queries, {{"n_neighbors", whole(5)}}),
              {0.6, 0.8, 1.0, 0.2, 0.4, 0.6, 0.2, 0.6, 0.4, 0.8});
  expect_near(answers(*learner, made_sample(160), queries,
                      {{"n_neighbors", whole(7)}, {"weights", word("distance")}, {"p", whole(1)}}),
              {0.595031513974, 0.851059578047, 0.884331986874, 0.233966998927, 0.316422266429,
               0.602776369789, 0.40523032568, 0.546386218534, 0.416286441555, 0.863815247576});
  expect_near(answers(*learner, made_sample(160, 3), queries,
                      {{"n_neighbors", whole(9)}, {"weights", word("distance")}}),
              {0.0,
               0.804232603326,
               0.195767396674,
               0.0,
               0.426123562045,
               0.573876437955,
               0.0,
               0.78120545297,
               0.21879454703,
               0.0,
               0.901927200839,
               0.098072799161,
               0.0,
               1.0,
               0.0,
               0.081036178387,
               0.918963821613,
               0.0,
               0.092592534791,
               0.816389577754,
               0.091017887455,
               0.170455990211,
               0.829544009789,
               0.0,
               0.093701930504,
               0.799612378665,
               0.106685690831,
               0.0,
               0.782701550571,
               0.217298449429});
}

// Against sorting all distances, over several blocks of rows and with many ties.
TEST(Knn, NeighboursAsBySorting) {
  Matrix training = made_matrix(1500, 3);
  for (double& v : training.values) v = std::floor(v / 64);  // 0 .. 3: ties everywhere
  Matrix queries = made_matrix(9, 3, 7000);
  for (double& v : queries.values) v = std::floor(v / 64);
  for (int64_t p : {1, 2}) {
    for (size_t k : {1, 7, 600, 1500, 5000}) {
      find_neighbours(training, queries, k, p, [&](size_t query, std::span<const Neighbour> found) {
        std::vector<std::pair<double, uint32_t>> all;
        for (uint32_t row = 0; row < training.rows; ++row) {
          double sum = 0;
          for (size_t j = 0; j < 3; ++j) {
            const double d = std::abs(training.at(row, j) - queries.at(query, j));
            sum += p == 1 ? d : d * d;
          }
          all.emplace_back(sum, row);
        }
        std::sort(all.begin(), all.end());
        ASSERT_EQ(found.size(), std::min(k, training.rows));
        for (size_t i = 0; i < found.size(); ++i) {
          ASSERT_EQ(found[i].row, all[i].second) << "p " << p << ", k " << k;
          ASSERT_EQ(found[i].distance, all[i].first);
        }
      });
    }
  }
}

TEST(Knn, RowsThatCoincideVoteAlone) {
  const Sample sample{
      .x = {.rows = 4, .cols = 1, .values = {1, 1, 2, 3}, .names = {"a"}, .source = {0}},
      .y = {1, 0, 0, 0}};
  const Matrix query{.rows = 1, .cols = 1, .values = {1}, .names = {"a"}, .source = {0}};
  EXPECT_EQ(answers(*make_knn(), sample, query,
                    {{"n_neighbors", whole(4)}, {"weights", word("distance")}}),
            std::vector<double>{0.5});
  EXPECT_EQ(answers(*make_knn(), sample, query, {{"n_neighbors", whole(4)}}),
            std::vector<double>{0.25});
}

TEST(Knn, DistancesBeyondTheRangeStillVote) {
  const Sample sample{
      .x = {.rows = 3, .cols = 1, .values = {1e300, 1e301, 1e-300}, .names = {"a"}, .source = {0}},
      .y = {1, 0, 0}};
  for (double at : {0.0, -1e300, 1e200, std::nan("")}) {
    const Matrix query{.rows = 1, .cols = 1, .values = {at}, .names = {"a"}, .source = {0}};
    const auto got = answers(*make_knn(), sample, query,
                             {{"n_neighbors", whole(3)}, {"weights", word("distance")}});
    EXPECT_TRUE(got[0] >= 0 && got[0] <= 1) << at;
  }
}

TEST(Knn, DistancesAreComputedOnceForAllK) {
  const Sample sample = made_sample(200);
  const auto learner = make_knn();
  std::vector<Params> candidates;
  for (int64_t k = 1; k <= 40; ++k) {
    for (const char* weights : {"uniform", "distance"}) {
      candidates.push_back(params_of(*learner, {{"n_neighbors", k}, {"weights", word(weights)}}));
    }
  }
  const Matrix queries = made_matrix(30, 5, 9000);
  const size_t fitted = learner->fit_predict_many(
      sample.set(), queries, candidates, [&](size_t i, std::span<const double> probability) {
        const auto alone = predicted(*learner->fit(sample.set(), candidates[i]), queries, 2);
        EXPECT_EQ(std::vector<double>(probability.begin(), probability.end()), alone)
            << to_text(candidates[i]);
      });
  EXPECT_EQ(fitted, 1u);
}

// Cells of a row are changed at random, and after each change the answer must be the one that the
// plain way gives, to the last bit. Whole numbers tie; rows of the training set lie at distance 0.
void expect_as_plain(const Sample& sample, const std::map<std::string, ParamValue>& given,
                     uint64_t seed) {
  const auto learner = make_knn();
  const auto model = learner->fit(sample.set(), params_of(*learner, given));
  const auto row = changing_row(*model);
  ASSERT_NE(row, nullptr);
  Rng rng(Seed{seed});
  const size_t cols = sample.x.cols;
  const auto cell = [&](size_t j) { return sample.x.at(rng.below(sample.x.rows), j); };
  const auto classes = static_cast<size_t>(sample.classes);
  for (int start = 0; start < 3; ++start) {
    Matrix now{.rows = 1, .cols = cols, .values = {}, .names = {}, .source = {}};
    const size_t one = rng.below(sample.x.rows);
    for (size_t j = 0; j < cols; ++j) now.values.push_back(sample.x.at(one, j));
    const auto walker = row->fresh();
    walker->set(now.values);
    for (int step = 0; step < 50; ++step) {
      std::vector<double> got(classes);
      walker->answer(got);
      ASSERT_EQ(got, predicted(*model, now, sample.classes))
          << "start " << start << " step " << step;
      for (size_t changed = rng.below(3); changed > 0; --changed) {
        const size_t j = rng.below(cols);
        walker->change(j, now.values[j] = cell(j));
      }
    }
  }
}

TEST(KnnRow, AnswersAsThePlainWay) {
  Sample ties = made_sample(700, 3, 4);
  for (double& v : ties.x.values) v = std::floor(v / 50);  // 0 .. 5
  Sample thirds = ties;                                    // ties that rounding hides or makes
  for (double& v : thirds.x.values) v = v / 3 + 0.1;
  for (size_t i = 0; i < thirds.x.rows; ++i) thirds.x.values[i] *= i % 90 == 0 ? 1e7 : 1e-4;
  const Sample smooth = made_sample(900, 2, 5);
  for (const Sample& sample : {ties, thirds, smooth}) {
    for (const char* weights : {"uniform", "distance"}) {
      for (const int64_t p : {1, 2}) {
        for (const int64_t k : {1, 7, 60, 2000}) {
          expect_as_plain(sample, {{"n_neighbors", k}, {"weights", word(weights)}, {"p", whole(p)}},
                          static_cast<uint64_t>(k + p));
        }
      }
    }
  }
}

TEST(KnnRow, SurvivesTheLargestAndTheLeastNumbers) {
  for (const double size : {1e-170, 1e-160, 1e150, 1e200, 1e306}) {
    Sample sample = made_sample(60, 2, 3);
    for (double& v : sample.x.values) v = std::floor(v / 50) * size;
    expect_as_plain(sample, {{"n_neighbors", whole(5)}, {"weights", word("distance")}}, 1);
  }
  Sample one_far = made_sample(60, 2, 3);
  one_far.x.values[7] = 1e160;  // its square is infinite
  expect_as_plain(one_far, {{"n_neighbors", whole(60)}, {"weights", word("distance")}}, 2);
}

}  // namespace
}  // namespace perennial
