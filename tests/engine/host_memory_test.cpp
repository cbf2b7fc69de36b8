#include "engine/host_memory.h"

#include <doctest/doctest.h>

#include <string>

namespace cce {

TEST_CASE("host memory: a large block that was freed is handed out again") {
  void* const first = host_memory(5 << 20).get();
  const auto again = host_memory(5 << 20);
  CHECK(again.get() == first);
  const auto another = host_memory(5 << 20);
  CHECK(another.get() != first);
  CHECK(reinterpret_cast<uintptr_t>(another.get()) % 64 == 0);
}

TEST_CASE("host memory: what the system has not is refused, with its size") {
  for (const int64_t bytes : {int64_t{1} << 60, int64_t{1} << 62}) {
    std::string what;
    try {
      host_memory(bytes);
    } catch (const std::bad_alloc& refused) {
      what = refused.what();
    }
    CHECK(what.starts_with("out of memory: a block of " + std::to_string(bytes)));
    CHECK(what.ends_with(" bytes was refused"));
  }
}

}  // namespace cce
