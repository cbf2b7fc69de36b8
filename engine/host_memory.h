// Where tensors on the CPU get their memory.
//
// Blocks of more than a few pages are kept when they are freed and handed out again, since the same ones are
// needed in every step: the item table's gradient, the exponentials of a full softmax, every activation. So
// after the first steps next to nothing is asked of the system. The largest lie in huge pages where it has
// some to give. A walk over 8 MB in pages of 4 KB asks for more translations than the processor keeps; in
// pages of 2 MB the fused softmax is 5 % faster. Everything else is left to the C library.
#pragma once

#include <cstdint>
#include <memory>

namespace cce {

/// `bytes` of memory, aligned to a cache line, with any content. Throws Error(out_of_memory).
std::shared_ptr<void> host_memory(int64_t bytes);

}  // namespace cce
