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

/// A thread's share of a job's blocks: the job's number in the upper half, the next block in the lower.
/// A cache line of its own, since claims of different threads are not to slow each other down.
struct alignas(64) Share {
  static constexpr int kJobShift = 32;
  static constexpr uint64_t kBlockMask = (uint64_t{1} << kJobShift) - 1;
  /// As next block: nothing to claim, while the job's numbers change.
  static constexpr uint64_t kClosed = kBlockMask;

  std::atomic<uint64_t> ticket{kClosed};
};

}  // namespace

// A job is a number of blocks. Each thread has a share of them, neighbours, and first claims those one after
// another; then it helps with the others' shares. So as long as nothing goes wrong a thread sees the same
// rows of a matrix in one operation after the other, and finds them in its own core's cache.
//
// The job is over when all blocks are done. Nobody waits for a worker that has not come, because it sleeps,
// or because its core is busy with another program: on a shared machine that is most of the time.
struct Parallel::State {
  explicit State(int threads) : shares(static_cast<size_t>(threads)) {}

  std::vector<std::thread> workers;
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<Share> shares;
  std::atomic<uint64_t> job{0};
  std::atomic<uint64_t> done{0};  // blocks of the current job that are finished
  std::atomic<bool> stopping{false};
  // The current job. A late worker may read these while the next job's are written, hence atomic; its claim
  // then fails, since the ticket has changed.
  std::atomic<uint64_t> blocks{0};
  std::atomic<void (*)(void*, int64_t)> work{nullptr};
  std::atomic<void*> context{nullptr};
  std::exception_ptr error;  // guarded by mutex
  std::atomic<bool> failed{false};
  std::atomic<bool> working{false};

  /// Here and not in ~Parallel(), for the workers that had started when the next one could not.
  ~State() {
    stopping = true;
    publish(0, nullptr, nullptr);
    for (std::thread& worker : workers) worker.join();
  }

  /// The first block of a share.
  uint64_t first_of(size_t share, uint64_t block_count) const { return share * block_count / shares.size(); }

  void publish(uint64_t block_count, void (*block_work)(void*, int64_t), void* work_context) {
    const uint64_t number = job.load(std::memory_order_relaxed);
    for (Share& share : shares) share.ticket.store(number << Share::kJobShift | Share::kClosed);
    blocks.store(block_count, std::memory_order_release);
    work.store(block_work, std::memory_order_release);
    context.store(work_context, std::memory_order_release);
    done.store(0, std::memory_order_release);
    for (size_t i = 0; i < shares.size(); ++i) {
      shares[i].ticket.store((number + 1) << Share::kJobShift | first_of(i, block_count),
                             std::memory_order_release);
    }
    {
      const std::lock_guard lock(mutex);  // so that no worker falls asleep between its check and the change
      job.store(number + 1, std::memory_order_release);
    }
    wake.notify_all();
  }

  /// Thread number `self` works until there is nothing left to claim.
  void take_blocks(size_t self) {
    for (size_t i = 0; i < shares.size(); ++i) take_share((self + i) % shares.size());
  }

  void take_share(size_t index) {
    std::atomic<uint64_t>& ticket = shares[index].ticket;
    for (uint64_t claim = ticket.load(std::memory_order_acquire);;) {
      const uint64_t block = claim & Share::kBlockMask;
      const auto block_work = work.load(std::memory_order_acquire);
      void* const work_context = context.load(std::memory_order_acquire);
      const uint64_t end = first_of(index + 1, blocks.load(std::memory_order_acquire));
      if (block == Share::kClosed || block >= end) return;
      if (!ticket.compare_exchange_weak(claim, claim + 1, std::memory_order_acq_rel,
                                        std::memory_order_acquire)) {
        continue;
      }
      if (!failed.load(std::memory_order_relaxed)) do_block(block_work, work_context, block);
      done.fetch_add(1, std::memory_order_release);
      claim = ticket.load(std::memory_order_acquire);
    }
  }

  void do_block(void (*block_work)(void*, int64_t), void* work_context, uint64_t block) {
    try {
      block_work(work_context, static_cast<int64_t>(block));
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
      failed.store(true, std::memory_order_relaxed);
    }
  }

  void serve(size_t self) {
    for (uint64_t seen = 0;;) {
      const auto nothing_new = [&] { return job.load(std::memory_order_acquire) == seen; };
      for (int spin = 0; spin < kSpins && nothing_new(); ++spin) pause();
      if (nothing_new()) {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return !nothing_new(); });
      }
      seen = job.load(std::memory_order_acquire);
      if (stopping.load()) return;
      take_blocks(self);
    }
  }

  /// Until all blocks that others claimed are done.
  void await_blocks(uint64_t block_count) {
    for (int spins = 0; done.load(std::memory_order_acquire) != block_count;) {
      if (spins < kSpins) {
        ++spins;
        pause();
      } else {
        std::this_thread::yield();
      }
    }
  }
};

Parallel::Parallel(int threads) {
  require(threads >= 1, "[parallel] expected at least one thread, got {}", threads);
  state_ = std::make_unique<State>(threads);
  try {
    for (int i = 1; i < threads; ++i) {
      state_->workers.emplace_back(
          [state = state_.get(), self = static_cast<size_t>(i)] { state->serve(self); });
    }
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
  require(blocks < static_cast<int64_t>(Share::kClosed), "[parallel] {} blocks are too many", blocks);
  state.publish(static_cast<uint64_t>(blocks), work, context);
  state.take_blocks(0);
  state.await_blocks(static_cast<uint64_t>(blocks));
  if (state.failed.exchange(false)) std::rethrow_exception(std::exchange(state.error, nullptr));
}

}  // namespace cce
