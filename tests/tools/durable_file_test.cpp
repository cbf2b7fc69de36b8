#include "tools/durable_file.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "tests/data/files.h"
#include "tests/tools/faults.h"

namespace cce {
namespace {

using testing::FailingStep;
using testing::killed_at;
using testing::listing;
using testing::message_of;
using testing::outcome_of;
using testing::TemporaryFolder;
using Names = std::vector<std::string>;

std::string content(const std::filesystem::path& path) {
  return read_file(path, 1 << 20);
}

/// Two parts, so that a kill between them leaves half a file.
FileParts halves(std::string_view first, std::string_view second) {
  return {std::as_bytes(std::span(first)), std::as_bytes(std::span(second))};
}

TEST_CASE("A file is written from its parts, in place of the one before") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  write_durably(path, "old and longer");
  CHECK(content(path) == "old and longer");
  write_durably(path, halves("ne", "w"));
  CHECK(content(path) == "new");
  write_durably(path, "");
  CHECK(content(path).empty());
  CHECK(listing(folder.path()) == Names{"file"});
}

TEST_CASE("A write goes where a symbolic link points, and never takes the place of a device or a pipe") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "there");
  std::filesystem::create_symlink("there/file", folder / "link");
  for (const char* text : {"new", "newer"}) {  // the first through a link to nothing
    write_durably(folder / "link", text);
    CHECK(content(folder / "there/file") == text);
    CHECK(std::filesystem::is_symlink(folder / "link"));
  }
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(message_of([&] { write_durably(folder / "pipe", "x"); }) ==
        (folder / "pipe") + ": is a device or a pipe, and only files are replaced");
  CHECK(std::filesystem::is_fifo(folder / "pipe"));
}

TEST_CASE("A written file has the permissions that the umask leaves") {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  write_durably(folder / "file", "x");
  ::umask(before);
  struct stat status {};
  REQUIRE(::stat((folder / "file").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("A process killed before any step of a write leaves the old file or the new one, whole") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  int step = 0;
  for (bool killed = true; killed; ++step) {
    write_durably(path, "old");
    killed = killed_at(step, [&] { write_durably(path, halves("new an", "d longer")); });
    const std::string found = content(path);
    CHECK((found == "old" || found == "new and longer"));
    if (!killed) CHECK(found == "new and longer");
    remove_temporaries(path);
    CHECK(listing(folder.path()) == Names{"file"});
  }
  CHECK(step - 1 == 7);  // create, write, write, sync, close, rename, sync_folder
}

TEST_CASE("A killed writer leaves its temporary file, and only that one is cleared away") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  REQUIRE(killed_at(2, [&] { write_durably(path, halves("half", "whole")); }));
  REQUIRE(listing(folder.path()).size() == 1);
  for (const char* other : {"file.tmp", "file.1.tmp", "file.1-2.tmp.gz", "other.1-2.tmp", "file.a-1.tmp"}) {
    folder.write(other, "mine");
  }
  remove_temporaries(path);
  CHECK(listing(folder.path()) ==
        Names{"file.1-2.tmp.gz", "file.1.tmp", "file.a-1.tmp", "file.tmp", "other.1-2.tmp"});
}

TEST_CASE("Two writers of one file do not share a temporary one") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  folder.write("file." + std::to_string(::getpid()) + "-0.tmp", "somebody's");
  write_durably(path, "mine");
  CHECK(content(path) == "mine");
  CHECK(content(folder / ("file." + std::to_string(::getpid()) + "-0.tmp")) == "somebody's");
}

TEST_CASE("When any step of a write fails, the error names path and cause, and a whole file stays") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  for (const int code : {ENOSPC, EIO, EACCES}) {
    int step = 0;
    for (bool failed = true; failed; ++step) {
      write_durably(path, "old");
      std::string message;
      {
        FailingStep failing(step, code);
        try {
          write_durably(path, halves("ne", "w"));
        } catch (const Error& error) {
          message = error.what();
        }
        failed = failing.reached();
      }
      CHECK(failed == !message.empty());
      if (!failed) break;
      CHECK(message.find(step < 6 ? path : folder.path().string()) == 0);
      CHECK(message.ends_with(std::generic_category().message(code)));
      CHECK(content(path) ==
            (step < 6 ? "old" : "new"));  // step 6 syncs the folder: the new file is in place
      CHECK(listing(folder.path()) == Names{"file"});
    }
    CHECK(step == 7);
  }
}

