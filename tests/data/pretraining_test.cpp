// The batches of pre-training, rule by rule.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "data/demo.h"
#include "data/pretraining.h"
#include "engine/error.h"
#include "tests/data/pretraining_batches.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

using Items = std::vector<int32_t>;

/// Sequences without repeats, of 4, 5 and 12 items. 21 is the mask token.
const Dataset& three_users() {
  static const Dataset data =
      dataset_from("three", {{1, 2, 3, 4}, {5, 6, 7, 8, 9}, {9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}});
  return data;
}

/// Item i has the attributes 1 + i % 3 and, if it is even, 4; item 7 has none.
const Attributes& their_attributes() {
  static const Attributes attributes = [] {
    std::vector<std::pair<int32_t, int32_t>> pairs;
    for (int32_t item = 1; item <= 20; ++item) {
      if (item == 7) continue;
      pairs.emplace_back(item, 1 + item % 3);
      if (item % 2 == 0) pairs.emplace_back(item, 4);
    }
    return attributes_from(pairs, 20);
  }();
  return attributes;
}

/// Sequence `b` of pass 0 to 3.
Items sequence(const PretrainingBatch& batch, int pass, int64_t b) {
  const int32_t* const offsets = batch.offsets_B1.data<int32_t>() + pass * batch.samples() + b;
  const auto items = batch.items_T.span<int32_t>().subspan(offsets[0], offsets[1] - offsets[0]);
  return {items.begin(), items.end()};
}

/// Sequence `b` of the first pass with what was masked put back.
Items prefix(const PretrainingBatch& batch, int64_t b) {
  Items items = list(batch.items_T);
  for (int64_t m = 0; m < batch.masked_M.size(); ++m) {
    items[batch.masked_M.data<int32_t>()[m]] = batch.targets_M1.data<int32_t>()[m];
  }
  const int32_t* const offsets = batch.offsets_B1.data<int32_t>() + b;
  return {items.begin() + offsets[0], items.begin() + offsets[1]};
}

/// A batch of all samples, in one epoch.
PretrainingBatch whole_epoch(const Dataset& dataset, const Attributes& attributes, uint32_t epoch,
                             PretrainingOptions options = {}) {
  options.batch_size = 1'000'000;
  PretrainingBatches batches(dataset, attributes, options, Device::cpu);
  return batch_of(batches, epoch, 0, /*step=*/epoch);
}

}  // namespace

TEST_CASE("the samples of pre-training are the prefixes of what training may see") {
  const std::vector<Sample> all = {{0, 1}, {0, 2}, {1, 1}, {1, 2}, {1, 3}, {2, 1}, {2, 2}, {2, 3},
                                   {2, 4}, {2, 5}, {2, 6}, {2, 7}, {2, 8}, {2, 9}, {2, 10}};
  CHECK(pretraining_samples(three_users(), 50) == all);

  // Of the last user's ten, the newest four: the prefixes begin at the seventh.
  const PretrainingOptions options{.max_length = 4};
  const PretrainingBatch batch = whole_epoch(three_users(), their_attributes(), 1, options);
  std::set<Items> prefixes;
  for (int64_t b = 0; b < batch.samples(); ++b) prefixes.insert(prefix(batch, b));
  const std::set<Items> expected = {{1},  {1, 2},   {5},          {5, 6},          {5, 6, 7},
                                    {15}, {15, 16}, {15, 16, 17}, {15, 16, 17, 18}};
  CHECK(prefixes == expected);
}

TEST_CASE("an epoch holds every sample once, in an order of its own, the last batch being smaller") {
  PretrainingBatches batches(three_users(), their_attributes(), {.batch_size = 4}, Device::cpu);
  REQUIRE(batches.samples() == 15);
  REQUIRE(batches.per_epoch() == 4);
  std::vector<Items> first, second;
  for (int64_t index = 0; index < 4; ++index) {
    const PretrainingBatch a = batch_of(batches, 1, index, 0);
    CHECK(a.samples() == (index < 3 ? 4 : 3));
    for (int64_t b = 0; b < a.samples(); ++b) first.push_back(prefix(a, b));
  }
  for (int64_t index = 0; index < 4; ++index) {
    const PretrainingBatch a = batch_of(batches, 2, index, 0);
    for (int64_t b = 0; b < a.samples(); ++b) second.push_back(prefix(a, b));
  }
  CHECK(first != second);
  CHECK(std::set(first.begin(), first.end()).size() == 15);
  CHECK(std::ranges::is_permutation(first, second));
  CHECK_THROWS_AS(batches.plan(1, 4, 0), Error);
}

