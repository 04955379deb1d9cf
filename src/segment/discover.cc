#include "segment/discover.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <numeric>
#include <tuple>

#include "base/clones.h"
#include "explore/contingency.h"
#include "segment/rule.h"

namespace perennial {
namespace {

constexpr double kPriceOfACondition = 0.5;  // in z values: a longer rule must earn its length
constexpr double kWeakest = 3;              // z value that a rule must reach on training rows
constexpr int kParts = 10;                  // a number's cuts: its tenths

using Bits = std::vector<uint64_t>;

PERENNIAL_CLONES int64_t count_both(const uint64_t* a, const uint64_t* b, size_t words) {
  int64_t n = 0;
  for (size_t i = 0; i < words; ++i) n += std::popcount(a[i] & b[i]);
  return n;
}

int64_t count_both(const Bits& a, const Bits& b) {
  return count_both(a.data(), b.data(), a.size());
}

// Three significant digits: a rule is to be read.
double readable(double v) {
  if (v == 0 || !std::isfinite(v)) return v;
  const double scale = std::pow(10.0, 2 - std::floor(std::log10(std::abs(v))));
  return std::round(v * scale) / scale;
}

// The tenths of a number, as they are to be read (dates: whole days); rising, each once.
std::vector<double> cuts_of(const Column& column) {
  std::vector<double> sorted = column.numbers;
  std::erase_if(sorted, [](double v) { return std::isnan(v); });
  std::ranges::sort(sorted);
  std::vector<double> cuts;
  for (int k = 1; k < kParts && !sorted.empty(); ++k) {
    const double cut = known_quantile(sorted, static_cast<double>(k) / kParts);
    cuts.push_back(column.type == ColumnType::kDate ? std::floor(cut) : readable(cut));
  }
  std::ranges::sort(cuts);
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  std::erase_if(cuts, [](double v) { return std::isnan(v); });
  return cuts;
}

struct Literal {
  Condition condition;
  size_t feature = 0;
  Bits bits;
};

Condition comparison(const std::string& name, const std::string& op, Condition::Value value) {
  Condition out;
  out.name = name;
  out.op = op;
  out.values.push_back(std::move(value));
  return out;
}

class Search {
 public:
  Search(const FeatureTable& training, const DiscoverOptions& options, int64_t fewest,
         const Workers& workers)
      : training_(training),
        options_(options),
        fewest_(fewest),
        workers_(workers),
        words_((rows() + 63) / 64) {
    cases_.assign(words_, 0);
    for (size_t i = 0; i < rows(); ++i) {
      if (training.y[i] == 1) cases_[i / 64] |= uint64_t{1} << (i % 64);
    }
    std::vector<std::vector<Literal>> own(training.features.size());
    workers.run(own.size(), [&](size_t f) { own[f] = literals_of(f); });
    for (std::vector<Literal>& list : own) {
      std::ranges::move(list, std::back_inserter(literals_));
    }
  }

  // The best rule among rows that are open; empty where none is strong enough. Its rows are closed.
  std::vector<size_t> next() {
    if (open_.empty()) {
      open_.assign(words_, ~uint64_t{0});
      if (rows() % 64 != 0) open_.back() = (uint64_t{1} << (rows() % 64)) - 1;
    }
    total_ = static_cast<double>(count_both(open_, open_));
    rate_ = total_ > 0 ? static_cast<double>(count_both(open_, cases_)) / total_ : 0;
    std::vector<Candidate> beam{{.literals = {}, .bits = open_, .score = 0}};
    Candidate best;
    for (int depth = 0; depth < options_.conditions; ++depth) {
      beam = grown(beam);
      if (beam.empty()) break;
      if (beam.front().score > best.score) best = beam.front();
    }
    if (best.score < kWeakest) return {};
    for (size_t w = 0; w < words_; ++w) open_[w] &= ~best.bits[w];
    return best.literals;
  }

  const Literal& literal(size_t i) const { return literals_[i]; }
  int64_t tried() const { return tried_; }

 private:
  struct Candidate {
    std::vector<size_t> literals;  // rising
    Bits bits;
    double score = 0;
  };

  size_t rows() const { return training_.rows(); }

