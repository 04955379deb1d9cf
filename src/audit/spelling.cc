#include "audit/spelling.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/letters.h"
#include "base/text.h"

namespace perennial {
namespace {

using Word = std::u32string_view;

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

struct Words {
  std::vector<Word> words;
  std::u32string signs;   // everything that is neither a word nor a blank
  std::u32string digits;  // with a blank between two numbers
};

Words words_of(std::u32string_view text) {
  Words result;
  size_t at = 0;
  bool in_number = false;
  for (const char32_t c : text) {
    if (is_digit(c)) {
      result.digits += c;
      in_number = true;
    } else if (std::exchange(in_number, false)) {
      result.digits += U' ';
    }
  }
  while (at < text.size()) {
    if (!is_word(text[at])) {
      if (!is_space(text[at])) result.signs += text[at];
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    result.words.push_back(text.substr(at, end - at));
    at = end;
  }
  return result;
}

bool is_roman_numeral(Word word) {
  return std::all_of(word.begin(), word.end(), [](char32_t c) {
    return c == U'i' || c == U'v' || c == U'x' || c == U'l' || c == U'c';
  });
}

// Parts of words that turn a meaning into its opposite.
constexpr std::array<std::pair<Word, Word>, 14> kOpposites{{
    {U"east", U"west"},
    {U"north", U"south"},
    {U"in", U"out"},
    {U"inter", U"intra"},
    {U"hyper", U"hypo"},
    {U"pre", U"post"},
    {U"max", U"min"},
    {U"macro", U"micro"},
    {U"over", U"under"},
    {U"up", U"down"},
    {U"first", U"last"},
    {U"er", U"ee"},
    {U"or", U"ee"},
    {U"less", U"ful"},
}};

bool becomes(Word a, Word b, Word from, Word to) {
  for (size_t at = a.find(from); at != Word::npos; at = a.find(from, at + 1)) {
    std::u32string changed(a);
    changed.replace(at, from.size(), to);
    if (changed == b) return true;
  }
  return false;
}

bool are_opposites(Word a, Word b) {
  return std::any_of(kOpposites.begin(), kOpposites.end(), [&](const auto& pair) {
    return becomes(a, b, pair.first, pair.second) || becomes(a, b, pair.second, pair.first);
  });
}

// One edit between two words that share `prefix` letters at the front and `suffix` at the end.
Likeness one_edit(Word a, Word b, size_t prefix, size_t suffix) {
  const Word longer = a.size() >= b.size() ? a : b;
  const size_t shortest = std::min(a.size(), b.size());
  const bool same_length = a.size() == b.size();
  const bool doubled = !same_length && prefix > 0 && longer[prefix] == longer[prefix - 1];
  const bool swapped = same_length && prefix + 1 < a.size() && a[prefix] == b[prefix + 1] &&
                       a[prefix + 1] == b[prefix];
  if (shortest >= 5 && (doubled || (swapped && prefix >= 1))) return Likeness::kTypo;
  if (shortest >= 6 && prefix >= 3 && suffix >= 1) return Likeness::kTypo;
  if (prefix == 0) return same_length && shortest >= 7 ? Likeness::kPossible : Likeness::kDifferent;
  if (suffix == 0) return shortest >= 6 ? Likeness::kPossible : Likeness::kDifferent;
  return Likeness::kPossible;
}

Likeness compare_words(Word a, Word b) {
  const size_t shortest = std::min(a.size(), b.size());
  const size_t difference = std::max(a.size(), b.size()) - shortest;
  if (shortest < 4 || difference > 2) return Likeness::kDifferent;
  if (is_roman_numeral(a) && is_roman_numeral(b)) return Likeness::kDifferent;
  size_t prefix = 0, suffix = 0;
  while (prefix < shortest && a[prefix] == b[prefix]) ++prefix;
  while (suffix < shortest - prefix && a[a.size() - 1 - suffix] == b[b.size() - 1 - suffix]) {
    ++suffix;
  }
  // Something in front of the same word: "un-", "не-", "пре-", "fe-".
  if (prefix == 0 && suffix == shortest) return Likeness::kDifferent;
  const int distance = edit_distance(encode_utf8(a), encode_utf8(b));
  if (distance > 2 || (distance == 2 && shortest < 10)) return Likeness::kDifferent;
  if (are_opposites(a, b)) return Likeness::kDifferent;
  if (distance == 1) return one_edit(a, b, prefix, suffix);
  if (prefix == 0) return Likeness::kDifferent;
  return prefix >= 4 && suffix >= 1 ? Likeness::kTypo : Likeness::kPossible;
}

std::u32string joined(const std::vector<Word>& words) {
  std::u32string text;
  for (const Word word : words) text += word;
  return text;
}

bool is_negation(Word word) {
  static constexpr Word kNegations[] = {U"no", U"not", U"non", U"none", U"without", U"нет",
                                        U"не", U"без", U"yes", U"да",   U"kein",    U"sin"};
  return std::find(std::begin(kNegations), std::end(kNegations), word) != std::end(kNegations);
}

bool are_initials(Word shorter, const std::vector<Word>& words) {
  if (shorter.size() < 2 || shorter.size() != words.size()) return false;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i][0] != shorter[i]) return false;
  }
  return true;
}

}  // namespace

