#include "segment/drivers.h"

#include <algorithm>
#include <cmath>

namespace perennial {
namespace {

std::vector<uint32_t> drawn(std::vector<uint32_t> rows, size_t most, Seed seed) {
  if (rows.size() > most) {
    Rng rng(seed);
    rng.shuffle(rows);
    rows.resize(most);
    std::ranges::sort(rows);
  }
  return rows;
}

std::vector<SegmentDriver> drivers_of(const Contributions& c, const FeatureTable& table,
                                      size_t most) {
  std::vector<SegmentDriver> out;
  const size_t score = c.scores == 1 ? 0 : 1;
  for (size_t f = 0; f < c.features; ++f) {
    std::vector<double> values(c.rows);
    for (size_t i = 0; i < c.rows; ++i) values[i] = c.at(i, score, f);
    const Figure mean = mean_interval(values);
    if (!(mean.low > 0) && !(mean.high < 0)) continue;
    out.push_back({.feature = table.features[f].name, .contribution = mean});
  }
  std::ranges::stable_sort(out, [](const SegmentDriver& a, const SegmentDriver& b) {
    return std::abs(a.contribution.value) > std::abs(b.contribution.value);
  });
  if (out.size() > most) out.resize(most);
  return out;
}

}  // namespace

void fill_drivers(Segments& segments, const Explainer& explainer, const FeatureTable& table,
                  const DriverOptions& options, Seed seed, const Workers& workers) {
  const bool exact = explainer.method().exact;
  segments.driver_space = explainer.method().space;
  const double affordable = options.exact_budget / explainer.cost() /
                            static_cast<double>(std::max<size_t>(1, segments.list.size()));
  const size_t most =
      exact ? std::min(options.exact_rows, static_cast<size_t>(affordable)) : options.sampled_rows;
  for (size_t s = 0; s < segments.list.size(); ++s) {
    Segment& one = segments.list[s];
    const std::vector<uint32_t> rows = drawn(segments.members[s], most, seed.child(one.name));
    if (rows.size() < options.fewest_rows) continue;
    const Contributions c = explainer.explain(table.take(rows), seed.child("orders"), workers,
                                              options.sampled_references);
    one.driver_rows = static_cast<int64_t>(rows.size());
    one.drivers = drivers_of(c, table, options.most);
  }
}

}  // namespace perennial
