// A file written from parts that follow each other, without a copy of the whole.
#pragma once

#include <span>
#include <string>

#include "base/files.h"

namespace perennial {

// As write_file.
void write_file_parts(const fs::path& path, std::span<const std::string> parts);

}  // namespace perennial