TEST_CASE("A write that the system cuts short fails and leaves the old file") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  write_durably(path, "old");
  const int outcome = outcome_of([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(1);
    try {
      write_durably(path, std::string(1500, 'x'));  // 1000 bytes are taken, then EFBIG
    } catch (const Error& error) {
      ::_exit(error.what() == path + ": cannot write: File too large" ? 7 : 2);
    }
  });
  CHECK(outcome == 7);
  CHECK(content(path) == "old");
  CHECK(listing(folder.path()) == Names{"file"});
}

TEST_CASE("A full disk and a folder that is none are named with the path") {
  const TemporaryFolder folder;
  CHECK(message_of([] { append_durably("/dev/full", "x"); }) ==
        "/dev/full: cannot write: No space left on device");
  const std::string below = folder.write("file", "x") + "/below";
  CHECK(message_of([&] { write_durably(below, "x"); }) == below + ": cannot create: Not a directory");
  CHECK(message_of([&] { require_writable(below); }) == below + ": cannot create: Not a directory");
  const std::string missing = folder / "missing/file";
  CHECK(message_of([&] { write_durably(missing, "x"); }) ==
        missing + ": cannot create: No such file or directory");
  std::filesystem::create_directory(folder / "folder");
  CHECK(message_of([&] { write_durably(folder / "folder", "x"); }) ==
        (folder / "folder") + ": cannot put the new file in place: Is a directory");
  CHECK(listing(folder.path()) == Names{"file", "folder"});
}

TEST_CASE("Appending adds at the end, and a failed append is cut off again") {
  const TemporaryFolder folder;
  const std::string path = folder / "lines";
  append_durably(path, "one\n");
  append_durably(path, "two\n");
  CHECK(content(path) == "one\ntwo\n");
  for (const int step : {1, 2}) {  // write, sync
    const FailingStep failing(step, ENOSPC);
    CHECK(message_of([&] { append_durably(path, "three\n"); }).ends_with(": No space left on device"));
    CHECK(content(path) == "one\ntwo\n");
  }
}

TEST_CASE("Reading refuses what is missing, too large, or no regular file") {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "12345");
  CHECK(read_file(path, 5) == "12345");
  CHECK(message_of([&] { read_file(path, 4); }) ==
        path + ": has 5 bytes, more than the 4 that are expected at most");
  CHECK(message_of([&] { read_file(folder / "none", 9); }) ==
        (folder / "none") + ": cannot open: No such file or directory");
  CHECK(message_of([&] { read_file(folder.path(), 9); }) ==
        folder.path().string() + ": is a folder, not a file");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(message_of([&] { read_file(folder / "pipe", 9); }) == (folder / "pipe") + ": is not a regular file");
}

TEST_CASE("A file that became shorter while it was open is an error, not a wait") {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "12345");
  const InputFile file(path);
  std::filesystem::resize_file(path, 2);
  std::string into(5, '?');
  CHECK(message_of([&] {
          file.read(0, std::as_writable_bytes(std::span(into)));
        }).starts_with(path + ": ends at byte 2"));
}

TEST_CASE("Folders are made once, and files renamed and removed by name") {
  const TemporaryFolder folder;
  CHECK(make_folder(folder / "new"));
  CHECK_FALSE(make_folder(folder / "new"));
  CHECK(message_of([&] { make_folder(folder / "none/new"); }) ==
        (folder / "none/new") + ": cannot make the folder: No such file or directory");
  folder.write("a", "a");
  folder.write("b", "b");
  rename_durably(folder / "a", folder / "b");
  CHECK(content(folder / "b") == "a");
  CHECK(message_of([&] { rename_durably(folder / "a", folder / "b"); }) ==
        (folder / "a") + ": cannot rename to " + (folder / "b") + ": No such file or directory");
  CHECK(remove_durably(folder / "b"));
  CHECK_FALSE(remove_durably(folder / "b"));
  folder.write("new/file", "x");
  CHECK(message_of([&] { remove_durably(folder / "new"); }) ==
        (folder / "new") + ": cannot remove: Directory not empty");
}

}  // namespace
}  // namespace cce
