// Where text stops being UTF-8.
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "table/encoding.h"

namespace perennial {
namespace {

constexpr auto npos = std::string_view::npos;

// Eight bytes: these two, four times.
constexpr uint64_t four_times(unsigned char a, unsigned char b) {
  return std::bit_cast<uint64_t>(std::array<unsigned char, 8>{a, b, a, b, a, b, a, b});
}

// True when these eight bytes are four sequences of two bytes, as most of a Cyrillic word is: each
// pair is 110xxxxx 10xxxxxx, and the first is not 0xC0 or 0xC1 (overlong), which the sum tests in
// all pairs at once.
bool four_pairs(const unsigned char* bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, 8);
  constexpr uint64_t kTops = 0x8000800080008000U, kBelow = 0x7FFF7FFF7FFF7FFFU;
  return (word & four_times(0xE0, 0xC0)) == four_times(0xC0, 0x80) &&
         (((word & four_times(0x1E, 0)) + kBelow) & kTops) == kTops;
}

// The start of the sequence that the byte before `at` belongs to, as far as bytes there look like
// one.
size_t back_to_start(const unsigned char* bytes, size_t at) {
  for (int i = 0; i < 3 && at > 0 && (bytes[at - 1] & 0xC0) == 0x80; ++i) --at;
  return at > 0 && bytes[at - 1] >= 0xC0 ? at - 1 : at;
}

#if defined(__x86_64__)
// All that can be wrong with two bytes in a row, a bit each. Which of it is possible follows from
// the halves of the first and the upper half of the second; what all three allow is wrong. Only
// that a byte continues a sequence of three or four is looked at besides (Keiser and Lemire 2021).
enum Wrong : uint8_t {
  kTooShort = 1,       // a first byte, and what follows does not continue it
  kTooLong = 2,        // a byte continues what needs none
  kOverlong3 = 4,      // three bytes where two would do
  kTooLarge = 8,       // beyond U+10FFFF
  kSurrogate = 16,     // half a pair of UTF-16
  kOverlong2 = 32,     // two bytes where one would do
  kOverlong4 = 64,     // four bytes where three would do
  kTooLarge1000 = 64,  // beyond U+10FFFF too; both have their own first halves
  kTwoContinue = 128,  // two bytes that continue: right only in sequences of three or four
  kAny = kTooShort | kTooLong | kTwoContinue
};

__attribute__((target("avx2"))) __m256i looked_up(__m256i half, const uint8_t (&table)[16]) {
  const __m128i once = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(once), half);
}

__attribute__((target("avx2"))) __m256i upper_halves(__m256i bytes) {
  return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
}

