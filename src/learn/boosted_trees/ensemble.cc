#include "learn/boosted_trees/ensemble.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace perennial {
namespace {

constexpr uint8_t kFormat = 1;
constexpr size_t kBlock = 64;  // rows whose features stay in the cache for all trees

}  // namespace

float tree_feature(double v) {
  // Half the range, because XGBoost doubles the largest value to have a border above it.
  constexpr double kMost = 1.7e38;
  if (std::isnan(v)) return std::numeric_limits<float>::quiet_NaN();
  return static_cast<float>(std::clamp(v, -kMost, kMost));
}

void TreeEnsemble::add_trees(const Json& model) {
  for (const Json& tree : model.at("learner").at("gradient_booster").at("model").at("trees")) {
    const auto left = tree.at("left_children").get<std::vector<int32_t>>();
    const auto right = tree.at("right_children").get<std::vector<int32_t>>();
    const auto feature = tree.at("split_indices").get<std::vector<int32_t>>();
    const auto condition = tree.at("split_conditions").get<std::vector<float>>();
    const auto hessian = tree.at("sum_hessian").get<std::vector<float>>();
    const auto missing_left = tree.at("default_left").get<std::vector<int32_t>>();
    // Breadth first, so that brothers are neighbours.
    std::vector<int32_t> order = {0};
    for (size_t at = 0; at < order.size(); ++at) {
      const auto node = static_cast<size_t>(order[at]);
      const bool leaf = left[node] < 0;
      child.push_back(leaf ? 0 : static_cast<int32_t>(order.size() - at));
      question.push_back(leaf ? 0 : 2 * feature[node] + (missing_left[node] != 0 ? 1 : 0));
      value.push_back(condition[node]);
      cover.push_back(hessian[node]);
      if (!leaf) order.insert(order.end(), {left[node], right[node]});
    }
    tree_end.push_back(static_cast<int32_t>(child.size()));
  }
}

void TreeEnsemble::keep(size_t rounds) {
  tree_end.resize(rounds * groups());
  const size_t nodes = tree_end.empty() ? 0 : static_cast<size_t>(tree_end.back());
  child.resize(nodes);
  question.resize(nodes);
  value.resize(nodes);
  if (!cover.empty()) cover.resize(nodes);
}

ModelView TreeEnsemble::view() const {
  TreesView out{.start = start, .rounds_to_float = true, .has_cover = !cover.empty()};
  out.nodes.reserve(child.size());
  for (size_t t = 0; t < tree_end.size(); ++t) {
    const int32_t root = t == 0 ? 0 : tree_end[t - 1];
    out.trees.push_back(
        {.root = static_cast<uint32_t>(root), .score = static_cast<int32_t>(t % groups())});
  }
  for (size_t i = 0; i < child.size(); ++i) {
    TreesView::Node node{.cover = cover.empty() ? 0 : static_cast<double>(cover[i])};
    if (child[i] == 0) {
      node.value = static_cast<double>(value[i]);
    } else {
      // "Below" among floats is "not above the float before".
      node.threshold = static_cast<double>(std::nextafterf(value[i], -HUGE_VALF));
      node.feature = columns[static_cast<size_t>(question[i] / 2)];
      node.missing_left = question[i] % 2 != 0;
      node.left = static_cast<uint32_t>(i + static_cast<size_t>(child[i]));
      node.right = node.left + 1;
    }
    out.nodes.push_back(node);
  }
  return {
      .cols = cols, .scores = groups(), .log_odds = true, .linear = {}, .trees = std::move(out)};
}

std::vector<float> TreeEnsemble::start_margins(size_t rows) const {
  std::vector<float> margin;
  margin.reserve(rows * groups());
  for (size_t i = 0; i < rows; ++i) {
    for (double v : start) margin.push_back(static_cast<float>(v));
  }
  return margin;
}

void TreeEnsemble::add_margins(const Matrix& x, size_t from, size_t to,
                               std::span<float> margin) const {
  PERENNIAL_CHECK(x.cols == cols && margin.size() == x.rows * groups());
  const size_t width = columns.size();
  std::vector<float> block(kBlock * width);
  for (size_t begin = 0; begin < x.rows; begin += kBlock) {
    const size_t n = std::min(kBlock, x.rows - begin);
    for (size_t k = 0; k < width; ++k) {
      const auto column = x.column(static_cast<size_t>(columns[k]));
      for (size_t i = 0; i < n; ++i) block[i * width + k] = tree_feature(column[begin + i]);
    }
    for (size_t t = from * groups(); t < to * groups(); ++t) {
      const auto root = static_cast<size_t>(t == 0 ? 0 : tree_end[t - 1]);
      for (size_t i = 0; i < n; ++i) {
        const float* features = block.data() + i * width;
        size_t node = root;
        while (child[node] != 0) {
          const float v = features[question[node] >> 1];
          const bool goes_left = std::isnan(v) ? (question[node] & 1) != 0 : v < value[node];
          node += static_cast<size_t>(child[node]) + (goes_left ? 0 : 1);
        }
        margin[(begin + i) * groups() + t % groups()] += value[node];
      }
    }
  }
}

