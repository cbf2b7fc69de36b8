// In-batch negatives (GRU4Rec, Hidasi et al. 2016): the targets of a batch serve as each other's negatives.
// They cost nothing to draw, come about as often as they are popular, and are scored in one matrix product.
#pragma once

#include <vector>

#include "data/negatives.h"

namespace cce {

/// N = min(count, P) of the batch's targets, each row's equally likely to be among them, and `extra` further
/// items by popularity^alpha. A row whose user has one of them in its sequence (its own target, to begin
/// with) rules it out by penalty_PN; N stays what it was.
class SharedNegatives : public NegativeSource {
 public:
  SharedNegatives(const Dataset& dataset, const NegativeOptions& options);

  Negatives draw(std::span<const int32_t> users_P, const Tensor& targets_P, uint64_t seed, uint32_t step,
                 Parallel& parallel) const override;

 private:
  std::vector<int32_t> draw_items(std::span<const int32_t> targets, uint64_t seed, uint32_t step) const;
  Tensor penalties(std::span<const int32_t> users_P, std::span<const int32_t> items_N) const;
  Tensor log_expected(int64_t rows, std::span<const int32_t> items_N) const;

  const Dataset& dataset_;
  NegativeOptions options_;
  ItemShares shares_;            // of the extra items
  std::vector<int64_t> counts_;  // of each item in training, and of all together
  int64_t interactions_ = 0;
};

}  // namespace cce
