#include "cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "base/text.h"

namespace perennial {

int terminal_width() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
      size.ws_col > 20) {
    return std::min<int>(size.ws_col, 110);
  }
  return 100;
}

bool terminal_colour() { return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

TerminalProgress::TerminalProgress() : on_(isatty(STDERR_FILENO) == 1) {}

void TerminalProgress::stage(std::string_view name, size_t total) {
  const std::lock_guard lock(mutex_);
  name_ = name;
  total_ = total;
  draw(name_ + " …");
}

void TerminalProgress::advance(size_t done, std::string_view note) {
  const std::lock_guard lock(mutex_);
  if (total_ == 0) return;
  const size_t width = 24;
  const size_t filled = std::min(width, done * width / total_);
  std::string bar;
  for (size_t i = 0; i < width; ++i) bar += i < filled ? "█" : "░";
  draw(fmt::format("{} {} {:>3} % {}", name_, bar, done * 100 / total_, shortened(note, 76)));
}

void TerminalProgress::clear() {
  const std::lock_guard lock(mutex_);
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

void TerminalProgress::draw(const std::string& line) {
  if (!on_) return;
  std::cerr << "\r\x1b[K" << line << std::flush;
  drawn_ = true;
}

}  // namespace perennial
