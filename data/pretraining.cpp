#include "data/pretraining.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/error.h"
#include "engine/random.h"

namespace cce {
namespace {

using Items = std::span<const int32_t>;

/// Where a sample's prefix begins in the user's sequence.
int64_t first_of_prefixes(int64_t sequence_length, int max_length) {
  return std::max<int64_t>(0, sequence_length - 2 - max_length);
}

Tensor ids(const std::vector<int32_t>& values) {
  return Tensor::from({std::ssize(values)}, values);
}

/// A run of a prefix, and where in the data the run is that it is compared with.
struct Segment {
  int64_t start, length, negative_start;
};

Segment draw_segment(int64_t prefix_length, int64_t interactions, RandomStream& random) {
  const auto below = [&](int64_t bound) {
    return static_cast<int64_t>(random.below(static_cast<uint32_t>(bound)));
  };
  const int64_t length = 1 + below(prefix_length / 2);
  return {below(prefix_length - length + 1), length, below(interactions - length + 1)};
}

/// The rows of the first pass at which an objective looks, with the attributes of their items.
class LabelledRows {
 public:
  void add(int32_t row, Items attributes) {
    rows_.push_back(row);
    labels_.insert(labels_.end(), attributes.begin(), attributes.end());
    offsets_.push_back(static_cast<int32_t>(labels_.size()));
  }
  Tensor rows() const { return ids(rows_); }
  RowLabels labels() const { return {ids(offsets_), ids(labels_)}; }

 private:
  std::vector<int32_t> rows_, labels_, offsets_{0};
};

class Builder {
 public:
  Builder(const Dataset& dataset, const Attributes& attributes, const PretrainingOptions& options,
          uint32_t epoch)
      : dataset_(dataset), attributes_(attributes), options_(options), epoch_(epoch) {}

  /// Sample number `sample` of the data is this prefix.
  void add(int32_t sample, Items prefix) {
    mask_items(sample, prefix);
    cut_segment(sample, prefix);
    lengths_.push_back(static_cast<int32_t>(prefix.size()));
  }

  PretrainingBatch batch() const {
    PretrainingBatch batch;
    pack(batch);
    batch.masked_M = masked_.rows(), batch.masked_attributes = masked_.labels();
    batch.unmasked_U = unmasked_.rows(), batch.unmasked_attributes = unmasked_.labels();
    batch.targets_M1 = Tensor::from({std::ssize(targets_), 1}, targets_);
    batch.negatives_M1 = Tensor::from({std::ssize(negatives_), 1}, negatives_);
    return batch;
  }

 private:
  void mask_items(int32_t sample, Items prefix) {
    RandomStream random(options_.seed, Purpose::masking, epoch_, static_cast<uint32_t>(sample));
    for (size_t i = 0; i < prefix.size(); ++i) {
      const int32_t item = prefix[i];
      const bool last = i + 1 == prefix.size();
      const bool hide = last || random.uniform() < options_.mask_probability;
      (hide ? masked_ : unmasked_).add(static_cast<int32_t>(passes_[0].size()), attributes_.of(item));
      passes_[0].push_back(hide ? dataset_.mask_item() : item);
      if (!hide) continue;
      targets_.push_back(item);
      negatives_.push_back(draw_negative(prefix, random));
    }
  }

  /// Uniform over the ids 1 .. max_item + 1 that are not in the prefix. There always is one: the mask token.
  int32_t draw_negative(Items prefix, RandomStream& random) const {
    while (true) {
      const auto item = static_cast<int32_t>(1 + random.below(static_cast<uint32_t>(dataset_.mask_item())));
      if (std::ranges::find(prefix, item) == prefix.end()) return item;
    }
  }

  void cut_segment(int32_t sample, Items prefix) {
    if (prefix.size() == 1) {  // too short to be cut
      for (int pass = 1; pass < kPasses; ++pass) passes_[pass].push_back(prefix.front());
      return;
    }
    RandomStream random(options_.seed, Purpose::segments, epoch_, static_cast<uint32_t>(sample));
    const auto length = std::ssize(prefix);
    const Segment segment = draw_segment(length, dataset_.interactions(), random);
    for (int64_t i = 0; i < length; ++i) {
      const bool inside = i >= segment.start && i < segment.start + segment.length;
      const int32_t mask = dataset_.mask_item();
      passes_[1].push_back(inside ? mask : prefix[i]);
      passes_[2].push_back(inside ? prefix[i] : mask);
      passes_[3].push_back(inside ? dataset_.items[segment.negative_start + i - segment.start] : mask);
    }
  }

