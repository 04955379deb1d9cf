// Default features from a file of events beside DuckDB's count(*), sum(amount), min(time) and
// max(time) by customer on the same file, in the same run. Ours reads the file, makes the plan and
// carries it out. Prints seconds, the ratio (the bound is 8) and the highest memory; the table of
// features stays in memory.
//   bench_events [events] [customers] [file to make and keep]     20,000,000 and 1,000,000
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/files.h"
#include "base/seed.h"
#include "base/workers.h"
#include "feature/events.h"
#include "table/read.h"

namespace perennial {
namespace {

// customer,when,price: four years until 2015-01-25, prices in cents.
void write_log(const fs::path& path, size_t events, size_t customers) {
  Rng rng(Seed{1});
  std::ofstream out(path, std::ios::binary);
  std::string block = "customer,when,price\n";
  for (size_t i = 0; i < events; ++i) {
    const size_t customer = rng.below(customers);
    const double day = 15000 + static_cast<double>(rng.below(1460));
    block += fmt::format("CS{:07},{},{:.2f}\n", customer, date_text(day),
                         static_cast<double>(rng.below(20000)) / 100);
    if (block.size() < (1U << 20)) continue;
    out << block;
    block.clear();
  }
  out << block;
}

double seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double peak_gigabytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kib = 0;
  while (status >> word) {
    if (word == "VmHWM:") status >> kib;
  }
  return kib / 1024 / 1024;
}

int run(size_t events, size_t customers, const fs::path& file) {
  const Workers workers;
  if (!fs::exists(file)) write_log(file, events, customers);
  const double cutoff = 16461;
  size_t rows = 0;
  const double plain = seconds([&] {
    Store store(workers.threads());
    rows = store
               .query(
                   "SELECT customer, COUNT(*), SUM(price), MIN(\"when\"), MAX(\"when\") FROM "
                   "read_csv(" +
                   Store::literal(file.string()) + ") GROUP BY customer")[0]
               .size();
  });
  Table log;
  MadeEvents made;
  const double read = seconds([&] {
    log =
        read_table("purchases", file.parent_path(), {.files = {file.filename().string()}}, workers);
  });
  const double derived = seconds([&] {
    made = make_event_plan({.table = &log, .id = "customer", .time = "when", .ignored = {}}, {}, {},
                           cutoff, {}, workers);
  });
  const double again = seconds([&] { derive(made.plan, log, cutoff, false, workers); });
  const double ratio = (read + derived) / plain;
  std::printf(
      "%zu events of %zu customers: DuckDB's four aggregates %.1f s; reading %.1f s, plan and "
      "%zu features %.1f s, ratio %.1f; the made plan once more %.1f s; %.1f GB at most\n",
      events, rows, plain, read, made.plan.features.size(), derived, ratio, again,
      peak_gigabytes());
  constexpr double kBound = 8, kGigabytes = 8;
  return ratio <= kBound && peak_gigabytes() <= kGigabytes ? 0 : 1;
}

}  // namespace
}  // namespace perennial

int main(int argc, char** argv) {
  const auto number = [&](int at, size_t otherwise) {
    return argc > at ? static_cast<size_t>(std::strtoull(argv[at], nullptr, 10)) : otherwise;
  };
  const size_t events = number(1, 20'000'000), customers = number(2, 1'000'000);
  const std::string temporary = fmt::format("perennial-events-{}-{}.csv", events, customers);
  return perennial::run(events, customers,
                        argc > 3 ? argv[3] : std::filesystem::temp_directory_path() / temporary);
}
