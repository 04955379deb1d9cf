#include "learn/knn/knn.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "learn/knn/knn_row.h"
#include "learn/knn/neighbours.h"
#include "learn/knn/vote.h"
#include "learn/prep_defaults.h"

namespace perennial {
namespace {

KnnSettings settings_of(const Params& params) {
  return {.k = static_cast<size_t>(params.get_int("n_neighbors")),
          .by_distance = params.get_text("weights") == "distance",
          .p = params.get_int("p")};
}

class KnnModel : public Model, public FollowsChanges {
 public:
  KnnModel(Matrix rows, std::vector<int32_t> y, int classes, KnnSettings settings)
      : rows_(std::move(rows)), y_(std::move(y)), classes_(classes), settings_(settings) {}

  void predict(const Matrix& x, std::span<double> probability) const override {
    const size_t classes = static_cast<size_t>(classes_);
    PERENNIAL_CHECK(probability.size() == x.rows * classes);
    find_neighbours(rows_, x, settings_.k, settings_.p,
                    [&](size_t query, std::span<const Neighbour> neighbours) {
                      vote(neighbours, y_, settings_,
                           probability.subspan(query * classes, classes));
                    });
  }

  std::unique_ptr<ChangingRow> changing_row() const override {
    return make_knn_row(rows_, y_, settings_);
  }

  void save(ByteWriter& out) const override {
    out.u64(settings_.k);
    out.u8(settings_.by_distance ? 1 : 0);
    out.u8(static_cast<uint8_t>(settings_.p));
    out.u32(static_cast<uint32_t>(classes_));
    out.u64(rows_.cols);
    out.i32s(y_);
    out.f64s(rows_.values);
  }

 private:
  Matrix rows_;
  std::vector<int32_t> y_;
  int classes_;
  KnnSettings settings_;
};

class Knn : public Learner {
 public:
  std::string_view name() const override { return "knn"; }
  std::string_view title() const override { return "k nearest neighbours"; }
  std::string_view description() const override {
    return "The share of each class among the most similar training rows (Cover and Hart 1967).";
  }
  Capabilities capabilities() const override { return {.multiclass = true}; }
  const std::vector<ParamSpec>& params() const override { return params_; }
  const std::vector<ParamSpec>& prep() const override { return prep_; }

  std::unique_ptr<Model> fit(const TrainingSet& data, const Params& params) const override {
    check_training_set(data, capabilities(), title());
    Matrix rows{.rows = data.x->rows,
                .cols = data.x->cols,
                .values = data.x->values,
                .names = {},
                .source = {}};
    return std::make_unique<KnnModel>(std::move(rows),
                                      std::vector<int32_t>(data.y.begin(), data.y.end()),
                                      data.classes, settings_of(params));
  }

  std::unique_ptr<Model> load(ByteReader& in) const override;

  size_t fit_predict_many(const TrainingSet& data, const Matrix& holdout,
                          std::span<const Params> candidates, const Sink& sink) const override;
  std::string_view shares() const override {
    return "one set of distances serves every number of neighbours";
  }

 private:
  std::vector<ParamSpec> params_ = {
      {.name = "n_neighbors",
       .type = ParamType::kInt,
       .default_value = int64_t{5},
       .description = "How many neighbours are asked (at most all training rows).",
       .min = 1,
       .max = 1e9,
       .grid = {int64_t{3}, int64_t{5}, int64_t{7}, int64_t{9}, int64_t{11}, int64_t{15},
                int64_t{19}, int64_t{23}, int64_t{27}, int64_t{31}, int64_t{41}},
       .search = SearchRange{.low = 5, .high = 101, .log = true}},
      {.name = "weights",
       .type = ParamType::kChoice,
       .default_value = std::string("uniform"),
       .description = "uniform: every neighbour counts the same; distance: as 1 / distance.",
       .choices = {"uniform", "distance"},
       .grid = {std::string("uniform"), std::string("distance")},
       .search = SearchRange{.choices = {std::string("uniform"), std::string("distance")}}},
      {.name = "p",
       .type = ParamType::kInt,
       .default_value = int64_t{2},
       .description = "Distance: 1 sums absolute differences (Manhattan), 2 is Euclidean.",
       .min = 1,
       .max = 2,
       .search = SearchRange{.choices = {int64_t{1}, int64_t{2}}}},
  };
  std::vector<ParamSpec> prep_ = prep_defaults({"standard", "min_max"});
};

std::unique_ptr<Model> Knn::load(ByteReader& in) const {
  KnnSettings settings;
  settings.k = in.u64();
  settings.by_distance = in.u8() != 0;
  settings.p = in.u8();
  const uint32_t classes = in.u32();
  const uint64_t cols = in.u64();
  std::vector<int32_t> y = in.i32s();
  std::vector<double> values = in.f64s();
  if (settings.k < 1 || settings.p < 1 || settings.p > 2) in.damaged("its settings are impossible");
  if (y.empty() || classes < 2) in.damaged("it has no rows or classes");
  const bool whole =
      cols == 0 ? values.empty() : values.size() % cols == 0 && values.size() / cols == y.size();
  if (!whole) in.damaged("its rows are not complete");
  for (int32_t label : y) {
    if (label < 0 || static_cast<uint32_t>(label) >= classes) in.damaged("a class is impossible");
  }
  if (classes > y.size()) in.damaged("it has more classes than rows");
  Matrix rows{.rows = y.size(),
              .cols = static_cast<size_t>(cols),
              .values = std::move(values),
              .names = {},
              .source = {}};
  return std::make_unique<KnnModel>(std::move(rows), std::move(y), static_cast<int>(classes),
                                    settings);
}

// Candidates of equal p share the distances: the nearest of the largest k are found once, and a
// smaller k asks the first of them.
size_t Knn::fit_predict_many(const TrainingSet& data, const Matrix& holdout,
                             std::span<const Params> candidates, const Sink& sink) const {
  check_training_set(data, capabilities(), title());
  std::map<int64_t, std::vector<size_t>> by_p;
  for (size_t i = 0; i < candidates.size(); ++i) by_p[candidates[i].get_int("p")].push_back(i);
  const size_t classes = static_cast<size_t>(data.classes);
  std::vector<double> probability(holdout.rows * classes);
  for (const auto& [p, group] : by_p) {
    size_t k = 0;
    for (size_t i : group) k = std::max(k, settings_of(candidates[i]).k);
    k = std::min(k, data.x->rows);
    std::vector<Neighbour> nearest(holdout.rows * k);
    find_neighbours(*data.x, holdout, k, p, [&](size_t query, std::span<const Neighbour> found) {
      std::copy(found.begin(), found.end(), nearest.begin() + query * k);
    });
    for (size_t i : group) {
      const KnnSettings settings = settings_of(candidates[i]);
      for (size_t query = 0; query < holdout.rows; ++query) {
        vote(std::span(nearest).subspan(query * k, k), data.y, settings,
             std::span(probability).subspan(query * classes, classes));
      }
      sink(i, probability);
    }
  }
  return by_p.size();
}

}  // namespace

std::unique_ptr<Learner> make_knn() { return std::make_unique<Knn>(); }

}  // namespace perennial