  /// Joins the passes.
  void pack(PretrainingBatch& batch) const {
    require(passes_[0].size() <= std::numeric_limits<int32_t>::max() / kPasses,
            "[pretraining] {} positions are too many", passes_[0].size());
    std::vector<int32_t> items, positions, offsets{0}, rows(passes_[0].size());
    std::iota(rows.begin(), rows.end(), 0);
    for (int pass = 0; pass < kPasses; ++pass) {
      items.insert(items.end(), passes_[pass].begin(), passes_[pass].end());
      for (const int32_t length : lengths_) {
        for (int32_t i = options_.max_length - length; i < options_.max_length; ++i) positions.push_back(i);
        offsets.push_back(offsets.back() + length);
        if (pass > 0) rows.push_back(offsets.back() - 1);
      }
    }
    batch.items_T = ids(items), batch.positions_T = ids(positions), batch.offsets_B1 = ids(offsets);
    batch.rows_P = ids(rows);
    batch.context_B = last_rows(1), batch.true_segment_B = last_rows(2),
    batch.negative_segment_B = last_rows(3);
  }

  /// Where among the rows that are looked at those of this pass are.
  Tensor last_rows(int pass) const {
    std::vector<int32_t> rows(lengths_.size());
    std::iota(rows.begin(), rows.end(),
              static_cast<int32_t>(passes_[0].size() + (pass - 1) * lengths_.size()));
    return ids(rows);
  }

  static constexpr int kPasses = 4;

  const Dataset& dataset_;
  const Attributes& attributes_;
  const PretrainingOptions& options_;
  uint32_t epoch_;
  std::vector<int32_t> passes_[kPasses];
  std::vector<int32_t> lengths_;
  LabelledRows masked_, unmasked_;
  std::vector<int32_t> targets_, negatives_;
};

}  // namespace

PretrainingBatch PretrainingBatch::on(Device device) const {
  const auto labels_on = [device](const RowLabels& labels) {
    return RowLabels{labels.offsets_P1.to(device), labels.ids.to(device)};
  };
  return {.items_T = items_T.to(device),
          .positions_T = positions_T.to(device),
          .offsets_B1 = offsets_B1.to(device),
          .rows_P = rows_P.to(device),
          .masked_M = masked_M.to(device),
          .unmasked_U = unmasked_U.to(device),
          .targets_M1 = targets_M1.to(device),
          .negatives_M1 = negatives_M1.to(device),
          .masked_attributes = labels_on(masked_attributes),
          .unmasked_attributes = labels_on(unmasked_attributes),
          .context_B = context_B.to(device),
          .true_segment_B = true_segment_B.to(device),
          .negative_segment_B = negative_segment_B.to(device)};
}

std::vector<Sample> pretraining_samples(const Dataset& dataset, int max_length) {
  std::vector<Sample> samples;
  for (int32_t user = 0; user < dataset.user_count(); ++user) {
    const auto length = std::ssize(dataset.sequence(user));
    for (int64_t end = first_of_prefixes(length, max_length) + 1; end <= length - 2; ++end) {
      samples.push_back({user, static_cast<int32_t>(end)});
    }
  }
  return samples;
}

PretrainingBatches::PretrainingBatches(const Dataset& dataset, const Attributes& attributes,
                                       const PretrainingOptions& options)
    : dataset_(dataset), attributes_(attributes), options_(options) {
  require(options.batch_size >= 1, "the batch size is {}, expected at least 1", options.batch_size);
  require(options.max_length >= 1, "the maximal length is {}, expected at least 1", options.max_length);
  require(options.mask_probability >= 0 && options.mask_probability <= 1,
          "the mask probability is {}, expected 0 to 1", options.mask_probability);
  require(attributes.item_rows() >= dataset.mask_item(), "[pretraining] attributes of {} rows for {} items",
          attributes.item_rows(), dataset.max_item);
  samples_ = pretraining_samples(dataset, options.max_length);
}

int64_t PretrainingBatches::per_epoch() const {
  return (samples() + options_.batch_size - 1) / options_.batch_size;
}

Items PretrainingBatches::prefix(const Sample& sample) const {
  const Items sequence = dataset_.sequence(sample.user);
  const int64_t begin = first_of_prefixes(std::ssize(sequence), options_.max_length);
  return sequence.subspan(begin, sample.end - begin);
}

PretrainingBatch PretrainingBatches::get(uint32_t epoch, int64_t index) {
  require(index >= 0 && index < per_epoch(), "[pretraining] batch {} of an epoch of {}", index, per_epoch());
  if (order_.empty() || order_epoch_ != epoch) {
    order_ = shuffled(samples(), options_.seed, epoch);
    order_epoch_ = epoch;
  }
  Builder builder(dataset_, attributes_, options_, epoch);
  const int64_t begin = index * options_.batch_size;
  const int64_t end = std::min(begin + options_.batch_size, samples());
  for (int64_t i = begin; i < end; ++i) builder.add(order_[i], prefix(samples_[order_[i]]));
  return builder.batch();
}

}  // namespace cce
