// Hashes of rows and keys, for finding equal ones among many quickly.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "table/column.h"

namespace perennial {

// A hash of each cell of a column: equal values have equal hashes, whatever the codes. `salt` parts
// columns. Missing cells are equal to each other.
std::vector<uint64_t> cell_hashes(const Column& column, uint64_t salt);

// For ids, which one table may hold as numbers and another as text: 12 and "12" are equal.
std::vector<uint64_t> id_hashes(const Column& column);

// Rows whose key another row has too, in order, and with them a few of unique keys: a bitmap tells
// in two passes which rows need no closer look.
std::vector<uint32_t> maybe_repeated(std::span<const uint64_t> keys);

// Numbers groups of equal keys 0, 1, 2, … in order of first appearance (open addressing).
class KeyGroups {
 public:
  // Grows beyond `expected` groups when it has to.
  explicit KeyGroups(size_t expected);
  // Group of the key; a new one when it was not seen before.
  uint32_t add(uint64_t key);
  // Group of the key, or -1.
  int64_t find(uint64_t key) const;
  size_t size() const { return count_; }
  // Says that the key is looked up soon: among many keys each look would wait for memory.
  void prefetch(uint64_t key) const;
  static constexpr size_t kAhead = 24;  // keys ahead of the look that are worth saying

 private:
  struct Slot {
    uint64_t key = 0;
    uint64_t group = UINT64_MAX;  // beside its key: one cache line a look
  };

  // By the upper bits of a product (Knuth 1998, 6.4): enough for keys that are hashes or numbers.
  size_t first_slot(uint64_t key) const { return (key * 0x9e3779b97f4a7c15ULL) >> shift_; }
  size_t slot_of(uint64_t key) const;
  void grow();
  std::vector<Slot> slots_;
  size_t mask_ = 0, count_ = 0;
  int shift_ = 60;  // 64 less the bits of a slot's number
};

// The sum over columns of a row's cell hashes; subtracting one column's gives the row without it.
std::vector<uint64_t> row_hashes(const std::vector<const Column*>& columns);

}  // namespace perennial
