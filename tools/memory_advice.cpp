#include "tools/memory_advice.h"

#include <fmt/format.h>

#include <new>

namespace cce {
namespace {

/// Tables of fewer rows than this are small, whatever the gaps.
constexpr int64_t kManyRows = 100'000;

void blame_ids(const Dataset& dataset) {
  const std::string advice = advice_on_ids(dataset);
  if (advice.empty()) return;
  throw Error(ExitCode::out_of_memory, fmt::format("out of memory: {} (see: cce_rec data validate)", advice));
}

}  // namespace

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
  } catch (const std::bad_alloc&) {
    blame_ids(dataset);
    throw;
  } catch (const Error& error) {
    if (error.code() == ExitCode::out_of_memory) blame_ids(dataset);
    throw;
  }
}

}  // namespace cce
