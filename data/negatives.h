// Negative samples: items that a user never had, drawn fresh in every step.
//
// Either every row gets its own (uniform, popularity), or all rows of a step share the same ones (in-batch),
// which costs one matrix product instead of many lookups.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/item_shares.h"
#include "engine/parallel.h"
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

/// Where the negatives of a training run come from. What is drawn depends on the arguments alone, not on the
/// number of threads.
class NegativeSource {
 public:
  virtual ~NegativeSource() = default;
  /// For rows with these users and these right items [P], in this step of this seed.
  virtual Negatives draw(std::span<const int32_t> users_P, const Tensor& targets_P, uint64_t seed,
                         uint32_t step, Parallel& parallel) const = 0;
};

/// Refers to the data set, which must outlive it.
std::unique_ptr<NegativeSource> make_negative_source(const Dataset& dataset, const NegativeOptions& options);

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
  NegativeSampler(const Dataset& dataset, Sampling sampling, double alpha = 0.75);

  /// int32 [row_users.size(), count]: for each row, `count` items outside the whole sequence of its user,
  /// drawn independently (an item may come up twice). Throws when `count` exceeds the number of items that
  /// some user could be given.
  Tensor sample(std::span<const int32_t> row_users, int64_t count, uint64_t seed, uint32_t step,
                Parallel& parallel) const;

  /// Of what sample() gave, float [P, N]: log(N * probability that one draw for this user gives this item).
  Tensor log_expected(std::span<const int32_t> row_users, const Tensor& items_PN, Parallel& parallel) const;

 private:
  struct Excluded;
  std::span<const Excluded> excluded_of(int32_t user) const;
  uint32_t allowed_shares(int32_t user) const;
  int32_t draw(int32_t user, uint32_t word) const;

  ItemShares shares_;
  // The items each user rules out, ascending: where its shares end, and how many allowed shares lie before
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
