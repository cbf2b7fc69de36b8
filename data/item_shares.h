// Popularity as shares of a 32-bit number, so that one random word picks an item.
#pragma once

#include <cstdint>
#include <vector>

#include "data/dataset.h"
#include "data/device_table.h"
#include "data/step_lookups.h"

namespace cce {

/// How often each item occurs in the part of the data that is trained on (the answers of validation and test
/// left out): item_rows() counts.
std::vector<int32_t> training_counts(const Dataset& dataset);

/// Item i owns the shares first(i) .. first(i + 1) - 1, and total() shares there are in all.
class ItemShares {
 public:
  /// One share for every id 1 .. max_item + 1.
  static ItemShares uniform(const Dataset& dataset, Device device = Device::cpu);
  /// Shares proportional to an item's training count to the power of alpha; every item that occurs has at
  /// least one, the others none. Throws where alpha is negative or no number.
  static ItemShares popularity(const Dataset& dataset, double alpha, Device device = Device::cpu);

  uint32_t first(int32_t item) const { return first_.values()[static_cast<size_t>(item)]; }
  uint32_t of(int32_t item) const { return first(item + 1) - first(item); }
  uint32_t total() const { return first_.values().back(); }
  /// The item that owns `share` < total().
  int32_t owner(uint32_t share) const {
    return ShareOwners{first_.values().data(), guide_.values().data(), shift_, total()}.owner(share);
  }
  /// Who owns which share, for functions that are computed on the device. Refers to this.
  ShareOwners owners() const { return {first_.data(), guide_.data(), shift_, total()}; }

 private:
  ItemShares(std::vector<uint32_t> first, Device device);

  DeviceTable<uint32_t> first_;  // by item, and the total
  // Where to look for an owner: that of share s is among guide_[s >> shift_] .. guide_[(s >> shift_) + 1].
  int shift_;
  DeviceTable<int32_t> guide_;
};

}  // namespace cce
