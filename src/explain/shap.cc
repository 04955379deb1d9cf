#include "explain/shap.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/error.h"
#include "learn/crossed.h"

namespace perennial {
namespace {

// Of a text feature: each code of `b` -> the code that has the same text in `a`, kNone where there
// is none.
constexpr int32_t kNone = -2;
std::vector<int32_t> same_codes(const Column& a, const Column& b) {
  std::map<std::string, int32_t> codes;
  for (size_t i = 0; i < a.dictionary.size(); ++i) {
    codes.emplace(a.dictionary[i], static_cast<int32_t>(i));
  }
  std::vector<int32_t> out;
  for (const std::string& text : b.dictionary) {
    const auto found = codes.find(text);
    out.push_back(found == codes.end() ? kNone : found->second);
  }
  return out;
}

// Which cells of the rows of two tables are the same.
class SameCells {
 public:
  SameCells(const FeatureTable& a, const FeatureTable& b) : a_(a), b_(b) {
    for (size_t f = 0; f < a.features.size(); ++f) {
      codes_.push_back(same_codes(a.features[f], b.features[f]));
    }
  }

  bool same(size_t feature, size_t row_a, size_t row_b) const {
    const Column &a = a_.features[feature], &b = b_.features[feature];
    if (a.is_text()) {
      const int32_t code = b.codes[row_b];
      return a.codes[row_a] == (code < 0 ? -1 : codes_[feature][static_cast<size_t>(code)]);
    }
    const double x = a.numbers[row_a], y = b.numbers[row_b];
    return x == y || (std::isnan(x) && std::isnan(y));
  }

 private:
  const FeatureTable &a_, &b_;
  std::vector<std::vector<int32_t>> codes_;
};

// What is asked for one customer: for each reference row two chains of rows between it and the
// customer. Step r of the first has the first r features of the order from the customer; of the
// second the last r. A step that changes no cell has the answer of the step before; both chains
// have their ends in common. Rows follow each other so that one feature changes at a time: the
// first chain up, the second down.
struct Chains {
  CrossedRows asked;
  std::vector<std::vector<size_t>> orders;  // of the features, one a reference row
  std::vector<size_t> place;  // of each step of each chain, among the rows that are asked

  Chains(size_t features, size_t references, const SameCells& cells, size_t customer, Rng& rng)
      : asked{.features = features} {
    std::vector<uint8_t> own(features);
    for (uint32_t b = 0; b < references; ++b) {
      std::vector<size_t>& order = orders.emplace_back(features);
      std::iota(order.begin(), order.end(), size_t{0});
      rng.shuffle(order);
      std::fill(own.begin(), own.end(), uint8_t{0});
      const auto ask = [&] {
        asked.second.push_back(b);
        asked.first.insert(asked.first.end(), own.begin(), own.end());
        return asked.second.size() - 1;
      };
      // The next step, where that of this feature changes a cell.
      const auto step = [&](size_t feature, uint8_t from_customer, size_t before) {
        own[feature] = from_customer;
        return cells.same(feature, customer, b) ? before : ask();
      };
      const size_t up = place.size(), down = up + features + 1;
      place.resize(down + features + 1);
      place[up] = place[down] = ask();
      for (size_t r = 1; r <= features; ++r)
        place[up + r] = step(order[r - 1], 1, place[up + r - 1]);
      place[down + features] = place[up + features];
      for (size_t r = features; r-- > 1;) {
        place[down + r] = step(order[features - 1 - r], 0, place[down + r + 1]);
      }
    }
  }
};

// Mean and standard error, value by value.
class Running {
 public:
  void add(double v) {
    ++n_;
    const double off = v - mean_;
    mean_ += off / n_;
    squares_ += off * (v - mean_);
  }
  double mean() const { return mean_; }
  double error() const { return n_ > 1 ? std::sqrt(squares_ / (n_ - 1) / n_) : 0; }

 private:
  double n_ = 0, mean_ = 0, squares_ = 0;
};

// `most` of the rows, evenly spread along their answers, so that a few stand for all: their mean
// answer is nearly that of all rows. answers: rows x classes, ordered by that of class `by`.
std::vector<uint32_t> spread_rows(const std::vector<double>& answers, size_t classes, size_t by,
                                  size_t most) {
  std::vector<uint32_t> order(answers.size() / classes);
  std::iota(order.begin(), order.end(), uint32_t{0});
  if (most >= order.size()) return order;
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return answers[a * classes + by] < answers[b * classes + by];
  });
  std::vector<uint32_t> out;
  for (size_t k = 0; k < most; ++k) out.push_back(order[(2 * k + 1) * order.size() / (2 * most)]);
  return out;
}

}  // namespace

Explainer::Explainer(const Pipeline& pipeline, const ExplainReference& reference)
    : pipeline_(pipeline),
      reference_(reference),
      features_(reference.features.size()),
      view_(pipeline.model ? pipeline.model->view() : std::nullopt) {
  PERENNIAL_CHECK(reference.present());
  if (view_ && view_->linear && view_->cols == reference.means.size()) {
    method_ = {.method = "linear", .space = "log-odds", .exact = true};
    scores_ = view_->scores;
    return;
  }
  if (view_ && view_->trees) {
    trees_.emplace(*view_->trees, pipeline.prep.apply(reference.rows));
    if (trees_->possible()) {
      method_ = {.method = "trees, interventional",
                 .space = view_->log_odds ? "log-odds" : "probability",
                 .exact = true,
                 .reference_rows = reference.rows.rows()};
      scores_ = view_->scores;
      return;
    }
  }
  trees_.reset();
  view_.reset();
  scores_ = pipeline.classes == 2 ? 1 : static_cast<size_t>(pipeline.classes);
  method_ = {.method = "sampled",
             .space = "probability",
             .exact = false,
             .reference_rows = reference.rows.rows()};
}