// Bits that are set where something is wrong with the 32 bytes, or with how they follow `before`.
__attribute__((target("avx2"))) __m256i wrong_in(__m256i bytes, __m256i before) {
  static constexpr uint8_t kFirstUpper[16] = {kTooLong,
                                              kTooLong,
                                              kTooLong,
                                              kTooLong,
                                              kTooLong,
                                              kTooLong,
                                              kTooLong,
                                              kTooLong,
                                              kTwoContinue,
                                              kTwoContinue,
                                              kTwoContinue,
                                              kTwoContinue,
                                              kTooShort | kOverlong2,
                                              kTooShort,
                                              kTooShort | kOverlong3 | kSurrogate,
                                              kTooShort | kTooLarge | kTooLarge1000 | kOverlong4};
  static constexpr uint8_t kFar = kAny | kTooLarge | kTooLarge1000;
  static constexpr uint8_t kFirstLower[16] = {kAny | kOverlong3 | kOverlong2 | kOverlong4,
                                              kAny | kOverlong2,
                                              kAny,
                                              kAny,
                                              kAny | kTooLarge,
                                              kFar,
                                              kFar,
                                              kFar,
                                              kFar,
                                              kFar,
                                              kFar,
                                              kFar,
                                              kFar,
                                              kFar | kSurrogate,
                                              kFar,
                                              kFar};
  static constexpr uint8_t kContinues = kTooLong | kOverlong2 | kTwoContinue;
  static constexpr uint8_t kSecondUpper[16] = {kTooShort,
                                               kTooShort,
                                               kTooShort,
                                               kTooShort,
                                               kTooShort,
                                               kTooShort,
                                               kTooShort,
                                               kTooShort,
                                               kContinues | kOverlong3 | kTooLarge1000 | kOverlong4,
                                               kContinues | kOverlong3 | kTooLarge,
                                               kContinues | kSurrogate | kTooLarge,
                                               kContinues | kSurrogate | kTooLarge,
                                               kTooShort,
                                               kTooShort,
                                               kTooShort,
                                               kTooShort};
  const __m256i seam = _mm256_permute2x128_si256(before, bytes, 0x21);
  const __m256i one_back = _mm256_alignr_epi8(bytes, seam, 15);
  const __m256i two_back = _mm256_alignr_epi8(bytes, seam, 14);
  const __m256i three_back = _mm256_alignr_epi8(bytes, seam, 13);
  const __m256i low = _mm256_set1_epi8(15);
  const __m256i pair =
      _mm256_and_si256(_mm256_and_si256(looked_up(upper_halves(one_back), kFirstUpper),
                                        looked_up(_mm256_and_si256(one_back, low), kFirstLower)),
                       looked_up(upper_halves(bytes), kSecondUpper));
  // Above zero where a sequence of three began two bytes back, or one of four three bytes back.
  const __m256i goes_on =
      _mm256_or_si256(_mm256_subs_epu8(two_back, _mm256_set1_epi8(static_cast<char>(0xDF))),
                      _mm256_subs_epu8(three_back, _mm256_set1_epi8(static_cast<char>(0xEF))));
  const __m256i must = _mm256_and_si256(_mm256_cmpgt_epi8(goes_on, _mm256_setzero_si256()),
                                        _mm256_set1_epi8(static_cast<char>(0x80)));
  return _mm256_xor_si256(must, pair);
}

// The start of a sequence before which all is valid: the end, or a little before the first mistake.
__attribute__((target("avx2"))) size_t valid_until(const unsigned char* bytes, size_t n) {
  __m256i before = _mm256_setzero_si256();
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const __m256i here = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + i));
    if (_mm256_movemask_epi8(_mm256_or_si256(here, before)) != 0) {
      const __m256i wrong = wrong_in(here, before);
      if (_mm256_testz_si256(wrong, wrong) == 0) break;
    }
    before = here;
  }
  return back_to_start(bytes, i);
}
#endif

// As valid_until, on any machine.
size_t valid_so_far([[maybe_unused]] const unsigned char* bytes, [[maybe_unused]] size_t n) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return valid_until(bytes, n);
#endif
  return 0;
}

}  // namespace

size_t first_invalid_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const size_t n = text.size();
  const auto follows = [&](size_t at) { return at < n && (bytes[at] & 0xC0) == 0x80; };
  size_t i = valid_so_far(bytes, n);
  while (i < n) {
    if (bytes[i] < 0x80) {
      uint64_t word = 0;
      while (i + 8 <= n && (std::memcpy(&word, bytes + i, 8), (word & 0x8080808080808080U) == 0)) {
        i += 8;
      }
      while (i < n && bytes[i] < 0x80) ++i;
      continue;
    }
    const unsigned char a = bytes[i];
    if (a >= 0xC2 && a <= 0xDF) {
      if (i + 8 <= n && four_pairs(bytes + i)) {
        i += 8;
        continue;
      }
      if (!follows(i + 1)) return i;
      i += 2;
    } else if (a >= 0xE0 && a <= 0xEF) {
      if (!follows(i + 1) || !follows(i + 2)) return i;
      if ((a == 0xE0 && bytes[i + 1] < 0xA0) || (a == 0xED && bytes[i + 1] > 0x9F)) return i;
      i += 3;
    } else if (a >= 0xF0 && a <= 0xF4) {
      if (!follows(i + 1) || !follows(i + 2) || !follows(i + 3)) return i;
      if ((a == 0xF0 && bytes[i + 1] < 0x90) || (a == 0xF4 && bytes[i + 1] > 0x8F)) return i;
      i += 4;
    } else {
      return i;
    }
  }
  return npos;
}

}  // namespace perennial
