// Facts about single code points, as far as the program needs them: a small excerpt of the Unicode
// character database (15.0), so that no library of many megabytes has to come along.
#pragma once

namespace perennial {

// Simple lower case of Latin, Greek, Cyrillic and Armenian letters; others are unchanged.
char32_t lower_letter(char32_t c);
// White_Space, BOM and the zero-width spaces.
bool is_space(char32_t c);
// Letters, digits and combining marks: what a regular column name may hold.
bool is_word(char32_t c);
// Columns of a terminal: 0 for combining and control characters, 2 for wide ones, else 1.
int terminal_width(char32_t c);

}  // namespace perennial
