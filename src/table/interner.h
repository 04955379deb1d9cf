// Distinct texts -> codes in order of first appearance.
#pragma once

#include <algorithm>
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
    // Where that is seldom so, it is seldom looked for.
    if (last_ >= 0 && trust_ > 0) {
      const int32_t guess = next_[static_cast<size_t>(last_)];
      if (guess >= 0 && same(values_[static_cast<size_t>(guess)], text)) {
        trust_ = kTrust;
        return last_ = guess;
      }
    }
    if (--trust_ < -kPause) trust_ = kTrust;
    const int32_t found = found_or_new(text, hash_of(text), stable);
    if (last_ >= 0) next_[static_cast<size_t>(last_)] = found;
    return last_ = found;
  }

  // The codes of all texts of another one, in its order; its bytes outlive this one. As code() of
  // each, but looks ahead: texts of millions lie all over the memory.
  std::vector<int32_t> codes(const Interner& other) {
    std::vector<int32_t> out;
    const size_t n = other.values_.size();
    out.reserve(n);
    for (size_t begin = 0; begin < n; begin += kAhead) {
      const size_t end = std::min(n, begin + kAhead);
      for (size_t i = begin; i < end; ++i) {
        __builtin_prefetch(&slots_[other.hashes_[i] & mask_]);
      }
      for (size_t i = begin; i < end; ++i) {
        if (const auto* near = likely(other.hashes_[i])) __builtin_prefetch(near);
      }
      for (size_t i = begin; i < end; ++i) {
        if (const auto* near = likely(other.hashes_[i])) __builtin_prefetch(near->data());
      }
      for (size_t i = begin; i < end; ++i) {
        out.push_back(found_or_new(other.values_[i], other.hashes_[i], true));
      }
    }
    return out;
  }

  const std::vector<std::string_view>& values() const { return values_; }

 private:
  static constexpr int kTrust = 64, kPause = 4096;
  static constexpr size_t kAhead = 32;

  // `tag`: the upper half of the hash, which tells most other texts apart without a look at them.
  struct Slot {
    uint32_t tag = 0;
    int32_t code = -1;
  };
  static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }

  // The text at the hash's own place, if there is one that may be equal.
  const std::string_view* likely(uint64_t hash) const {
    const Slot& slot = slots_[hash & mask_];
    if (slot.code < 0 || slot.tag != tag_of(hash)) return nullptr;
    return &values_[static_cast<size_t>(slot.code)];
  }

  int32_t found_or_new(std::string_view text, uint64_t hash, bool stable) {
    size_t slot = hash & mask_;
    for (; slots_[slot].code >= 0; slot = (slot + 1) & mask_) {
      if (slots_[slot].tag != tag_of(hash)) continue;
      if (same(values_[static_cast<size_t>(slots_[slot].code)], text)) return slots_[slot].code;
    }
    const auto code = static_cast<int32_t>(values_.size());
    slots_[slot] = {.tag = tag_of(hash), .code = code};
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
  // Most texts are short: a call would take longer than the look. Eight bytes at a time, the last
  // eight once more.
  static bool same(std::string_view a, std::string_view b) {
    const size_t n = a.size();
    if (n != b.size()) return false;
    const char *x = a.data(), *y = b.data();
    if (n < 8) {
      for (size_t i = 0; i < n; ++i) {
        if (x[i] != y[i]) return false;
      }
      return true;
    }
    for (size_t i = 0; i + 8 < n; i += 8) {
      if (word(x + i, 8) != word(y + i, 8)) return false;
    }
    return word(x + n - 8, 8) == word(y + n - 8, 8);
  }
  static uint64_t mixed(uint64_t x) { return x ^ (x >> 32); }

  void grow() {
    mask_ = mask_ * 2 + 1;
    slots_.assign(mask_ + 1, {});
    for (size_t code = 0; code < hashes_.size(); ++code) {
      size_t slot = hashes_[code] & mask_;
      while (slots_[slot].code >= 0) slot = (slot + 1) & mask_;
      slots_[slot] = {.tag = tag_of(hashes_[code]), .code = static_cast<int32_t>(code)};
    }
  }

  size_t mask_ = 31;
  std::vector<Slot> slots_ = std::vector<Slot>(32);
  std::vector<uint64_t> hashes_;
  std::vector<std::string_view> values_;
  std::vector<int32_t> next_;  // of each text, the one that followed it last; -1: none yet
  int32_t last_ = -1;
  int trust_ = kTrust;  // that next_ is right; 0 and less: it is not asked
  std::deque<std::string> copies_;
};

}  // namespace perennial
