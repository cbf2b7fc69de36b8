// The ranking at every timestamp against that of a single one.
#include "tools/evaluator.h"

#include <doctest/doctest.h>

#include "data/masking.h"
#include "models/model_table.h"
#include "tests/tools/small_runs.h"
#include "tools/loss_options.h"
#include "tools/model_options.h"

namespace cce::test {
namespace {

constexpr int kMaxLength = 6;

struct Untrained {
  std::unique_ptr<Model> model;
  std::optional<int32_t> blank;

  Untrained(const std::string& name, const std::string& loss) {
    TrainOptions options = small_options(name, loss, "unused");
    options.max_length = kMaxLength;
    model = make_model(name, model_options(options, small_data(), 0), 3);
    if (const auto masking = masking_options(options, small_data())) blank = masking->token;
  }
  Evaluation of_split(Split split, RankingRules rules) const {
    Parallel parallel(2);
    return evaluate(parallel, *model, small_data(), split, kMaxLength, rules, blank);
  }
  std::vector<TimestampMetrics> by_timestamp(RankingRules rules) const {
    Parallel parallel(2);
    return evaluate_by_timestamp(parallel, *model, small_data(), kMaxLength, rules, blank);
  }
};

/// Users of the demo whose training sequences just fit what a model reads, as they were `back` items ago.
Dataset fitting_sequences(int64_t back) {
  std::vector<std::vector<int32_t>> sequences;
  for (int64_t user = 0; user < small_data().user_count(); ++user) {
    const auto sequence = small_data().sequence(user);
    if (std::ssize(sequence) != kMaxLength + 3) continue;
    sequences.emplace_back(sequence.begin(), sequence.end() - back);
  }
  Dataset data = dataset_from("fitting", sequences);
  data.max_item = small_data().max_item;
  return data;
}

void check_close(const Metrics& a, const Metrics& b) {
  for (size_t i = 0; i < a.values.size(); ++i)
    CHECK(a.values[i] == doctest::Approx(b.values[i]).epsilon(1e-12));
}

}  // namespace

TEST_CASE("by timestamp: the last are the test, the validation and the end of training, as evaluated alone") {
  for (const auto& [name, loss] : {std::pair("gru4rec", "cce"), {"sasrec", "cce"}, {"bert4rec", "mlm"}}) {
    CAPTURE(std::string(name));
    const Untrained untrained(name, loss);
    for (const Seen seen : {Seen::exclude, Seen::keep}) {
      const auto timestamps = untrained.by_timestamp({.seen = seen});
      REQUIRE(timestamps.size() == kMaxLength);
      for (size_t i = 0; i < timestamps.size(); ++i)
        CHECK(timestamps[i].timestamp == static_cast<int>(i) + 1);
      CHECK(timestamps.back().users == small_data().user_count());
      check_close(timestamps[5].metrics, untrained.of_split(Split::test, {.seen = seen}).metrics);
      check_close(timestamps[4].metrics, untrained.of_split(Split::valid, {.seen = seen}).metrics);
      check_close(timestamps[3].metrics, untrained.of_split(Split::train, {.seen = seen}).metrics);
    }
  }
}

TEST_CASE("by timestamp: each is what the test would have been at that time, by the history of that time") {
  // A GRU without padding and a model that fills in a blank do not see how long a sequence becomes.
  for (const auto& [name, loss] : {std::pair("gru4rec", "cce"), {"bert4rec", "mlm"}}) {
    CAPTURE(std::string(name));
    const Untrained untrained(name, loss);
    Parallel parallel(2);
    const auto timestamps = evaluate_by_timestamp(parallel, *untrained.model, fitting_sequences(0),
                                                  kMaxLength, {}, untrained.blank);
    for (int back = 0; back < kMaxLength; ++back) {
      CAPTURE(back);
      const Dataset then = fitting_sequences(back);
      const Evaluation alone =
          evaluate(parallel, *untrained.model, then, Split::test, kMaxLength, {}, untrained.blank);
      const TimestampMetrics& at = timestamps[static_cast<size_t>(kMaxLength - 1 - back)];
      CHECK(at.users == then.user_count());
      check_close(at.metrics, alone.metrics);
    }
  }
}

TEST_CASE("by timestamp: those that no user has are left out, and there may be none of training") {
  Untrained untrained("gru4rec", "cce");
  Parallel parallel(1);
  const auto wide = evaluate_by_timestamp(parallel, *untrained.model, small_data(), 200, {});
  CHECK(wide.front().timestamp > 100);
  CHECK(wide.front().users > 0);
  CHECK(wide.back().timestamp == 200);
  CHECK(evaluate_by_timestamp(parallel, *untrained.model, small_data(), 1, {}).size() == 1);
}

TEST_CASE("by timestamp: of sequences so long that their histories are looked at in pieces") {
  const Untrained untrained("gru4rec", "cce");
  constexpr int kLong = 4000;  // histories of 8,000,000 items in all, twice what is ranked at once
  const auto long_sequence = [](int64_t length) {
    std::vector<int32_t> items;
    for (int64_t i = 0; i < length; ++i) items.push_back(static_cast<int32_t>(1 + i * i % 97));
    Dataset data = dataset_from("long", {items});
    data.max_item = small_data().max_item;
    return data;
  };
  Parallel parallel(2);
  const auto timestamps = evaluate_by_timestamp(parallel, *untrained.model, long_sequence(kLong + 1), kLong,
                                                {.seen = Seen::keep});
  REQUIRE(timestamps.size() == kLong);
  for (const int64_t timestamp : {3, 1500, 2800, 3999, 4000}) {
    CAPTURE(timestamp);
    const Dataset then = long_sequence(timestamp + 1);
    const auto alone = evaluate(parallel, *untrained.model, then, Split::test, kLong, {.seen = Seen::keep});
    check_close(timestamps[static_cast<size_t>(timestamp - 1)].metrics, alone.metrics);
  }
}

TEST_CASE("ties: the answer stands before, in the middle of or behind those that score the same") {
  Untrained untrained("gru4rec", "cce");
  for (const auto& [name, tensor] : untrained.model->parameters().named()) {
    if (name == "item_embeddings.weight") {
      Tensor same = tensor;
      std::ranges::fill(same.span<float>(), 0.5F);
    }
  }
  const auto first_rank = [&](Ties ties) {
    return untrained.of_split(Split::test, {.seen = Seen::keep, .ties = ties}).ranks.front();
  };
  const int32_t others = small_data().max_item - 1;
  CHECK(first_rank(Ties::none) == 0);
  CHECK(first_rank(Ties::half) == (others + 1) / 2);
  CHECK(first_rank(Ties::all) == others);
  CHECK(untrained.of_split(Split::test, {}).tied == small_data().user_count());
}

}  // namespace cce::test
