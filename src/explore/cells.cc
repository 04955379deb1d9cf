#include "explore/cells.h"

#include <array>
#include <bit>
#include <cmath>

namespace perennial {
namespace {

constexpr size_t kBits = 11, kDigits = 6, kSize = size_t{1} << kBits;

// Doubles rise as these do.
uint64_t ordered_bits(double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  return (bits >> 63) != 0 ? ~bits : bits | (uint64_t{1} << 63);
}

size_t digit_of(uint64_t bits, size_t digit) { return (bits >> (digit * kBits)) & (kSize - 1); }

// Four tables in turn: an addition does not wait for the one before it to reach the same cell.
template <typename B>
std::vector<uint32_t> count_all(const std::vector<uint8_t>& a, size_t a_count,
                                const std::vector<B>& b, size_t stride) {
  const size_t cells = a_count * stride, n = a.size();
  const size_t ways = cells * 16 <= n ? 4 : 1;
  std::vector<uint32_t> counts(cells * ways, 0);
  size_t i = 0;
  if (ways == 4) {
    uint32_t *t0 = counts.data(), *t1 = t0 + cells, *t2 = t1 + cells, *t3 = t2 + cells;
    for (; i + 4 <= n; i += 4) {
      ++t0[a[i] * stride + b[i]];
      ++t1[a[i + 1] * stride + b[i + 1]];
      ++t2[a[i + 2] * stride + b[i + 2]];
      ++t3[a[i + 3] * stride + b[i + 3]];
    }
    for (size_t c = 0; c < cells; ++c) t0[c] += t1[c] + t2[c] + t3[c];
  }
  for (; i < n; ++i) ++counts[a[i] * stride + b[i]];
  counts.resize(cells);
  return counts;
}

}  // namespace

std::vector<NumberCell> rising_cells(const std::vector<double>& numbers) {
  struct Keyed {
    uint64_t bits;
    uint32_t row;
  };
  std::vector<Keyed> cells;
  cells.reserve(numbers.size());
  std::vector<std::array<uint32_t, kDigits>> counts(kSize);
  for (size_t row = 0; row < numbers.size(); ++row) {
    const double v = numbers[row];
    if (!std::isfinite(v)) continue;
    const uint64_t bits = ordered_bits(v == 0 ? 0.0 : v);
    cells.push_back({bits, static_cast<uint32_t>(row)});
    for (size_t d = 0; d < kDigits; ++d) ++counts[digit_of(bits, d)][d];
  }
  std::vector<Keyed> spare(cells.size());
  for (size_t d = 0; d < kDigits && !cells.empty(); ++d) {
    if (counts[digit_of(cells[0].bits, d)][d] == cells.size()) continue;  // all share the digit
    std::array<uint32_t, kSize> next{};
    uint32_t sum = 0;
    for (size_t value = 0; value < kSize; ++value) {
      next[value] = sum;
      sum += counts[value][d];
    }
    for (const Keyed& cell : cells) spare[next[digit_of(cell.bits, d)]++] = cell;
    cells.swap(spare);
  }
  std::vector<NumberCell> out;
  out.reserve(cells.size());
  for (const Keyed& cell : cells) {
    const bool negative = (cell.bits >> 63) == 0;
    out.push_back({std::bit_cast<double>(negative ? ~cell.bits : cell.bits & ~(uint64_t{1} << 63)),
                   cell.row});
  }
  return out;
}

std::vector<uint32_t> count_codes(const std::vector<uint8_t>& a, size_t a_count,
                                  const std::vector<uint8_t>& b, size_t stride) {
  return count_all(a, a_count, b, stride);
}

std::vector<uint32_t> count_codes(const std::vector<uint8_t>& a, size_t a_count,
                                  const std::vector<uint16_t>& b, size_t stride) {
  return count_all(a, a_count, b, stride);
}

}  // namespace perennial
