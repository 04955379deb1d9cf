#include "metric/metric.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"
#include "metric/order.h"

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double rank_key(double score) {
  return std::isnan(score) ? -std::numeric_limits<double>::infinity() : score;
}

constexpr uint64_t kSign = uint64_t{1} << 63;

// A whole number that falls as the score rises, equal where scores are (0 and -0 are).
uint64_t falling_key(double score) {
  const auto bits = std::bit_cast<uint64_t>(rank_key(score) + 0.0);
  return (bits & kSign) != 0 ? bits : ~(bits | kSign);
}

double score_of(uint64_t key) {
  return std::bit_cast<double>((key & kSign) != 0 ? key : ~(key | kSign));
}

struct Keyed {
  uint64_t key;
  uint32_t tag;
};

// The keys by their upper 33 bits (sign, exponent, 21 bits of the fraction), in three stable passes
// of counting; passes in which all keys agree are left out.
void sort_by_upper_bits(std::vector<Keyed>& keyed) {
  constexpr uint32_t kBits = 11, kFirst = 31, kPasses = 3;
  constexpr size_t kValues = size_t{1} << kBits;
  const auto digit = [](uint64_t key, uint32_t pass) {
    return (key >> (kFirst + kBits * pass)) & (kValues - 1);
  };
  std::array<std::array<uint32_t, kValues>, kPasses> counts{};
  for (const Keyed& row : keyed) {
    for (uint32_t pass = 0; pass < kPasses; ++pass) ++counts[pass][digit(row.key, pass)];
  }
  std::vector<Keyed> other(keyed.size());
  for (uint32_t pass = 0; pass < kPasses; ++pass) {
    if (counts[pass][digit(keyed[0].key, pass)] == keyed.size()) continue;
    uint32_t place = 0;
    for (uint32_t& count : counts[pass]) place += std::exchange(count, place);
    for (const Keyed& row : keyed) other[counts[pass][digit(row.key, pass)]++] = row;
    keyed.swap(other);
  }
}

// Rows by falling score, equal scores in order of rows; tag_of(row) goes along. Many rows are
// counted into place, and the few that agree in the upper bits of their scores are sorted by the
// rest.
template <typename TagOf>
std::vector<Keyed> sorted_by_falling_score(Scores p, TagOf tag_of) {
  constexpr size_t kFew = 512;
  std::vector<Keyed> keyed(p.size());
  for (size_t i = 0; i < p.size(); ++i) keyed[i] = {falling_key(p[i]), tag_of(i)};
  const auto before = [](const Keyed& a, const Keyed& b) { return a.key < b.key; };
  if (keyed.size() < kFew || keyed.size() > UINT32_MAX) {
    std::stable_sort(keyed.begin(), keyed.end(), before);
    return keyed;
  }
  sort_by_upper_bits(keyed);
  for (size_t begin = 0, end = 0; begin < keyed.size(); begin = end) {
    const uint64_t upper = keyed[begin].key >> 31;
    bool mixed = false;
    for (end = begin + 1; end < keyed.size() && keyed[end].key >> 31 == upper; ++end) {
      mixed |= keyed[end].key != keyed[begin].key;
    }
    if (!mixed) continue;
    std::stable_sort(keyed.begin() + static_cast<ptrdiff_t>(begin),
                     keyed.begin() + static_cast<ptrdiff_t>(end), before);
  }
  return keyed;
}

double share(int64_t part, int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::vector<uint32_t> order_by_falling_score(Scores p) {
  const std::vector<Keyed> keyed =
      sorted_by_falling_score(p, [](size_t row) { return static_cast<uint32_t>(row); });
  std::vector<uint32_t> order(p.size());
  for (size_t i = 0; i < p.size(); ++i) order[i] = keyed[i].tag;
  return order;
}

std::vector<ScoreGroup> score_groups(Labels y, Scores p) {
  PERENNIAL_CHECK(y.size() == p.size());
  // Groups count their rows: the order within a group does not matter.
  const std::vector<Keyed> keyed =
      sorted_by_falling_score(p, [&](size_t row) { return y[row] == 1 ? 1U : 0U; });
  std::vector<ScoreGroup> groups;
  for (size_t i = 0; i < keyed.size(); ++i) {
    if (i == 0 || keyed[i].key != keyed[i - 1].key) {
      groups.push_back({.score = score_of(keyed[i].key)});
    }
    groups.back().positives += keyed[i].tag;
    groups.back().negatives += 1 - static_cast<int64_t>(keyed[i].tag);
  }
  return groups;
}

double roc_auc(Labels y, Scores p) {
  // Twice the number of (positive, negative) pairs in the right order: whole numbers, so that the
  // figure does not depend on the order of rows.
  int64_t twice_right = 0, positives = 0, negatives = 0;
  for (const ScoreGroup& group : score_groups(y, p)) {
    twice_right += group.negatives * (2 * positives + group.positives);
    positives += group.positives;
    negatives += group.negatives;
  }
  if (positives == 0 || negatives == 0) return kNaN;
  return static_cast<double>(twice_right) /
         (2 * static_cast<double>(positives) * static_cast<double>(negatives));
}

double average_precision(Labels y, Scores p) {
  int64_t positives = 0, called = 0;
  double sum = 0;
  for (const ScoreGroup& group : score_groups(y, p)) {
    positives += group.positives;
    called += group.positives + group.negatives;
    if (group.positives > 0) sum += static_cast<double>(group.positives) * share(positives, called);
  }
  return positives == 0 ? kNaN : sum / static_cast<double>(positives);
}

double log_loss(Labels y, Scores p) {
  PERENNIAL_CHECK(y.size() == p.size());
  if (y.empty()) return kNaN;
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i) sum += row_log_loss(y[i], p[i]);
  return sum / static_cast<double>(y.size());
}

double brier(Labels y, Scores p) {
  PERENNIAL_CHECK(y.size() == p.size());
  if (y.empty()) return kNaN;
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i) sum += row_brier(y[i], p[i]);
  return sum / static_cast<double>(y.size());
}

double row_log_loss(int32_t y, double p) {
  const double clipped = std::clamp(p, 1e-15, 1 - 1e-15);
  return y == 1 ? -std::log(clipped) : -std::log1p(-clipped);
}

double row_brier(int32_t y, double p) {
  const double error = p - (y == 1 ? 1 : 0);
  return error * error;
}

Confusion confusion(Labels y, Scores p, double threshold) {
  PERENNIAL_CHECK(y.size() == p.size());
  Confusion c;
  for (size_t i = 0; i < y.size(); ++i) {
    const bool called = p[i] >= threshold;
    int64_t& cell = y[i] == 1 ? (called ? c.true_positive : c.false_negative)
                              : (called ? c.false_positive : c.true_negative);
    ++cell;
  }
  return c;
}

double accuracy(const Confusion& c) {
  const int64_t right = c.true_positive + c.true_negative;
  return share(right, right + c.false_positive + c.false_negative);
}

double precision(const Confusion& c) {
  const int64_t called = c.true_positive + c.false_positive;
  return called == 0 ? 0 : share(c.true_positive, called);
}

double recall(const Confusion& c) {
  const int64_t positives = c.true_positive + c.false_negative;
  return positives == 0 ? 0 : share(c.true_positive, positives);
}

double f1(const Confusion& c) {
  const int64_t sum = 2 * c.true_positive + c.false_positive + c.false_negative;
  return sum == 0 ? 0 : share(2 * c.true_positive, sum);
}

}  // namespace perennial
