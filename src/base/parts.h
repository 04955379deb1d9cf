// A file written from parts that several threads make, while others are still being made.
#pragma once

#include <functional>
#include <string>

#include "base/files.h"
#include "base/workers.h"

namespace perennial {

// As write_file: of make(0), …, make(parts - 1), in this order. The path is no pipe or device.
void write_file_parts(const fs::path& path, size_t parts,
                      const std::function<std::string(size_t)>& make, const Workers& workers);

}  // namespace perennial
