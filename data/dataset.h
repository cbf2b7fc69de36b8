// A data set in memory: what every user did, in the order in which it happened.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cce {

/// The fewest items a user needs: one to train on, its target, the validation and the test item.
constexpr int64_t kFewestItems = 4;

/// Sequences of items, one per user, joined end to end. Item ids run from 1 to max_item; 0 is the id of
/// nothing.
struct Dataset {
  /// As the user calls it, in UTF-8: a known name ("toys"), or the file's name without its ending.
  std::string name;
  /// All sequences, one after another; user u's is [offsets[u], offsets[u + 1]), oldest item first, repeats
  /// kept.
  std::vector<int32_t> items;
  std::vector<int64_t> offsets{0};
  /// The raw user ids, as the file has them: bytes without control characters.
  std::vector<std::string> users;
  /// The largest item id in the data, left-out users included.
  int32_t max_item = 0;
  /// How many users were left out because they have fewer than kFewestItems items.
  int64_t users_left_out = 0;
  /// 16 hex digits that change whenever a sequence or max_item does; what a checkpoint remembers of its data.
  std::string fingerprint;

  int64_t user_count() const { return static_cast<int64_t>(users.size()); }
  int64_t interactions() const { return static_cast<int64_t>(items.size()); }
  std::span<const int32_t> sequence(int64_t user) const {
    return std::span(items).subspan(offsets[user], offsets[user + 1] - offsets[user]);
  }
  /// Rows of an item table: row 0 is the padding's, rows 1 .. max_item the items', row max_item + 1 the mask
  /// token's.
  int32_t item_rows() const { return max_item + 2; }
  int32_t mask_item() const { return max_item + 1; }
};

/// A data set of these sequences, with the users "1", "2", ... Throws where one has fewer than kFewestItems
/// items or an id below 1.
Dataset dataset_from(std::string name, const std::vector<std::vector<int32_t>>& sequences);

/// The fingerprint of what is in `dataset` (64-bit FNV-1a over max_item and every sequence's length and
/// items).
std::string content_fingerprint(const Dataset& dataset);

/// What `cce_rec data stats` tells about a data set.
struct DatasetSummary {
  int64_t users, items, interactions;
  int64_t shortest, longest;
  double mean_length;
  /// Interactions with an item that the user already had.
  int64_t repeats;
  /// Positions that have a target in training, and the share of padding if each input were padded to
  /// max_length.
  int64_t training_positions;
  double pad_share;
};
/// `items` counts the distinct ones, which may be fewer than max_item.
DatasetSummary summarize(const Dataset& dataset, int max_length);

}  // namespace cce