void TreeEnsemble::probabilities(std::span<const float> margin,
                                 std::span<double> probability) const {
  const size_t width = static_cast<size_t>(classes), g = groups();
  const size_t rows = margin.size() / g;
  PERENNIAL_CHECK(probability.size() == rows * width);
  std::fill(probability.begin(), probability.end(), 0.0);
  std::vector<double> share(present.size());
  for (size_t i = 0; i < rows; ++i) {
    if (g == 1) {
      // Both from the smaller one, so that neither loses digits.
      const double z = static_cast<double>(margin[i]);
      const double small = 1 / (1 + std::exp(std::abs(z)));
      share = z < 0 ? std::vector<double>{1 - small, small} : std::vector<double>{small, 1 - small};
    } else {
      const std::span<const float> z = margin.subspan(i * g, g);
      const double top = static_cast<double>(*std::max_element(z.begin(), z.end()));
      double sum = 0;
      for (size_t k = 0; k < g; ++k) {
        sum += share[k] = std::exp(static_cast<double>(z[k]) - top);
      }
      for (double& s : share) s /= sum;
    }
    for (size_t k = 0; k < present.size(); ++k) {
      probability[i * width + static_cast<size_t>(present[k])] = share[k];
    }
  }
}

void TreeEnsemble::save(ByteWriter& out) const {
  out.u8(kFormat);
  out.u32(static_cast<uint32_t>(classes));
  out.u64(cols);
  out.i32s(present);
  out.i32s(columns);
  out.f64s(start);
  out.i32s(tree_end);
  out.i32s(child);
  out.i32s(question);
  std::vector<int32_t> bits;
  bits.reserve(value.size());
  for (float v : value) bits.push_back(std::bit_cast<int32_t>(v));
  out.i32s(bits);
}

namespace {

bool rising_below(std::span<const int32_t> values, size_t limit) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0 || static_cast<size_t>(values[i]) >= limit) return false;
    if (i > 0 && values[i] <= values[i - 1]) return false;
  }
  return true;
}

void check_nodes(const TreeEnsemble& e, ByteReader& in) {
  size_t at = 0;
  for (int32_t end : e.tree_end) {
    if (end <= static_cast<int32_t>(at) || static_cast<size_t>(end) > e.child.size()) {
      in.damaged("the borders of the trees");
    }
    for (; at < static_cast<size_t>(end); ++at) {
      const int32_t link = e.child[at], question = e.question[at];
      if (link < 0 ||
          (link > 0 && static_cast<size_t>(link) + 1 >= static_cast<size_t>(end) - at)) {
        in.damaged("a question leads nowhere");
      }
      if (question < 0 || (link > 0 && static_cast<size_t>(question / 2) >= e.columns.size())) {
        in.damaged("a question about no column");
      }
      // A split's value may be infinite: then all numbers are on one side.
      if (std::isnan(e.value[at]) || (link == 0 && !std::isfinite(e.value[at]))) {
        in.damaged("a value is not a number");
      }
    }
  }
  if (at != e.child.size()) in.damaged("the borders of the trees");
}

}  // namespace

TreeEnsemble TreeEnsemble::load(ByteReader& in) {
  if (in.u8() != kFormat) in.damaged("boosted trees of an unknown format");
  TreeEnsemble e;
  const uint32_t classes = in.u32();
  e.cols = in.u64();
  e.present = in.i32s();
  e.columns = in.i32s();
  e.start = in.f64s();
  e.tree_end = in.i32s();
  e.child = in.i32s();
  e.question = in.i32s();
  for (int32_t bits : in.i32s()) e.value.push_back(std::bit_cast<float>(bits));
  if (classes < 2 || classes > INT32_MAX) in.damaged("the number of classes");
  e.classes = static_cast<int32_t>(classes);
  if (e.present.size() < 2 || !rising_below(e.present, classes)) in.damaged("the classes");
  std::vector<int32_t> sorted = e.columns;
  std::sort(sorted.begin(), sorted.end());
  if (!rising_below(sorted, e.cols)) in.damaged("the columns");
  if (e.start.size() != (e.present.size() == 2 ? 1 : e.present.size())) in.damaged("the start");
  for (double v : e.start) {
    if (!(std::abs(v) <= 1e6)) in.damaged("the start");
  }
  if (e.tree_end.size() % e.groups() != 0) in.damaged("the number of trees");
  if (e.child.size() != e.question.size() || e.child.size() != e.value.size()) {
    in.damaged("the number of nodes");
  }
  check_nodes(e, in);
  return e;
}

}  // namespace perennial
