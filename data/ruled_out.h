// What a user may not be given as a negative: the items of the user's own sequence.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/device_table.h"
#include "data/item_shares.h"
#include "data/step_lookups.h"

namespace cce {

/// The distinct items of each user's whole sequence, answers included.
struct ItemsOfUsers {
  std::vector<int32_t> offsets_U1{0};  ///< user u's are [offsets_U1[u], offsets_U1[u + 1])
  std::vector<int32_t> items;          ///< ascending within a user
};
ItemsOfUsers items_of_users(const Dataset& dataset);

/// The shares of these items.
class RuledOut {
 public:
  RuledOut(const Dataset& dataset, const ItemShares& shares, Device device);

  /// For functions that are computed on the device. Refers to this.
  RuledOutShares shares() const { return {offsets_U1_.data(), ends_.data(), allowed_.data()}; }
  /// How many shares are left to each user.
  std::vector<uint32_t> left() const;

  /// How many different items can be drawn for the user for whom there are fewest, and the raw id of that
  /// one; empty where no user has any item that can be drawn.
  int64_t fewest_items() const { return fewest_items_; }
  const std::string& fewest_items_user() const { return fewest_items_user_; }

 private:
  struct Tables {
    std::vector<int32_t> offsets_U1{0};
    std::vector<uint32_t> ends, allowed;  // see RuledOutShares
  };
  static Tables tables_of(const Dataset& dataset, const ItemShares& shares);
  RuledOut(const Dataset& dataset, const ItemShares& shares, Tables tables, Device device);

  uint32_t total_;
  DeviceTable<int32_t> offsets_U1_;
  DeviceTable<uint32_t> ends_, allowed_;
  int64_t fewest_items_ = 0;
  std::string fewest_items_user_;
};

}  // namespace cce
