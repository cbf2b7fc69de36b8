#include "tools/run_folder.h"

#include <cerrno>

#include "tests/data/files.h"
#include "tests/tools/faults.h"
#include "tools/durable_file.h"

namespace cce {
namespace {

namespace fs = std::filesystem;
using testing::FailingStep;
using testing::listing;
using testing::message_of;
using testing::outcome_of;
using testing::TemporaryFolder;
using Names = std::vector<std::string>;
using State = RunFolder::State;

RunFolderRequest named(const fs::path& out) {
  return {out, "gru4rec-cce-demo-42"};
}

RunFolderRequest with_default(const TemporaryFolder& folder) {
  return {{}, "gru4rec-cce-demo-42", false, false, folder.path() / "runs"};
}

RunFolderRequest resuming(RunFolderRequest request) {
  request.resume = true;
  return request;
}

RunFolderRequest overwriting(RunFolderRequest request) {
  request.overwrite = true;
  return request;
}

TensorFile weights(float value) {
  return {{}, {{"w", Tensor::from({1}, std::vector<float>{value})}}, {}};
}

float weight_in(const fs::path& file) {
  return read_safetensors(file).find("w")->data<float>()[0];
}

EpochRecord epoch(int64_t number) {
  return {number, 1.0 / static_cast<double>(number), 1, 1, {}, std::nullopt};
}

void train_epoch(RunFolder& run, int64_t number) {
  const TensorFile tensors = weights(static_cast<float>(number));
  run.write_tensors(RunFile::best, tensors);
  run.write_tensors(RunFile::last, tensors);
  run.append_metrics(epoch(number));
  run.write_tensors(RunFile::resume, tensors);
}

void finish(RunFolder& run) {
  run.write_ranks(std::vector<UserRanks>{{"1", 2, 3}});
  run.write_result(RunResult{});
}

/// A run that trained for one epoch, and finished if asked.
void make_run(const RunFolderRequest& request, bool finished) {
  RunFolder run(request);
  run.write_config("epochs = 1\n");
  train_epoch(run, 1);
  if (finished) finish(run);
}

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
  CHECK(message_of([&] { RunFolder run(overwriting(resuming(named(folder / "new")))); }, ExitCode::usage) ==
        "--resume goes on with a run, --overwrite replaces it: choose one of them");
  CHECK_FALSE(fs::exists(folder / "new"));
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

TEST_CASE("Resuming a missing folder starts anew") {
  const TemporaryFolder folder;
  RunFolder run(resuming(named(folder / "run")));
  CHECK(run.state() == State::anew);
  CHECK(run.notice() == (folder / "run") + " does not exist yet: starting anew");
  RunFolder by_default(resuming(with_default(folder)));
  CHECK(by_default.state() == State::anew);
  CHECK(by_default.path() == folder / "runs/gru4rec-cce-demo-42");
  CHECK(by_default.notice() == (folder / "runs/gru4rec-cce-demo-42") + " does not exist yet: starting anew");
}

TEST_CASE("An unfinished run is resumed, and its metrics are cut back to the saved epoch") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "run";
  {
    RunFolder run(named(out));
    train_epoch(run, 1);
    train_epoch(run, 2);
    run.append_metrics(epoch(3));  // killed before the commit of epoch 3, in the line of epoch 4
  }
  const std::string before = read_file(out / "metrics.jsonl", 9999);
  append_durably(out / "metrics.jsonl", "{\"epoch\":4,\"lo");
  RunFolder run(resuming(named(out)));
  CHECK(run.state() == State::resuming);
  CHECK(run.notice() == "resuming " + out.string());
  CHECK(read_metrics(run.path(RunFile::metrics)).size() == 3);
  run.cut_back_metrics(2);
  const std::string after = read_file(out / "metrics.jsonl", 9999);
  CHECK(before.starts_with(after));
  CHECK(read_metrics(out / "metrics.jsonl").size() == 2);
  run.append_metrics(epoch(3));
  CHECK(read_file(out / "metrics.jsonl", 9999) == before);
}

TEST_CASE("A line of metrics that is damaged is named") {
  const TemporaryFolder folder;
  const std::string path = folder.write("metrics.jsonl", to_json(epoch(1)) + "\n{\"epoch\":\n");
  CHECK(message_of([&] { read_metrics(path); }) == path + ":2: is not JSON at byte 10");
  CHECK(read_metrics(folder / "none").empty());
}

TEST_CASE("A finished run says so and stays as it is") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "run";
  make_run(named(out), true);
  const Names before = listing(out);
  {
    RunFolder run(resuming(named(out)));
    CHECK(run.state() == State::finished);
    CHECK(run.notice() == out.string() + " is finished: see " + (out / "result.json").string());
  }
  CHECK(listing(out) == before);
}

TEST_CASE("Resuming the default means the newest run that is not finished") {
  const TemporaryFolder folder;
  const std::string base = folder / "runs/gru4rec-cce-demo-42";
  make_run(with_default(folder), false);
  make_run(with_default(folder), false);
  make_run(with_default(folder), true);
  {
    RunFolder run(resuming(with_default(folder)));
    CHECK(run.path() == base + "-2");
    CHECK(run.state() == State::resuming);
    finish(run);
  }
  {
    RunFolder run(resuming(with_default(folder)));
    CHECK(run.path() == base);
    finish(run);
  }
  RunFolder run(resuming(with_default(folder)));
  CHECK(run.path() == base + "-3");
  CHECK(run.state() == State::finished);
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

TEST_CASE("A run killed before its first commit starts anew when it is resumed") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "run";
  outcome_of([&] {
    RunFolder run(named(out));
    run.write_config("x = 1\n");
    run.append_metrics(epoch(1));
    ::raise(SIGKILL);
  });
  REQUIRE(listing(out) == Names{"config.toml", "metrics.jsonl"});
  {
    RunFolder run(resuming(named(out)));
    CHECK(run.state() == State::anew);
    CHECK(run.notice() ==
          out.string() +
              " has no resume.safetensors: starting anew; what is there is replaced after the first epoch");
    train_epoch(run, 1);
  }
  CHECK(listing(out) == Names{"best.safetensors", "last.safetensors", "metrics.jsonl", "resume.safetensors"});
  CHECK(read_metrics(out / "metrics.jsonl").size() == 1);
}

TEST_CASE(
    "A run whose resume.safetensors is lost, or damaged, is not begun anew where it has epochs to lose") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "run";
  {
    RunFolder run(named(out));
    train_epoch(run, 1);
    train_epoch(run, 2);
  }
  CHECK_NOTHROW(RunFolder(resuming(named(out))).read_resume());
  const std::string resume = (out / "resume.safetensors").string();
  std::string content = read_file(resume, 9999);
  content.back() ^= 1;
  folder.write("run/resume.safetensors", content);
  CHECK(message_of([&] {
          RunFolder(resuming(named(out))).read_resume();
        }).starts_with(resume + ": is damaged"));
  fs::remove(resume);
  const Names before = listing(out);
  CHECK(message_of([&] { RunFolder run(resuming(named(out))); }) ==
        out.string() +
            ": has the metrics of 2 epochs, but no resume.safetensors to go on from; give another --out, or "
            "--overwrite to start anew in their place");
  CHECK(listing(out) == before);
  CHECK(RunFolder(overwriting(named(out))).state() == State::anew);
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
