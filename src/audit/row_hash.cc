#include "audit/row_hash.h"

#include <algorithm>
#include <bit>

#include "base/seed.h"
#include "base/text.h"

namespace perennial {
namespace {

constexpr uint64_t kEmpty = UINT64_MAX;

// The finisher of splitmix64 (Steele, Lea and Flood 2014).
uint64_t scramble(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

uint64_t number_bits(double number) {
  return std::isnan(number) ? 0x7ff8000000000001ULL
                            : std::bit_cast<uint64_t>(number == 0 ? 0.0 : number);
}

}  // namespace

std::vector<uint64_t> cell_hashes(const Column& column, uint64_t salt) {
  std::vector<uint64_t> hashes(column.size());
  const uint64_t missing = scramble(salt ^ 0x5bd1e995ULL);
  if (!column.is_text()) {
    for (size_t row = 0; row < hashes.size(); ++row) {
      const double number = column.numbers[row];
      hashes[row] = std::isnan(number) ? missing : scramble(number_bits(number) + salt);
    }
    return hashes;
  }
  std::vector<uint64_t> of_code(column.dictionary.size());
  for (size_t code = 0; code < of_code.size(); ++code) {
    of_code[code] = scramble(hash_bytes(column.dictionary[code]) + salt);
  }
  for (size_t row = 0; row < hashes.size(); ++row) {
    const int32_t code = column.codes[row];
    hashes[row] = code < 0 ? missing : of_code[static_cast<size_t>(code)];
  }
  return hashes;
}

std::vector<uint64_t> id_hashes(const Column& column) {
  if (!column.is_text()) return cell_hashes(column, 0);
  std::vector<uint64_t> of_code(column.dictionary.size());
  for (size_t code = 0; code < of_code.size(); ++code) {
    const std::string_view text = trim(column.dictionary[code]);
    const auto number = parse_number(text);
    const bool plain = number && number_text(*number) == text;
    of_code[code] = scramble(plain ? number_bits(*number) : hash_bytes(text));
  }
  std::vector<uint64_t> hashes(column.size());
  for (size_t row = 0; row < hashes.size(); ++row) {
    const int32_t code = column.codes[row];
    hashes[row] = code < 0 ? scramble(0x5bd1e995ULL) : of_code[static_cast<size_t>(code)];
  }
  return hashes;
}

std::vector<uint64_t> row_hashes(const std::vector<const Column*>& columns) {
  std::vector<uint64_t> sums;
  for (size_t c = 0; c < columns.size(); ++c) {
    const std::vector<uint64_t> cells = cell_hashes(*columns[c], c + 1);
    sums.resize(cells.size());
    for (size_t row = 0; row < cells.size(); ++row) sums[row] += cells[row];
  }
  return sums;
}

std::vector<uint32_t> maybe_repeated(std::span<const uint64_t> keys) {
  // Two bits a place, side by side so that one look at the memory gets both: seen, seen again.
  constexpr size_t kPlacesAKey = 16, kInWord = 32;
  const size_t places = std::bit_ceil(std::max<size_t>(kInWord, keys.size() * kPlacesAKey));
  std::vector<uint64_t> words(places / kInWord);
  for (const uint64_t key : keys) {
    const uint64_t at = key & (places - 1);
    uint64_t& word = words[at / kInWord];
    const uint64_t seen = uint64_t{1} << (2 * (at % kInWord));
    word |= (word & seen) << 1 | seen;
  }
  std::vector<uint32_t> rows;
  for (size_t row = 0; row < keys.size(); ++row) {
    const uint64_t at = keys[row] & (places - 1);
    const bool again = (words[at / kInWord] >> (2 * (at % kInWord) + 1) & 1) != 0;
    if (again) rows.push_back(static_cast<uint32_t>(row));
  }
  return rows;
}

KeyGroups::KeyGroups(size_t expected) {
  size_t slots = 16;
  while (slots < expected * 2) slots *= 2;
  mask_ = slots - 1;
  shift_ = 64 - std::countr_zero(slots);
  slots_.resize(slots);
}

size_t KeyGroups::slot_of(uint64_t key) const {
  size_t slot = first_slot(key);
  while (slots_[slot].group != kEmpty && slots_[slot].key != key) slot = (slot + 1) & mask_;
  return slot;
}

void KeyGroups::grow() {
  std::vector<Slot> old(slots_.size() * 4);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  shift_ -= 2;
  for (const Slot& slot : old) {
    if (slot.group != kEmpty) slots_[slot_of(slot.key)] = slot;
  }
}

uint32_t KeyGroups::add(uint64_t key) {
  Slot& slot = slots_[slot_of(key)];
  if (slot.group != kEmpty) return static_cast<uint32_t>(slot.group);
  const size_t group = count_++;
  slot = {.key = key, .group = group};
  if (count_ * 2 > slots_.size()) grow();
  return static_cast<uint32_t>(group);
}

void KeyGroups::prefetch(uint64_t key) const {
  constexpr size_t kInCache = 2048;  // slots: so few are near anyway
  if (mask_ < kInCache) return;
  __builtin_prefetch(slots_.data() + first_slot(key));
}

int64_t KeyGroups::find(uint64_t key) const {
  const Slot& slot = slots_[slot_of(key)];
  return slot.group == kEmpty ? -1 : static_cast<int64_t>(slot.group);
}

}  // namespace perennial
