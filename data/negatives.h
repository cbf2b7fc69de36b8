// Negative samples: items that a user never had, drawn fresh in every step.
//
// A row's user rules out a few items. Instead of drawing until an allowed item comes up, the allowed items'
// shares are pushed together and one draw picks among them: the i-th allowed item is found by binary search
// in the user's sorted items. So negative n of row r is a pure function of (seed, step, r, n), always one
// Philox word, with exactly the distribution that rejection would give.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "engine/parallel.h"
#include "engine/tensor.h"

namespace cce {

enum class Sampling {
  uniform,     ///< every id 1 .. max_item + 1: as in the reference, the mask token is among them
  popularity,  ///< each item by its number of training interactions to the power of alpha
};

class NegativeSampler {
 public:
  /// Counts popularity in the part of the data that is trained on; items that do not occur there are never
  /// drawn.
  NegativeSampler(const Dataset& dataset, Sampling sampling, double alpha = 0.75);

  /// int32 [row_users.size(), count]: for each row, `count` items outside the whole sequence of its user,
  /// drawn independently (an item may come up twice). The draws depend on (seed, step, row, column) and
  /// `count`, not on the number of threads. Throws when `count` exceeds the number of items that some user
  /// could be given.
  Tensor sample(std::span<const int32_t> row_users, int64_t count, uint64_t seed, uint32_t step,
                Parallel& parallel) const;

 private:
  int32_t draw(int32_t user, uint32_t word) const;

  // Item i owns the shares [shares_before_[i], shares_before_[i + 1]). Uniform: one share each, and no table.
  std::vector<uint32_t> shares_before_;
  uint32_t shares_ = 0;
  // The items each user rules out, ascending: where its shares begin, and how many allowed shares lie before
  // it.
  struct Excluded {
    uint32_t end;
    uint32_t allowed_before;
  };
  std::vector<Excluded> excluded_;
  std::vector<int64_t> excluded_offsets_{0};
  int64_t fewest_allowed_ = 0;
  std::string fewest_allowed_user_;
};

}  // namespace cce
