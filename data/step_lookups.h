// What a training step reads, looked up one position, row or negative at a time.
//
// A step's plan (tools/step_batch.h) is a few numbers for each sequence, and some for rows: which the loss
// looks at, and which are shared as negatives. It is made on the CPU. All that has a number for each
// position, row or negative follows from it by the functions here, each of one index: on the CPU called for
// one after the other, on a GPU each in a thread of its own (step_lookups.cu). So both have the same bytes
// (but for the last bit of ExpectShared), and of a batch only its plan is ever copied to a GPU.
//
// Legend: B sequences, T positions, P rows that the loss looks at, N negatives for each, of which C are
// chosen among the targets and E are extra where all rows share them; U users.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/counted_rows.h"
#include "engine/host_device.h"
#include "engine/step_stream.h"

namespace cce {

struct Executor;

/// f(0), f(1), ..., f(size - 1), where `on` computes. F is one of the functions below.
template <class F>
void look_up(const Executor& on, int64_t size, const F& f);

/// How many of sorted[0 .. count-1] are at most x.
template <class T>
CCE_HOST_DEVICE int64_t count_up_to(const T* sorted, int64_t count, T x) {
  int64_t low = 0;
  while (count > 0) {
    const int64_t half = count / 2;
    if (sorted[low + half] <= x) {
      low += half + 1, count -= half + 1;
    } else {
      count = half;
    }
  }
  return low;
}

/// The sequence that position t belongs to; not an empty one.
CCE_HOST_DEVICE inline int64_t sequence_at(const int32_t* offsets, int64_t sequences, int32_t t) {
  return count_up_to(offsets, sequences, t) - 1;
}

/// Where the items of the sequences of a batch are.
struct SequencePlaces {
  const int32_t* items;  ///< of all users, one after another
  const int32_t *offsets_B1, *starts_B;
  int64_t sequences;

  /// The item `ahead` places behind position t of sequence b; 0 of padding.
  CCE_HOST_DEVICE int32_t item_at(int64_t b, int32_t t, int32_t ahead) const {
    return starts_B[b] < 0 ? 0 : items[int64_t{starts_B[b]} + (t - offsets_B1[b]) + ahead];
  }
};

/// For each position: its item, and where in the window it stands (see Batch).
struct LookUpPosition {
  static constexpr const char* kName = "batch";
  SequencePlaces places;
  int32_t max_length;
  int32_t *items_T, *positions_T;

  CCE_HOST_DEVICE void operator()(int64_t i) const {
    const auto t = static_cast<int32_t>(i);
    const int64_t b = sequence_at(places.offsets_B1, places.sequences, t);
    items_T[t] = places.item_at(b, t, 0);
    positions_T[t] = max_length - (places.offsets_B1[b + 1] - t);
  }
};

/// For each row: the item that belongs there, and whose row it is.
struct LookUpRow {
  static constexpr const char* kName = "targets";
  SequencePlaces places;
  CountedRows counted;
  const int32_t* rows_P;   ///< the rows' positions; null: row p is position p
  const int32_t* users_B;  ///< of the sequences
  int32_t ahead;           ///< 1: the target is the item that comes next; 0: the one that stands there
  int32_t *targets_P, *users_P;

  CCE_HOST_DEVICE void operator()(int64_t p) const {
    const auto row = static_cast<int32_t>(counted.stands_for(p));
    const int32_t t = rows_P == nullptr ? row : rows_P[row];
    const int64_t b = sequence_at(places.offsets_B1, places.sequences, t);
    targets_P[p] = places.item_at(b, t, ahead);
    users_P[p] = users_B[b];
  }
};

/// For each row that counts: hides the item there.
struct HideRow {
  static constexpr const char* kName = "masking";
  CountedRows counted;
  const int32_t* rows_P;  ///< null: row p is position p
  int32_t token;          ///< that stands in the place of a hidden item
  int32_t* items_T;

  CCE_HOST_DEVICE void operator()(int64_t p) const {
    if (p < counted.count()) items_T[rows_P == nullptr ? p : rows_P[p]] = token;
  }
};

/// Who owns which share (see ItemShares).
struct ShareOwners {
  const uint32_t* first;  ///< by item
  const int32_t* guide;   ///< the owner of share s is among guide[s >> shift] .. guide[(s >> shift) + 1]
  int shift;
  uint32_t total;

  CCE_HOST_DEVICE uint32_t of(int32_t item) const { return first[item + 1] - first[item]; }
  CCE_HOST_DEVICE int32_t owner(uint32_t share) const {
    const int32_t begin = guide[share >> shift], end = guide[(share >> shift) + 1] + 1;
    return begin + static_cast<int32_t>(count_up_to(first + begin, end - begin, share)) - 1;
  }
};

/// The shares that each user rules out, item by item, ascending.
struct RuledOutShares {
  const int32_t* offsets_U1;  ///< user u's are [offsets_U1[u], offsets_U1[u + 1])
  const uint32_t* ends;       ///< where an item's shares end
  const uint32_t* allowed;    ///< how many shares before it are not ruled out

