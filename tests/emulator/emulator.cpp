#include "tests/emulator/emulator.h"

#include <ucontext.h>
#include <csetjmp>

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/error.h"

namespace cce::emulator {
namespace {

constexpr int kWarp = 32;
constexpr size_t kStackBytes = 64 << 10;

enum class Wait { none, block, warp };

// Fibers are made with ucontext, and then switched between with _setjmp and _longjmp, which call the system
// for nothing. No frame is ever left by a jump: each fiber goes on where it stopped.

struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack{new char[kStackBytes]};
  std::jmp_buf goes_on;
};

struct Thread {
  Index index;
  Wait waits = Wait::none;
  bool done = false;
  std::array<Shown, 2> given{};  // to exchange() and show(), by the parity of exchanges
  uint64_t exchanges = 0;
  std::vector<std::pair<float*, const float*>> copies;  // that have not come yet
  Fiber* fiber = nullptr;                               // that it runs on
};

/// One block: its threads, and the fibers they run on. A fiber that a thread has finished on takes up the
/// next thread, so that kernels without barriers need but one.
class Block {
 public:
  Block(int threads, const std::function<void()>& work, bool reverse)
      : work_(work), threads_(static_cast<size_t>(threads)), reverse_(reverse) {
    for (int t = 0; t < threads; ++t) threads_[static_cast<size_t>(t)].index.x = static_cast<unsigned>(t);
  }

  void run();
  Thread& current() { return threads_[current_]; }
  const std::vector<Thread>& threads() const { return threads_; }
  void wait(Wait what) {
    current().waits = what;
    back_to_scheduler(*current().fiber);
  }
  std::span<const Thread> warp_of(const Thread& thread) const {
    const size_t first = thread.index.x / kWarp * kWarp;
    return std::span(threads_).subspan(first, std::min<size_t>(kWarp, threads_.size() - first));
  }

 private:
  // What calls _setjmp has no variables that it could spoil, and is not made part of what has.
  [[gnu::noinline]] void go_on(Fiber& fiber) {
    if (_setjmp(scheduler_) == 0) _longjmp(fiber.goes_on, 1);
  }
  [[gnu::noinline]] void enter_first(Fiber& fiber) {
    if (_setjmp(scheduler_) == 0) setcontext(&fiber.context);
  }
  [[gnu::noinline]] void back_to_scheduler(Fiber& fiber) {
    if (_setjmp(fiber.goes_on) == 0) _longjmp(scheduler_, 1);
  }
  static void enter(unsigned high, unsigned low);
  [[noreturn]] void run_threads(Fiber* fiber);
  void start_fiber();
  bool release(size_t first, size_t count, Wait what);
  bool release_some();
  bool resume_one();

  const std::function<void()>& work_;
  std::vector<Thread> threads_;
  bool reverse_;
  size_t started_ = 0, current_ = 0;
  std::jmp_buf scheduler_{};
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::exception_ptr error_;
};

// One kernel runs at a time, on one thread of the program.
Block* running = nullptr;
Index block_at, size_of_block, size_of_grid;
std::vector<char> shared_memory;
bool reverse_order = false;
int64_t kernel_count = 0;

void Block::enter(unsigned high, unsigned low) {
  running->run_threads(reinterpret_cast<Fiber*>(static_cast<uintptr_t>(high) << 32 | low));
}

void Block::run_threads(Fiber* fiber) {
  while (started_ < threads_.size() && !error_) {
    current_ = reverse_ ? threads_.size() - 1 - started_ : started_;
    ++started_;
    const size_t mine = current_;
    threads_[mine].fiber = fiber;
    try {
      work_();
    } catch (...) {
      error_ = std::current_exception();
    }
    threads_[mine].done = true;
  }
  _longjmp(scheduler_, 1);
}

void Block::start_fiber() {
  auto& fiber = *fibers_.emplace_back(std::make_unique<Fiber>());
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack.get();
  fiber.context.uc_stack.ss_size = kStackBytes;
  const auto address = reinterpret_cast<uintptr_t>(&fiber);
  makecontext(&fiber.context, reinterpret_cast<void (*)()>(&Block::enter), 2,
              static_cast<unsigned>(address >> 32), static_cast<unsigned>(address));
  enter_first(fiber);
}

/// Lets these threads go on if all of them wait for the same thing.
bool Block::release(size_t first, size_t count, Wait what) {
  const auto begin = threads_.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = begin + static_cast<std::ptrdiff_t>(count);
  if (!std::all_of(begin, end, [what](const Thread& thread) { return !thread.done && thread.waits == what; }))
    return false;
  std::for_each(begin, end, [](Thread& thread) { thread.waits = Wait::none; });
  return true;
}

bool Block::release_some() {
  if (reverse_) {  // one warp goes as far as it can before another does
    for (size_t first = (threads_.size() - 1) / kWarp * kWarp + kWarp; first > 0; first -= kWarp) {
      const size_t warp = first - kWarp;
      if (release(warp, std::min<size_t>(kWarp, threads_.size() - warp), Wait::warp)) return true;
    }
    return release(0, threads_.size(), Wait::block);
  }
  bool any = false;
  for (size_t first = 0; first < threads_.size(); first += kWarp) {
    any |= release(first, std::min<size_t>(kWarp, threads_.size() - first), Wait::warp);
  }
  return release(0, threads_.size(), Wait::block) || any;
}

bool Block::resume_one() {
  bool any = false;
  for (size_t i = 0; i < threads_.size() && !error_; ++i) {
    const size_t t = reverse_ ? threads_.size() - 1 - i : i;
    if (threads_[t].done || threads_[t].waits != Wait::none) continue;
    current_ = t, any = true;
    go_on(*threads_[t].fiber);
  }
  return any;
}

void Block::run() {
  while (started_ < threads_.size() && !error_) start_fiber();
  while (!error_ && release_some()) {
    while (!error_ && resume_one()) {
    }
  }
  if (error_) std::rethrow_exception(error_);
  const auto left = std::ranges::count_if(threads_, [](const Thread& thread) { return !thread.done; });
  require(left == 0, "[emulator] {} of {} threads of a block wait for others that never come", left,
          threads_.size());
}

}  // namespace

