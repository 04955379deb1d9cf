#include "prep/target_codes.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/seed.h"

namespace perennial {

std::vector<double> target_codes(std::span<const int32_t> places, std::span<const int32_t> y,
                                 size_t categories, size_t classes, double smooth) {
  std::vector<double> out((categories + 1) * classes, 0);
  std::vector<double> rows(categories + 1, 0);
  for (size_t i = 0; i < places.size(); ++i) {
    if (y[i] < 0) continue;
    const auto c = static_cast<size_t>(y[i]);
    out[categories * classes + c] += 1;
    rows[categories] += 1;
    if (places[i] < 0) continue;
    out[static_cast<size_t>(places[i]) * classes + c] += 1;
    rows[static_cast<size_t>(places[i])] += 1;
  }
  double* all = out.data() + categories * classes;
  for (size_t c = 0; c < classes; ++c)
    all[c] = rows[categories] > 0 ? all[c] / rows[categories] : 0;
  for (size_t k = 0; k < categories; ++k) {
    for (size_t c = 0; c < classes; ++c) {
      double& code = out[k * classes + c];
      code = rows[k] + smooth > 0 ? (code + smooth * all[c]) / (rows[k] + smooth) : all[c];
    }
  }
  return out;
}

std::vector<int8_t> inner_folds(std::span<const std::string> ids, std::span<const int32_t> y) {
  std::vector<uint64_t> hash(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) hash[i] = Seed{0}.child("target").child(ids[i]).value;
  std::vector<uint32_t> order(ids.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    if (hash[a] != hash[b]) return hash[a] < hash[b];
    return ids[a] != ids[b] ? ids[a] < ids[b] : a < b;
  });
  std::map<int32_t, int> dealt;
  std::vector<int8_t> out(ids.size());
  for (const uint32_t i : order) out[i] = static_cast<int8_t>(dealt[y[i]]++ % kInnerFolds);
  return out;
}

}  // namespace perennial