double Explainer::cost() const {
  if (trees_) return 4.0 * static_cast<double>(view_->trees->nodes.size());
  return static_cast<double>(view_ ? view_->cols : 1);
}

Contributions Explainer::explain(const FeatureTable& table, Seed seed, const Workers& workers,
                                 size_t most_references) const {
  if (trees_) return trees(table, workers);
  if (view_) return linear(table);
  return sampled(table, std::min(most_references, reference_.rows.rows()), seed, workers);
}

Contributions Explainer::linear(const FeatureTable& table) const {
  const Matrix x = pipeline_.prep.apply(table);
  Contributions out{.rows = table.rows(), .scores = scores_, .features = features_};
  out.base = view_->linear->intercept;
  out.values.assign(out.rows * scores_ * features_, 0.0);
  for (size_t s = 0; s < scores_; ++s) {
    for (size_t j = 0; j < x.cols; ++j) {
      const double weight = view_->linear->weights[s * x.cols + j], mean = reference_.means[j];
      const auto f = static_cast<size_t>(x.source[j]);
      const auto column = x.column(j);
      out.base[s] += weight * mean;
      double* to = out.values.data() + s * features_ + f;
      for (size_t i = 0; i < x.rows; ++i) {
        to[i * scores_ * features_] += weight * (column[i] - mean);
      }
    }
  }
  return out;
}

Contributions Explainer::trees(const FeatureTable& table, const Workers& workers) const {
  const Matrix x = pipeline_.prep.apply(table);
  return {.rows = table.rows(),
          .scores = scores_,
          .features = features_,
          .base = trees_->base(),
          .values = trees_->values(x, x.source, features_, workers)};
}

Contributions Explainer::sampled(const FeatureTable& table, size_t references, Seed seed,
                                 const Workers& workers) const {
  Contributions out{.rows = table.rows(), .scores = scores_, .features = features_};
  out.base.assign(scores_, 0.0);
  out.values.assign(out.rows * scores_ * features_, 0.0);
  out.error = out.values;
  const size_t chain = features_ + 1;
  const auto classes = static_cast<size_t>(pipeline_.classes);
  const size_t first = classes == 2 ? 1 : 0;
  const std::vector<uint32_t> chosen =
      spread_rows(pipeline_.predict(reference_.rows), classes, first, references);
  const FeatureTable against = reference_.rows.take(chosen);
  const std::vector<double> answers = pipeline_.predict(against);
  for (size_t s = 0; s < scores_; ++s) {
    for (size_t b = 0; b < references; ++b) {
      out.base[s] += answers[b * classes + first + s] / static_cast<double>(references);
    }
  }
  const Crossing crossing(pipeline_, table, against);
  const SameCells cells(table, against);
  workers.run(out.rows, [&](size_t i) {
    Rng rng(seed.child(table.ids[i]));
    const Chains chains(features_, references, cells, i, rng);
    const std::vector<double> p = crossing.answers(i, chains.asked);
    for (size_t s = 0; s < scores_; ++s) {
      std::vector<Running> each(features_);
      for (size_t b = 0; b < references; ++b) {
        const size_t* up = chains.place.data() + 2 * b * chain;
        const size_t* down = up + chain;
        const auto at = [&](size_t row) { return p[row * classes + first + s]; };
        for (size_t r = 0; r < features_; ++r) {
          const size_t back = features_ - 1 - r;
          const double forward = at(up[r + 1]) - at(up[r]);
          const double backward = at(down[back + 1]) - at(down[back]);
          each[chains.orders[b][r]].add((forward + backward) / 2);
        }
      }
      for (size_t f = 0; f < features_; ++f) {
        out.values[(i * scores_ + s) * features_ + f] = each[f].mean();
        out.error[(i * scores_ + s) * features_ + f] = each[f].error();
      }
    }
  });
  return out;
}

std::vector<double> Explainer::probability(std::span<const double> scores) const {
  const auto classes = static_cast<size_t>(pipeline_.classes);
  std::vector<double> p(classes);
  const bool log_odds = view_ && view_->log_odds;
  if (scores_ == 1) {
    p[1] = log_odds ? 1 / (1 + std::exp(-scores[0])) : std::clamp(scores[0], 0.0, 1.0);
    p[0] = 1 - p[1];
  } else {
    const double top = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (size_t k = 0; k < classes; ++k) {
      sum += p[k] = log_odds ? std::exp(scores[k] - top) : std::clamp(scores[k], 0.0, 1.0);
    }
    for (double& v : p) v = sum > 0 ? v / sum : 1 / static_cast<double>(classes);
  }
  if (view_) {  // sampled values are of the calibrated probability already
    correct_prior(p, pipeline_.odds);
    pipeline_.calibration.apply(p, pipeline_.classes);
  }
  return p;
}

}  // namespace perennial
