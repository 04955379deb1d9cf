#include "base/workers.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
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

struct Job;
thread_local Job* current = nullptr;  // whose task this thread runs

// One call of run(): lives on the caller's stack until every thread has left it.
struct Job {
  Job(size_t count, const std::function<void(size_t)>& function)
      : n(count), task(function), parent(current) {}

  void work() {
    Job* const before = std::exchange(current, this);
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
    current = before;
  }

  // Whether it was begun inside a task of `other`, or inside a task of such a one.
  bool is_within(const Job& other) const {
    for (const Job* job = parent; job != nullptr; job = job->parent) {
      if (job == &other) return true;
    }
    return false;
  }

  bool has_more() const { return next.load(std::memory_order_relaxed) < n; }

  const size_t n;
  const std::function<void(size_t)>& task;
  Job* const parent;
  std::atomic<size_t> next{0};
  size_t inside = 0;  // other threads that work on it now; guarded by the mutex of the workers
  std::mutex error_mutex;
  std::exception_ptr error;
  size_t error_index = 0;
};

}  // namespace

struct Workers::State {
  std::mutex mutex;
  std::condition_variable changed;  // a job was begun, or left by the last other thread
  std::vector<Job*> open;  // under way, in the order they were begun: those from inside tasks last
  size_t idle = 0;         // threads that wait
  bool stop = false;
  std::vector<std::thread> threads;

  // The first job that has tasks left; the oldest have the largest. Of all, or of those inside one.
  Job* waiting(const Job* outer) const {
    const auto found = std::find_if(open.begin(), open.end(), [&](Job* job) {
      return job->has_more() && (outer == nullptr || job->is_within(*outer));
    });
    return found == open.end() ? nullptr : *found;
  }

  // Works on jobs until `ended`: on any, or on those inside `outer`.
  void help(std::unique_lock<std::mutex>& lock, const Job* outer,
            const std::function<bool()>& ended) {
    while (true) {
      Job* job = nullptr;
      ++idle;
      changed.wait(lock, [&] { return ended() || (job = waiting(outer)) != nullptr; });
      --idle;
      if (ended()) return;
      ++job->inside;
      lock.unlock();
      job->work();
      lock.lock();
      if (--job->inside == 0) changed.notify_all();
    }
  }

  void loop() {
    std::unique_lock lock(mutex);
    help(lock, nullptr, [&] { return stop; });
  }

  void share(Job& mine) {
    bool somebody = false;
    {
      const std::lock_guard lock(mutex);
      open.push_back(&mine);
      somebody = idle > 0;
    }
    if (somebody) changed.notify_all();
    mine.work();
    std::unique_lock lock(mutex);
    open.erase(std::find(open.begin(), open.end(), &mine));
    // Who waits here takes no task but those that it waits for: its caller may hold what others
    // need.
    help(lock, &mine, [&] { return mine.inside == 0; });
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
  state_->changed.notify_all();
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
