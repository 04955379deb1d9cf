// When two values of a column are likely to be two spellings of one.
#pragma once

#include <string>
#include <string_view>

namespace perennial {

// The spelling without what writers vary without meaning anything: blanks at the ends and doubled,
// case, "-" and "_" between letters (a blank instead), ё (е instead).
std::u32string canonical_spelling(std::string_view text);

enum class Likeness {
  kDifferent,  // two values
  kPossible,   // perhaps one value: a person should look
  kTypo,       // almost certainly one value, misspelled
};

// Compares canonical spellings. Two values are alike when one word of theirs differs, by
// Damerau-Levenshtein distance 1 (2 in words of ten letters or more). Values are different however
// near they are when digits, signs or Roman numerals differ ("plan 1", "plan 2"), when one word is
// the other with something in front ("предыдущий", "препредыдущий"; "male", "female"), or when the
// difference is one of opposite word parts (east/west, -er/-ee). A typo is a doubled or transposed
// letter, or a change in the middle of a word of six letters or more; ends of words carry grammar
// and are never more than possible.
Likeness likeness(std::u32string_view a, std::u32string_view b);

// True when `shorter` may abbreviate `longer`: its initials ("cod", "cash on delivery") or some of
// its words in order, the last or the first among them ("phone", "mobile phone"). Negations ("no",
// "нет") abbreviate nothing.
bool may_abbreviate(std::u32string_view shorter, std::u32string_view longer);

}  // namespace perennial