std::u32string canonical_spelling(std::string_view text) {
  std::u32string letters = decode_utf8(to_lower(trim(text)));
  std::u32string result;
  for (size_t i = 0; i < letters.size(); ++i) {
    char32_t c = letters[i] == U'ё' ? U'е' : letters[i];
    const bool between = i > 0 && i + 1 < letters.size() && is_word(letters[i - 1]) &&
                         is_word(letters[i + 1]) && !is_digit(letters[i - 1]) &&
                         !is_digit(letters[i + 1]);
    if (is_space(c) || (between && (c == U'-' || c == U'_'))) c = U' ';
    if (c == U' ' && !result.empty() && result.back() == U' ') continue;
    result += c;
  }
  return result;
}

Likeness likeness(std::u32string_view a, std::u32string_view b) {
  // Most pairs differ much in length: nothing to look at.
  const size_t longest = std::max(a.size(), b.size());
  if (longest - std::min(a.size(), b.size()) > 2) return Likeness::kDifferent;
  const Words first = words_of(a), second = words_of(b);
  if (first.digits != second.digits || first.signs != second.signs) return Likeness::kDifferent;
  if (first.words.size() != second.words.size()) {
    const std::u32string whole = joined(first.words);
    return whole.size() >= 4 && whole == joined(second.words) ? Likeness::kPossible
                                                              : Likeness::kDifferent;
  }
  Likeness result = Likeness::kDifferent;
  int differing = 0;
  for (size_t i = 0; i < first.words.size(); ++i) {
    if (first.words[i] == second.words[i]) continue;
    if (++differing > 1) return Likeness::kDifferent;
    result = compare_words(first.words[i], second.words[i]);
  }
  return result;
}

bool may_abbreviate(std::u32string_view shorter, std::u32string_view longer) {
  const Words small = words_of(shorter), large = words_of(longer);
  if (small.words.empty() || small.words.size() >= large.words.size()) return false;
  if (small.words.size() == 1 && are_initials(small.words[0], large.words)) return true;
  if (!small.digits.empty() || !large.digits.empty()) return false;
  for (const Word word : large.words) {
    if (is_negation(word)) return false;
  }
  if (small.words[0].size() < 3) return false;
  const bool tail = std::equal(small.words.rbegin(), small.words.rend(), large.words.rbegin());
  const bool head = std::equal(small.words.begin(), small.words.end(), large.words.begin());
  return (tail || head) && small.signs == large.signs;
}

}  // namespace perennial
