// The exploration of 1,000,000 customers x 20 columns beside DuckDB's SUMMARIZE of the same columns
// in the same run, and of 100,000 x 16; then phik of an 18-column table (bench/peer_phik.py has the
// peer's time for the same numbers). Prints medians of five and ratios.
//   bench_explore [FILE.csv: where to write the 18 columns for the peer]
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>

#include "base/seed.h"
#include "explore/explore.h"
#include "table/store.h"

namespace perennial {
namespace {

double seconds(const std::function<void()>& work) {
  std::vector<double> all;
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    all.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(all.begin(), all.end());
  return all[2];
}

// Like a shop's: correlated numbers, some of few values, some mostly zero, gaps; every fifth text.
FeatureTable make_table(size_t rows, size_t columns) {
  FeatureTable f{.classes = {"no", "yes"}};
  Rng rng(Seed{1});
  std::vector<double> common(rows);
  for (size_t i = 0; i < rows; ++i) {
    common[i] = rng.normal();
    f.ids.push_back(std::to_string(i));
    f.position.push_back(static_cast<uint32_t>(i));
    f.y.push_back(rng.bernoulli(1 / (1 + std::exp(-common[i]))) ? 1 : 0);
  }
  const std::vector<std::string> cities{"Москва", "Казань", "Омск", "Тверь", "Уфа", "Пермь"};
  for (size_t c = 0; c < columns; ++c) {
    const std::string name = "column " + std::to_string(c);
    std::vector<double> numbers(rows);
    std::vector<std::string> texts(c % 5 == 4 ? rows : 0);
    for (size_t i = 0; i < rows; ++i) {
      const double v = 0.5 * common[i] + rng.normal();
      numbers[i] = c % 5 == 0   ? v
                   : c % 5 == 1 ? std::round(4 * std::fabs(v))
                   : c % 5 == 2 ? std::round(100 * std::exp(v)) / 100
                                : std::max(0.0, v);
      if (c == 3 && i % 20 == 0) numbers[i] = kMissing;
      if (c % 5 == 4) texts[i] = cities[static_cast<size_t>(std::min(5.0, std::fabs(2 * v)))];
    }
    f.features.push_back(c % 5 == 4 ? Column::text(name, texts) : Column::number(name, numbers));
  }
  return f;
}

double memory_megabytes() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

int beside_summarize(const Workers& workers) {
  const FeatureTable table = make_table(1'000'000, 20);
  std::vector<const Column*> columns;
  std::vector<std::string> names;
  for (const Column& c : table.features) {
    columns.push_back(&c);
    names.push_back(c.name);
  }
  double summarize = 0;
  {
    Store store(workers.threads());
    store.add("customers", columns, Store::sql_names(names));
    summarize =
        seconds([&] { (void)store.query("SUMMARIZE SELECT * EXCLUDE (\"#row\") FROM customers"); });
  }
  const double ours = seconds([&] { (void)explore(table, {}, workers); });
  std::printf(
      "1,000,000 x 20: exploration %.3f s, DuckDB SUMMARIZE %.3f s, ratio %.2f (at most 5)\n", ours,
      summarize, ours / summarize);
  std::printf("peak memory of the whole program %.0f MB (at most 2,048)\n", memory_megabytes());
  return ours <= 5 * summarize && memory_megabytes() < 2048 ? 0 : 1;
}

void write_csv(const FeatureTable& table, const char* file) {
  std::ofstream out(file);
  for (size_t c = 0; c < table.features.size(); ++c)
    out << (c > 0 ? "," : "") << table.features[c].name;
  for (size_t row = 0; row < table.rows(); ++row) {
    out << "\n";
    for (size_t c = 0; c < table.features.size(); ++c) {
      const Column& column = table.features[c];
      out << (c > 0 ? "," : "");
      if (column.is_text())
        out << column.value_text(row);
      else
        out << fmt::format("{}", column.numbers[row]);
    }
  }
  out << "\n";
}

}  // namespace

int bench(int argc, char** argv) {
  const Workers workers;
  const FeatureTable small = make_table(100'000, 16);
  std::printf("100,000 x 16: exploration %.1f ms\n",
              1000 * seconds([&] { (void)explore(small, {}, workers); }));
  // As many customers and columns as the real shop's joined table.
  FeatureTable shop = make_table(1'296, 18);
  for (double& v : shop.features[3].numbers) v = std::isnan(v) ? 0 : v;
  const double all = seconds([&] { (void)explore(shop, {}, workers); });
  const Workers one(1);
  const double matrix = seconds([&] { (void)phik_matrix(shop, one); });
  std::printf("1,296 x 18: phik matrix %.6f s (one thread), whole exploration %.4f s\n", matrix,
              all);
  if (argc > 1) write_csv(shop, argv[1]);
  return beside_summarize(workers);
}

}  // namespace perennial

int main(int argc, char** argv) { return perennial::bench(argc, argv); }
