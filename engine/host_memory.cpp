#include "engine/host_memory.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>

#include "engine/error.h"

namespace cce {
namespace {

constexpr size_t kAlignment = 64;  // a cache line, and the widest vector register
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kLarge = kHugePage;       // from here on blocks are kept
constexpr size_t kStep = size_t{1} << 18;  // their sizes are multiples of this, so that similar ones fit

size_t rounded_up(size_t bytes, size_t step) {
  return (bytes + step - 1) / step * step;
}

void* allocate(size_t alignment, size_t bytes) {
  void* memory = std::aligned_alloc(alignment, rounded_up(bytes, alignment));
  if (memory == nullptr) {
    throw Error(ExitCode::out_of_memory,
                fmt::format("out of memory: a block of {} bytes was refused", bytes));
  }
  return memory;
}

/// Large blocks that nobody uses, by size.
class KeptBlocks {
 public:
  ~KeptBlocks() { clear(); }

  /// A block of at least `bytes`, and its size.
  std::pair<void*, size_t> take(size_t bytes) {
    const size_t wanted = rounded_up(bytes, kStep);
    {
      const std::lock_guard lock(mutex_);
      const auto found = free_.lower_bound(wanted);
      if (found != free_.end() && found->first <= wanted + wanted / 4) {
        const auto block = std::pair(found->second, found->first);
        free_.erase(found);
        return block;
      }
    }
    try {
      return {fresh(wanted), wanted};
    } catch (const Error&) {
      clear();  // what is kept may be what is missing
      return {fresh(wanted), wanted};
    }
  }

  void give_back(void* memory, size_t size) {
    const std::lock_guard lock(mutex_);
    free_.emplace(size, memory);
  }

 private:
  static void* fresh(size_t size) {
    void* const memory = allocate(kHugePage, size);
#if defined(__linux__)
    madvise(memory, size / kHugePage * kHugePage, MADV_HUGEPAGE);  // a wish: refused, it costs nothing
#endif
    return memory;
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    for (const auto& [size, memory] : free_) std::free(memory);
    free_.clear();
  }

  std::mutex mutex_;
  std::multimap<size_t, void*> free_;
};

/// Lives as long as the last block, whichever static object that belongs to.
std::shared_ptr<KeptBlocks> kept_blocks() {
  static const auto blocks = std::make_shared<KeptBlocks>();
  return blocks;
}

}  // namespace

std::shared_ptr<void> host_memory(int64_t bytes) {
  const auto size = static_cast<size_t>(std::max<int64_t>(bytes, 1));
  if (size < kLarge) return {allocate(kAlignment, size), std::free};
  const auto blocks = kept_blocks();
  const auto [memory, block_size] = blocks->take(size);
  return {memory, [blocks, block_size](void* block) { blocks->give_back(block, block_size); }};
}

}  // namespace cce
