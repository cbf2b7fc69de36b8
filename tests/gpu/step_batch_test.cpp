// What a step reads, looked up on the GPU: the same bytes as on the CPU, filled up or not.
#include "tools/step_batch.h"

#include <doctest/doctest.h>

#include <cstring>

#include "tests/gpu/step_plans.h"
#include "tests/gpu/tiny_trainings.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

std::vector<float> numbers(const Tensor& tensor) {
  const Tensor here = tensor.to(Device::cpu);
  return here.defined() ? std::vector<float>(here.span<float>().begin(), here.span<float>().end())
                        : std::vector<float>();
}

/// Logarithms are the CPU's but for the last bit.
void check_about(const std::vector<float>& x, const std::vector<float>& expected) {
  REQUIRE(x.size() == expected.size());
  for (size_t i = 0; i < x.size(); ++i) CHECK(x[i] == doctest::Approx(expected[i]).epsilon(1e-6));
}

void check_same(const StepBatches::Options& options) {
  constexpr uint32_t kStep = 3;
  const uint64_t seed = options.batches.seed;
  Parallel parallel(1);
  StepBatches here(tiny_data(), options, Device::cpu), there(tiny_data(), options, Device::cuda);
  const StepPlan plan = here.plan(1, 0, kStep);
  const StepBatch expected = here.batch({.parallel = parallel, .seed = seed, .step = kStep}, plan);
  const Context ctx{.parallel = parallel, .seed = seed, .step = kStep, .device = Device::cuda};
  const StepBatch read = there.batch(ctx, on_gpu(plan));
  CHECK(list(read.batch.items_T) == list(expected.batch.items_T));
  CHECK(list(read.batch.positions_T) == list(expected.batch.positions_T));
  CHECK(list(read.batch.offsets_B1) == list(expected.batch.offsets_B1));
  CHECK(list(read.rows_P) == list(expected.rows_P));
  CHECK(list(read.targets_P) == list(expected.targets_P));
  CHECK(list(read.negatives.items) == list(expected.negatives.items));
  CHECK(numbers(read.negatives.penalty_PN) == numbers(expected.negatives.penalty_PN));
  check_about(numbers(read.negatives.log_expected_PN), numbers(expected.negatives.log_expected_PN));

  // Filled up, with the step's numbers in the GPU's memory, as a captured step has them.
  const StepPlan more = filled_up(plan, options.batches.max_length);
  const StepNumbers now{.step = kStep, .rows = static_cast<int32_t>(plan.rows)};
  const std::shared_ptr<void> now_there = allocate(Device::cuda, sizeof(now));
  copy_bytes(Device::cuda, now_there.get(), Device::cpu, &now, sizeof(now));
  const Context captured{.parallel = parallel,
                         .seed = seed,
                         .step = 99,
                         .device = Device::cuda,
                         .numbers = static_cast<const StepNumbers*>(now_there.get())};
  const StepBatch filled = there.batch(captured, on_gpu(more));
  std::vector<int32_t> items = list(expected.batch.items_T);
  items.resize(static_cast<size_t>(more.positions));  // with zeros
  CHECK(list(filled.batch.items_T) == items);
  const Context here_ctx{.parallel = parallel, .seed = seed, .step = kStep};
  CHECK(list(filled.batch.positions_T) == list(here.batch(here_ctx, more).batch.positions_T));
  CHECK(list(filled.batch.offsets_B1) == list(more.batch.offsets_B1));
  CHECK(list(filled.rows_P) == list(more.rows_P));
  const auto rows = static_cast<size_t>(more.rows);
  const Negatives& negatives = expected.negatives;
  CHECK(list(filled.targets_P) == repeated(list(expected.targets_P), rows, 1));
  if (!negatives.items.defined()) return;
  const bool own = negatives.items.shape().rank() == 2;
  const auto cols = static_cast<size_t>(own ? negatives.items.cols() : negatives.items.size());
  CHECK(list(filled.negatives.items) ==
        (own ? repeated(list(negatives.items), rows, cols) : list(negatives.items)));
  CHECK(numbers(filled.negatives.penalty_PN) == repeated(numbers(negatives.penalty_PN), rows, cols));
  check_about(numbers(filled.negatives.log_expected_PN),
              repeated(numbers(negatives.log_expected_PN), rows, cols));
}

StepBatches::Options options_of(Timestamps timestamps, Augment augment,
                                std::optional<NegativeOptions> negatives) {
  StepBatches::Options options{.batches = {.batch_size = 6, .max_length = 7, .augment = augment, .seed = 7},
                               .timestamps = timestamps,
                               .negatives = negatives};
  if (timestamps == Timestamps::masked) options.masking = {.token = tiny_data().mask_item(), .max_length = 7};
  return options;
}

}  // namespace

TEST_CASE("gpu: a step's items, targets and own negatives are looked up as on the CPU") {
  for (const Timestamps timestamps : {Timestamps::all, Timestamps::last, Timestamps::masked}) {
    for (const Augment augment : {Augment::none, Augment::prefix}) {
      CAPTURE(name(timestamps));
      CAPTURE(static_cast<int>(augment));
      check_same(options_of(timestamps, augment, {}));
      for (const Sampling sampling : {Sampling::uniform, Sampling::popularity}) {
        for (const int64_t count : {1, 6}) {
          check_same(options_of(timestamps, augment,
                                NegativeOptions{.sampling = sampling, .count = count, .log_expected = true}));
        }
      }
    }
  }
}

TEST_CASE(
    "gpu: batches of one row, without padding, and with everything hidden, are looked up as on the CPU") {
  const NegativeOptions own{.count = 2};
  StepBatches::Options one = options_of(Timestamps::last, Augment::none, own);
  one.batches.batch_size = 1;
  check_same(one);
  StepBatches::Options hidden = options_of(Timestamps::masked, Augment::none, own);
  hidden.masking->probability = 1;
  check_same(hidden);
  StepBatches::Options full =
      options_of(Timestamps::all, Augment::prefix, own);  // 128 positions, nothing to fill
  full.batches.max_length = 1, full.batches.batch_size = 128;
  check_same(full);
}

TEST_CASE("gpu: negatives that all rows share are looked up, and ruled out, as on the CPU") {
  for (const Timestamps timestamps : {Timestamps::all, Timestamps::masked}) {
    for (const int64_t count : {4, 1000}) {  // some of the targets, or all
      for (const int64_t extra : {0, 5}) {
        CAPTURE(name(timestamps));
        CAPTURE(count);
        CAPTURE(extra);
        for (const bool log_expected : {false, true}) {
          check_same(options_of(timestamps, Augment::none,
                                NegativeOptions{.sampling = Sampling::in_batch,
                                                .count = count,
                                                .extra = extra,
                                                .log_expected = log_expected}));
        }
      }
    }
  }
}

}  // namespace cce::test