TEST_CASE("what is drawn for a batch depends on the step, not on the batches before it") {
  struct Drawn {
    Items masked, segments, negatives;
  };
  const auto drawn = [](uint32_t step, double mask_probability, bool after_others) {
    const PretrainingOptions options{.mask_probability = mask_probability};
    PretrainingBatches batches(three_users(), their_attributes(), options, Device::cpu);
    if (after_others) batch_of(batches, 2, 0, 11);
    const PretrainingBatch batch = batch_of(batches, 1, 0, step);
    return Drawn{list(batch.masked_M), list(batches.plan(1, 0, step).segments_B3), list(batch.negatives_M1)};
  };
  const Drawn reference = drawn(3, 0.5, false), after = drawn(3, 0.5, true), next = drawn(4, 0.5, false);
  CHECK(reference.masked == after.masked);
  CHECK(reference.segments == after.segments);
  CHECK(reference.negatives == after.negatives);
  CHECK(reference.masked != next.masked);
  CHECK(reference.segments != next.segments);
  // With everything masked, negatives do not differ because of the masks.
  CHECK(drawn(3, 1, false).negatives != drawn(4, 1, false).negatives);
  PretrainingBatches batches(three_users(), their_attributes(), {}, Device::cpu);
  CHECK_THROWS_AS(batch_of(batches, 1, 0, 0, /*seed=*/43), Error);  // planned with 42
}

TEST_CASE("all four passes have the prefix's length and stand at the right edge of the window") {
  const PretrainingBatch batch = whole_epoch(three_users(), their_attributes(), 1);
  const Items offsets = list(batch.offsets_B1), positions = list(batch.positions_T);
  const int64_t samples = batch.samples();
  REQUIRE(std::ssize(offsets) == 4 * samples + 1);
  for (int64_t s = 0; s < 4 * samples; ++s) {
    const int32_t length = offsets[s + 1] - offsets[s];
    CHECK(length == offsets[s % samples + 1] - offsets[s % samples]);
    for (int32_t i = 0; i < length; ++i) CHECK(positions[offsets[s] + i] == 50 - length + i);
  }
  // What is looked at: the whole first pass, and the last position of every other sequence.
  const Items rows = list(batch.rows_P);
  REQUIRE(std::ssize(rows) == offsets[samples] + 3 * samples);
  for (int32_t row = 0; row < offsets[samples]; ++row) CHECK(rows[row] == row);
  const std::pair<int, const Tensor*> passes[] = {
      {1, &batch.context_B}, {2, &batch.true_segment_B}, {3, &batch.negative_segment_B}};
  for (const auto& [pass, chosen] : passes) {
    for (int64_t b = 0; b < samples; ++b) {
      CHECK(rows[chosen->data<int32_t>()[b]] == offsets[pass * samples + b + 1] - 1);
    }
  }
}

TEST_CASE("the last item is always masked, the others with the probability asked for") {
  int64_t masked = 0, others = 0;
  for (uint32_t epoch = 0; epoch < 200; ++epoch) {
    const PretrainingBatch batch = whole_epoch(three_users(), their_attributes(), epoch);
    const Items items = list(batch.items_T), offsets = list(batch.offsets_B1);
    std::set<int32_t> rows;
    for (const int32_t row : list(batch.masked_M)) {
      CHECK(items[row] == 21);
      rows.insert(row);
    }
    for (const int32_t row : list(batch.unmasked_U)) {
      CHECK(items[row] != 21);
      CHECK(rows.insert(row).second);
    }
    const int32_t positions = offsets[batch.samples()];
    CHECK(std::ssize(rows) == positions);  // each position of the first pass is one or the other
    CHECK(*rows.rbegin() == positions - 1);
    for (int64_t b = 0; b < batch.samples(); ++b) CHECK(items[offsets[b + 1] - 1] == 21);
    masked += batch.masked_M.size() - batch.samples(), others += positions - batch.samples();
  }
  // 200 epochs of 49 positions that are not the last: 9800 draws, whose share has a deviation of 0.004.
  CHECK(std::abs(static_cast<double>(masked) / static_cast<double>(others) - 0.2) < 0.016);

  const PretrainingBatch none = whole_epoch(three_users(), their_attributes(), 1, {.mask_probability = 0});
  CHECK(none.masked_M.size() == none.samples());
  const PretrainingBatch all = whole_epoch(three_users(), their_attributes(), 1, {.mask_probability = 1});
  CHECK(all.unmasked_U.size() == 0);
}

