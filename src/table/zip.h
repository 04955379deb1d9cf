// ZIP archives (APPNOTE 6.3), as far as NumPy's .npz needs them: files stored or deflated.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace perennial {

struct ZipFile {
  std::string name, bytes;
};

// Files are stored as they are, with the date 1980-01-01: the same files give the same bytes.
// Error (kData): the archive would need more than 4 GiB.
std::string zip_bytes(const std::vector<ZipFile>& files, const std::string& where);

// Throws Error{kData} that names `file` for what is no ZIP archive, ends early, has a wrong
// checksum, is encrypted or packed in another way, or unpacks to more than its bytes can hold.
std::vector<ZipFile> unzip(const std::string& file, std::string_view bytes);

}  // namespace perennial
