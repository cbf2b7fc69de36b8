// Files that must not be mixed, whatever ends the process that writes them.
#include "tools/prepared_files.h"

#include <filesystem>

#include "tests/tools/faults.h"
#include "tests/tools/program.h"

namespace cce {
namespace {

namespace fs = std::filesystem;
using testing::content;
using testing::killed_at;
using testing::listing;
using testing::TemporaryFolder;
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("Prepared files stand together: a kill at any step leaves the old ones, none, or the new ones") {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& age) {
    PreparedFiles(folder.path() / "out", "x.txt")
        .write({{"x_items.tsv", age}, {"x.txt", age}}, {"x_item2attributes.json"});
  };
  int old_ones = 0, none = 0, new_ones = 0;
  bool killed = true;
  for (int step = 0; killed; ++step) {
    fs::remove_all(folder / "out");
    write("old");
    folder.write("out/x_item2attributes.json", "old");
    killed = killed_at(step, [&] { write("new"); });
    const std::string sequences = content(folder / "out/x.txt");
    if (sequences.empty()) {
      ++none;
    } else {
      CHECK(content(folder / "out/x_items.tsv") == sequences);
      CHECK(fs::exists(folder / "out/x_item2attributes.json") == (sequences == "old"));
      ++(sequences == "old" ? old_ones : new_ones);
    }
    write("again");
    CHECK(listing(folder.path() / "out") == Names{"x.txt", "x_items.tsv"});
  }
  CHECK(old_ones > 5);
  CHECK(none > 2);
  CHECK(new_ones > 1);
}

TEST_CASE("Prepared files: a disk that fails leaves what was there") {
  const TemporaryFolder folder;
  PreparedFiles(folder.path(), "x.txt").write({{"x.txt", "old"}}, {});
  const testing::FailingStep failing(3, ENOSPC);  // make the folder, sync it, create, write
  CHECK(testing::message_of([&] {
          PreparedFiles(folder.path(), "x.txt").write({{"x.txt", "new"}}, {});
        }).ends_with("No space left on device"));
  CHECK(listing(folder.path()) == Names{"x.txt"});
  CHECK(content(folder / "x.txt") == "old");
}

}  // namespace cce
