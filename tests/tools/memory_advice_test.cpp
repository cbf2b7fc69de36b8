#include "tools/memory_advice.h"

#include <new>

#include "engine/host_memory.h"
#include "tests/data/files.h"
#include "tools/machine.h"

namespace cce {
namespace {

using testing::message_of;

const std::string kAdvice =
    "the largest item id is 100000000, though only 4 items occur, and memory grows with the largest: number "
    "them from "
    "1 without gaps";

const std::string kLower = "lower --batch-size, --embedding-size or --max-length";

TEST_CASE("Where memory runs out because of gaps between the item ids, the error says so") {
  const Dataset gaps = dataset_from("gaps", {{1, 2, 3, 100'000'000}});
  CHECK(advice_on_ids(gaps) == kAdvice);
  for (const bool from_a_tensor : {false, true}) {
    const std::string message = message_of(
        [&] {
          explaining_memory(gaps, [&]() -> ExitCode {
            if (from_a_tensor) throw HostMemoryRefused(8);
            throw std::bad_alloc();
          });
        },
        ExitCode::out_of_memory);
    CHECK(message.starts_with(from_a_tensor ? "out of memory: a block of 8 bytes was refused, "
                                            : "out of memory, "));
    CHECK(message.ends_with(" MB are available; " + kAdvice + " (see: cce_rec data validate)"));
  }
}

TEST_CASE("Where the ids are not to blame, lack of memory names options, and errors stay what they are") {
  const Dataset dense = dataset_from("dense", {{1, 2, 3, 9}});
  CHECK(advice_on_ids(dense).empty());
  const auto refused = [&] { explaining_memory(dense, []() -> ExitCode { throw HostMemoryRefused(8); }); };
  CHECK(message_of(refused, ExitCode::out_of_memory).ends_with(" MB are available; " + kLower));
  const auto passed_on = [&](const Error& thrown) {
    return message_of([&] { explaining_memory(dense, [&]() -> ExitCode { throw thrown; }); }, thrown.code());
  };
  CHECK(passed_on({ExitCode::out_of_memory, "out of GPU memory; lower --batch-size"}) ==
        "out of GPU memory; lower --batch-size");
  CHECK(passed_on({ExitCode::failed, "another"}) == "another");
  CHECK(explaining_memory(dense, [] { return ExitCode::interrupted; }) == ExitCode::interrupted);
}

TEST_CASE("Memory that will not do is told before the start") {
  const Dataset dense = dataset_from("dense", {{1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4}});
  // 11 rows of 64 numbers, five times, and 8 times 64 numbers for each of 10 positions.
  const TrainingSize size{.width = 64, .copies = 5, .batch_size = 2, .max_length = 5};
  const int64_t needed = least_memory(dense, size);
  CHECK(needed == 4 * 64 * (11 * 5 + 10 * 8));
  CHECK(least_memory(dense, {64, 5, 1000, 1000}) == 4 * 64 * (11 * 5 + 13 * 8));  // no more than there are
  CHECK_NOTHROW(require_memory(dense, needed, needed));
  CHECK(message_of([&] { require_memory(dense, 2'000'000, 1'000'000); }, ExitCode::out_of_memory) ==
        "out of memory: at least 2.0 MB are needed for 9 items, 1.0 MB are available; " + kLower);
  CHECK(available_memory() > 1'000'000);
}

}  // namespace
}  // namespace cce
