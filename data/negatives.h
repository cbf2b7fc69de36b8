// Negative samples: items that a user never had, drawn fresh in every step.
//
// Either every row gets its own (uniform, popularity), or all rows of a step share the same ones (in-batch),
// which costs one matrix product instead of many lookups.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/device_table.h"
#include "data/item_shares.h"
#include "data/ruled_out.h"
#include "engine/context.h"
#include "engine/tensor.h"

namespace cce {

enum class Sampling {
  uniform,     ///< every id 1 .. max_item + 1: as in the reference, the mask token is among them
  popularity,  ///< each item by its number of training interactions to the power of alpha
  in_batch,    ///< the targets of the same batch, shared by all rows
};

struct NegativeOptions {
  Sampling sampling = Sampling::uniform;
  int64_t count = 1;    ///< items per row; in-batch: how many of the batch's targets, all if there are fewer
  int64_t extra = 0;    ///< in-batch: so many more, drawn by popularity^alpha, shared by all rows, too
  double alpha = 0.75;  ///< 0: every item that occurs in training is equally popular
  bool log_expected = false;  ///< whether Negatives::log_expected_PN is wanted
  /// In-batch, where log_expected is wanted: how often each item, 0 .. max_item + 1, is a target in an epoch.
  std::vector<int32_t> target_counts;
};

/// The wrong items for P rows.
struct Negatives {
  Tensor items;  ///< int32, [P, N]: each row's own, or [N]: shared by all rows
  /// To be added to the scores: 0, or kRuledOut where a shared item is in the whole sequence of a row's user.
  /// Undefined where no item needs ruling out.
  Tensor penalty_PN;
  /// How often each item was to be expected among its row's N, as a logarithm. Undefined unless asked for.
  Tensor log_expected_PN;
};

/// Brings any score so far below the others that sigmoid and softmax see nothing of it.
inline constexpr float kRuledOut = -1e9f;

/// What is decided about the negatives of a step before its items are looked up: int32, made on the CPU.
/// Undefined where there are none, both where each row gets negatives of its own.
struct NegativePlan {
  Tensor chosen_C;  ///< the rows whose targets are negatives of all rows
  Tensor extra_E;   ///< further items that are
};

/// Where the negatives of a training run come from. What is drawn depends on the arguments alone, not on the
/// device or the number of threads.
class NegativeSource {
 public:
  virtual ~NegativeSource() = default;
  /// For `rows` rows, in this step of this seed. Throws where there are not enough items to draw from.
  virtual NegativePlan plan(int64_t rows, uint64_t seed, uint32_t step) const = 0;
  /// For rows with these users and these right items, int32 [P], in ctx's step; all on ctx.device.
  virtual Negatives draw(const Context& ctx, const Tensor& users_P, const Tensor& targets_P,
                         const NegativePlan& plan) const = 0;
};

/// Draws on `device`. Refers to the data set, which must outlive it.
std::unique_ptr<NegativeSource> make_negative_source(const Dataset& dataset, const NegativeOptions& options,
                                                     Device device = Device::cpu);

/// Draws each row's own negatives.
///
/// A row's user rules out a few items. Instead of drawing until an allowed item comes up, the allowed items'
/// shares are pushed together and one draw picks among them: the i-th allowed item is found by binary search
/// in the user's sorted items. So negative n of row r is a pure function of (seed, step, r, n), always one
/// Philox word, with exactly the distribution that rejection would give.
class NegativeSampler {
 public:
  /// Counts popularity in the part of the data that is trained on; items that do not occur there are never
  /// drawn. `sampling` is uniform or popularity.
  NegativeSampler(const Dataset& dataset, Sampling sampling, double alpha = 0.75,
                  Device device = Device::cpu);

  /// Throws when `count` is not positive or exceeds the number of items that some user could be given.
  void require_enough(int64_t count) const;

  /// int32 [P, count]: for each row, `count` items outside the whole sequence of its user, drawn
  /// independently (an item may come up twice). Throws as require_enough().
  Tensor sample(const Context& ctx, const Tensor& users_P, int64_t count) const;

  /// Of what sample() gave, float [P, N]: log(N * probability that one draw for this user gives this item).
  Tensor log_expected(const Context& ctx, const Tensor& users_P, const Tensor& items_PN) const;

 private:
  ItemShares shares_;
  RuledOut ruled_out_;
  DeviceTable<float> log_shares_, log_left_;  // see ExpectNegative
};

}  // namespace cce
