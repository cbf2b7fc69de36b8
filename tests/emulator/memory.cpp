// The GPU's memory in the emulation: see emulator.h.
#include <sys/mman.h>

#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "engine/error.h"
#include "tests/emulator/emulator.h"

namespace cce::emulator {
namespace {

constexpr int64_t kPage = 4096;
constexpr int64_t kReserved = int64_t{256} << 30;  // of addresses; none is used twice
constexpr int64_t kAlignment = 16;

struct LateCopy {
  void* to;
  const void* from;
  int64_t bytes;
};

struct Memory {
  char* base = nullptr;
  int64_t used = 0;                // addresses that were ever handed out
  std::map<char*, int64_t> pages;  // of every block: where its pages begin, and their bytes
  std::map<void*, char*> blocks;   // where a block begins, and where its pages do
  std::map<void*, int64_t> sizes;
  int64_t taken = 0, limit = 0;
  int open = 0;
  std::vector<std::unique_ptr<std::vector<char>>> pinned;
  std::vector<LateCopy> late;
  bool guarded = true;
};

Memory& memory() {
  static Memory& only = *new Memory;
  if (only.base == nullptr) {
    void* const base = mmap(nullptr, static_cast<size_t>(kReserved), PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    require(base != MAP_FAILED, "[emulator] no addresses for the GPU's memory");
    only.base = static_cast<char*>(base);
  }
  return only;
}

void protect(char* at, int64_t bytes, int protection) {
  require(mprotect(at, static_cast<size_t>(bytes), protection) == 0, "[emulator] mprotect failed");
}

}  // namespace

void* allocate(int64_t bytes) {
  Memory& m = memory();
  if (m.limit > 0 && m.taken + bytes > m.limit) return nullptr;
  const int64_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const int64_t paged = (rounded + kPage - 1) / kPage * kPage;
  require(m.used + paged + kPage <= kReserved, "[emulator] out of addresses");
  char* const pages = m.base + m.used;
  m.used += paged + kPage;  // the last page is never opened
  protect(pages, paged, PROT_READ | PROT_WRITE);
  std::memset(pages, 0xFF, static_cast<size_t>(paged));
  if (m.open == 0 && m.guarded) protect(pages, paged, PROT_NONE);
  char* const block = pages + paged - rounded;
  m.pages[pages] = paged, m.blocks[block] = pages, m.sizes[block] = bytes;
  m.taken += bytes;
  return block;
}

void release(void* block) {
  Memory& m = memory();
  const auto at = m.blocks.find(block);
  require(at != m.blocks.end(), "[emulator] what is given back was never handed out");
  const auto pages = m.pages.find(at->second);
  protect(pages->first, pages->second, PROT_NONE);
  madvise(pages->first, static_cast<size_t>(pages->second), MADV_DONTNEED);
  m.taken -= m.sizes.at(block);
  m.pages.erase(pages), m.sizes.erase(block), m.blocks.erase(at);
}

void limit_memory(int64_t bytes) {
  memory().limit = bytes;
}

int64_t free_memory() {
  constexpr int64_t kPlenty = int64_t{1} << 40;
  return (memory().limit > 0 ? memory().limit : kPlenty) - memory().taken;
}

void* allocate_pinned(int64_t bytes) {
  std::vector<char>& block = *memory().pinned.emplace_back(std::make_unique<std::vector<char>>(bytes));
  return block.data();
}

void copy(void* to, const void* from, int64_t bytes, bool late) {
  start([=] {
    if (late) return memory().late.push_back({to, from, bytes});
    finish_late_copies();
    const MemoryAccess access;
    std::memcpy(to, from, static_cast<size_t>(bytes));
  });
}

void finish_late_copies() {
  if (memory().late.empty()) return;
  const MemoryAccess access;
  for (const LateCopy& late : memory().late) std::memcpy(late.to, late.from, static_cast<size_t>(late.bytes));
  memory().late.clear();
}

void guard_memory(bool guard) {
  Memory& m = memory();
  m.guarded = guard;
  for (const auto& [pages, bytes] : m.pages)
    protect(pages, bytes, guard ? PROT_NONE : PROT_READ | PROT_WRITE);
}

MemoryAccess::MemoryAccess() {
  if (memory().open++ > 0 || !memory().guarded) return;
  for (const auto& [pages, bytes] : memory().pages) protect(pages, bytes, PROT_READ | PROT_WRITE);
}

MemoryAccess::~MemoryAccess() {
  if (--memory().open > 0 || !memory().guarded) return;
  for (const auto& [pages, bytes] : memory().pages) protect(pages, bytes, PROT_NONE);
}

}  // namespace cce::emulator
