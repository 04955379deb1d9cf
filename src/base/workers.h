// A fixed set of threads that run independent, indexed tasks.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace perennial {

class Workers {
 public:
  // threads >= 1; 0 means all cores this process may use. One of the threads is the caller.
  explicit Workers(int threads = 0);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int threads() const;

  // Calls task(i) once for each i in [0, n), in any order, on any thread; returns when all are
  // done. Tasks write to places of their own (slot i), so results do not depend on the number of
  // threads. A call from inside a task is shared with the threads that have nothing to do by then.
  // If tasks throw, the exception of the lowest index is rethrown after all have ended.
  void run(size_t n, const std::function<void(size_t)>& task) const;

  // Splits [0, n) into blocks whose borders depend on n and block alone (never on the number of
  // threads) and calls task(begin, end) for each: sums combined in block order are reproducible.
  void run_blocks(size_t n, size_t block,
                  const std::function<void(size_t begin, size_t end)>& task) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Both, at the same time where a thread has nothing to do.
void side_by_side(const Workers& workers, const std::function<void()>& one,
                  const std::function<void()>& other);

}  // namespace perennial
