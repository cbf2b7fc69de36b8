#include "tools/run_folder.h"

#include <cerrno>

#include "tests/data/files.h"
#include "tests/tools/faults.h"
#include "tests/tools/run_folders.h"
#include "tools/durable_file.h"
#include "tools/metrics_file.h"

namespace cce {
namespace {

namespace fs = std::filesystem;
using testing::epoch;
using testing::FailingStep;
using testing::finish;
using testing::listing;
using testing::make_run;
using testing::message_of;
using testing::named;
using testing::overwriting;
using testing::resuming;
using testing::TemporaryFolder;
using testing::train_epoch;
using testing::weight_in;
using testing::weights;
using testing::with_default;
using Names = std::vector<std::string>;
using State = RunFolder::State;

TEST_CASE("A new run makes its folder and the folders above it, and writes the contract's files") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "a/b/run";
  {
    RunFolder run(named(out / ""));
    CHECK(run.state() == State::anew);
    CHECK(run.path() == out);
    CHECK(run.notice().empty());
    run.write_config("seed = 42\n");
    train_epoch(run, 1);
    train_epoch(run, 2);
    finish(run);
  }
  CHECK(listing(out) == Names{"best.safetensors", "config.toml", "last.safetensors", "metrics.jsonl",
                              "ranks.tsv", "result.json", "resume.safetensors"});
  CHECK(read_file(out / "config.toml", 100) == "seed = 42\n");
  CHECK(read_file(out / "ranks.tsv", 100) == "user\tvalid\ttest\n1\t2\t3\n");
  CHECK(parse_run_result(read_file(out / "result.json", 9999), "result.json").epochs == 0);
  CHECK(weight_in(out / "last.safetensors") == 2);
  REQUIRE(read_metrics(out / "metrics.jsonl").size() == 2);
  CHECK(read_metrics(out / "metrics.jsonl")[1].loss == 0.5);
}

TEST_CASE("A folder named with --out must not exist") {
  const TemporaryFolder folder;
  make_run(named(folder / "run"), false);
  CHECK(message_of([&] { RunFolder run(named(folder / "run")); }, ExitCode::usage) ==
        "--out " + (folder / "run") +
            ": exists; --resume goes on with the run in it, --overwrite replaces it");
  CHECK(fs::exists(folder / "run"));
}

TEST_CASE("What stands in a new run's place is named with what can be done about it") {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "x");
  for (const auto& request : {named(file), resuming(named(file)), overwriting(named(file))}) {
    CHECK(message_of([&] { RunFolder run(request); }, ExitCode::usage) ==
          "--out " + file + ": is a file, and a run needs a folder; choose another");
  }
  fs::create_directory(folder / "empty");
  CHECK(message_of([&] { RunFolder run(named(folder / "empty")); }, ExitCode::usage) ==
        "--out " + (folder / "empty") + ": exists, though it is empty; --overwrite uses it");
  CHECK_NOTHROW(RunFolder(overwriting(named(folder / "empty"))));
}

TEST_CASE("The default folder gets the suffix after the highest in use, and says so") {
  const TemporaryFolder folder;
  const std::string base = folder / "runs/gru4rec-cce-demo-42";
  make_run(with_default(folder), true);
  CHECK(fs::exists(base + "/result.json"));
  {
    RunFolder run(with_default(folder));
    CHECK(run.path() == base + "-2");
    CHECK(run.notice() == base + " exists: this run goes to " + base + "-2");
    train_epoch(run, 1);
  }
  for (const char* other : {"-9", "-01", "-77x", "-", "-1"}) fs::create_directory(base + other);
  RunFolder run(with_default(folder));
  CHECK(run.path() == base + "-10");
}

TEST_CASE("A run that fails before its first commit leaves no trace") {
  const TemporaryFolder folder;
  {
    RunFolder run(named(folder / "run"));
    run.write_config("x = 1\n");
    run.write_tensors(RunFile::best, weights(1));
    run.append_metrics(epoch(1));
  }
  CHECK(listing(folder.path()).empty());
}

