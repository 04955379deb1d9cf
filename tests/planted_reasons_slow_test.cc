// Issue 4: on tables with a known truth the first reason of scores.csv is the planted cause for at
// least 95 % of all customers. The planted cause is the column with the largest true contribution:
// the Shapley value of the true log-odds over the population, worked out below from the formula
// that made the data. (Nobody is left out because the runner-up is near.)
#include <cmath>

#include "base/seed.h"
#include "support.h"

namespace perennial {
namespace {

constexpr int kCustomers = 6000, kColumns = 6;

struct Planted {
  std::string csv = "id,x0,x1,x2,x3,x4,x5,left\n";
  std::vector<std::string> cause;  // of customer 1000 + i
};

template <typename Truth, typename Cause>
Planted planted(uint64_t seed, Truth truth, Cause cause) {
  Planted out;
  Rng rng(Seed{seed});
  for (int i = 0; i < kCustomers; ++i) {
    std::vector<double> x;
    for (int j = 0; j < kColumns; ++j) x.push_back(rng.normal());
    out.csv += std::to_string(1000 + i);
    for (const double v : x) out.csv += "," + number_text(v);
    out.csv += rng.bernoulli(1 / (1 + std::exp(-truth(x)))) ? ",yes\n" : ",no\n";
    out.cause.push_back(cause(x));
  }
  return out;
}

// The first word of the last cell: "x0 1.2 (+30.1); ...".
std::string first_reason(const std::string& line) {
  const std::string cell = line.substr(line.rfind(',') + 1);
  return cell.substr(0, cell.find(' '));
}

double share_named(const Planted& data, const std::string& learner) {
  const TestFolder folder;
  put(folder / "t.csv", data.csv);
  put(folder / "s.toml",
      "[tables.t]\nfile = \"t.csv\"\nid = \"id\"\n[question.q]\n"
      "target = { column = \"left\", positive = \"yes\" }\nexplore = false\n"
      "[question.q.search]\nlearners = [\"" +
          learner + "\"]\nmethod = \"auto\"\ntrials = 24\nensemble = false\n");
  const Outcome ran =
      perennial_program({"run", (folder / "s.toml").string(), "-o", (folder / "out").string()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  double asked = 0, right = 0;
  for (const std::string& line : split(read_file(folder / "out/q/scores.csv"), '\n')) {
    if (line.empty() || line.starts_with("id,")) continue;
    const auto customer = static_cast<size_t>(std::stoi(line) - 1000);
    ++asked;
    right += first_reason(line) == data.cause.at(customer) ? 1 : 0;
  }
  EXPECT_EQ(asked, kCustomers);
  return right / asked;
}

// Independent columns of mean 0 in a sum: the Shapley value of each is its own term.
TEST(PlantedReasons, ALinearTruth) {
  const auto truth = [](const std::vector<double>& x) { return 3 * x[0] - 1.5 * x[1]; };
  const auto cause = [](const std::vector<double>& x) -> std::string {
    return std::abs(3 * x[0]) >= std::abs(1.5 * x[1]) ? "x0" : "x1";
  };
  for (const uint64_t seed : {1, 2, 3}) {
    EXPECT_GE(share_named(planted(seed, truth, cause), "logistic"), 0.95) << seed;
  }
}

// x0 moves the outcome by 3 where x1 > 0, and not at all elsewhere. The four quarters are equally
// likely; with f = 3, -3, -1.5, -1.5 in (x0, x1) = (+, +), (-, +), (+, -), (-, -) the Shapley
// values are, by hand, x0: 2.25, -2.25, 0.75, -0.75 and x1: 1.5, 0, -1.5, 0: no quarter's first
// cause is ahead by less than 0.75. (With -0.5 in place of -1.5 they lie 0.25 apart where x1 < 0,
// which is less than the noise that some thousand customers leave: whole quarters get the other
// name.)
TEST(PlantedReasons, AnInteraction) {
  const auto truth = [](const std::vector<double>& x) {
    return x[1] > 0 ? (x[0] > 0 ? 3.0 : -3.0) : -1.5;
  };
  const auto cause = [](const std::vector<double>& x) -> std::string {
    return x[1] < 0 && x[0] > 0 ? "x1" : "x0";
  };
  for (const uint64_t seed : {1, 2, 3}) {
    EXPECT_GE(share_named(planted(seed, truth, cause), "boosted_trees"), 0.95) << seed;
  }
}

}  // namespace
}  // namespace perennial
