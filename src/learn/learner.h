// Learner (settings) -> Model (fitted).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/params.h"
#include "base/seed.h"
#include "base/workers.h"
#include "learn/model_view.h"
#include "prep/matrix.h"

namespace perennial {

// Declared facts that the contract suite holds every learner to (rule 5).
struct Capabilities {
  bool multiclass = false;       // more than two classes
  bool missing_values = false;   // NaN in the matrix
  bool sample_weights = false;   // weights act as repetition of rows
  bool scale_invariant = false;  // scaling a column changes nothing (up to rounding)
  bool random = false;           // uses the seed
  bool uses_features = true;     // false: the columns are never looked at
  bool probabilities = true;     // outputs are probabilities that sum to 1
};

struct TrainingSet {
  const Matrix* x = nullptr;
  std::span<const int32_t> y;  // 0 .. classes-1, one a row
  int classes = 2;
  std::span<const double> weights;  // empty: all 1; otherwise > 0, one a row
  Seed seed;
  // Threads for work inside one fit, where the data are large enough to gain from them; the result
  // does not depend on them. nullptr: the caller's thread alone.
  const Workers* workers = nullptr;
};

class Model {
 public:
  virtual ~Model() = default;
  // probability: rows x classes, row-major. REQUIRES: x.cols as in training.
  // A row's result depends on that row alone.
  virtual void predict(const Matrix& x, std::span<double> probability) const = 0;
  virtual void save(ByteWriter& out) const = 0;
  // What people should know of how it was fitted ("approximated with 300 landmarks"); empty:
  // nothing.
  virtual std::string note() const { return ""; }
  // The inside, where the model is linear or made of trees; nothing otherwise.
  virtual std::optional<ModelView> view() const { return std::nullopt; }
};

class Learner {
 public:
  virtual ~Learner() = default;
  virtual std::string_view name() const = 0;         // "logistic": in studies and leaderboards
  virtual std::string_view title() const = 0;        // "logistic regression": for people
  virtual std::string_view description() const = 0;  // one line for the docs, with its source
  virtual Capabilities capabilities() const = 0;
  virtual const std::vector<ParamSpec>& params() const = 0;
  // The preparation's parameters with this learner's own defaults and grids.
  virtual const std::vector<ParamSpec>& prep() const = 0;

  // params: completed by params(). Errors (kData): one class only, no rows, a NaN it cannot take.
  virtual std::unique_ptr<Model> fit(const TrainingSet& data, const Params& params) const = 0;
  virtual std::unique_ptr<Model> load(ByteReader& in) const = 0;

  // Fits every candidate on `data` and predicts `holdout`; hands the probabilities (rows x classes)
  // of candidate i to sink(i, probability), in any order. Gives what fit + predict would give for
  // each, exactly or, for learners that solve by iteration, up to the solver's tolerance; learners
  // override it to share work (distances for all k, one tree for all depths, warm starts along C).
  // Returns how many models were really fitted from nothing.
  using Sink = std::function<void(size_t candidate, std::span<const double> probability)>;
  virtual size_t fit_predict_many(const TrainingSet& data, const Matrix& holdout,
                                  std::span<const Params> candidates, const Sink& sink) const;
  // What fit_predict_many shares, as the rest of a sentence after a colon; empty: nothing.
  virtual std::string_view shares() const { return ""; }
};

// The explicit table of learners (learn/all_learners.cc).
const std::vector<std::unique_ptr<Learner>>& all_learners();
// Throws Error{kStudy} naming the nearest when there is none.
const Learner& learner_named(const std::string& name, const std::string& where = "");

// Shared by learners: throws the Error{kData} for no rows, one class, weights <= 0, forbidden NaN.
void check_training_set(const TrainingSet& data, const Capabilities& capabilities,
                        std::string_view learner);
// Throws the Error{kData} for an infinite number and for a NaN that the learner cannot take.
void check_numbers(const Matrix& x, const Capabilities& capabilities, std::string_view learner);

}  // namespace perennial