TEST_CASE("Overwriting leaves the old run whole until the first commit, then replaces all of it") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "run";
  make_run(named(out), true);
  folder.write("run/notes.txt", "mine");
  const Names old_files = listing(out);
  {
    RunFolder run(overwriting(named(out)));
    CHECK(run.state() == State::anew);
    run.write_config("epochs = 9\n");
    run.write_tensors(RunFile::best, weights(7));  // then it fails
  }
  CHECK(listing(out) == old_files);
  CHECK(weight_in(out / "best.safetensors") == 1);
  {
    RunFolder run(overwriting(named(out)));
    run.write_config("epochs = 9\n");
    run.write_tensors(RunFile::best, weights(7));
    run.write_tensors(RunFile::last, weights(7));
    CHECK(fs::exists(out / "result.json"));
    run.write_tensors(RunFile::resume, weights(7));
    CHECK(listing(out) ==
          Names{"best.safetensors", "config.toml", "last.safetensors", "notes.txt", "resume.safetensors"});
    CHECK(run.path(RunFile::best) == out / "best.safetensors");
    run.append_metrics(epoch(1));
    finish(run);
  }
  CHECK(weight_in(out / "best.safetensors") == 7);
  CHECK(listing(out) == old_files);
  CHECK(read_file(out / "config.toml", 100) == "epochs = 9\n");
}

TEST_CASE("The map of item ids is part of a run, and goes with it where another takes its place") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "run";
  {
    RunFolder run(named(out));
    run.write_config("x = 1\n");
    run.write_items("item\traw\n1\tB-17\n");
    train_epoch(run, 1);
  }
  CHECK(read_file(out / "items.tsv", 100) == "item\traw\n1\tB-17\n");
  {
    RunFolder run(overwriting(named(out)));
    CHECK(fs::exists(out / "items.tsv"));
    run.write_config("x = 2\n");
    train_epoch(run, 1);
  }
  CHECK(!fs::exists(out / "items.tsv"));
  {
    RunFolder run(named(folder / "failed"));
    run.write_items("item\traw\n");
  }
  CHECK(!fs::exists(folder / "failed"));
}

TEST_CASE("Overwriting the default means the folder without a suffix") {
  const TemporaryFolder folder;
  make_run(with_default(folder), true);
  make_run(with_default(folder), true);
  RunFolder run(overwriting(with_default(folder)));
  CHECK(run.path() == folder / "runs/gru4rec-cce-demo-42");
}

TEST_CASE("A folder of other things is not taken for a run") {
  const TemporaryFolder folder;
  folder.write("thesis.tex", "years of work");
  const RunFolderRequest plain = named(folder.path());
  for (const auto& request : {plain, overwriting(plain), resuming(plain)}) {
    CHECK(message_of([&] { RunFolder run(request); }, ExitCode::usage) ==
          folder.path().string() + ": has files, but none of a run; choose another folder with --out");
  }
  CHECK(listing(folder.path()) == Names{"thesis.tex"});
}

TEST_CASE("Two runs cannot use one folder, and the one that was refused removes nothing") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "run";
  RunFolder run(named(out));
  run.write_config("x = 1\n");
  CHECK(message_of([&] { RunFolder second(resuming(named(out))); }) ==
        out.string() +
            ": another process is using this run; wait for it, or choose another folder with --out");
  CHECK(listing(out) == Names{"config.toml"});
}

TEST_CASE("A folder that cannot be made or written is told before anything else") {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "x");
  CHECK(message_of([&] { RunFolder run(named(file + "/run")); }) ==
        file + "/run: cannot make the folder: Not a directory");
  const std::string too_long = folder / std::string(300, 'x');
  CHECK(message_of([&] { RunFolder run(named(too_long + "/run")); }) == too_long + ": File name too long");
  const FailingStep failing(2, EROFS);  // make the folder, sync the one above, create a file
  CHECK(message_of([&] { RunFolder run(named(folder / "run")); }) ==
        (folder / "run/config.toml") + ": cannot create: Read-only file system");
  CHECK(listing(folder.path()) == Names{"file"});
}

TEST_CASE("What killed writers left is cleared away at the next start") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "run";
  make_run(named(out), false);
  const Names before = listing(out);
  folder.write("run/best.safetensors.123-0.tmp", "half");
  folder.write("run/config.toml.99-1.tmp", "?");
  RunFolder run(resuming(named(out)));
  CHECK(listing(out) == before);
}

TEST_CASE("A checkpoint is the file itself, or a run's best and else last weights") {
  const TemporaryFolder folder;
  CHECK(message_of([&] { find_checkpoint(folder / "none"); }) ==
        (folder / "none") + ": no such file or run folder");
  CHECK(message_of([&] { find_checkpoint(folder.path()); }) ==
        folder.path().string() + ": has no best.safetensors; was it trained for an epoch?");
  const std::string last = folder.write("last.safetensors", "x");
  CHECK(find_checkpoint(folder.path()) == last);
  const std::string best = folder.write("best.safetensors", "x");
  CHECK(find_checkpoint(folder.path()) == best);
  CHECK(find_checkpoint(last) == last);
}

}  // namespace
}  // namespace cce
