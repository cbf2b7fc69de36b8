#include "tools/report/run.h"

#include <filesystem>

#include "tests/tools/report/sample_runs.h"

namespace cce {
namespace {

using testing::message_of;
using testing::TemporaryFolder;
using testing::write_pretraining;
using testing::write_run;

}  // namespace

TEST_CASE("reported run: a finished one is read whole") {
  const TemporaryFolder folder;
  const ReportedRun run = read_reported_run(write_run(folder, "a", {.epochs = 4}));
  CHECK(run.faults.empty());
  CHECK(run.finished());
  CHECK(run.model == "gru4rec");
  CHECK(run.loss == "cce");
  CHECK(run.data == "unknown_data");
  CHECK(run.option("threads") == "2");
  CHECK(run.option("nothing") == "");
  CHECK(run.epochs.size() == 4);
  CHECK(run.best_epoch() == 3);
  CHECK(run.ranks.size() == 200);
}

TEST_CASE("reported run: the best epoch so far is that of the metric that training stops on") {
  const TemporaryFolder folder;
  const std::string path = write_run(folder, "a", {.epochs = 3, .finished = false});
  ReportedRun run = read_reported_run(path);
  CHECK(!run.finished());
  CHECK(run.best_epoch() == 2);
  run.epochs[1].valid[Metric::ndcg20] = 1;
  CHECK(run.best_epoch() == 1);
  run.epochs[0].valid[Metric::hr5] = 2;
  for (auto& [name, value] : run.options) {
    if (name == "stop-on") value = "HR@5";
  }
  CHECK(run.best_epoch() == 0);
  run.epochs.clear();
  CHECK(!run.best_epoch());
}

TEST_CASE("reported run: a pre-training, finished or not, with its options or without") {
  const TemporaryFolder folder;
  for (const bool finished : {true, false}) {
    const std::string path = write_pretraining(folder, finished ? "a" : "b", 3, finished);
    ReportedRun run = read_reported_run(path);
    CHECK(run.faults.empty());
    CHECK(run.pretraining);
    CHECK(run.finished() == finished);
    CHECK(run.epoch_count() == 3);
    CHECK(run.pretraining_epochs[1].loss == 40);
    std::filesystem::remove(path + "/config.toml");
    run = read_reported_run(path);
    CHECK(run.faults.size() == (finished ? 0 : 1));  // a result says what it is of
    CHECK(run.pretraining);
    CHECK(run.pretraining_epochs.size() == 3);
  }
}

TEST_CASE("reported run: a result alone, as it is kept in docs/results, is a run without faults") {
  const TemporaryFolder folder;
  const std::string trained = write_run(folder, "a"), pretrained = write_pretraining(folder, "b", 3, true);
  for (const std::string& path : {trained, pretrained}) {
    for (const auto& file : std::filesystem::directory_iterator(path)) {
      if (file.path().filename() != "result.json") std::filesystem::remove(file.path());
    }
    const ReportedRun run = read_reported_run(path);
    CHECK(run.faults.empty());
    CHECK(run.finished());
    CHECK(run.pretraining == (path == pretrained));
    CHECK(run.model == (run.pretraining ? "s3rec" : "gru4rec"));
  }
}

TEST_CASE("reported run: each damaged file is one line with its path, and the rest is read") {
  const TemporaryFolder folder;
  const std::string path = write_run(folder, "a");
  folder.write("a/result.json", "{\"model\": ");
  folder.write("a/metrics.jsonl", "{\"epoch\":1}\n");
  folder.write("a/best.safetensors", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F");
  const ReportedRun run = read_reported_run(path);
  REQUIRE(run.faults.size() == 3);
  CHECK(run.faults[0] == path + "/metrics.jsonl:1: \"loss\" is missing");
  CHECK(run.faults[1].starts_with(path + "/result.json: is not JSON at byte "));
  CHECK(run.faults[2] == path + "/best.safetensors: is no safetensors file");
  CHECK(run.ranks.size() == 200);
  CHECK(run.model == "gru4rec");
}

TEST_CASE("reported run: a last line that a kill tore is no damage") {
  const TemporaryFolder folder;
  const std::string path = write_run(folder, "a", {.epochs = 2, .finished = false});
  std::ofstream(path + "/metrics.jsonl", std::ios::app) << "{\"epoch\":3,\"lo";
  const ReportedRun run = read_reported_run(path);
  CHECK(run.faults.empty());
  CHECK(run.epochs.size() == 2);
}

TEST_CASE("reported run: a folder of runs stands for those in it, by name") {
  const TemporaryFolder folder;
  write_run(folder, "runs/b10"), write_run(folder, "runs/b9"), write_run(folder, "runs/a");
  std::filesystem::create_directory(folder.path() / "runs/other");
  const auto runs = run_folders(folder / "runs/");
  REQUIRE(runs.size() == 3);
  CHECK(runs[0].filename() == "a");
  CHECK(runs[1].filename() == "b9");
  CHECK(runs[2].filename() == "b10");
  CHECK(run_folders(folder / "runs/a/") == std::vector<std::filesystem::path>{folder / "runs/a"});
  CHECK(message_of([&] { run_folders(folder / "runs/other"); }) ==
        (folder / "runs/other") + ": no run, and no folder of runs (it has no config.toml)");
  CHECK(message_of([&] { run_folders(folder / "nowhere"); }) ==
        (folder / "nowhere") + ": no such run folder");
}

TEST_CASE("reported run: names are those of the folders, and whole paths where these would be the same") {
  std::vector<ReportedRun> runs(3);
  runs[0].folder = "x/a", runs[1].folder = "y/a", runs[2].folder = "y/b";
  name_runs(runs);
  CHECK(runs[0].name == "x/a");
  CHECK(runs[1].name == "y/a");
  CHECK(runs[2].name == "b");
}

}  // namespace cce
