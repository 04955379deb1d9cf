// Features from events beside DuckDB's count, sum, min and max by customer: the same events in
// memory, the same engine. Prints seconds and the ratio; the bound is 8.
//   bench_events [events] [customers]     20,000,000 and 1,000,000 without them
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "base/seed.h"
#include "base/workers.h"
#include "feature/events.h"

namespace perennial {
namespace {

Table make_log(size_t events, size_t customers) {
  Rng rng(Seed{1});
  Column id{.name = "customer", .type = ColumnType::kText};
  for (size_t c = 0; c < customers; ++c) id.dictionary.push_back(fmt::format("CS{:07}", c));
  Column time{.name = "when", .type = ColumnType::kDate};
  Column price{.name = "price"};
  for (size_t i = 0; i < events; ++i) {
    id.codes.push_back(static_cast<int32_t>(rng.below(customers)));
    time.numbers.push_back(15000 + static_cast<double>(rng.below(1460)));
    price.numbers.push_back(static_cast<double>(rng.below(20000)) / 100);
  }
  Table table;
  table.name = "purchases";
  table.columns = {std::move(id), std::move(time), std::move(price)};
  table.readings.resize(3);
  return table;
}

double seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int run(size_t events, size_t customers) {
  const Workers workers;
  const Table log = make_log(events, customers);
  const double cutoff = 16461;
  std::fprintf(stderr, "%zu events of %zu customers\n", events, customers);
  double plain = 1e300, ours = 1e300;
  MadeEvents made;
  const double planned = seconds([&] {
    made = make_event_plan({.table = &log, .id = "customer", .time = "when", .ignored = {}}, {}, {},
                           cutoff, {}, workers);
  });
  for (int i = 0; i < 2; ++i) {
    plain = std::min(plain, seconds([&] {
                       Store store(workers.threads());
                       store.add("purchases", log);
                       store.query(
                           "SELECT customer, COUNT(*), SUM(price), MIN(price), MAX(price) "
                           "FROM purchases GROUP BY customer");
                     }));
    ours = std::min(ours, seconds([&] { derive(made.plan, log, cutoff, false, workers); }));
  }
  std::printf("plan %.2f s, DuckDB's four aggregates %.2f s, %zu features %.2f s, ratio %.1f\n",
              planned, plain, made.plan.features.size(), ours, ours / plain);
  constexpr double kBound = 8;
  return ours / plain <= kBound ? 0 : 1;
}

}  // namespace
}  // namespace perennial

int main(int argc, char** argv) {
  const auto number = [&](int at, size_t otherwise) {
    return argc > at ? static_cast<size_t>(std::strtoull(argv[at], nullptr, 10)) : otherwise;
  };
  return perennial::run(number(1, 20'000'000), number(2, 1'000'000));
}
