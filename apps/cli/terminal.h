// The terminal: how wide, whether it has colours, and one line of progress on it.
#pragma once

#include <mutex>
#include <string>

#include "base/progress.h"

namespace perennial {

int terminal_width();    // of stdout; 100 where it is not a terminal
bool terminal_colour();  // stdout is a terminal and NO_COLOR is not set

// One line on stderr, rewritten in place; nothing where stderr is not a terminal.
class TerminalProgress : public Progress {
 public:
  TerminalProgress();
  ~TerminalProgress() override { clear(); }
  void stage(std::string_view name, size_t total) override;
  void advance(size_t done, std::string_view note) override;
  void clear();

 private:
  void draw(const std::string& line);
  std::mutex mutex_;
  bool on_ = false, drawn_ = false;
  std::string name_;
  size_t total_ = 0;
};

}  // namespace perennial
