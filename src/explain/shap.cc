#include "explain/shap.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/error.h"

namespace perennial {
namespace {

// Rows of one column after those of another, over one dictionary.
Column appended(const Column& a, const Column& b) {
  Column out = a;
  if (!a.is_text()) {
    out.numbers.insert(out.numbers.end(), b.numbers.begin(), b.numbers.end());
    return out;
  }
  std::map<std::string, int32_t> codes;
  for (size_t i = 0; i < out.dictionary.size(); ++i) {
    codes.emplace(out.dictionary[i], static_cast<int32_t>(i));
  }
  for (const int32_t code : b.codes) {
    if (code < 0) {
      out.codes.push_back(-1);
      continue;
    }
    const std::string& text = b.dictionary[static_cast<size_t>(code)];
    const auto [at, added] = codes.try_emplace(text, static_cast<int32_t>(out.dictionary.size()));
    if (added) out.dictionary.push_back(text);
    out.codes.push_back(at->second);
  }
  return out;
}

bool same_cell(const Column& column, size_t a, size_t b) {
  if (column.is_text()) return column.codes[a] == column.codes[b];
  const double x = column.numbers[a], y = column.numbers[b];
  return x == y || (std::isnan(x) && std::isnan(y));
}

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
  FeatureTable both = table;
  for (size_t f = 0; f < features_; ++f) {
    both.features[f] = appended(table.features[f], against.features[f]);
  }
  for (size_t s = 0; s < scores_; ++s) {
    for (size_t b = 0; b < references; ++b) {
      out.base[s] += answers[b * classes + first + s] / static_cast<double>(references);
    }
  }
  workers.run(out.rows, [&](size_t i) {
    Rng rng(seed.child(table.ids[i]));
    std::vector<std::vector<size_t>> orders;
    // Two chains a reference row: step r of the first has the first r features of the order from
    // the customer; of the second the last r.
    std::vector<std::vector<uint32_t>> rows(features_);
    std::vector<size_t> place;  // of each step of each chain, among the rows that are asked
    size_t asked = 0;
    for (size_t b = 0; b < references; ++b) {
      std::vector<size_t> order(features_), rank(features_);
      std::iota(order.begin(), order.end(), size_t{0});
      rng.shuffle(order);
      for (size_t r = 0; r < features_; ++r) rank[order[r]] = r;
      // A step that changes no cell has the answer of the step before; both chains have their ends
      // in common.
      const size_t other = table.rows() + b, up = place.size();
      for (size_t r = 0; r < chain; ++r) {
        if (r > 0 && same_cell(both.features[order[r - 1]], i, other)) {
          place.push_back(place.back());
          continue;
        }
        place.push_back(asked++);
        for (size_t f = 0; f < features_; ++f) {
          rows[f].push_back(static_cast<uint32_t>(rank[f] < r ? i : other));
        }
      }
      for (size_t r = 0; r < chain; ++r) {
        if (r == 0 || r == features_) {
          place.push_back(place[up + r]);
          continue;
        }
        if (same_cell(both.features[order[features_ - r]], i, other)) {
          place.push_back(place.back());
          continue;
        }
        place.push_back(asked++);
        for (size_t f = 0; f < features_; ++f) {
          rows[f].push_back(static_cast<uint32_t>(features_ - 1 - rank[f] < r ? i : other));
        }
      }
      orders.push_back(std::move(order));
    }
    FeatureTable mixed;
    mixed.ids.assign(asked, "");
    mixed.feature_tables = table.feature_tables;
    mixed.classes = table.classes;
    for (size_t f = 0; f < features_; ++f) mixed.features.push_back(both.features[f].take(rows[f]));
    const std::vector<double> p = pipeline_.predict(mixed);
    for (size_t s = 0; s < scores_; ++s) {
      std::vector<Running> each(features_);
      for (size_t b = 0; b < references; ++b) {
        const size_t* up = place.data() + 2 * b * chain;
        const size_t* down = up + chain;
        const auto at = [&](size_t row) { return p[row * classes + first + s]; };
        for (size_t r = 0; r < features_; ++r) {
          const size_t back = features_ - 1 - r;
          const double forward = at(up[r + 1]) - at(up[r]);
          const double backward = at(down[back + 1]) - at(down[back]);
          each[orders[b][r]].add((forward + backward) / 2);
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
