#include "engine/parallel.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "engine/error.h"

namespace cce {
namespace {

/// How long an idle worker looks for the next job before it sleeps: a training step starts a job every few
/// tens of microseconds, and waking a sleeper costs about as much.
constexpr int kSpins = 4000;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

struct Parallel::State {
  std::vector<std::thread> workers;
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<uint64_t> generation{0};  // counts jobs; a worker that sees a new value takes part
  std::atomic<int> busy{0};             // workers that have not yet finished the current job
  std::atomic<int64_t> next{0};         // the first block nobody has taken
  std::atomic<bool> stopping{false};
  int64_t blocks = 0;
  void (*work)(void*, int64_t) = nullptr;
  void* context = nullptr;
  std::exception_ptr error;  // guarded by mutex
  std::atomic<bool> working{false};

  /// Here and not in ~Parallel(), for the workers that had started when the next one could not.
  ~State() {
    stopping = true;
    announce_job();
    for (std::thread& worker : workers) worker.join();
  }

  void announce_job() {
    {
      const std::lock_guard lock(mutex);  // so that no worker falls asleep between its check and the change
      generation.fetch_add(1, std::memory_order_release);
    }
    wake.notify_all();
  }

  void take_blocks() {
    for (int64_t block; (block = next.fetch_add(1, std::memory_order_relaxed)) < blocks;) {
      try {
        work(context, block);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        next.store(blocks, std::memory_order_relaxed);
      }
    }
  }

  void serve() {
    for (uint64_t seen = 0;;) {
      for (int spin = 0; spin < kSpins && generation.load(std::memory_order_acquire) == seen; ++spin) pause();
      if (generation.load(std::memory_order_acquire) == seen) {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return generation.load(std::memory_order_acquire) != seen; });
      }
      seen = generation.load(std::memory_order_acquire);
      if (stopping.load()) return;
      take_blocks();
      busy.fetch_sub(1, std::memory_order_release);
    }
  }
};

Parallel::Parallel(int threads) : state_(std::make_unique<State>()) {
  require(threads >= 1, "[parallel] expected at least one thread, got {}", threads);
  try {
    for (int i = 1; i < threads; ++i)
      state_->workers.emplace_back([state = state_.get()] { state->serve(); });
  } catch (const std::system_error& error) {
    fail("[parallel] only {} of {} threads could be started ({}): ask for fewer", state_->workers.size() + 1,
         threads, error.what());
  }
}

Parallel::~Parallel() = default;

int Parallel::threads() const {
  return static_cast<int>(state_->workers.size()) + 1;
}

void Parallel::run(int64_t blocks, void (*work)(void*, int64_t), void* context) {
  State& state = *state_;
  require(!state.working.exchange(true),
          "[parallel] is at work already: a block must not start blocks of its own, and threads must not "
          "share a pool");
  const struct Done {
    std::atomic<bool>& working;
    ~Done() { working = false; }
  } done{state.working};
  if (blocks <= 1 || state.workers.empty()) {
    for (int64_t block = 0; block < blocks; ++block) work(context, block);
    return;
  }
  state.blocks = blocks, state.work = work, state.context = context;
  state.next.store(0, std::memory_order_relaxed);
  state.busy.store(static_cast<int>(state.workers.size()), std::memory_order_relaxed);
  state.announce_job();
  state.take_blocks();
  for (int spin = 0; state.busy.load(std::memory_order_acquire) != 0; ++spin) {
    if (spin < kSpins) {
      pause();
    } else {
      std::this_thread::yield();
    }
  }
  if (state.error) std::rethrow_exception(std::exchange(state.error, nullptr));
}

}  // namespace cce
