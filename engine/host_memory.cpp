#include "engine/host_memory.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <deque>
#include <mutex>

#include <fmt/format.h>

namespace cce {
namespace {

constexpr size_t kAlignment = 64;  // a cache line, and the widest vector register
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kLarge = size_t{1} << 15;       // from here on blocks are kept
constexpr size_t kMostKept = size_t{128} << 20;  // beyond, those unused for longest go back to the system

size_t rounded_up(size_t bytes, size_t step) {
  return (bytes + step - 1) / step * step;
}

void* allocate(size_t bytes) {
  void* const memory = std::aligned_alloc(kAlignment, rounded_up(bytes, kAlignment));
  if (memory == nullptr) throw HostMemoryRefused(static_cast<int64_t>(bytes));
  return memory;
}

/// Sizes of kept blocks are one of eight between two powers of two, so that batches of similar length find
/// each other's.
size_t kept_size(size_t bytes) {
  return rounded_up(bytes, std::bit_floor(bytes) / 8);
}

struct Block {
  void* memory;
  size_t size;
};

/// Large blocks that nobody uses.
class KeptBlocks {
 public:
  ~KeptBlocks() { clear(); }

  /// A block of at least `bytes`.
  Block take(size_t bytes) {
    const size_t wanted = kept_size(bytes);
    {
      const std::lock_guard lock(mutex_);
      // The smallest that fits, and of those the last, whose numbers are still in a cache. Batches differ in
      // length: one of up to twice the size is better than a fresh one, whose pages the system must clear.
      auto found = free_.rend();
      for (auto block = free_.rbegin(); block != free_.rend(); ++block) {
        if (block->size < wanted || block->size > 2 * wanted) continue;
        if (found == free_.rend() || block->size < found->size) found = block;
      }
      if (found != free_.rend()) {
        const Block block = *found;
        free_.erase(std::next(found).base());
        kept_ -= block.size;
        return block;
      }
    }
    try {
      return fresh(wanted);
    } catch (const HostMemoryRefused&) {
      clear();  // what is kept may be what is missing
      return fresh(wanted);
    }
  }

  void give_back(const Block& block) {
    if (block.size > kMostKept) return release(block);  // and the others stay
    const std::lock_guard lock(mutex_);
    free_.push_back(block);
    kept_ += block.size;
    while (kept_ > kMostKept) {
      release(free_.front());
      kept_ -= free_.front().size;
      free_.pop_front();
    }
  }

 private:
  static Block fresh(size_t size) {
#if defined(__linux__)
    if (size < kHugePage) return {allocate(size), size};
    // From the system itself: in the C library's heap, blocks that begin at a huge page leave gaps.
    const size_t mapped = size + kHugePage;
    void* const start = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) throw HostMemoryRefused(static_cast<int64_t>(size));
    const auto address = reinterpret_cast<uintptr_t>(start);
    const uintptr_t aligned = rounded_up(address, kHugePage);
    if (aligned > address) munmap(start, aligned - address);
    if (const size_t behind = address + kHugePage - aligned; behind > 0) {
      munmap(reinterpret_cast<void*>(aligned + size), behind);
    }
    madvise(reinterpret_cast<void*>(aligned), size / kHugePage * kHugePage, MADV_HUGEPAGE);  // or not: a wish
    return {reinterpret_cast<void*>(aligned), size};
#else
    return {allocate(size), size};
#endif
  }

  static void release(const Block& block) {
#if defined(__linux__)
    if (block.size >= kHugePage) {
      munmap(block.memory, block.size);
      return;
    }
#endif
    std::free(block.memory);
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    for (const Block& block : free_) release(block);
    free_.clear();
    kept_ = 0;
  }

  std::mutex mutex_;
  std::deque<Block> free_;  // the one that was given back last stands last
  size_t kept_ = 0;         // bytes in them
};

/// Lives as long as the last block, whichever static object that belongs to.
std::shared_ptr<KeptBlocks> kept_blocks() {
  static const auto blocks = std::make_shared<KeptBlocks>();
  return blocks;
}

}  // namespace

HostMemoryRefused::HostMemoryRefused(int64_t bytes) {
  fmt::format_to_n(text_.data(), text_.size() - 1, "out of memory: a block of {} bytes was refused", bytes);
}

std::shared_ptr<void> host_memory(int64_t bytes) {
  const auto size = static_cast<size_t>(std::max<int64_t>(bytes, 1));
  if (size < kLarge) return {allocate(size), std::free};
  const auto blocks = kept_blocks();
  const Block block = blocks->take(size);
  return {block.memory, [blocks, block](void*) { blocks->give_back(block); }};
}

}  // namespace cce