Faults& faults() {
  static Faults only;
  return only;
}

namespace {

void run_now(Grid blocks, int threads, int64_t shared_bytes, const std::function<void()>& thread) {
  require(running == nullptr, "[emulator] a kernel started within a kernel");
  require(threads >= 1 && threads <= 1024 && blocks.x <= 0x7FFFFFFF && blocks.y <= 0xFFFF,
          "[emulator] a grid of {} x {} blocks of {} threads is not possible", blocks.x, blocks.y, threads);
  require(shared_bytes <= 227 << 10, "[emulator] {} bytes of shared memory are too many", shared_bytes);
  ++kernel_count;
  finish_late_copies();
  if (faults().kernel != 0) faults().failed = std::exchange(faults().kernel, 0);
  const MemoryAccess access;
  size_of_block = {static_cast<unsigned>(threads), 1, 1};
  size_of_grid = {static_cast<unsigned>(blocks.x), static_cast<unsigned>(blocks.y), 1};
  for (block_at.y = 0; block_at.y < size_of_grid.y; ++block_at.y) {
    for (block_at.x = 0; block_at.x < size_of_grid.x; ++block_at.x) {
      shared_memory.assign(static_cast<size_t>(shared_bytes) + 16, '\xFF');
      Block block(threads, thread, reverse_order);
      running = &block;
      try {
        block.run();
      } catch (...) {
        running = nullptr;
        throw;
      }
      running = nullptr;
    }
  }
}

}  // namespace

void run(Grid blocks, int threads, int64_t shared_bytes, const std::function<void()>& thread) {
  --faults().refused_launch;
  start([=] { run_now(blocks, threads, shared_bytes, thread); });
}

void start_in_reverse(bool reverse) {
  reverse_order = reverse;
}

int64_t kernels_run() {
  return kernel_count;
}

const Index& thread_index() {
  return running->current().index;
}
const Index& block_index() {
  return block_at;
}
const Index& block_size() {
  return size_of_block;
}
const Index& grid_size() {
  return size_of_grid;
}

void* dynamic_shared() {
  void* memory = shared_memory.data();
  size_t space = shared_memory.size();
  return std::align(16, space - 16, memory, space);
}

void wait_for_block() {
  running->wait(Wait::block);
}

namespace {

/// Gives the words, waits for the warp, and returns where what its threads gave stands.
size_t give(Thread& me, const Shown& words) {
  const size_t slot = me.exchanges++ % 2;
  me.given[slot] = words;
  running->wait(Wait::warp);
  return slot;
}

}  // namespace

uint64_t exchange(uint64_t word, int from) {
  Thread& me = running->current();
  const std::span<const Thread> warp = running->warp_of(me);
  const size_t slot = give(me, {word});
  return from >= 0 && from < static_cast<int>(warp.size()) ? warp[static_cast<size_t>(from)].given[slot][0]
                                                           : word;
}

std::array<const Shown*, 32> show(const Shown& words) {
  Thread& me = running->current();
  const std::span<const Thread> warp = running->warp_of(me);
  require(warp.size() == kWarp, "[emulator] a warp of {} lanes computes what takes {}", warp.size(), kWarp);
  const size_t slot = give(me, words);
  std::array<const Shown*, 32> shown{};
  for (size_t i = 0; i < shown.size(); ++i) shown[i] = &warp[i].given[slot];
  return shown;
}

void start_copy(float* to, const float* from) {
  std::fill_n(to, 4, std::numeric_limits<float>::quiet_NaN());
  running->current().copies.emplace_back(to, from);
}

void finish_copies() {
  for (const auto& [to, from] : running->current().copies) {
    if (from != nullptr) std::copy_n(from, 4, to);
    if (from == nullptr) std::fill_n(to, 4, 0.0F);
  }
  running->current().copies.clear();
}

int lane() {
  return static_cast<int>(running->current().index.x % kWarp);
}

int lanes_in_warp() {
  return static_cast<int>(running->warp_of(running->current()).size());
}

}  // namespace cce::emulator
