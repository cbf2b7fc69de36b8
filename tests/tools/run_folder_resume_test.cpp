// What --resume does with a run folder, whatever was left in it.
#include "tools/run_folder.h"

#include <csignal>

#include "tests/data/files.h"
#include "tests/tools/faults.h"
#include "tests/tools/run_folders.h"
#include "tools/durable_file.h"
#include "tools/metrics_file.h"

namespace cce {
namespace {

namespace fs = std::filesystem;
using testing::epoch;
using testing::finish;
using testing::listing;
using testing::make_run;
using testing::message_of;
using testing::named;
using testing::outcome_of;
using testing::overwriting;
using testing::resuming;
using testing::TemporaryFolder;
using testing::train_epoch;
using testing::with_default;
using Names = std::vector<std::string>;
using State = RunFolder::State;

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

TEST_CASE("Metrics that lack epochs, or have one twice, are cut back to each once and counted") {
  const TemporaryFolder folder;
  const auto line = [](int64_t of) { return to_json(epoch(of)) + "\n"; };
  const auto check = [&](const std::string& text, const std::string& left, int64_t epochs) {
    const std::string path = folder.write("metrics.jsonl", text);
    const KeptRecords kept = cut_back_to(path, 3);
    CHECK(kept.lines == left);
    CHECK(kept.epochs == epochs);
    CHECK(read_file(path, 9999) == left);
  };
  check("", "", 0);
  check(line(1) + line(3), line(1) + line(3), 2);
  check(line(1) + line(2) + line(2) + line(1) + line(3), line(1) + line(2) + line(3), 3);
  check(line(1) + line(2) + line(3) + line(4), line(1) + line(2) + line(3), 3);
  CHECK(cut_back_to(folder / "none", 3).epochs == 0);
  CHECK_FALSE(std::filesystem::exists(folder / "none"));
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

TEST_CASE(
    "A run killed before its first commit, with an epoch of metrics at most, starts anew when resumed") {
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

}  // namespace
}  // namespace cce
