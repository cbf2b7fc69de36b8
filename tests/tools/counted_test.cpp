#include "tools/counted.h"

#include <doctest/doctest.h>

namespace cce {
namespace {

TEST_CASE("What is counted stands in the plural, but for one") {
  CHECK(counted(0, "user") == "0 users");
  CHECK(counted(1, "user") == "1 user");
  CHECK(counted(2, "test item") == "2 test items");
}

}  // namespace
}  // namespace cce