  // Holds(i): whether the condition holds for row i.
  template <typename Holds>
  void add(Condition condition, size_t feature, Holds holds, std::vector<Literal>& to) const {
    Literal out{.condition = std::move(condition), .feature = feature, .bits = Bits(words_, 0)};
    for (size_t i = 0; i < rows(); ++i) out.bits[i / 64] |= uint64_t{holds(i)} << (i % 64);
    const int64_t n = count_both(out.bits, out.bits);
    if (n >= fewest_ && n < static_cast<int64_t>(rows())) to.push_back(std::move(out));
  }

  std::vector<Literal> literals_of(size_t f) const {
    std::vector<Literal> out;
    const Column& c = training_.features[f];
    if (c.name == "risk" || c.name == "value") return out;  // in rules these mean something else
    if (c.is_text()) {
      for (size_t code = 0; code < c.dictionary.size(); ++code) {
        const auto is = [&](size_t i) { return c.codes[i] == static_cast<int32_t>(code); };
        add(comparison(c.name, "=", c.dictionary[code]), f, is, out);
      }
      return out;
    }
    const bool date = c.type == ColumnType::kDate;
    for (const double cut : cuts_of(c)) {
      const Condition::Value value =
          date ? Condition::Value(date_text(cut)) : Condition::Value(cut);
      const auto below = [&](size_t i) { return c.numbers[i] <= cut; };
      const auto above = [&](size_t i) { return c.numbers[i] > cut; };
      add(comparison(c.name, "<=", value), f, below, out);
      add(comparison(c.name, ">", value), f, above, out);
    }
    return out;
  }

  // z value of the cases, less the price of the conditions.
  double score_of(int64_t n, int64_t cases, size_t conditions) const {
    const double expected = rate_ * static_cast<double>(n);
    const double spread = std::sqrt(expected * (1 - rate_) * (1 - static_cast<double>(n) / total_));
    if (!(spread > 0)) return 0;
    return (static_cast<double>(cases) - expected) / spread -
           kPriceOfACondition * static_cast<double>(conditions - 1);
  }

  // The best extensions by one literal, of another feature or the other side of the same one.
  std::vector<Candidate> grown(const std::vector<Candidate>& beam) {
    struct Idea {
      double score;
      size_t from, literal;
    };
    std::vector<Bits> positive;
    for (const Candidate& c : beam) positive.push_back(both(c.bits, cases_));
    // A literal with all rules at a time: its bits stay near.
    std::vector<std::vector<Idea>> own(literals_.size());
    std::vector<int64_t> tried(literals_.size(), 0);
    workers_.run_blocks(literals_.size(), 16, [&](size_t begin, size_t end) {
      for (size_t l = begin; l < end; ++l) {
        for (size_t b = 0; b < beam.size(); ++b) {
          if (!fits(beam[b], l)) continue;
          ++tried[l];
          const int64_t n = count_both(beam[b].bits, literals_[l].bits);
          if (n < fewest_) continue;
          const double score =
              score_of(n, count_both(positive[b], literals_[l].bits), beam[b].literals.size() + 1);
          if (score > beam[b].score) own[l].push_back({score, b, l});
        }
      }
    });
    std::vector<Idea> ideas;
    for (const std::vector<Idea>& list : own) ideas.insert(ideas.end(), list.begin(), list.end());
    for (const int64_t n : tried) tried_ += n;
    std::ranges::sort(ideas, [](const Idea& a, const Idea& b) {
      return std::tuple(-a.score, a.from, a.literal) < std::tuple(-b.score, b.from, b.literal);
    });
    std::vector<Candidate> out;
    for (const Idea& idea : ideas) {
      if (out.size() == options_.beam) break;
      Candidate next{.literals = beam[idea.from].literals,
                     .bits = both(beam[idea.from].bits, literals_[idea.literal].bits),
                     .score = idea.score};
      next.literals.push_back(idea.literal);
      std::ranges::sort(next.literals);
      const bool known =
          std::ranges::any_of(out, [&](const Candidate& c) { return c.literals == next.literals; });
      if (!known) out.push_back(std::move(next));
    }
    return out;
  }

  bool fits(const Candidate& c, size_t l) const {
    return std::ranges::none_of(c.literals, [&](size_t other) {
      return literals_[other].feature == literals_[l].feature &&
             literals_[other].condition.op == literals_[l].condition.op;
    });
  }

  static Bits both(const Bits& a, const Bits& b) {
    Bits out(a.size());
    for (size_t i = 0; i < a.size(); ++i) out[i] = a[i] & b[i];
    return out;
  }

