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

  const size_t n;
  const std::function<void(size_t)>& task;
  std::atomic<size_t> next{0};
  std::mutex error_mutex;
  std::exception_ptr error;
  size_t error_index = 0;
};

}  // namespace

struct Workers::State {
  std::mutex mutex;
  std::condition_variable wake, left;
  Job* job = nullptr;       // what there is to do; null when nothing or when it is nearly done
  uint64_t generation = 0;  // counts jobs, so that a thread joins each at most once
  size_t inside = 0;        // threads that work on `job` now
  bool stop = false;
  std::atomic<bool> busy{false};  // a run() is under way: further calls run inline
  std::vector<std::thread> threads;

  void loop() {
    std::unique_lock lock(mutex);
    uint64_t seen = 0;
    while (true) {
      wake.wait(lock, [&] { return stop || (job != nullptr && generation != seen); });
      if (stop) return;
      seen = generation;
      Job* const mine = job;
      ++inside;
      lock.unlock();
      mine->work();
      lock.lock();
      if (--inside == 0) left.notify_one();
    }
  }

  void share(Job& mine) {
    {
      const std::lock_guard lock(mutex);
      job = &mine;
      ++generation;
    }
    wake.notify_all();
    mine.work();
    std::unique_lock lock(mutex);
    job = nullptr;  // threads that have not woken up yet need not join any more
    left.wait(lock, [&] { return inside == 0; });
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
  // A call from inside a task (or beside another call) finds the threads busy and runs inline.
  if (n <= 1 || state_->threads.empty() || state_->busy.exchange(true)) {
    job.work();
  } else {
    state_->share(job);
    state_->busy.store(false);
  }
  if (job.error) std::rethrow_exception(job.error);
}

void Workers::run_blocks(size_t n, size_t block,
                         const std::function<void(size_t begin, size_t end)>& task) const {
  PERENNIAL_CHECK(block > 0);
  const size_t blocks = n / block + (n % block != 0 ? 1 : 0);
  run(blocks, [&](size_t i) { task(i * block, std::min(n, (i + 1) * block)); });
}

}  // namespace perennial
