#include "run/clock.h"

#include <fstream>

namespace perennial {

uint64_t peak_rss() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    uint64_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib * 1024;
  }
  return 0;
}

}  // namespace perennial
