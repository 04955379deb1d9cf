// The choice of offers at scale: 1,000,000 customers x 10 offers with a budget and capacities.
//   bench_offers [customers] [offers] [FILE]
// FILE: the problem and the bound found are written there as JSON, for bench/peer_offers.py.
// Fails where the gap is above 0.1 %, the choice takes more than 20 s or memory is above 3 GB.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "base/workers.h"
#include "offer/test_problems.h"

namespace perennial {
namespace {

double peak_gb() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    double kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib / 1024 / 1024;
  }
  return 0;
}

Json finite(const std::vector<double>& values) {
  Json out = Json::array();
  for (const double v : values) out.push_back(std::isfinite(v) ? Json(v) : Json(nullptr));
  return out;
}

void write_problem(const OfferProblem& p, const OfferSolution& s, const std::string& file) {
  write_file(path_of(file), json_text({{"customers", p.customers},
                                       {"offers", p.offers},
                                       {"gain", finite(p.gain)},
                                       {"cost", finite(p.cost)},
                                       {"budget", p.budget},
                                       {"capacity", finite(p.capacity)},
                                       {"channel", p.channel},
                                       {"channel_capacity", finite(p.channel_capacity)},
                                       {"profit", s.profit},
                                       {"bound", s.bound}}));
}

int run(size_t customers, size_t offers, const std::string& file) {
  const OfferProblem problem = large_problem(customers, offers, 1, Seed{7});
  const Workers workers(2);
  const auto start = std::chrono::steady_clock::now();
  const OfferSolution solution = solve_offers(problem, workers);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double gap = gap_of(solution), memory = peak_gb();
  fmt::print(
      "{} customers x {} offers: profit {:.2f}, bound {:.2f}, gap {:.6f} %, cost {:.2f} of {:.2f}, "
      "{} passes, {:.2f} s, {:.2f} GB\n",
      customers, offers, solution.profit, solution.bound, 100 * gap, solution.cost, problem.budget,
      solution.passes, took.count(), memory);
  if (!file.empty()) write_problem(problem, solution, file);
  return gap <= 0.001 && took.count() <= 20 && memory <= 3 ? 0 : 1;
}

}  // namespace
}  // namespace perennial

int main(int argc, char** argv) {
  const auto customers = static_cast<size_t>(argc > 1 ? std::atoll(argv[1]) : 1'000'000);
  const auto offers = static_cast<size_t>(argc > 2 ? std::atoll(argv[2]) : 10);
  return perennial::run(customers, offers, argc > 3 ? argv[3] : "");
}
