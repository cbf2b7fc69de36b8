#include "data/split.h"

#include <doctest/doctest.h>

#include "data/batch.h"

namespace cce {
namespace {

std::vector<int32_t> list(std::span<const int32_t> items) {
  return {items.begin(), items.end()};
}

TEST_CASE("Each split hides its answer and everything after it") {
  const Dataset dataset = dataset_from("hand", {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10}});
  CHECK(list(split_history(dataset, 0, Split::train)) == std::vector<int32_t>{1, 2, 3});
  CHECK(list(split_history(dataset, 0, Split::valid)) == std::vector<int32_t>{1, 2, 3, 4});
  CHECK(list(split_history(dataset, 0, Split::test)) == std::vector<int32_t>{1, 2, 3, 4, 5});
  CHECK(split_answer(dataset, 0, Split::train) == 4);
  CHECK(split_answer(dataset, 0, Split::valid) == 5);
  CHECK(split_answer(dataset, 0, Split::test) == 6);
  CHECK(list(split_history(dataset, 1, Split::train)) == std::vector<int32_t>{7});
  CHECK(split_answer(dataset, 1, Split::train) == 8);
}

TEST_CASE("An input keeps the newest items of the history") {
  const Dataset dataset = dataset_from("hand", {{1, 2, 3, 4, 5, 6}});
  CHECK(list(split_input(dataset, 0, Split::test, 3)) == std::vector<int32_t>{3, 4, 5});
  CHECK(list(split_input(dataset, 0, Split::test, 5)) == std::vector<int32_t>{1, 2, 3, 4, 5});
  CHECK(list(split_input(dataset, 0, Split::test, 50)) == std::vector<int32_t>{1, 2, 3, 4, 5});
  CHECK(list(split_input(dataset, 0, Split::valid, 1)) == std::vector<int32_t>{4});
}

TEST_CASE("Training never touches the answers of validation and test") {
  const Dataset dataset = dataset_from("hand", {{1, 2, 3, 4, 98, 99}, {5, 6, 98, 99}});
  for (const Augment augment : {Augment::none, Augment::prefix}) {
    const std::vector<Sample> samples = training_samples(dataset, augment);
    const Batch batch = pack_training(dataset, samples, 50, augment);
    for (const Tensor& tensor : {batch.items_T, batch.targets_T}) {
      for (const int32_t item : tensor.span<int32_t>()) CHECK(item < 98);
    }
  }
}

}  // namespace
}  // namespace cce
