# cmake -D IN=page.html -D OUT=page.cc -D NAME=function -P embed.cmake
# Writes a C++ file whose function gives the bytes of IN: hexadecimal escapes in strings of 8 KiB
# (compilers promise no more than 64 KiB for one).
file(READ ${IN} hex HEX)
string(LENGTH "${hex}" length)
set(chunks "")
set(at 0)
while(at LESS length)
  string(SUBSTRING "${hex}" ${at} 16384 chunk)
  string(REGEX REPLACE "(..)" "\\\\x\\1" chunk "${chunk}")
  string(APPEND chunks "    {\"${chunk}\"},\n")
  math(EXPR at "${at} + 16384")
endwhile()
math(EXPR bytes "${length} / 2")
file(WRITE ${OUT} "// Made by cmake/embed.cmake from ${IN}. Do not edit.
#include <cstddef>
#include <string>
#include <string_view>

namespace perennial {
std::string ${NAME}();

namespace {
// 8 KiB each; only the last one is shorter. No byte is 0.
constexpr std::string_view kChunks[] = {
${chunks}};
}  // namespace

std::string ${NAME}() {
  std::string out;
  out.reserve(${bytes});
  for (const std::string_view chunk : kChunks) out += chunk;
  return out;
}
}  // namespace perennial
")
