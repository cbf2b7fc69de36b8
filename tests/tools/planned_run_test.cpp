#include "tools/planned_run.h"

#include <algorithm>

#include "data/catalog.h"
#include "tests/data/files.h"
#include "tools/checkpoint.h"
#include "tools/durable_file.h"

namespace cce {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

const PlannedRun kGru{.cell = {"demo", "gru4rec", "cce"}};

/// The value behind an option of the run's command line; "" where it is not there.
std::string value_of(const PlannedRun& run, const std::string& option) {
  const std::vector<std::string> arguments = training_arguments(run);
  const auto found = std::ranges::find(arguments, "--" + option);
  return found == arguments.end() ? "" : found[1];
}

template <class Options>
std::map<std::string, std::string> options_of(const std::vector<std::string>& arguments) {
  Options options;
  parse_options(options, {{arguments.begin() + 1, arguments.end()}, {}});
  return result_options(options);
}

/// A run folder with nothing but weights that say what made them.
void write_weights(const std::filesystem::path& run, const std::map<std::string, std::string>& options,
                   const std::string& data_fingerprint) {
  std::filesystem::create_directories(run);
  const CheckpointInfo info{.model = "any", .options = options, .data_fingerprint = data_fingerprint};
  write_safetensors(run / "last.safetensors", make_checkpoint(info, {}));
}

std::string refusal(const PlannedRun& run, const TemporaryFolder& folder) {
  return message_of([&] { require_unchanged({&run, 1}, folder.path()); }, ExitCode::usage);
}

constexpr const char* kRemedy = "; choose another folder with --out, or move that run away";

}  // namespace

TEST_CASE("a planned run: its name says what it is, and its command line follows the authors' protocol") {
  CHECK(name(kGru) == "gru4rec-cce-demo-42");
  CHECK(value_of(kGru, "epochs") == "200");
  CHECK(value_of(kGru, "padding") == "left");
  CHECK(value_of(kGru, "threads") == "1");
  CHECK(value_of({.cell = {"toys", "sasrec", "bce"}}, "padding") == "");
  const PlannedRun changed{.cell = {"toys", "gru4rec", "cce"},
                           .seed = 7,
                           .epochs = 3,
                           .changes = {{"padding", "none"}, {"hidden-size", "64"}}};
  CHECK(name(changed) == "gru4rec-cce-toys-7-hidden-size-64-padding-none");
  CHECK(value_of(changed, "padding") == "none");
  CHECK(value_of(changed, "hidden-size") == "64");
  CHECK(value_of(changed, "epochs") == "3");
  const PlannedRun pretrained{.cell = {"demo", "s3rec", "ce"}, .epochs = 2};
  CHECK(value_of(pretrained, "pretrain-epochs") == "2");
  CHECK(pretraining_name(pretrained) == "s3rec-pretrain-demo-42");
}

TEST_CASE("a planned run: a folder with a run of other options is refused, whether it is finished or not") {
  const TemporaryFolder folder;
  CHECK_NOTHROW(require_unchanged({&kGru, 1}, folder.path()));
  write_weights(folder / name(kGru), options_of<TrainOptions>(training_arguments(kGru)),
                load_dataset("demo").fingerprint);
  CHECK_NOTHROW(require_unchanged({&kGru, 1}, folder.path()));
  PlannedRun other = kGru;
  other.epochs = 3;
  CHECK(refusal(other, folder) ==
        folder / "gru4rec-cce-demo-42" + ": is a run with --epochs 200, not 3" + kRemedy);
  CHECK_FALSE(is_finished(kGru, folder.path()));
  CHECK_FALSE(read_result(kGru, folder.path()).has_value());
}

TEST_CASE("a planned run: a folder with a run on other data of that name is refused") {
  const TemporaryFolder folder;
  write_weights(folder / name(kGru), options_of<TrainOptions>(training_arguments(kGru)), "0123456789abcdef");
  CHECK(refusal(kGru, folder) ==
        folder / "gru4rec-cce-demo-42" + ": is a run on other data than demo is now" + kRemedy);
}

TEST_CASE("a planned run: a pre-training with other options is refused, too") {
  const TemporaryFolder folder;
  PlannedRun run{.cell = {"demo", "s3rec", "cce"}, .epochs = 2};
  write_weights(folder / pretraining_name(run), options_of<PretrainOptions>(pretraining_arguments(run)),
                load_dataset("demo").fingerprint);
  CHECK_NOTHROW(require_unchanged({&run, 1}, folder.path()));
  run.epochs = 3;
  CHECK(refusal(run, folder) ==
        folder / "s3rec-pretrain-demo-42" + ": is a run with --pretrain-epochs 2, not 3" + kRemedy);
}

TEST_CASE("a planned run: a pre-training's result without weights says how many epochs it had") {
  const TemporaryFolder folder;
  PlannedRun run{.cell = {"demo", "s3rec", "cce"}, .epochs = 2};
  CHECK_FALSE(read_pretraining(run, folder.path()).has_value());
  std::filesystem::create_directories(folder / pretraining_name(run));
  const PretrainingResult result{.model = "s3rec", .data = "demo", .seed = 42, .device = "cpu", .epochs = 3};
  folder.write(pretraining_name(run) + "/result.json", to_json(result));
  CHECK(read_pretraining(run, folder.path())->epochs == 3);
  CHECK(refusal(run, folder) == folder / "s3rec-pretrain-demo-42" +
                                    ": is a run of 3 epochs, more than --pretrain-epochs 2" + kRemedy);
  run.epochs = 3;
  CHECK_NOTHROW(require_unchanged({&run, 1}, folder.path()));
}

TEST_CASE("a planned run: a folder that holds another run than its name says is refused") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / name(kGru));
  RunResult result{
      .model = "gru4rec", .loss = "cce", .timestamps = "all", .data = "demo", .seed = 42, .device = "cpu"};
  const std::string path = folder / (name(kGru) + "/result.json");
  write_durably(path, to_json(result));
  CHECK(read_result(kGru, folder.path()).has_value());
  result.loss = "bce";
  write_durably(path, to_json(result));
  CHECK(message_of([&] {
          read_result(kGru, folder.path());
        }).find("is of gru4rec bce on demo with seed 42") != std::string::npos);
}

}  // namespace cce
