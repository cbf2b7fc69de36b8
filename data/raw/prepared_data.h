// Interactions made ready for training: filtered, and numbered from 1.
#pragma once

#include <cstdint>
#include <string>

#include "data/dataset.h"
#include "data/id_map.h"
#include "data/raw/interaction_log.h"

namespace cce {

/// What is left out on the way.
struct PrepareRules {
  Repeats repeats = Repeats::keep;
  int64_t user_core = 5, item_core = 5;  ///< fewest interactions of a user, of an item
};

struct PreparedData {
  UserSequences sequences;       ///< of users 1, 2, ... in their order; items are numbered from 1
  IdMap users, items;            ///< in the order in which they occur, as the public data sets have them
  int64_t repeats_left_out = 0;  ///< interactions
  int64_t core_left_out = 0;     ///< interactions, by the filter
  int64_t users_left_out = 0, items_left_out = 0;  ///< by the filter
};

/// Deals with repeats, filters until every user and item has enough, and numbers what is left: users by their
/// first line in the file, items by their first place in the sequences. Takes the log's interactions. The
/// maps have the fingerprint that the sequences will have once they are read back. Throws where nobody is
/// left whom a model could be trained on.
PreparedData prepare(InteractionLog& log, const PrepareRules& rules);

/// The sequences as a data set of this name, as read_s3rec_text() would read it.
Dataset dataset_of(const PreparedData& prepared, std::string name);

/// The S3-Rec text.
std::string s3rec_text(const UserSequences& sequences);

}  // namespace cce