  const FeatureTable& training_;
  const DiscoverOptions& options_;
  const int64_t fewest_;
  const Workers& workers_;
  const size_t words_;
  Bits cases_, open_;
  std::vector<Literal> literals_;
  double total_ = 0, rate_ = 0;
  int64_t tried_ = 0;
};

FeatureTable searched_rows(const FeatureTable& table, std::span<const Role> role, size_t most,
                           Seed seed) {
  std::vector<uint32_t> rows;
  for (size_t i = 0; i < table.rows(); ++i) {
    if (role[i] == Role::kTrain && table.y[i] >= 0) rows.push_back(static_cast<uint32_t>(i));
  }
  if (rows.size() > most) {
    Rng rng(seed);
    rng.shuffle(rows);
    rows.resize(most);
    std::ranges::sort(rows);
  }
  return table.take(rows);
}

Condition joined(std::vector<Condition> parts) {
  if (parts.size() == 1) return parts.front();
  Condition out;
  out.kind = Condition::Kind::kAnd;
  out.parts = std::move(parts);
  return out;
}

void count_rows(const FeatureTable& table, std::span<const Role> role, FoundRule& rule) {
  for (size_t i = 0; i < table.rows(); ++i) {
    if (rule.holds[i] == 0 || table.y[i] < 0) continue;
    const bool hit = table.y[i] == 1;
    if (role[i] == Role::kTrain) {
      ++rule.training;
      rule.training_cases += hit;
    } else if (role[i] == Role::kTest) {
      ++rule.sealed;
      rule.sealed_cases += hit;
    }
  }
}

}  // namespace

double fisher_above(int64_t inside_cases, int64_t inside, int64_t cases, int64_t rows) {
  const auto choose = [](int64_t n, int64_t k) {
    return std::lgamma(static_cast<double>(n) + 1) - std::lgamma(static_cast<double>(k) + 1) -
           std::lgamma(static_cast<double>(n - k) + 1);
  };
  const double all = choose(rows, inside);
  double p = 0;
  const int64_t fewest = std::max<int64_t>(inside_cases, inside + cases - rows);
  for (int64_t k = std::max<int64_t>(fewest, 0); k <= std::min(inside, cases); ++k) {
    p += std::exp(choose(cases, k) + choose(rows - cases, inside - k) - all);
  }
  return std::min(1.0, p);
}

Discovery discover_rules(const FeatureTable& table, std::span<const Role> role,
                         const DiscoverOptions& options, Seed seed, const Workers& workers) {
  Discovery out;
  const FeatureTable training = searched_rows(table, role, options.most_rows, seed);
  int64_t sealed = 0, sealed_cases = 0;
  for (size_t i = 0; i < table.rows(); ++i) {
    if (role[i] != Role::kTest || table.y[i] < 0) continue;
    ++sealed;
    sealed_cases += table.y[i] == 1;
  }
  if (training.rows() < 2 || sealed < 2 || table.rows() == 0) return out;
  const double part = static_cast<double>(training.rows()) / static_cast<double>(table.rows());
  const auto fewest =
      static_cast<int64_t>(std::ceil(part * static_cast<double>(options.min_customers)));
  Search search(training, options, std::max<int64_t>(fewest, 2), workers);
  const RuleSpace space(table, {}, nullptr, 0, 0);
  std::vector<FoundRule> found;
  while (static_cast<int64_t>(found.size()) < options.rules) {
    const std::vector<size_t> literals = search.next();
    if (literals.empty()) break;
    std::vector<Condition> parts;
    for (const size_t l : literals) parts.push_back(search.literal(l).condition);
    FoundRule rule{.condition = joined(std::move(parts))};
    rule.holds = space.holds(rule.condition);
    count_rows(table, role, rule);
    const auto size = std::accumulate(rule.holds.begin(), rule.holds.end(), int64_t{0});
    if (size < options.min_customers) continue;
    rule.p_value = fisher_above(rule.sealed_cases, rule.sealed, sealed_cases, sealed);
    found.push_back(std::move(rule));
  }
  out.tried = search.tried();
  out.tested = static_cast<int64_t>(found.size());
  std::vector<double> p;
  for (const FoundRule& rule : found) p.push_back(rule.p_value);
  const std::vector<double> adjusted = holm(p);
  for (size_t i = 0; i < found.size(); ++i) {
    found[i].adjusted_p = adjusted[i];
    if (adjusted[i] < 0.05) out.rules.push_back(std::move(found[i]));
  }
  return out;
}

}  // namespace perennial
