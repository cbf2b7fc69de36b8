// What a step of pre-training reads, looked up one position or row at a time, as in step_lookups.h: by the
// same functions on the CPU and on a GPU.
//
// Legend: B samples, each shown in four passes (see pretraining.h); T positions in all of them, P rows of
// what the encoder says that the objectives look at. The sequences of padding that fill a step up come behind
// those of the last pass, and their rows behind the others.
#pragma once

#include <cstdint>

#include "data/step_lookups.h"

namespace cce {

/// The passes, in their order.
enum class Pass : int32_t { masked_items, masked_segment, true_segment, negative_segment };
constexpr int32_t kPasses = 4;

/// A run of a sample's items, and where in Dataset::items the run is that it is compared with.
struct Segment {
  int32_t start, length, negative_start;
};

/// Where the items of the samples of a batch are.
struct SamplePlaces {
  const int32_t* items;     ///< of all users, one after another
  const int32_t* offsets;   ///< of the sequences, pass after pass
  const int32_t* starts_B;  ///< where each sample begins in `items`
  int64_t sequences;        ///< 4 B and those of padding
  int64_t samples;          ///< B

  /// The sample that a position of the first pass belongs to.
  CCE_HOST_DEVICE int64_t sample_at(int32_t t) const { return sequence_at(offsets, samples, t); }
  /// The positions of the first pass, and of each of the others.
  CCE_HOST_DEVICE int32_t pass_positions() const { return offsets[samples]; }
  CCE_HOST_DEVICE int32_t length(int64_t b) const { return offsets[b + 1] - offsets[b]; }
  CCE_HOST_DEVICE int32_t item(int64_t b, int32_t i) const { return items[int64_t{starts_B[b]} + i]; }
};

/// For each position: what is shown there, and where in the window it stands (see Batch). What the first pass
/// hides is still to be hidden (HideRow).
struct ShowPosition {
  static constexpr const char* kName = "pre-training batch";
  SamplePlaces places;
  const int32_t* segments_B3;  ///< a Segment each; of length 0 where a sample is too short to be cut
  int32_t mask_item, max_length;
  int32_t *items_T, *positions_T;

  CCE_HOST_DEVICE void operator()(int64_t at) const {
    const auto t = static_cast<int32_t>(at);
    const int64_t s = sequence_at(places.offsets, places.sequences, t);
    positions_T[t] = max_length - (places.offsets[s + 1] - t);
    items_T[t] = s < kPasses * places.samples
                     ? shown(static_cast<Pass>(s / places.samples), s % places.samples, t - places.offsets[s])
                     : 0;
  }

 private:
  /// In place i of sample b.
  CCE_HOST_DEVICE int32_t shown(Pass pass, int64_t b, int32_t i) const {
    const int32_t* const numbers = segments_B3 + 3 * b;
    const Segment segment{numbers[0], numbers[1], numbers[2]};
    const int32_t item = places.item(b, i);
    if (pass == Pass::masked_items || segment.length == 0) return item;
    const bool inside = i >= segment.start && i < segment.start + segment.length;
    if (pass == Pass::masked_segment) return inside ? mask_item : item;
    if (!inside) return mask_item;
    return pass == Pass::true_segment ? item : places.items[segment.negative_start + (i - segment.start)];
  }
};

/// For each row that the objectives look at: its position. Of the first pass all, of the others the last
/// ones; behind them the first positions of the padding, a quarter of it, as of all positions a quarter are
/// the first pass's.
struct LookUpEncodedRow {
  static constexpr const char* kName = "rows of pre-training";
  SamplePlaces places;
  int32_t* rows_P;

  CCE_HOST_DEVICE void operator()(int64_t p) const {
    const int64_t first_pass = places.pass_positions(), behind = p - first_pass;
    const int64_t s = places.samples + behind;  // its sequence, if it is none of the first pass
    if (behind < 0) {
      rows_P[p] = static_cast<int32_t>(p);
    } else if (s < kPasses * places.samples) {
      rows_P[p] = places.offsets[s + 1] - 1;
    } else {
      rows_P[p] = static_cast<int32_t>(kPasses * first_pass + (s - kPasses * places.samples));
    }
  }
};

/// For each sample: the rows of its last positions in the second to fourth pass.
struct LookUpLastRows {
  static constexpr const char* kName = "last rows of pre-training";
  SamplePlaces places;
  int32_t *context_B, *true_segment_B, *negative_segment_B;

  CCE_HOST_DEVICE void operator()(int64_t b) const {
    const auto first = static_cast<int32_t>(places.pass_positions() + b),
               samples = static_cast<int32_t>(places.samples);
    context_B[b] = first, true_segment_B[b] = first + samples, negative_segment_B[b] = first + 2 * samples;
  }
};

/// For each of some rows of the first pass, which are positions, too: the item that stands, or stood, there.
struct LookUpItem {
  static constexpr const char* kName = "items of pre-training";
  SamplePlaces places;
  CountedRows counted;
  const int32_t* rows_N;
  int32_t* items_N;

  CCE_HOST_DEVICE void operator()(int64_t n) const {
    const int32_t t = rows_N[counted.stands_for(n)];
    const int64_t b = places.sample_at(t);
    items_N[n] = places.item(b, t - places.offsets[b]);
  }
};

/// For each masked row: an item that its sample does not have, alike often any of 1 .. mask_item. There
/// always is one: the mask token.
struct DrawAbsent {
  static constexpr const char* kName = "absent items of pre-training";
  SamplePlaces places;
  CountedRows counted;
  const int32_t* masked_M;
  int32_t mask_item;
  StepStream stream;
  int32_t* negatives_M;

  CCE_HOST_DEVICE void operator()(int64_t m) const {
    const int64_t row = counted.stands_for(m), b = places.sample_at(masked_M[row]);
    for (uint64_t block = static_cast<uint64_t>(row) << 32;; ++block) {
      for (const uint32_t word : stream.block(block)) {
        const auto item = static_cast<int32_t>(1 + below(static_cast<uint32_t>(mask_item), word));
        if (has(b, item)) continue;
        negatives_M[m] = item;
        return;
      }
    }
  }

 private:
  CCE_HOST_DEVICE bool has(int64_t b, int32_t item) const {
    for (int32_t i = 0; i < places.length(b); ++i) {
      if (places.item(b, i) == item) return true;
    }
    return false;
  }
};

/// DO(F) for each of them.
#define CCE_PRETRAINING_LOOKUPS(DO) \
  DO(ShowPosition)                  \
  DO(LookUpEncodedRow)              \
  DO(LookUpLastRows)                \
  DO(LookUpItem)                    \
  DO(DrawAbsent)

}  // namespace cce
