// What a long computation may tell while it runs. The library calls it; the app draws it.
#pragma once

#include <cstddef>
#include <string_view>

namespace perennial {

class Progress {
 public:
  virtual ~Progress() = default;
  // A named stage begins ("reading", "searching"); total = 0 when not known.
  virtual void stage(std::string_view name, size_t total) = 0;
  // `done` of the stage's total are finished. May be called from any thread.
  virtual void advance(size_t done, std::string_view note) = 0;
};

// Tells nobody.
class SilentProgress : public Progress {
 public:
  void stage(std::string_view, size_t) override {}
  void advance(size_t, std::string_view) override {}
};

}  // namespace perennial
