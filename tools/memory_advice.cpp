#include "tools/memory_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "engine/host_memory.h"
#include "tools/machine.h"

namespace cce {
namespace {

/// Tables of fewer rows than this are small, whatever the gaps.
constexpr int64_t kManyRows = 100'000;

/// What to lower where nothing else is to blame.
constexpr const char* kLower = "lower --batch-size, --embedding-size or --max-length";

/// What is to be done about it.
std::string remedy(const Dataset& dataset) {
  const std::string ids = advice_on_ids(dataset);
  return ids.empty() ? kLower : fmt::format("{} (see: cce_rec data validate)", ids);
}

std::string shown(int64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

[[noreturn]] void explain(const std::string& problem, const Dataset& dataset) {
  const std::string available = shown(available_memory());
  throw Error(ExitCode::out_of_memory,
              fmt::format("{}, {} are available; {}", problem, available, remedy(dataset)));
}

}  // namespace

int64_t least_memory(const Dataset& dataset, const TrainingSize& size) {
  constexpr int64_t kNumber = sizeof(float);
  constexpr int64_t kPerPosition =
      8;  // vectors of the table's width; every model keeps more for its backward pass
  const int64_t positions = std::min(dataset.interactions(), size.batch_size * size.max_length);
  return kNumber * size.width * (dataset.item_rows() * size.copies + positions * kPerPosition);
}

void require_memory(const Dataset& dataset, int64_t needed, int64_t available) {
  if (needed <= available) return;
  throw Error(ExitCode::out_of_memory,
              fmt::format("out of memory: at least {} are needed for {} items, {} are available; {}",
                          shown(needed), dataset.max_item, shown(available), remedy(dataset)));
}

std::string advice_on_ids(const Dataset& dataset) {
  constexpr int kAnyLength = 50;
  const int64_t items = summarize(dataset, kAnyLength).items;
  if (dataset.max_item < kManyRows || dataset.max_item / 2 < items) return "";
  return fmt::format(
      "the largest item id is {}, though only {} items occur, and memory grows with the largest: number them "
      "from 1 without gaps",
      dataset.max_item, items);
}

ExitCode explaining_memory(const Dataset& dataset, const std::function<ExitCode()>& work) {
  try {
    return work();
  } catch (const HostMemoryRefused& refused) {
    explain(refused.what(), dataset);
  } catch (const std::bad_alloc&) {
    explain("out of memory", dataset);
  }
}

}  // namespace cce
