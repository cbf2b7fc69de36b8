// Commands side by side, with this test program in the place of cce_rec.
#include "tools/child_processes.h"

#include <doctest/doctest.h>

#include <map>

#include "tests/data/files.h"

namespace cce {
namespace {

using testing::TemporaryFolder;

/// What a watcher was told.
struct Told {
  std::vector<size_t> started, at_work;
  std::map<size_t, int> ended;

  ChildWatcher watcher(std::chrono::milliseconds interval) {
    return {.started = [this](size_t i) { started.push_back(i); },
            .ended = [this](size_t i, int code) { ended[i] = code; },
            .at_work = [this](size_t i) { at_work.push_back(i); },
            .interval = interval};
  }
};

ChildCommand command(const TemporaryFolder& folder, const std::string& name, const std::string& argument,
                     int after = -1) {
  return {name, {argument}, folder.path() / (name + ".log"), after};
}

constexpr const char* kSucceeds = "--list-test-cases";
constexpr const char* kFails = "--test-case=there is no such case";

}  // namespace

TEST_CASE("child processes: what comes after one that failed is not run, and the others are") {
  const TemporaryFolder folder;
  Told told;
  const ExitCode code = run_children({command(folder, "a", kFails), command(folder, "b", kSucceeds, 0),
                                      command(folder, "c", kSucceeds, 1), command(folder, "d", kSucceeds)},
                                     2, told.watcher(std::chrono::hours(1)));
  CHECK(code == ExitCode::failed);
  CHECK(told.started == std::vector<size_t>{0, 3});
  CHECK(told.ended.at(0) > 0);
  CHECK(told.ended.at(1) == kNotRun);
  CHECK(told.ended.at(2) == kNotRun);
  CHECK(told.ended.at(3) == 0);
  CHECK(told.at_work.empty());
  CHECK(std::filesystem::file_size(folder.path() / "d.log") > 0);
}

TEST_CASE("child processes: both that come after one start when it has ended, and are told to be at work") {
  const TemporaryFolder folder;
  Told told;
  const ExitCode code = run_children({command(folder, "a", kSucceeds), command(folder, "b", kSucceeds, 0),
                                      command(folder, "c", kSucceeds, 0)},
                                     2, told.watcher(std::chrono::milliseconds(0)));
  CHECK(code == ExitCode::done);
  CHECK(told.started == std::vector<size_t>{0, 1, 2});
  CHECK(told.ended == std::map<size_t, int>{{0, 0}, {1, 0}, {2, 0}});
  REQUIRE(told.at_work.size() >= 3);
  CHECK(told.at_work.front() == 0);
}

TEST_CASE("child processes: one at once, so that one has ended before the next starts") {
  const TemporaryFolder folder;
  std::vector<std::string> events;
  const ChildWatcher watcher{.started = [&](size_t i) { events.push_back("start " + std::to_string(i)); },
                             .ended = [&](size_t i, int) { events.push_back("end " + std::to_string(i)); },
                             .at_work = [](size_t) {}};
  const std::vector<ChildCommand> commands = {
      command(folder, "a", kSucceeds), command(folder, "b", kSucceeds), command(folder, "c", kSucceeds)};
  CHECK(run_children(commands, 1, watcher) == ExitCode::done);
  CHECK(events == std::vector<std::string>{"start 0", "end 0", "start 1", "end 1", "start 2", "end 2"});
}

}  // namespace cce
