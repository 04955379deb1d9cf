// Distinct texts -> codes in order of first appearance.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace perennial {

// Open addressing; the hash never shows in results. Texts are not copied unless asked.
class Interner {
 public:
  // `stable`: the bytes outlive the interner; otherwise a new text is copied.
  int32_t code(std::string_view text, bool stable) {
    // Periods go round in a table in long form: what followed the last text may follow it again.
    if (last_ >= 0) {
      const int32_t guess = next_[static_cast<size_t>(last_)];
      if (guess >= 0 && values_[static_cast<size_t>(guess)] == text) return last_ = guess;
    }
    const int32_t found = found_or_new(text, stable);
    if (last_ >= 0) next_[static_cast<size_t>(last_)] = found;
    return last_ = found;
  }
  const std::vector<std::string_view>& values() const { return values_; }

 private:
  int32_t found_or_new(std::string_view text, bool stable) {
    const uint64_t hash = hash_of(text);
    size_t slot = hash & mask_;
    for (; slots_[slot] >= 0; slot = (slot + 1) & mask_) {
      const auto found = static_cast<size_t>(slots_[slot]);
      if (hashes_[found] == hash && values_[found] == text) return slots_[slot];
    }
    const auto code = static_cast<int32_t>(values_.size());
    slots_[slot] = code;
    hashes_.push_back(hash);
    values_.push_back(stable ? text : std::string_view(copies_.emplace_back(text)));
    next_.push_back(-1);
    if (values_.size() * 2 > slots_.size()) grow();
    return code;
  }

  static uint64_t hash_of(std::string_view text) {
    constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;
    uint64_t hash = text.size() * kMultiplier;
    const char* at = text.data();
    size_t left = text.size();
    for (; left >= 8; left -= 8, at += 8) hash = mixed(hash ^ word(at, 8)) * kMultiplier;
    if (left > 0) hash = mixed(hash ^ word(at, left)) * kMultiplier;
    return mixed(hash);
  }
  static uint64_t word(const char* at, size_t bytes) {
    uint64_t value = 0;
    std::memcpy(&value, at, bytes);
    return value;
  }
  static uint64_t mixed(uint64_t x) { return x ^ (x >> 32); }

  void grow() {
    mask_ = mask_ * 2 + 1;
    slots_.assign(mask_ + 1, -1);
    for (size_t code = 0; code < hashes_.size(); ++code) {
      size_t slot = hashes_[code] & mask_;
      while (slots_[slot] >= 0) slot = (slot + 1) & mask_;
      slots_[slot] = static_cast<int32_t>(code);
    }
  }

  size_t mask_ = 31;
  std::vector<int32_t> slots_ = std::vector<int32_t>(32, -1);
  std::vector<uint64_t> hashes_;
  std::vector<std::string_view> values_;
  std::vector<int32_t> next_;  // of each text, the one that followed it last; -1: none yet
  int32_t last_ = -1;
  std::deque<std::string> copies_;
};

}  // namespace perennial
