// Bytes of a file -> UTF-8 text: byte order marks, UTF-8, UTF-16, Windows-1251, Latin-1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/workers.h"

namespace perennial {

struct DecodedText {
  std::string text;  // UTF-8
  size_t start = 0;  // bytes of a byte order mark at the start of `text`, not part of it
  std::string encoding;
  bool bom = false;
  std::vector<std::string> notes;  // where another encoding was plausible too

  std::string_view view() const { return std::string_view(text).substr(start); }
};

// Decodes, finding the encoding out where `encoding` does not say it. Latin-1 is read as browsers
// read it, as Windows-1252 (WHATWG Encoding Standard). Throws Error{kData} naming file, line and
// byte where the bytes do not fit the encoding, and when the file is not text at all; Error{kStudy}
// on an unknown name of an encoding. `bytes` are taken (and not copied) only where they are UTF-8.
DecodedText decode_text(const std::string& file, std::string&& bytes,
                        const std::optional<std::string>& encoding, const Workers& workers);

// Offset of the first byte that is not valid UTF-8 (surrogates and overlong forms are not), or
// npos.
size_t first_invalid_utf8(std::string_view text);

}  // namespace perennial
