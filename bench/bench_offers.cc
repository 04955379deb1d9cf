// The choice of offers at scale: 1,000,000 customers x 10 offers with a budget and capacities, and
// the whole plan (half and twice the effect, control group, campaign file) for as many.
//   bench_offers [customers] [offers]
// Fails where the gap is above 0.1 %, the choice takes more than 20 s or memory is above 3 GB.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>

#include "base/workers.h"
#include "offer/test_problems.h"

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

}  // namespace

int main(int argc, char** argv) {
  const auto customers = static_cast<size_t>(argc > 1 ? std::atoll(argv[1]) : 1'000'000);
  const auto offers = static_cast<size_t>(argc > 2 ? std::atoll(argv[2]) : 10);
  const auto problem = perennial::large_problem(customers, offers, 1, perennial::Seed{7});
  const perennial::Workers workers(2);
  const auto start = std::chrono::steady_clock::now();
  const auto solution = perennial::solve_offers(problem, workers);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double gap = perennial::gap_of(solution), memory = peak_gb();
  fmt::print(
      "{} customers x {} offers: profit {:.1f}, bound {:.1f}, gap {:.6f} %, cost {:.1f} of {:.1f}, "
      "{} passes, {:.2f} s, {:.2f} GB\n",
      customers, offers, solution.profit, solution.bound, 100 * gap, solution.cost, problem.budget,
      solution.passes, took.count(), memory);
  return gap <= 0.001 && took.count() <= 20 && memory <= 3 ? 0 : 1;
}
