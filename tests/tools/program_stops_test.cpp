// The real program, stopped by signals, and run where the disk, the folder or the memory will not do.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <thread>
#include <utility>

#include "tests/tools/program.h"
#include "tools/folder_lock.h"
#include "tools/metrics_file.h"

namespace cce {
namespace {

namespace fs = std::filesystem;
using testing::cce_rec;
using testing::cce_rec_stopped;
using testing::complaint;
using testing::content;
using testing::Outcome;
using testing::outcome_of;
using testing::start_cce_rec;
using testing::TemporaryFolder;

std::vector<std::string> train(const std::string& out, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {
      "train",    "--model", "gru4rec", "--loss",   "cce", "--data",           "demo", "--threads", "1",
      "--device", "cpu",     "--quiet", "--epochs", "3",   "--embedding-size", "8",    "--out",     out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

void wait_for(const fs::path& file) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!fs::exists(file)) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// Sets a limit of this process and those it starts for a while.
class Limit {
 public:
  Limit(decltype(RLIMIT_FSIZE) what, rlim_t most) : what_(what) {
    REQUIRE(::getrlimit(what_, &before_) == 0);
    const rlimit lowered{most, before_.rlim_max};
    REQUIRE(::setrlimit(what_, &lowered) == 0);
  }
  ~Limit() { ::setrlimit(what_, &before_); }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;

 private:
  decltype(RLIMIT_FSIZE) what_;
  rlimit before_{};
};

TEST_CASE(
    "Ctrl-C and SIGTERM save and end with 130 and 143, and --resume ends with the bytes of an unstopped "
    "run") {
  const TemporaryFolder folder;
  REQUIRE(cce_rec(folder, train("whole")).code == 0);
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string out = signal == SIGINT ? "interrupted" : "terminated";
    const pid_t process = start_cce_rec(folder, train(out));
    wait_for(folder.path() / out / "resume.safetensors");  // the first epoch is saved
    REQUIRE(::kill(process, signal) == 0);
    const Outcome stopped = outcome_of(folder, process);
    REQUIRE(stopped.code == 128 + signal);
    CHECK(stopped.out.find("go on with --resume") != std::string::npos);
    CHECK_FALSE(fs::exists(folder.path() / out / "result.json"));
    CHECK(cce_rec(folder, train(out, {"--resume"})).code == 0);
    for (const char* file : {"/best.safetensors", "/last.safetensors", "/ranks.tsv"})
      CHECK(content(folder / (out + file)) == content(folder / ("whole" + std::string(file))));
  }
}

TEST_CASE(
    "Whatever became of a file of a stopped run, --resume goes on to the same bytes or says what is wrong") {
  const TemporaryFolder folder;
  REQUIRE(cce_rec(folder, train("whole")).code == 0);
  const pid_t process = start_cce_rec(folder, train("stopped"));
  wait_for(folder.path() / "stopped/resume.safetensors");
  ::kill(process, SIGTERM);
  REQUIRE(outcome_of(folder, process).code == 143);
  // Without its progress, a run of one epoch begins anew; a longer one would lose what it has.
  const bool one_epoch = read_metrics(folder.path() / "stopped/metrics.jsonl").size() == 1;
  struct Codes {
    std::string file;
    int gone, cut, noise;  // how the program ends
  };
  for (const auto& [file, gone, cut, noise] : {Codes{"config.toml", 0, 0, 0},  // for people
                                               {"metrics.jsonl", 0, 0, 1},     // a torn line is none
                                               {"best.safetensors", 0, 0, 0},  // the progress has them, too
                                               {"last.safetensors", 0, 0, 0},
                                               {"resume.safetensors", one_epoch ? 0 : 1, 1, 1}}) {
    for (const auto& [damage, code] : {std::pair("gone", gone), {"cut", cut}, {"noise", noise}}) {
      CAPTURE(file);
      CAPTURE(damage);
      fs::remove_all(folder.path() / "run");
      fs::copy(folder.path() / "stopped", folder.path() / "run");
      const std::string before = content(folder / ("run/" + file));
      if (damage == std::string("gone")) fs::remove(folder.path() / "run" / file);
      if (damage == std::string("cut")) folder.write("run/" + file, before.substr(0, before.size() / 2));
      if (damage == std::string("noise"))
        folder.write("run/" + file, std::string(before.size(), '\x5a') + "\n");
      const Outcome resumed = cce_rec(folder, train("run", {"--resume"}));
      CHECK(resumed.code == code);
      if (code == 0) {
        CHECK(content(folder / "run/best.safetensors") == content(folder / "whole/best.safetensors"));
        CHECK(content(folder / "run/last.safetensors") == content(folder / "whole/last.safetensors"));
        const bool all = read_metrics(folder.path() / "run/metrics.jsonl").size() == 3;
        CHECK(all == (resumed.err.find("metrics.jsonl: lacks ") == std::string::npos));
        CHECK(fs::exists(folder.path() / "run/config.toml"));
      } else {
        const bool lost = damage == std::string("gone");
        CHECK(complaint(resumed).starts_with(lost ? "run: has the metrics of " : "run/" + file + ":"));
      }
    }
  }
}

TEST_CASE("A disk with too little room ends a run with exit code 1, and what it was to replace stays") {
  const TemporaryFolder folder;
  REQUIRE(cce_rec(folder, train("run")).code == 0);
  const std::string best = content(folder / "run/best.safetensors");
  {
    const Limit limit(RLIMIT_FSIZE, 20'000);  // less than a checkpoint has
    const Outcome full = cce_rec(folder, train("run", {"--overwrite", "--seed", "7"}));
    CHECK(full.code == 1);
    CHECK(complaint(full).ends_with("/best.safetensors: cannot write: File too large\n"));
  }
  CHECK(content(folder / "run/best.safetensors") == best);
  CHECK(cce_rec(folder, train("run", {"--resume"})).out == "run is finished: see run/result.json\n");
}

TEST_CASE("What --overwrite was to replace stays where the new run is stopped in its first epoch") {
  const TemporaryFolder folder;
  REQUIRE(cce_rec(folder, train("run")).code == 0);
  const auto listing = [&] {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder.path() / "run"))
      files[entry.path().filename().string()] = content(entry.path().string());
    return files;
  };
  const auto before = listing();
  const pid_t process = start_cce_rec(folder, train("run", {"--overwrite", "--batch-size", "1"}));
  wait_for(folder.path() / "run/.run-new/config.toml");
  REQUIRE(::kill(process, SIGINT) == 0);
  const Outcome stopped = outcome_of(folder, process);
  CHECK(stopped.code == 130);
  CHECK(stopped.out.ends_with("stopped in the first epoch; what was in run stays\n"));
  CHECK(listing() == before);
}

TEST_CASE("A run that was killed before it saved an epoch is saved where it is stopped after --resume") {
  const TemporaryFolder folder;
  const std::vector<std::string> slow = train("run", {"--resume", "--batch-size", "1"});
  REQUIRE(cce_rec_stopped(folder, slow, SIGKILL, folder / "run/config.toml").code == 128 + SIGKILL);
  REQUIRE_FALSE(fs::exists(folder.path() / "run/resume.safetensors"));
  const Outcome stopped = cce_rec_stopped(folder, slow, SIGINT, folder / "run/.run-new/config.toml");
  CHECK(stopped.code == 130);
  CHECK(stopped.out.ends_with("; go on with --resume\n"));
  CHECK(fs::exists(folder.path() / "run/resume.safetensors"));
}

TEST_CASE("A run that another process is at is refused with exit code 1") {
  const TemporaryFolder folder;
  REQUIRE(cce_rec(folder, train("run")).code == 0);
  const FolderLock lock(folder.path() / "run");
  for (const char* how : {"--resume", "--overwrite"}) {
    const Outcome second = cce_rec(folder, train("run", {how}));
    CHECK(second.code == 1);
    CHECK(complaint(second).starts_with("run: another process is using this run"));
  }
}

TEST_CASE("A training that would need more memory than there is ends before it starts, with exit code 3") {
  const TemporaryFolder folder;
  folder.write("gaps.txt", "1 1 2 3 100000000\n");
  const auto refused = [&](const std::string& data, const std::string& width) {
    const Outcome outcome =
        cce_rec(folder, {"train", "--model", "gru4rec", "--loss", "cce", "--device", "cpu", "--data", data,
                         "--embedding-size", width, "--out", "run"});
    CHECK(outcome.code == 3);
    CHECK_FALSE(fs::exists(folder.path() / "run"));
    return complaint(outcome);
  };
  const std::string gaps = refused("./gaps.txt", "100000");  // 200 TB
  CHECK(gaps.starts_with("out of memory: at least 2000000"));
  CHECK(gaps.find(" MB are available; the largest item id is 100000000, though only 4 items occur") !=
        std::string::npos);
}

}  // namespace
}  // namespace cce
