#include "data/text.h"

#include <doctest/doctest.h>

#include <vector>

namespace cce {
namespace {

TEST_CASE("Text for a message is short and printable") {
  CHECK(printable("plain text~") == "plain text~");
  CHECK(printable("") == "");
  CHECK(printable("a\tb\x1b[31m\n") == "a\\x09b\\x1b[31m\\x0a");
  CHECK(printable("\xC3\xA4") == "\\xc3\\xa4");
  CHECK(printable(std::string(40, 'x')) == std::string(40, 'x'));
  CHECK(printable(std::string(41, 'x')) == std::string(40, 'x') + "...");
}

TEST_CASE("The nearest name is the one with the fewest edits, if they are few") {
  const std::vector<std::string> names{"beauty", "sports", "toys", "yelp", "lastfm", "demo"};
  CHECK(nearest("sport", names) == "sports");
  CHECK(nearest("Toys", names) == "toys");
  CHECK(nearest("last.fm", names) == "lastfm");
  CHECK(nearest("demmo", names) == "demo");
  CHECK(nearest("movielens", names) == "");
  CHECK(nearest("", names) == "");
  CHECK(nearest(std::string(1'000'000, 'x'), names) == "");
}

}  // namespace
}  // namespace cce
