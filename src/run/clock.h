// How long the stages of a run took, and how much memory it needed.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/progress.h"

namespace perennial {

// Seconds by stage, in the order in which the stages ran.
class Clock {
 public:
  void stage(Progress& progress, const std::string& name) {
    stop();
    name_ = name;
    started_ = std::chrono::steady_clock::now();
    progress.stage(name, 0);
  }
  void stop() {
    if (name_.empty()) return;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started_;
    seconds_.emplace_back(name_, took.count());
    name_.clear();
  }
  const std::vector<std::pair<std::string, double>>& seconds() const { return seconds_; }

 private:
  std::string name_;
  std::chrono::steady_clock::time_point started_;
  std::vector<std::pair<std::string, double>> seconds_;
};

// Highest resident memory of this process so far, in bytes (Linux's VmHWM).
uint64_t peak_rss();

}  // namespace perennial
