#include "engine/host_memory.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <optional>

#include <fmt/format.h>

namespace cce {
namespace {

constexpr size_t kAlignment = 64;  // a cache line, and the widest vector register
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kLarge = size_t{1} << 15;        // from here on blocks are kept
constexpr size_t kAlwaysKept = size_t{40} << 20;  // of those that nobody uses, see most_kept()

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
    if (const std::optional<Block> kept = find(wanted)) return *kept;
    try {
      return counted(fresh(wanted));
    } catch (const HostMemoryRefused&) {
      clear();  // what is kept may be what is missing
      return counted(fresh(wanted));
    }
  }

  void give_back(const Block& block) {
    const std::lock_guard lock(mutex_);
    in_use_ -= block.size;
    if (block.size > most_kept()) return release(block);  // and the others stay
    free_.push_back(block);
    kept_ += block.size;
    while (kept_ > most_kept()) {
      release(free_.front());
      kept_ -= free_.front().size;
      free_.pop_front();
    }
  }

 private:
  /// Beyond so many bytes, blocks that were unused for longest go back to the system: as many as are in use
  /// when most are. A step has its blocks in use at its middle and none at its end; where the next one finds
  /// fewer, as with long sequences, it faults in the same pages again.
  size_t most_kept() const { return std::max(kAlwaysKept, most_in_use_); }

  /// The block, now in use.
  Block counted(const Block& block) {
    const std::lock_guard lock(mutex_);
    count(block);
    return block;
  }

  void count(const Block& block) {
    in_use_ += block.size;
    most_in_use_ = std::max(most_in_use_, in_use_);
  }

  /// The smallest that fits, and of those the last, whose numbers are still in a cache. Batches differ in
  /// length: one of up to twice the size is better than a fresh one, whose pages the system must clear.
  std::optional<Block> find(size_t wanted) {
    const std::lock_guard lock(mutex_);
    auto found = free_.rend();
    for (auto block = free_.rbegin(); block != free_.rend(); ++block) {
      if (block->size < wanted || block->size > 2 * wanted) continue;
      if (found == free_.rend() || block->size < found->size) found = block;
    }
    if (found == free_.rend()) return std::nullopt;
    const Block block = *found;
    free_.erase(std::next(found).base());
    kept_ -= block.size;
    count(block);
    return block;
  }

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
  std::deque<Block> free_;               // the one that was given back last stands last
  size_t kept_ = 0;                      // bytes in them
  size_t in_use_ = 0, most_in_use_ = 0;  // bytes in the others
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
