#include "data/demo.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/error.h"
#include "engine/random.h"

namespace cce {
namespace {

constexpr uint64_t kSeed = 2024;
constexpr int kGroups = 15;
constexpr int kGroupSize = 20;
constexpr int kItems = kGroups * kGroupSize;
constexpr int kUsers = 3000;
constexpr int kShortest = 5;
constexpr int kLongest = 30;
/// P(i, j) is 1 for any item j, more for i's successors; whole numbers, so that every machine draws the same.
constexpr std::array<uint32_t, 8> kSuccessorWeights{1080, 648, 389, 233, 140, 84, 50, 30};
/// How many of the successors are of the item's own group; the others are of the next group.
constexpr int kOwnGroup = 5;

/// Streams of random numbers, so that the parts of the demo do not depend on one another.
enum Stream : uint32_t { kSuccessors, kSequences, kAttributes };
RandomStream stream(Stream which) {
  return RandomStream(kSeed, Purpose::demo, 0, which);
}

int group_of(int32_t item) {
  return (item - 1) / kGroupSize;
}

/// The likely successors of every item, likeliest first; row 0 is unused.
using Successors = std::vector<std::array<int32_t, kSuccessorWeights.size()>>;

const Successors& successors() {
  static const Successors all = [] {
    RandomStream random = stream(kSuccessors);
    Successors drawn(kItems + 1);
    for (int32_t item = 1; item <= kItems; ++item) {
      std::array<int32_t, kSuccessorWeights.size()>& chosen = drawn[item];
      for (size_t count = 0; count < chosen.size();) {
        const int group = (group_of(item) + (count < kOwnGroup ? 0 : 1)) % kGroups;
        const int32_t next = group * kGroupSize + 1 + static_cast<int32_t>(random.below(kGroupSize));
        const auto end = chosen.begin() + static_cast<ptrdiff_t>(count);
        if (next != item && std::find(chosen.begin(), end, next) == end) chosen[count++] = next;
      }
      for (size_t i = chosen.size() - 1; i > 0; --i) {  // the likeliest may be of either group
        std::swap(chosen[i], chosen[random.below(static_cast<uint32_t>(i + 1))]);
      }
    }
    return drawn;
  }();
  return all;
}

/// Draws from P(last, .). Drawing again until the item is new gives the restricted distribution.
int32_t draw_next(int32_t last, RandomStream& random) {
  uint32_t total = kItems;
  for (const uint32_t weight : kSuccessorWeights) total += weight;
  uint32_t rest = random.below(total);
  if (rest < kItems) return static_cast<int32_t>(rest) + 1;
  rest -= kItems;
  size_t rank = 0;
  while (rest >= kSuccessorWeights[rank]) rest -= kSuccessorWeights[rank++];
  return successors()[last][rank];
}

}  // namespace

Dataset demo_dataset() {
  RandomStream random = stream(kSequences);
  std::vector<std::vector<int32_t>> sequences(kUsers);
  for (std::vector<int32_t>& sequence : sequences) {
    const size_t length = kShortest + random.below(kLongest - kShortest + 1);
    sequence.push_back(1 + static_cast<int32_t>(random.below(kItems)));
    while (sequence.size() < length) {
      const int32_t next = draw_next(sequence.back(), random);
      if (std::ranges::find(sequence, next) == sequence.end()) sequence.push_back(next);
    }
  }
  return dataset_from("demo", sequences);
}

Attributes demo_attributes() {
  // Ids: 1 .. kGroups name the group; then every group has kTraits traits of its own, of which an item has
  // some; then kStyles styles cut across the groups, one per item.
  constexpr int kTraits = 4;
  constexpr int kStyles = 10;
  RandomStream random = stream(kAttributes);
  std::vector<std::pair<int32_t, int32_t>> pairs;
  for (int32_t item = 1; item <= kItems; ++item) {
    const int group = group_of(item);
    pairs.emplace_back(item, 1 + group);
    for (int trait = 0; trait < kTraits; ++trait) {
      if (random.below(2) == 1) pairs.emplace_back(item, 1 + kGroups + group * kTraits + trait);
    }
    pairs.emplace_back(item, 1 + kGroups * (1 + kTraits) + static_cast<int32_t>(random.below(kStyles)));
  }
  return attributes_from(std::move(pairs), kItems);
}

std::vector<double> demo_next_item_probabilities(std::span<const int32_t> history) {
  require(!history.empty(), "[demo] expected a history of at least one item");
  std::vector<double> weights(kItems + 2, 1.0);
  const int32_t last = history.back();
  for (size_t rank = 0; rank < kSuccessorWeights.size(); ++rank) {
    weights[successors().at(last)[rank]] += kSuccessorWeights[rank];
  }
  weights.front() = weights.back() = 0;
  for (const int32_t item : history) weights.at(item) = 0;
  double sum = 0;
  for (const double weight : weights) sum += weight;
  for (double& weight : weights) weight /= sum;
  return weights;
}

BestPossible demo_best_possible(Split split, int k) {
  const Dataset dataset = demo_dataset();
  BestPossible best{};
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    std::vector<double> p = demo_next_item_probabilities(split_history(dataset, user, split));
    const size_t ranks = std::min<size_t>(k, p.size());
    std::ranges::partial_sort(p, p.begin() + static_cast<ptrdiff_t>(ranks), std::greater());
    for (size_t rank = 0; rank < ranks; ++rank) {
      best.hr += p[rank];
      best.ndcg += p[rank] / std::log2(static_cast<double>(rank) + 2);
    }
  }
  best.hr /= static_cast<double>(dataset.user_count());
  best.ndcg /= static_cast<double>(dataset.user_count());
  return best;
}

}  // namespace cce
