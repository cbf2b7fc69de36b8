// What a step of pre-training reads, looked up on the GPU: the same bytes as on the CPU, filled up or not.
#include <doctest/doctest.h>

#include <vector>

#include "data/demo.h"
#include "data/pretraining.h"
#include "tests/gpu/same_on_both.h"
#include "tests/gpu/step_plans.h"
#include "tests/gpu/tiny_trainings.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

void check_same_positions(const PretrainingBatch& there, const PretrainingBatch& here) {
  for (const auto part :
       {&PretrainingBatch::items_T, &PretrainingBatch::positions_T, &PretrainingBatch::offsets_B1,
        &PretrainingBatch::rows_P, &PretrainingBatch::masked_M, &PretrainingBatch::unmasked_U,
        &PretrainingBatch::context_B, &PretrainingBatch::true_segment_B,
        &PretrainingBatch::negative_segment_B}) {
    CHECK(list(there.*part) == list(here.*part));
  }
}

void check_same(const PretrainingOptions& options) {
  constexpr uint32_t kStep = 3;
  const Attributes attributes = demo_attributes();
  PretrainingBatches on_cpu(tiny_data(), attributes, options, Device::cpu);
  const PretrainingBatches on_cuda(tiny_data(), attributes, options, Device::cuda);
  Parallel parallel(1);
  const Context cpu{.parallel = parallel, .seed = options.seed, .step = kStep};
  const Context cuda{.parallel = parallel, .seed = options.seed, .step = kStep, .device = Device::cuda};
  const PretrainingPlan plan = on_cpu.plan(1, 0, kStep);
  const PretrainingBatch expected = on_cpu.batch(cpu, plan), read = on_cuda.batch(cuda, on_gpu(plan));
  check_same_positions(read, expected);
  CHECK(list(read.targets_M1) == list(expected.targets_M1));
  CHECK(list(read.negatives_M1) == list(expected.negatives_M1));
  CHECK(list(read.items_U) == list(expected.items_U));
  CHECK(list(read.attributes.offsets_S1) == list(expected.attributes.offsets_S1));
  CHECK(list(read.attributes.ids) == list(expected.attributes.ids));
  CHECK(read.masked_in_use() == nullptr);
  CHECK(read.unmasked_in_use() == nullptr);

  // Filled up, with the step's numbers in the GPU's memory, as a captured step has them.
  const PretrainingPlan more = filled_up(plan, options.max_length), more_there = on_gpu(more);
  const NumbersOnGpu now({.step = kStep, .rows = static_cast<int32_t>(plan.samples())});
  const Context captured{
      .parallel = parallel, .seed = options.seed, .step = 99, .device = Device::cuda, .numbers = now.get()};
  const PretrainingBatch filled = on_cuda.batch(captured, more_there);
  const StepNumbers now_here{.step = kStep, .rows = static_cast<int32_t>(plan.samples())};
  const Context as_captured{.parallel = parallel, .seed = options.seed, .step = 99, .numbers = &now_here};
  check_same_positions(filled, on_cpu.batch(as_captured, more));
  CHECK(list(filled.targets_M1) == repeated(list(expected.targets_M1), more.masked_M.size(), 1));
  CHECK(list(filled.negatives_M1) == repeated(list(expected.negatives_M1), more.masked_M.size(), 1));
  if (plan.unmasked_U.size() > 0)
    CHECK(list(filled.items_U) == repeated(list(expected.items_U), more.unmasked_U.size(), 1));
  CHECK(filled.masked_in_use() == more_there.counts_2.data<int32_t>());
  CHECK(filled.unmasked_in_use() == filled.masked_in_use() + 1);
}

}  // namespace

TEST_CASE("gpu: batches for the objectives of S3-Rec are the CPU's, filled up or not") {
  for (const int batch_size : {1, 9, 1000}) {
    for (const int max_length : {4, 50}) {
      for (const double mask_probability : {0.0, 0.3, 1.0}) {
        CAPTURE(batch_size);
        CAPTURE(max_length);
        CAPTURE(mask_probability);
        check_same({.batch_size = batch_size,
                    .max_length = max_length,
                    .mask_probability = mask_probability,
                    .seed = 5});
      }
    }
  }
}

}  // namespace cce::test
