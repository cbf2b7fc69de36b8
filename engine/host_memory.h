// Where tensors on the CPU get their memory.
//
// Blocks of more than a few pages are kept when they are freed and handed out again, since the same ones are
// needed in every step: the item table's gradient, the exponentials of a full softmax, every activation. So
// after the first steps next to nothing is asked of the system. The largest lie in huge pages where it has
// some to give. A walk over 8 MB in pages of 4 KB asks for more translations than the processor keeps; in
// pages of 2 MB the fused softmax is 5 % faster. Everything else is left to the C library.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <new>

namespace cce {

/// The system has no more memory. Not an Error, since what to do about it is known only to whoever knows what
/// is computed (tools/memory_advice.h).
class HostMemoryRefused : public std::bad_alloc {
 public:
  explicit HostMemoryRefused(int64_t bytes);
  const char* what() const noexcept override { return text_.data(); }

 private:
  std::array<char, 80> text_{};
};

/// `bytes` of memory, aligned to a cache line, with any content. Throws HostMemoryRefused.
std::shared_ptr<void> host_memory(int64_t bytes);

}  // namespace cce
