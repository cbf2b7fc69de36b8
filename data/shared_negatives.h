// In-batch negatives (GRU4Rec, Hidasi et al. 2016): the targets of a batch serve as each other's negatives.
// They cost nothing to draw, come about as often as they are popular, and are scored in one matrix product.
#pragma once

#include <vector>

#include "data/negatives.h"
#include "data/ruled_out.h"

namespace cce {

/// C = min(count, P) of the batch's targets, each row's equally likely to be among them, and E = `extra`
/// further items by popularity^alpha: N = C + E. A row whose user has one of them in its sequence (its own
/// target, to begin with) rules it out by penalty_PN; N stays what it was.
class SharedNegatives : public NegativeSource {
 public:
  SharedNegatives(const Dataset& dataset, const NegativeOptions& options, Device device = Device::cpu);

  NegativePlan plan(int64_t rows, uint64_t seed, uint32_t step) const override;
  Negatives draw(const Context& ctx, const Tensor& users_P, const Tensor& targets_P,
                 const NegativePlan& plan) const override;

 private:
  SharedNegatives(const Dataset& dataset, const NegativeOptions& options, ItemsOfUsers had, Device device);
  Tensor penalties(const Context& ctx, const Tensor& users_P, const Tensor& items_N) const;
  Tensor log_expected(const Context& ctx, int64_t rows, const Tensor& items_N) const;

  const Dataset& dataset_;
  NegativeOptions options_;
  ItemShares shares_;                          // of the extra items
  DeviceTable<int32_t> target_counts_;         // see NegativeOptions; empty where nobody asks for it
  int64_t targets_;                            // of an epoch
  DeviceTable<int32_t> had_offsets_U1_, had_;  // see RuleOutShared; empty on the CPU, which needs none
};

}  // namespace cce
