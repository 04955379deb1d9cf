// Default features from a file of events beside DuckDB's count(*), sum(amount), min(time) and
// max(time) by customer on the same file, in the same run. Ours reads the file, makes the plan and
// carries it out. Prints seconds of the clock and of the processors, the ratio (the bound is 8) and
// the highest memory (8 GB); the table of features stays in memory. Then what ten times as many
// events cost in processor time (at most 15 times as much; those of the larger file miss the
// processor's caches more often, DuckDB's too).
//   bench_events FOLDER [millions of events]...     2 and 20; a customer has 20. FOLDER keeps files
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
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

// Of the wall clock, and of all threads on the processors, which other programs do not change.
struct Cost {
  double wall = 0, processor = 0;
};

Cost operator+(const Cost& a, const Cost& b) {
  return {.wall = a.wall + b.wall, .processor = a.processor + b.processor};
}

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

Cost cost(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  const double before = processor_seconds();
  work();
  return {.wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          .processor = processor_seconds() - before};
}

std::string text(const Cost& cost) {
  return fmt::format("{:.1f} ({:.1f})", cost.wall, cost.processor);
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

struct Measured {
  Cost plain, read, derived, again;
  size_t customers = 0, features = 0;
  Cost ours() const { return read + derived; }
};

Measured measure(const fs::path& file, const Workers& workers) {
  Measured out;
  const double cutoff = 16461;
  out.plain = cost([&] {
    Store store(workers.threads());
    const std::string sql =
        "SELECT customer, COUNT(*), SUM(price), MIN(\"when\"), MAX(\"when\") FROM read_csv(" +
        Store::literal(file.string()) + ") GROUP BY customer";
    out.customers = store.query(sql)[0].size();
  });
  Table log;
  MadeEvents made;
  out.read = cost([&] {
    log =
        read_table("purchases", file.parent_path(), {.files = {file.filename().string()}}, workers);
  });
  out.derived = cost([&] {
    made = make_event_plan({.table = &log, .id = "customer", .time = "when", .ignored = {}}, {}, {},
                           cutoff, {}, workers);
  });
  out.again = cost([&] { derive(made.plan, log, cutoff, false, workers); });
  out.features = made.plan.features.size();
  return out;
}

// Whether the bounds hold.
bool run(const fs::path& folder, const std::vector<size_t>& millions) {
  const Workers workers;
  bool fine = true;
  double before = 0;
  for (size_t i = 0; i < millions.size(); ++i) {
    const size_t events = millions[i] * 1'000'000, customers = events / 20;
    const fs::path file = folder / fmt::format("events-{}m.csv", millions[i]);
    if (!fs::exists(file)) write_log(file, events, customers);
    const Measured m = measure(file, workers);
    constexpr double kBound = 8, kGigabytes = 8, kLinear = 1.5;
    const Cost ours = m.ours();
    const double ratio = ours.wall / m.plain.wall;
    fmt::print(
        "{} million events of {} customers, seconds (of the processors): DuckDB's four aggregates "
        "{}; ours {}: reading {}, plan and {} features {}; ratio {:.1f} ({:.1f}); the made plan "
        "once more {}; {:.1f} GB at most\n",
        millions[i], m.customers, text(m.plain), text(ours), text(m.read), m.features,
        text(m.derived), ratio, ours.processor / m.plain.processor, text(m.again),
        peak_gigabytes());
    fine = fine && ratio <= kBound && peak_gigabytes() <= kGigabytes;
    if (i > 0) {
      const double times = static_cast<double>(millions[i]) / static_cast<double>(millions[i - 1]);
      fmt::print("{:.0f} times as many events: {:.1f} times the processor time\n", times,
                 ours.processor / before);
      fine = fine && ours.processor <= kLinear * times * before;
    }
    before = ours.processor;
  }
  return fine;
}

}  // namespace
}  // namespace perennial

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "bench_events FOLDER [millions of events]...\n");
    return 2;
  }
  std::vector<size_t> millions;
  for (int i = 2; i < argc; ++i) millions.push_back(std::strtoull(argv[i], nullptr, 10));
  if (millions.empty()) millions = {2, 20};
  return perennial::run(std::filesystem::absolute(argv[1]), millions) ? 0 : 1;
}
