#include "losses/loss.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "data/masking.h"
#include "engine/ops/ops.h"
#include "engine/optim.h"
#include "engine/random.h"
#include "models/gru4rec.h"
#include "tests/data/files.h"
#include "tests/data/plain_batches.h"
#include "tests/losses/loss_rows.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

/// Twelve users who walk in circles through 20 items.
Dataset circles() {
  std::vector<std::vector<int32_t>> sequences(12);
  for (int32_t user = 0; user < 12; ++user) {
    for (int32_t i = 0; i < 5 + user % 4; ++i)
      sequences[static_cast<size_t>(user)].push_back(1 + (3 * user + i) % 20);
  }
  return dataset_from("circles", sequences);
}

/// The losses before each of `steps` updates on one and the same batch and negatives.
std::vector<double> learn(const Loss& loss, Timestamps timestamps, Sampling sampling, int steps) {
  Parallel parallel(2);
  const Dataset dataset = circles();
  Gru4Rec model({.item_rows = dataset.item_rows(), .embedding_size = 8, .hidden_size = 8, .dropout = 0}, 1);
  Adam adam(model.parameters().named(), {.lr = 0.01});
  const Batch samples = pack_training(dataset, training_samples(dataset), 10);
  const Batch batch = timestamps == Timestamps::masked
                          ? masked(samples, {.probability = 0.3, .token = 0, .max_length = 10}, 7, 0)
                          : samples;
  const Tensor rows_P = testing::loss_rows(batch.targets_T, batch.offsets_B1, timestamps);
  const std::vector<int32_t> users_T = users_of_positions(batch);
  std::vector<int32_t> users_P;
  for (const int32_t row : rows_P.span<int32_t>()) users_P.push_back(users_T[static_cast<size_t>(row)]);

  std::vector<double> values;
  for (int step = 0; step < steps; ++step) {
    Tape tape;
    const Context ctx{.parallel = parallel, .tape = &tape};
    LossInput in{.hidden_PD = select_rows(ctx, model.encode(ctx, batch), rows_P),
                 .table_ID = model.output_table(ctx),
                 .targets_P = testing::select_ids(batch.targets_T, rows_P),
                 .negatives = {},
                 .items = dataset.max_item};
    if (loss.negatives > 0) {
      const NegativeOptions options{.sampling = sampling,
                                    .count = 6,
                                    .extra = 2,
                                    .log_expected = true,
                                    .target_counts = training_counts(dataset)};
      const auto source = make_negative_source(dataset, options);
      in.negatives =
          source->draw({.parallel = parallel, .seed = 7}, Tensor::from({std::ssize(users_P)}, users_P),
                       in.targets_P, source->plan(rows_P.size(), 7, 0));
    }
    const Tensor value = loss.criterion(ctx, in, {});
    values.push_back(value.item());
    tape.backward(value);
    adam.step(parallel);
  }
  return values;
}

}  // namespace

TEST_CASE("Losses are found by name, and have one each") {
  std::set<std::string> names;
  for (const Loss& loss : losses()) {
    names.insert(loss.name);
    CHECK(&loss_named(loss.name) == &loss);
  }
  CHECK(names.size() == losses().size());
  CHECK(testing::message_of([] { loss_named("bprmax"); }, ExitCode::usage)
            .starts_with("there is no loss \"bprmax\" (there are: cce, ce, mlm, sampled-softmax, "));
}

TEST_CASE("Timestamps are found by name") {
  for (const Timestamps timestamps : {Timestamps::last, Timestamps::all, Timestamps::masked}) {
    CHECK(timestamps_named(name(timestamps)) == timestamps);
  }
  CHECK_THROWS_WITH(timestamps_named("first"), "timestamps \"first\": expected last, all or masked");
}

TEST_CASE("The softmax has a name for each choice of timestamps, the other criteria have one") {
  CHECK(counterpart(loss_named("cce"), Timestamps::last) == &loss_named("ce"));
  CHECK(counterpart(loss_named("ce"), Timestamps::all) == &loss_named("cce"));
  CHECK(counterpart(loss_named("cce"), Timestamps::masked) == &loss_named("mlm"));
  CHECK(counterpart(loss_named("cce"), Timestamps::all) == nullptr);
  CHECK(counterpart(loss_named("bce"), Timestamps::last) == nullptr);
}

TEST_CASE("A loss looks at the positions with a target, or the last of each sequence") {
  const Tensor targets = ids({4, 0, 5, 0, 0, 6, 7});
  const Tensor offsets = ids({0, 4, 5, 7});
  CHECK(list(testing::loss_rows(targets, offsets, Timestamps::all)) == std::vector<int32_t>{0, 2, 5, 6});
  CHECK(list(testing::loss_rows(targets, offsets, Timestamps::masked)) == std::vector<int32_t>{0, 2, 5, 6});
  CHECK(list(testing::loss_rows(targets, offsets, Timestamps::last)) == std::vector<int32_t>{2, 6});
  CHECK(list(testing::select_ids(targets, ids({2, 6}))) == std::vector<int32_t>{5, 7});
}

TEST_CASE("Every criterion is lowered by training on it, whatever the timestamps and the sampler") {
  for (const Loss& loss : losses()) {
    CAPTURE(std::string(loss.name));
    for (const Timestamps timestamps : {Timestamps::last, Timestamps::all, Timestamps::masked}) {
      CAPTURE(std::string(name(timestamps)));
      if (counterpart(loss, timestamps) != nullptr) continue;
      for (const Sampling sampling : {Sampling::uniform, Sampling::in_batch}) {
        const std::vector<double> values = learn(loss, timestamps, sampling, 40);
        CHECK(values.back() < 0.98 * values.front());
      }
    }
  }
}

}  // namespace cce::test
