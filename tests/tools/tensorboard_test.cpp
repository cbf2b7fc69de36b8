#include "tools/tensorboard.h"

#include <cstdlib>

#include "tests/data/files.h"
#include "tests/tools/run_folders.h"
#include "tools/durable_file.h"
#include "tools/run_folder.h"

namespace cce {
namespace {

using testing::epoch;
using testing::TemporaryFolder;

RunFolderRequest with_events(const std::filesystem::path& out, bool resume = false) {
  return {.out = out, .resume = resume, .tensorboard = true};
}

std::string events_in(const std::filesystem::path& run) {
  return read_file(run / file_name(RunFile::events), 99'999);
}

TEST_CASE("CRC-32C has the values of RFC 3720") {
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AA);
  CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43);
  CHECK(crc32c("123456789") == 0xE3069283);
}

TEST_CASE("an event is a protocol buffer in a record") {
  // Event(wall_time=1.5, file_version="brain.Event:2")
  const std::string begin = events_begin(1.5);
  CHECK(begin.size() == 8 + 4 + 9 + 2 + 13 + 4);
  CHECK(
      begin.substr(12).starts_with(std::string("\x09\0\0\0\0\0\0\xF8\x3F\x1A\x0D"
                                               "brain.Event:2",
                                               24)));
  CHECK(begin_of_events(begin, 7) == 1.5);
  CHECK(begin_of_events(begin.substr(0, 20), 7) == 7);
  CHECK(begin_of_events(std::string(100, 'x'), 7) == 7);
  const std::string event = epoch_event(R"({"epoch": 300, "loss": 0.5, "valid": {"MRR": 2}})", 0, "line");
  CHECK(event.substr(12, event.size() - 16) == std::string("\x09\0\0\0\0\0\0\0\0"  // wall_time
                                                           "\x10\xAC\x02"          // step
                                                           "\x2A\x1F"              // summary
                                                           "\x0A\x0B\x0A\x04loss\x15\0\0\0\x3F"
                                                           "\x0A\x10\x0A\x09valid/MRR\x15\0\0\0\x40",
                                                           14 + 13 + 18));
}

TEST_CASE("a run writes events as long as they are wanted, and a resumed one those of its metrics") {
  const TemporaryFolder folder;
  const std::filesystem::path out = folder.path() / "run";
  {
    RunFolder run(with_events(out));
    testing::train_epoch(run, 1);
    testing::train_epoch(run, 2);
    run.append_metrics(epoch(3));  // killed before the commit of epoch 3, in its event
  }
  const std::string torn = events_in(out);
  write_durably(out / file_name(RunFile::events), torn.substr(0, torn.size() - 3));
  {
    RunFolder run(with_events(out, true));
    run.cut_back_metrics(2);
    CHECK(events_in(out) == events_of(read_file(out / "metrics.jsonl", 9999), begin_of_events(torn, 0), ""));
    run.append_metrics(epoch(3));
    CHECK(events_in(out).size() == torn.size());
  }
  {
    RunFolder run(with_events(out, true));
    run.cut_back_metrics(0);  // as of a run that was stopped in its first epoch, and later killed at its end
    CHECK(events_in(out) == events_begin(begin_of_events(torn, 0)));
  }
  const TemporaryFolder without;
  RunFolder run({.out = without.path() / "run"});
  testing::train_epoch(run, 1);
  CHECK(!std::filesystem::exists(run.path(RunFile::events)));
}

TEST_CASE("a run that replaces another leaves none of its events") {
  const TemporaryFolder folder;
  const std::filesystem::path out = folder.path() / "run";
  {
    RunFolder run(with_events(out));
    testing::train_epoch(run, 1);
  }
  RunFolder run({.out = out, .overwrite = true});
  testing::train_epoch(run, 1);
  CHECK(!std::filesystem::exists(out / file_name(RunFile::events)));
}

/// Reads the folder argv[1] as TensorBoard does.
constexpr const char* kScript = R"(
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
tags = events.Tags()
scalars = set(tags["scalars"])
assert {"loss", "seconds_train", "valid/NDCG@20", "valid/HR@5"} <= scalars, scalars
assert [e.step for e in events.Scalars("loss")] == [1, 2, 3], events.Scalars("loss")
assert [round(e.value, 3) for e in events.Scalars("loss")] == [0.5, 0.25, 0.125], events.Scalars("loss")
times = [e.wall_time for e in events.Scalars("loss")]
assert times == sorted(times) and times[0] > 1.6e9, times
)";

TEST_CASE("python tensorboard: opens what a run wrote") {
  const TemporaryFolder folder;
  const std::filesystem::path out = folder.path() / "run";
  RunFolder run(with_events(out));
  for (int64_t number = 1; number <= 3; ++number) {
    EpochRecord record = epoch(number);
    record.loss = 1.0 / static_cast<double>(1 << number);
    run.append_metrics(record);
  }
  const std::string command = fmt::format("python3 {} {}", folder.write("script.py", kScript), out.string());
  CHECK(std::system(command.c_str()) == 0);
}

}  // namespace
}  // namespace cce