  /// How many of `total` shares this user leaves.
  CCE_HOST_DEVICE uint32_t left(int32_t user, uint32_t total) const {
    const int32_t end = offsets_U1[user + 1];
    return end == offsets_U1[user] ? total : total - (ends[end - 1] - allowed[end - 1]);
  }
  /// The i-th share that is not ruled out.
  CCE_HOST_DEVICE uint32_t ith_left(int32_t user, uint32_t i) const {
    const int32_t begin = offsets_U1[user];
    const int64_t before = count_up_to(allowed + begin, offsets_U1[user + 1] - begin, i);
    return before == 0 ? i : i + (ends[begin + before - 1] - allowed[begin + before - 1]);
  }
};

/// For each four negatives of a row: draws them (see NegativeSampler).
struct DrawNegatives {
  static constexpr const char* kName = "negatives";
  static constexpr int64_t kAtOnce = 4;  // words of a random block
  ShareOwners shares;
  RuledOutShares ruled_out;
  CountedRows counted;
  const int32_t* users_P;
  int64_t count;  ///< N
  StepStream stream;
  int32_t* items_PN;

  CCE_HOST_DEVICE static int64_t blocks(int64_t count) { return (count + kAtOnce - 1) / kAtOnce; }
  CCE_HOST_DEVICE void operator()(int64_t i) const {
    const int64_t p = i / blocks(count), block = i % blocks(count);
    const auto words =
        stream.block(static_cast<uint64_t>(counted.stands_for(p)) << 32 | static_cast<uint64_t>(block));
    const uint32_t left = ruled_out.left(users_P[p], shares.total);
    for (int64_t j = 0; j < kAtOnce && kAtOnce * block + j < count; ++j) {
      const uint32_t share = ruled_out.ith_left(users_P[p], below(left, words[static_cast<size_t>(j)]));
      items_PN[p * count + kAtOnce * block + j] = shares.owner(share);
    }
  }
};

/// For each negative of each row: how often it was to be expected, as a logarithm.
struct ExpectNegative {
  static constexpr const char* kName = "expected negatives";
  const float* log_shares;  ///< of each item, as a part of all shares
  const float* log_left;    ///< of each user: what is not ruled out, as a part of all shares
  float log_count;
  int64_t count;
  const int32_t *users_P, *items_PN;
  float* log_expected_PN;

  CCE_HOST_DEVICE void operator()(int64_t i) const {
    log_expected_PN[i] = log_shares[items_PN[i]] - log_left[users_P[i / count]] + log_count;
  }
};

/// For each negative that all rows share: a target of the batch, or, behind these, one drawn by popularity.
struct ShareTarget {
  static constexpr const char* kName = "shared negatives";
  int64_t chosen;  ///< how many are targets
  const int32_t *chosen_C, *extra_E, *targets_P;
  int32_t* items_N;

  CCE_HOST_DEVICE void operator()(int64_t n) const {
    items_N[n] = n < chosen ? targets_P[chosen_C[n]] : extra_E[n - chosen];
  }
};

/// For each row and each shared negative: whether the row's user has that item (see Negatives). The CPU goes
/// through each user's few items instead (shared_negatives.cpp).
struct RuleOutShared {
  static constexpr const char* kName = "shared negatives, ruled out";
  const int32_t *offsets_U1, *had;  ///< the items that each user has, ascending
  int64_t count;                    ///< N
  float ruled_out;
  const int32_t *users_P, *items_N;
  float* penalty_PN;

  CCE_HOST_DEVICE void operator()(int64_t i) const {
    const int32_t user = users_P[i / count], item = items_N[i % count], begin = offsets_U1[user];
    const int64_t place = count_up_to(had + begin, offsets_U1[user + 1] - begin, item);
    penalty_PN[i] = place > 0 && had[begin + place - 1] == item ? ruled_out : 0.0F;
  }
};

/// For each shared negative: how often it was to be expected, as a logarithm. On a GPU the last bit may be
/// another one.
struct ExpectShared {
  static constexpr const char* kName = "expected shared negatives";
  const int32_t* target_counts;  ///< see NegativeOptions
  ShareOwners shares;
  double per_target, per_share;
  const int32_t* items_N;
  float* log_expected_N;

  CCE_HOST_DEVICE void operator()(int64_t n) const {
    const int32_t item = items_N[n];
    log_expected_N[n] =
        static_cast<float>(std::log(target_counts[item] * per_target + shares.of(item) * per_share));
  }
};

/// For each number of a matrix with equal rows: that of the row.
struct RepeatRow {
  static constexpr const char* kName = "repeated row";
  int64_t cols;
  const float* row;
  float* y;

  CCE_HOST_DEVICE void operator()(int64_t i) const { y[i] = row[i % cols]; }
};

/// DO(F) for each of them.
#define CCE_STEP_LOOKUPS(DO) \
  DO(LookUpPosition)         \
  DO(LookUpRow)              \
  DO(HideRow)                \
  DO(DrawNegatives)          \
  DO(ExpectNegative)         \
  DO(ShareTarget)            \
  DO(RuleOutShared)          \
  DO(ExpectShared)           \
  DO(RepeatRow)

namespace cuda {
/// On the GPU.
template <class F>
void look_up(int64_t size, const F& f);
}  // namespace cuda

}  // namespace cce
