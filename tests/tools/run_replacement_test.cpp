#include "tools/run_replacement.h"

#include <cerrno>

#include "tests/data/files.h"
#include "tests/tools/faults.h"
#include "tools/run_folder.h"

namespace cce {
namespace {

namespace fs = std::filesystem;
using testing::FailingStep;
using testing::killed_at;
using testing::listing;
using testing::message_of;
using testing::TemporaryFolder;
using Names = std::vector<std::string>;

const Names kOldFiles = {"best.safetensors", "config.toml", "notes.txt", "ranks.tsv", "result.json"};
const Names kNewFiles = {"best.safetensors", "config.toml", "metrics.jsonl", "notes.txt",
                         "resume.safetensors"};

void make_old_run(const fs::path& run) {
  fs::remove_all(run);
  fs::create_directory(run);
  for (const std::string& name : kOldFiles) write_durably(run / name, "old");
}

void write_new_run(const fs::path& run) {
  const fs::path folder = begin_replacement(run);
  for (const std::string& name : kNewFiles) {
    if (name != "notes.txt") write_durably(folder / name, "new");
  }
}

/// Whether the folder has exactly the files of the new run (or else of the old one), each with its own
/// content.
bool has_new_run(const fs::path& run) {
  const bool is_new = listing(run) == kNewFiles;
  CHECK(listing(run) == (is_new ? kNewFiles : kOldFiles));
  for (const std::string& name : listing(run)) {
    CHECK(read_file(run / name, 9) == (is_new && name != "notes.txt" ? "new" : "old"));
  }
  return is_new;
}

TEST_CASE("A process killed at any step of a replacement leaves the old run or the new one") {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "run";
  int step = 0, left_old = 0, left_new = 0, interrupted = 0;
  for (bool killed = true; killed; ++step) {
    make_old_run(run);
    killed = killed_at(step, [&] {
      write_new_run(run);
      finish_replacement(run);
    });
    interrupted += replacement_interrupted(run);
    recover_replacement(run);
    CHECK_FALSE(replacement_interrupted(run));
    ++(has_new_run(run) ? left_new : left_old);
  }
  CHECK(left_old > 20);  // while the new run is being written
  CHECK(left_new > 20);  // from the first rename on
  CHECK(interrupted > 20);
}

TEST_CASE("A recovery that is killed at any step is completed by the next one") {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "run";
  const auto start_and_die = [&](int step) {
    make_old_run(run);
    write_new_run(run);
    REQUIRE(killed_at(step, [&] { finish_replacement(run); }));
  };
  for (const int died_at : {1, 8, 20}) {  // just committed; removing old files; moving new ones up
    int step = 0;
    for (bool killed = true; killed; ++step) {
      start_and_die(died_at);
      killed = killed_at(step, [&] { recover_replacement(run); });
      recover_replacement(run);
      CHECK(has_new_run(run));
    }
    CHECK(step > 4);
  }
}

TEST_CASE("A replacement that is abandoned leaves the old run alone") {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "run";
  make_old_run(run);
  write_new_run(run);
  abandon_replacement(run);
  CHECK_FALSE(has_new_run(run));
  abandon_replacement(run);
  CHECK_FALSE(has_new_run(run));
}

TEST_CASE("A disk that fails at any step of an overwriting run leaves the old run or the new one") {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "run";
  int step = 0, old_runs = 0;
  for (bool failed = true; failed; ++step) {
    make_old_run(run);
    {
      FailingStep failing(step, EIO);
      try {
        RunFolder new_run({run, "", false, true});
        new_run.write_config("new");
        write_durably(new_run.path(RunFile::best), "new");
        write_durably(new_run.path(RunFile::metrics), "new");
        new_run.write_tensors(RunFile::resume, {});
      } catch (const Error&) {
      }
      failed = failing.reached();
    }
    recover_replacement(run);
    if (fs::exists(run / "resume.safetensors")) write_durably(run / "resume.safetensors", "new");
    old_runs += !has_new_run(run);
  }
  CHECK(old_runs > 20);
  CHECK(has_new_run(run));
}

TEST_CASE("Something else where the new run's files should go is named") {
  const TemporaryFolder folder;
  folder.write(".run-new", "mine");
  CHECK(message_of([&] { begin_replacement(folder.path()); }) ==
        (folder / ".run-new") + ": is in the way; remove it");
}

}  // namespace
}  // namespace cce
