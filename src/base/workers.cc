#include "base/workers.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "base/error.h"

namespace perennial {
namespace {

// Cores this process may use: less than the machine has, inside a container or under taskset.
int available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// One call of run(): lives on the caller's stack until every thread has left it.
struct Job {
  Job(size_t count, const std::function<void(size_t)>& function) : n(count), task(function) {}

  void work() {
    for (size_t i = next.fetch_add(1); i < n; i = next.fetch_add(1)) {
      try {
        task(i);
      } catch (...) {
        const std::lock_guard lock(error_mutex);
        if (!error || i < error_index) {
          error = std::current_exception();
          error_index = i;
        }
      }
    }
  }

  bool has_more() const { return next.load(std::memory_order_relaxed) < n; }

  const size_t n;
  const std::function<void(size_t)>& task;
  std::atomic<size_t> next{0};
  size_t inside = 0;  // other threads that work on it now; guarded by the mutex of the workers
  std::mutex error_mutex;
  std::exception_ptr error;
  size_t error_index = 0;
};

}  // namespace

struct Workers::State {
  std::mutex mutex;
  std::condition_variable wake, left;
  std::vector<Job*> open;  // under way, in the order they were begun: those from inside tasks last
  size_t idle = 0;         // threads that wait for a job
  bool stop = false;
  std::vector<std::thread> threads;

  // The first job that has tasks left. The oldest have the largest.
  Job* waiting() const {
    const auto found =
        std::find_if(open.begin(), open.end(), [](Job* job) { return job->has_more(); });
    return found == open.end() ? nullptr : *found;
  }

  void loop() {
    std::unique_lock lock(mutex);
    while (true) {
      Job* job = nullptr;
      ++idle;
      wake.wait(lock, [&] { return stop || (job = waiting()) != nullptr; });
      --idle;
      if (stop) return;
      ++job->inside;
      lock.unlock();
      job->work();
      lock.lock();
      if (--job->inside == 0) left.notify_all();
    }
  }

  void share(Job& mine) {
    bool somebody = false;
    {
      const std::lock_guard lock(mutex);
      open.push_back(&mine);
      somebody = idle > 0;
    }
    if (somebody) wake.notify_all();
    mine.work();
    // A thread that waits here takes no other task meanwhile: its caller may hold what that needs.
    std::unique_lock lock(mutex);
    open.erase(std::find(open.begin(), open.end(), &mine));
    left.wait(lock, [&] { return mine.inside == 0; });
  }
};

Workers::Workers(int threads) : state_(std::make_unique<State>()) {
  PERENNIAL_CHECK(threads >= 0);
  const int wanted = threads == 0 ? available_cores() : threads;
  for (int i = 1; i < wanted; ++i) {
    try {
      state_->threads.emplace_back([state = state_.get()] { state->loop(); });
    } catch (const std::system_error&) {
      break;  // the system grants no more threads: fewer do the same work
    }
  }
}

Workers::~Workers() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->wake.notify_all();
  for (std::thread& thread : state_->threads) thread.join();
}

int Workers::threads() const { return static_cast<int>(state_->threads.size()) + 1; }

void Workers::run(size_t n, const std::function<void(size_t)>& task) const {
  Job job(n, task);
  if (n <= 1 || state_->threads.empty()) {
    job.work();
  } else {
    state_->share(job);
  }
  if (job.error) std::rethrow_exception(job.error);
}

void side_by_side(const Workers& workers, const std::function<void()>& one,
                  const std::function<void()>& other) {
  workers.run(2, [&](size_t i) { i == 0 ? one() : other(); });
}

void Workers::run_blocks(size_t n, size_t block,
                         const std::function<void(size_t begin, size_t end)>& task) const {
  PERENNIAL_CHECK(block > 0);
  const size_t blocks = n / block + (n % block != 0 ? 1 : 0);
  run(blocks, [&](size_t i) { task(i * block, std::min(n, (i + 1) * block)); });
}

}  // namespace perennial