TEST_CASE("negatives are all that is not in the prefix, mask token included, alike often") {
  std::map<int32_t, int> drawn;
  int64_t draws = 0;
  for (uint32_t epoch = 0; epoch < 400; ++epoch) {
    const PretrainingBatch batch = whole_epoch(three_users(), their_attributes(), epoch);
    const Items rows = list(batch.masked_M), negatives = list(batch.negatives_M1);
    for (int64_t b = 0; b < batch.samples(); ++b) {
      const Items items = prefix(batch, b);
      const int32_t* const offsets = batch.offsets_B1.data<int32_t>() + b;
      for (size_t m = 0; m < rows.size(); ++m) {
        if (rows[m] < offsets[0] || rows[m] >= offsets[1]) continue;
        CHECK(std::ranges::find(items, negatives[m]) == items.end());
        if (items == Items{1, 2}) ++drawn[negatives[m]], ++draws;
      }
    }
  }
  CHECK(drawn.size() == 19);  // 1 .. 21 without 1 and 2
  CHECK(drawn.begin()->first == 3);
  CHECK(drawn.rbegin()->first == 21);
  for (const auto& [item, times] : drawn) {
    CHECK(times > 0.4 * static_cast<double>(draws) / 19);
    CHECK(times < 1.8 * static_cast<double>(draws) / 19);
  }
}

TEST_CASE("segments are cut, moved and compared as the reference does") {
  const Items everything = three_users().items;
  std::map<std::pair<int64_t, int64_t>, int> cuts;  // (length, start) in the prefix of ten
  std::set<int64_t> negative_starts;
  for (uint32_t epoch = 0; epoch < 600; ++epoch) {
    const PretrainingBatch batch = whole_epoch(three_users(), their_attributes(), epoch);
    for (int64_t b = 0; b < batch.samples(); ++b) {
      const Items whole = prefix(batch, b), context = sequence(batch, 1, b), segment = sequence(batch, 2, b),
                  negative = sequence(batch, 3, b);
      if (whole.size() == 1) {
        CHECK(context == whole);
        CHECK(segment == whole);
        CHECK(negative == whole);
        continue;
      }
      const auto start = std::ranges::find(context, 21) - context.begin();
      const auto length = std::ranges::count(context, 21);
      REQUIRE(length >= 1);
      REQUIRE(length <= std::ssize(whole) / 2);
      Items expected_context = whole, expected_segment(whole.size(), 21), expected_negative(whole.size(), 21);
      std::fill_n(expected_context.begin() + start, length, 21);
      std::copy_n(whole.begin() + start, length, expected_segment.begin() + start);
      std::copy_n(negative.begin() + start, length, expected_negative.begin() + start);
      CHECK(context == expected_context);
      CHECK(segment == expected_segment);
      CHECK(negative == expected_negative);
      const auto at = std::search(everything.begin(), everything.end(), negative.begin() + start,
                                  negative.begin() + start + length);
      REQUIRE(at != everything.end());
      if (length == 1) negative_starts.insert(at - everything.begin());
      if (whole.size() == 10) ++cuts[{length, start}];
    }
  }
  // Lengths 1 .. 5 with 11 - length starts each.
  CHECK(cuts.size() == 10 + 9 + 8 + 7 + 6);
  std::map<int64_t, int> lengths;
  for (const auto& [cut, times] : cuts) lengths[cut.first] += times;
  for (const auto& [length, times] : lengths) CHECK(std::abs(times - 120) < 50);
  // From anywhere in the data; item 9 occurs twice, and is found at its first place.
  CHECK(negative_starts.size() == 20);
}

TEST_CASE("attributes are looked up by the item that stands or stood in a row") {
  const PretrainingBatch batch = whole_epoch(three_users(), their_attributes(), 5);
  const Items items = list(batch.items_T), unmasked = list(batch.unmasked_U), others = list(batch.items_U);
  REQUIRE(others.size() == unmasked.size());
  for (size_t u = 0; u < others.size(); ++u) CHECK(others[u] == items[unmasked[u]]);

  const Items offsets = list(batch.attributes.offsets_S1), ids = list(batch.attributes.ids);
  REQUIRE(std::ssize(offsets) == three_users().item_rows() + 1);
  for (int32_t item = 0; item < three_users().item_rows(); ++item) {
    const Items of_item(ids.begin() + offsets[item], ids.begin() + offsets[item + 1]);
    CHECK(std::ranges::equal(of_item, their_attributes().of(item)));
  }
}

