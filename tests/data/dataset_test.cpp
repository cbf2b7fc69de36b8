#include "data/dataset.h"

#include <doctest/doctest.h>

#include "engine/error.h"
#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;

TEST_CASE("A data set of sequences knows its users, items and table rows") {
  const Dataset dataset = dataset_from("hand", {{3, 1, 2, 1}, {9, 8, 7, 6, 5}});
  CHECK(dataset.name == "hand");
  CHECK(dataset.users == std::vector<std::string>{"1", "2"});
  CHECK(dataset.user_count() == 2);
  CHECK(dataset.interactions() == 9);
  CHECK(dataset.max_item == 9);
  CHECK(dataset.item_rows() == 11);
  CHECK(dataset.mask_item() == 10);
  CHECK(dataset.sequence(1).size() == 5);
  CHECK(dataset.sequence(1).front() == 9);
}

TEST_CASE("A data set of too short sequences or impossible items is refused") {
  CHECK(message_of([] {
          dataset_from("hand", {{1, 2, 3}});
        }) == "[dataset] expected at least 4 items, got 3");
  CHECK(message_of([] { dataset_from("hand", {{1, 2, 0, 3}}); }) == "[dataset] item id 0 is not positive");
}

TEST_CASE("The fingerprint of the same content is the same on every machine") {
  CHECK(dataset_from("one", {{1, 2, 3, 4}}).fingerprint == "6c8a04beea337981");
  CHECK(dataset_from("other", {{1, 2, 3, 4}}).fingerprint == "6c8a04beea337981");
}

TEST_CASE("A summary counts what Table 1 of the paper counts") {
  const Dataset dataset = dataset_from("hand", {{1, 2, 1, 1, 5}, {9, 8, 7, 6}, {1, 2, 3, 4, 5, 6, 7, 8, 9}});
  const DatasetSummary summary = summarize(dataset, 4);
  CHECK(summary.users == 3);
  CHECK(summary.items == 9);
  CHECK(summary.interactions == 18);
  CHECK(summary.shortest == 4);
  CHECK(summary.longest == 9);
  CHECK(summary.mean_length == doctest::Approx(6));
  CHECK(summary.repeats == 2);
  CHECK(summary.training_positions == 2 + 1 + 4);
  CHECK(summary.pad_share == doctest::Approx(5.0 / 12));
}

}  // namespace
}  // namespace cce
