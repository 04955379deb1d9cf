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

std::vector<SegmentDriver> drivers_of(const std::vector<uint32_t>& rows,
                                      const KeptContributions& known, const FeatureTable& table,
                                      size_t most) {
  std::vector<SegmentDriver> out;
  const Contributions& c = known.values;
  const size_t score = c.scores == 1 ? 0 : 1;
  for (size_t f = 0; f < c.features; ++f) {
    std::vector<double> values(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) values[i] = c.at(known.place(rows[i]), score, f);
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

std::vector<std::vector<uint32_t>> driver_rows(const Segments& segments, const Explainer& explainer,
                                               const DriverOptions& options, Seed seed) {
  const double affordable = options.exact_budget / explainer.cost() /
                            static_cast<double>(std::max<size_t>(1, segments.list.size()));
  const size_t most = explainer.method().exact
                          ? std::min(options.exact_rows, static_cast<size_t>(affordable))
                          : options.sampled_rows;
  std::vector<std::vector<uint32_t>> out;
  for (size_t s = 0; s < segments.list.size(); ++s) {
    out.push_back(drawn(segments.members[s], most, seed.child(segments.list[s].name)));
    if (out.back().size() < options.fewest_rows) out.back().clear();
  }
  return out;
}

void fill_drivers(Segments& segments, const std::vector<std::vector<uint32_t>>& drawn,
                  const KeptContributions& known, const ShapMethod& method,
                  const FeatureTable& table, const DriverOptions& options) {
  segments.driver_space = method.space;
  for (size_t s = 0; s < segments.list.size(); ++s) {
    if (drawn[s].empty()) continue;
    Segment& one = segments.list[s];
    one.driver_rows = static_cast<int64_t>(drawn[s].size());
    one.drivers = drivers_of(drawn[s], known, table, options.most);
  }
}

}  // namespace perennial
