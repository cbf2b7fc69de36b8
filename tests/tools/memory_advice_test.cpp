#include "tools/memory_advice.h"

#include <new>

#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;

const std::string kAdvice =
    "the largest item id is 100000000, though only 4 items occur, and memory grows with the largest: number "
    "them from "
    "1 without gaps";

TEST_CASE("Where memory runs out because of gaps between the item ids, the error says so") {
  const Dataset gaps = dataset_from("gaps", {{1, 2, 3, 100'000'000}});
  CHECK(advice_on_ids(gaps) == kAdvice);
  for (const bool from_a_tensor : {false, true}) {
    CHECK(message_of(
              [&] {
                explaining_memory(gaps, [&]() -> ExitCode {
                  if (from_a_tensor) throw Error(ExitCode::out_of_memory, "a block was refused");
                  throw std::bad_alloc();
                });
              },
              ExitCode::out_of_memory) == "out of memory: " + kAdvice + " (see: cce_rec data validate)");
  }
}

TEST_CASE("Where the ids are not to blame, lack of memory and other errors stay what they are") {
  const Dataset dense = dataset_from("dense", {{1, 2, 3, 9}});
  CHECK(advice_on_ids(dense).empty());
  const auto passed_on = [&](const Error& thrown) {
    return message_of([&] { explaining_memory(dense, [&]() -> ExitCode { throw thrown; }); }, thrown.code());
  };
  CHECK(passed_on({ExitCode::out_of_memory, "lower --batch-size"}) == "lower --batch-size");
  CHECK(passed_on({ExitCode::failed, "another"}) == "another");
  CHECK_THROWS_AS(explaining_memory(dense, []() -> ExitCode { throw std::bad_alloc(); }), std::bad_alloc);
  CHECK(explaining_memory(dense, [] { return ExitCode::interrupted; }) == ExitCode::interrupted);
}

}  // namespace
}  // namespace cce
