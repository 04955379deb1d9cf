#include "explain/places.h"

#include <algorithm>

namespace perennial {
namespace {

// Puts the wanted places of [begin, end) as a sort would, and little else.
void place(std::vector<double>& values, size_t begin, size_t end, std::span<const size_t> wanted) {
  if (wanted.empty()) return;
  const size_t half = wanted.size() / 2, middle = wanted[half];
  const auto at = [&](size_t i) { return values.begin() + static_cast<ptrdiff_t>(i); };
  std::nth_element(at(begin), at(middle), at(end));
  place(values, begin, middle, wanted.first(half));
  place(values, middle + 1, end, wanted.subspan(half + 1));
}

}  // namespace

std::vector<double> sorted_places(std::vector<double> values, std::span<const size_t> wanted) {
  std::vector<size_t> once;
  for (const size_t at : wanted) {
    if (once.empty() || at > once.back()) once.push_back(at);
  }
  place(values, 0, values.size(), once);
  std::vector<double> out;
  for (const size_t at : wanted) out.push_back(values[at]);
  return out;
}

}  // namespace perennial
