// A pool of threads that works through numbered blocks.
//
// Determinism rule of the engine: how work is cut into blocks depends on the problem's size, never on the
// number of threads; a block writes what no other block writes; sums over blocks are taken in block order.
// Then it does not matter which thread runs which block, and the result has the same bytes for any number of
// threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace cce {

class Parallel {
 public:
  /// `threads` >= 1 counts the calling thread. Throws where so many cannot be started.
  explicit Parallel(int threads);
  ~Parallel();
  Parallel(const Parallel&) = delete;
  Parallel& operator=(const Parallel&) = delete;

  int threads() const;

  /// Calls work(block) once for every block in [0, blocks), and returns when all are done. The first
  /// exception that a block throws is thrown here. Not reentrant: a block that starts blocks of its own
  /// throws.
  template <class Work>
  void blocks(int64_t blocks, Work&& work) {
    using Plain = std::remove_reference_t<Work>;
    run(
        blocks, [](void* context, int64_t block) { (*static_cast<Plain*>(context))(block); },
        const_cast<void*>(static_cast<const void*>(&work)));
  }

  /// Cuts [0, size) into runs of at most `grain` and calls work(begin, end) for each.
  template <class Work>
  void ranges(int64_t size, int64_t grain, Work&& work) {
    blocks((size + grain - 1) / grain,
           [&](int64_t block) { work(block * grain, std::min(size, (block + 1) * grain)); });
  }

 private:
  void run(int64_t blocks, void (*work)(void*, int64_t), void* context);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cce
