#include "tools/folder_lock.h"

#include <utility>

#include "tests/data/files.h"
#include "tests/tools/faults.h"

namespace cce {
namespace {

using testing::message_of;
using testing::outcome_of;
using testing::TemporaryFolder;

/// Whether another process could lock the folder now.
bool is_free(const std::filesystem::path& folder) {
  return outcome_of([&] {
           try {
             const FolderLock lock(folder);
           } catch (const Error&) {
             ::_exit(1);
           }
         }) == 0;
}

TEST_CASE("A folder is locked for other processes until the lock ends, and no file shows it") {
  const TemporaryFolder folder;
  {
    FolderLock lock(folder.path());
    CHECK_FALSE(is_free(folder.path()));
    const FolderLock moved = std::move(lock);
    CHECK_FALSE(is_free(folder.path()));
    CHECK(testing::listing(folder.path()).empty());
  }
  CHECK(is_free(folder.path()));
}

TEST_CASE("A killed process leaves no lock") {
  const TemporaryFolder folder;
  CHECK(outcome_of([&] {
          const FolderLock lock(folder.path());
          ::raise(SIGKILL);
        }) == -SIGKILL);
  CHECK(is_free(folder.path()));
}

TEST_CASE("A locked or missing folder is named") {
  const TemporaryFolder folder;
  const FolderLock lock(folder.path());
  CHECK(message_of([&] { FolderLock second(folder.path()); }) ==
        folder.path().string() +
            ": another process is using this run; wait for it, or choose another folder with --out");
  CHECK(message_of([&] { FolderLock second(folder.path(), "busy"); }) == "busy");
  CHECK(message_of([&] { FolderLock missing(folder / "none"); }) ==
        (folder / "none") + ": cannot open the folder: No such file or directory");
}

}  // namespace
}  // namespace cce
