#include "data/ruled_out.h"

#include <algorithm>
#include <utility>

namespace cce {

ItemsOfUsers items_of_users(const Dataset& dataset) {
  ItemsOfUsers had;
  std::vector<int32_t> mine;
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    mine.assign(dataset.sequence(user).begin(), dataset.sequence(user).end());
    std::ranges::sort(mine);
    had.items.insert(had.items.end(), mine.begin(), std::unique(mine.begin(), mine.end()));
    had.offsets_U1.push_back(static_cast<int32_t>(std::ssize(had.items)));
  }
  return had;
}

RuledOut::Tables RuledOut::tables_of(const Dataset& dataset, const ItemShares& shares) {
  const ItemsOfUsers had = items_of_users(dataset);
  Tables tables;
  for (size_t user = 0; user + 1 < had.offsets_U1.size(); ++user) {
    uint32_t allowed = 0, end = 0;
    for (int32_t at = had.offsets_U1[user]; at < had.offsets_U1[user + 1]; ++at) {
      const int32_t item = had.items[static_cast<size_t>(at)];
      if (shares.of(item) == 0) continue;
      allowed += shares.first(item) - end;
      end = shares.first(item + 1);
      tables.ends.push_back(end), tables.allowed.push_back(allowed);
    }
    tables.offsets_U1.push_back(static_cast<int32_t>(std::ssize(tables.ends)));
  }
  return tables;
}

RuledOut::RuledOut(const Dataset& dataset, const ItemShares& shares, Device device)
    : RuledOut(dataset, shares, tables_of(dataset, shares), device) {}

RuledOut::RuledOut(const Dataset& dataset, const ItemShares& shares, Tables tables, Device device)
    : total_(shares.total()),
      offsets_U1_(std::move(tables.offsets_U1), device),
      ends_(std::move(tables.ends), device),
      allowed_(std::move(tables.allowed), device) {
  int64_t drawable = 0;
  for (int32_t item = 0; item < dataset.item_rows(); ++item) drawable += shares.of(item) > 0;
  fewest_items_ = drawable;
  const std::vector<int32_t>& offsets = offsets_U1_.values();
  for (size_t user = 0; user + 1 < offsets.size(); ++user) {
    const int64_t left = drawable - (offsets[user + 1] - offsets[user]);
    if (left < fewest_items_) fewest_items_ = left, fewest_items_user_ = dataset.users[user];
  }
}

std::vector<uint32_t> RuledOut::left() const {
  const RuledOutShares here{offsets_U1_.values().data(), ends_.values().data(), allowed_.values().data()};
  std::vector<uint32_t> left;
  for (size_t user = 0; user + 1 < offsets_U1_.values().size(); ++user) {
    left.push_back(here.left(static_cast<int32_t>(user), total_));
  }
  return left;
}

}  // namespace cce