TEST_CASE("a batch that is filled up has the same in front, and padding behind that is looked at by nobody") {
  for (const int max_length : {3, 50}) {
    for (const double mask_probability : {0.3, 1.0}) {
      const PretrainingOptions options{.max_length = max_length, .mask_probability = mask_probability};
      PretrainingBatches batches(three_users(), their_attributes(), options, Device::cpu);
      const PretrainingPlan plan = batches.plan(1, 0, 0), more = filled_up(plan, max_length);
      Parallel parallel(1);
      const StepNumbers now{.rows = static_cast<int32_t>(plan.samples())};
      const PretrainingBatch batch = batches.batch({.parallel = parallel}, plan);
      const PretrainingBatch filled = batches.batch({.parallel = parallel, .numbers = &now}, more);
      CHECK(more.positions % 512 == 0);
      CHECK(more.positions - plan.positions < 512);
      CHECK(more.masked_M.size() % 128 == 0);
      CHECK(more.unmasked_U.size() % 128 == 0);
      if (plan.unmasked_U.size() > 0)  // as many as there may be with so many positions and masked ones
        CHECK(more.unmasked_U.size() == more.positions / 4 - more.masked_M.size() + 128);
      const auto check_begins = [](const Tensor& longer, const Tensor& shorter) {
        const Items all = list(longer), first = list(shorter);
        REQUIRE(all.size() >= first.size());
        CHECK(std::equal(first.begin(), first.end(), all.begin()));
        return Items(all.begin() + std::ssize(first), all.end());  // what is behind
      };
      for (const int32_t item : check_begins(filled.items_T, batch.items_T)) CHECK(item == 0);
      for (const int32_t place : check_begins(filled.positions_T, batch.positions_T)) {
        CHECK(place >= 0);
        CHECK(place < max_length);
      }
      const Items ends = check_begins(filled.offsets_B1, batch.offsets_B1);
      CHECK(ends.back() == more.positions);
      int32_t end = static_cast<int32_t>(plan.positions);
      for (const int32_t next : ends) CHECK(next - std::exchange(end, next) <= max_length);
      for (const int32_t row : check_begins(filled.rows_P, batch.rows_P)) CHECK(row >= plan.positions);
      CHECK(std::ranges::is_sorted(list(filled.rows_P)));
      CHECK(list(filled.rows_P).back() < more.positions);
      for (const auto last_rows : {&PretrainingBatch::context_B, &PretrainingBatch::true_segment_B,
                                   &PretrainingBatch::negative_segment_B}) {
        CHECK(list(filled.*last_rows) == list(batch.*last_rows));
      }
      const auto check_repeats = [](const Tensor& longer, const Tensor& shorter) {
        for (int64_t i = 0; i < longer.size(); ++i) {
          CHECK(longer.data<int32_t>()[i] == shorter.data<int32_t>()[i % shorter.size()]);
        }
      };
      check_repeats(filled.masked_M, batch.masked_M);
      check_repeats(filled.unmasked_U, batch.unmasked_U);
      check_repeats(filled.targets_M1, batch.targets_M1);
      check_repeats(filled.negatives_M1, batch.negatives_M1);
      check_repeats(filled.items_U, batch.items_U);
      CHECK(list(more.counts_2) ==
            Items{static_cast<int32_t>(plan.masked_M.size()), static_cast<int32_t>(plan.unmasked_U.size())});
    }
  }
}

TEST_CASE("the demo pre-trains on all of its prefixes") {
  const Dataset demo = demo_dataset();
  const Attributes attributes = demo_attributes();
  const PretrainingBatches batches(demo, attributes, {}, Device::cpu);
  int64_t expected = 0;
  for (int64_t user = 0; user < demo.user_count(); ++user) {
    expected += std::min<int64_t>(50, std::ssize(demo.sequence(user)) - 2);
  }
  CHECK(batches.samples() == expected);
}

TEST_CASE("options and attributes that do not fit are refused") {
  const auto make = [](const PretrainingOptions& options) {
    PretrainingBatches(three_users(), their_attributes(), options, Device::cpu);
  };
  CHECK_THROWS_AS(make({.batch_size = 0}), Error);
  CHECK_THROWS_AS(make({.max_length = 0}), Error);
  CHECK_THROWS_AS(make({.mask_probability = 1.5}), Error);
  const Attributes few = attributes_from({{1, 1}}, 5);
  CHECK_THROWS_AS(PretrainingBatches(three_users(), few, {}, Device::cpu), Error);
}

}  // namespace cce::test
