// Packed files: gzip (RFC 1952) and Zstandard (RFC 8878), known by their first bytes.
#pragma once

#include <string>
#include <string_view>

namespace perennial {

// "gzip", "zstd" or "" by the magic bytes.
std::string compression_of(std::string_view bytes);

// The unpacked bytes; several members or frames in a row are joined. Throws Error{kData} that names
// `file` when the stream is damaged, ends early, or unpacks to more than any table would.
std::string decompress(const std::string& file, std::string_view bytes,
                       const std::string& compression);

}  // namespace perennial
