// Where this build's sources, the real data and the program are. Only test_places.cc.in knows, so
// the objects of the tests are the same in every checkout and a compiler cache can serve them all.
#pragma once
#include <cstdlib>
#include <filesystem>

namespace perennial {

extern const char* const kSourceFolder;
extern const char* const kProgramFile;

inline std::filesystem::path source_folder() { return std::filesystem::path(kSourceFolder); }

// The shared real data; it need not be there.
inline std::filesystem::path data_folder() {
  const char* named = std::getenv("PERENNIAL_DATA");
  return named != nullptr ? std::filesystem::path(named) : source_folder() / "../shared/data";
}

}  // namespace perennial
