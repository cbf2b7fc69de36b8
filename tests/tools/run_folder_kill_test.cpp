// A run that is killed at every step of an epoch's writes, and what the next start finds.
#include "tests/data/files.h"
#include "tests/tools/faults.h"
#include "tools/metrics_file.h"
#include "tools/run_folder.h"

namespace cce {
namespace {

namespace fs = std::filesystem;
using testing::killed_at;
using testing::listing;
using testing::TemporaryFolder;

TensorFile weights(int64_t epoch) {
  return {{}, {{"epoch", Tensor::from({1}, std::vector<int32_t>{static_cast<int32_t>(epoch)})}}, {}};
}

int64_t epoch_in(const fs::path& file) {
  return static_cast<int64_t>(read_safetensors(file).find("epoch")->item());
}

void train_epoch(RunFolder& run, int64_t epoch) {
  run.write_tensors(RunFile::best, weights(epoch));
  run.write_tensors(RunFile::last, weights(epoch));
  run.append_metrics({epoch, 1, 1, 1, {}, std::nullopt});
  run.write_tensors(RunFile::resume, weights(epoch));
}

void make_run_of_one_epoch(const fs::path& out) {
  fs::remove_all(out);
  RunFolder run({out, "", false, false});
  run.write_config("epochs = 2\n");
  train_epoch(run, 1);
}

/// Every file that is there can be read, and nothing else is there.
void check_files(const fs::path& out, bool finished) {
  for (const char* name : {"best.safetensors", "last.safetensors", "resume.safetensors"})
    CHECK(epoch_in(out / name) >= 1);
  CHECK(read_metrics(out / "metrics.jsonl").size() >= 1);
  CHECK(fs::exists(out / "result.json") == finished);
  CHECK(listing(out).size() == (finished ? 7 : fs::exists(out / "ranks.tsv") ? 6 : 5));
}

TEST_CASE("A run killed at any step of its second epoch resumes from the first or the second") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "run";
  const RunFolderRequest resume{out, "", true, false};
  int step = 0, from_first = 0, from_second = 0;
  bool finished = false;
  for (bool killed = true; killed; ++step) {
    make_run_of_one_epoch(out);
    killed = killed_at(step, [&] {
      RunFolder run(resume);
      train_epoch(run, 2);
      run.write_ranks(std::vector<UserRanks>{{"1", 0, 0}});
      run.write_result(RunResult{});
    });
    RunFolder run(resume);
    finished = run.state() == RunFolder::State::finished;
    check_files(out, finished);
    if (finished) continue;
    CHECK(run.state() == RunFolder::State::resuming);
    const int64_t saved = epoch_in(run.path(RunFile::resume));
    run.cut_back_metrics(saved);
    CHECK(read_metrics(run.path(RunFile::metrics)).size() == static_cast<size_t>(saved));
    ++(saved == 1 ? from_first : from_second);
  }
  CHECK(finished);
  CHECK(from_first > 15);
  CHECK(from_second > 10);
}

TEST_CASE("A run killed at any step of its first epoch can be started again") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "run";
  int step = 0;
  for (bool killed = true; killed; ++step) {
    fs::remove_all(out);
    killed = killed_at(step, [&] {
      RunFolder run({out, "", false, false});
      run.write_config("epochs = 1\n");
      train_epoch(run, 1);
    });
    RunFolder run({out, "", true, false});
    if (run.state() == RunFolder::State::anew) {
      run.write_config("epochs = 1\n");
      train_epoch(run, 1);
    }
    check_files(out, false);
  }
  CHECK(step > 25);
}

}  // namespace
}  // namespace cce
