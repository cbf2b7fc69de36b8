// Runs the real program, as a user does, and looks at its exit code and what it prints.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "engine/device.h"
#include "tests/tools/program.h"

namespace cce {
namespace {

using testing::cce_rec;
using testing::complaint;
using testing::content;
using testing::Outcome;
using testing::TemporaryFolder;

TEST_CASE("the program lists its commands, and each has a help") {
  const TemporaryFolder folder;
  const Outcome help = cce_rec(folder, {"--help"});
  CHECK(help.code == 0);
  const std::string heading = "\nCommands:\n";
  REQUIRE(help.out.find(heading) != std::string::npos);
  std::istringstream lines(help.out.substr(help.out.find(heading) + heading.size()));
  int commands = 0;
  for (std::string line; std::getline(lines, line) && !line.empty(); ++commands) {
    const std::string command = line.substr(2, line.find(' ', 2) - 2);
    CAPTURE(command);
    const Outcome outcome = cce_rec(folder, {command, "--help"});
    CHECK(outcome.code == 0);
    CHECK(outcome.out.find("Usage: cce_rec " + command + " ") != std::string::npos);
  }
  CHECK(commands == 13);
  CHECK(help.out.find("--data\nand --print-config have no variable") != std::string::npos);
  CHECK(cce_rec(folder, {"--version"}).out.starts_with("cce_rec "));
  CHECK(cce_rec(folder, {}).code == 2);
}

TEST_CASE("wrong use ends with exit code 2 and one line that names the nearest") {
  const TemporaryFolder folder;
  const auto refused = [&](std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
    const Outcome outcome = cce_rec(folder, std::move(arguments), std::move(environment));
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    return complaint(outcome);
  };
  const std::vector<std::string> train = {"train", "--model", "gru4rec", "--loss", "cce", "--data", "demo"};
  const auto with = [&](const std::string& option, const std::string& value) {
    std::vector<std::string> arguments = train;
    const auto given = std::ranges::find(arguments, option);
    if (given != arguments.end()) arguments.erase(given, given + 2);
    arguments.insert(arguments.end(), {option, value});
    return arguments;
  };
  CHECK(refused({"tran"}).find("did you mean train?") != std::string::npos);
  CHECK(refused(with("--epoch", "1")).find("did you mean --epochs?") != std::string::npos);
  CHECK(refused(with("--model", "gru4re")).find("did you mean gru4rec?") != std::string::npos);
  CHECK(refused(with("--loss", "ccee")).find("did you mean cce?") != std::string::npos);
  CHECK(refused(with("--data", "tois")).find("did you mean toys?") != std::string::npos);
  CHECK(refused(with("--timestamps", "last")).find("--loss ce") != std::string::npos);
  if (!gpu().usable()) CHECK(refused(with("--device", "cuda")).find(gpu().problem) != std::string::npos);
  CHECK(refused(with("--epochs", "0")).find("from 1 to") != std::string::npos);
  CHECK(refused({"pretrain", "--data", "demo", "--epochs", "3"}).find("did you mean --pretrain-epochs?") !=
        std::string::npos);
  CHECK(refused({"evaluate", "--data", "demo", "--data", "toys"}) ==
        "--data is given 2 times; give it once\n");
  CHECK(refused(train, {"CCE_REC_EPOCH=3"}).find("did you mean CCE_REC_EPOCHS?") != std::string::npos);
  CHECK(refused(with("--config", folder.write("c.toml", "epoch = 3"))).find("did you mean epochs?") !=
        std::string::npos);
  CHECK(!std::filesystem::exists(folder.path() / "runs"));
  CHECK(refused(train, {"CCE_INSTRUCTIONS=foo"}) ==
        "CCE_INSTRUCTIONS is 'foo'; known are baseline and avx512\n");
}

TEST_CASE(
    "program: without a GPU, auto computes on the CPU and says why, cuda is refused, devices tells both") {
  const TemporaryFolder folder;
  const auto with_device = [&](const std::string& device) {
    return cce_rec(folder,
                   {"train", "--model", "gru4rec", "--loss", "bce", "--data", "demo", "--epochs", "1",
                    "--device", device, "--overwrite"},
                   {"CUDA_VISIBLE_DEVICES="});
  };
  const Outcome automatic = with_device("auto"), refused = with_device("cuda");
  CHECK(automatic.code == 0);
  CHECK(refused.code == 2);
  const Outcome devices = cce_rec(folder, {"devices"}, {"CUDA_VISIBLE_DEVICES="});
  CHECK(devices.code == 0);
  CHECK(devices.out.find("--device auto computes on the CPU.") != std::string::npos);
  const size_t at = devices.out.find("gpu      none: ");
  REQUIRE(at != std::string::npos);
  const size_t begin = at + std::string("gpu      none: ").size();
  const std::string problem = devices.out.substr(begin, devices.out.find('\n', begin) - begin);
  CHECK(complaint(refused) == "--device cuda: " + problem + " (use --device cpu)\n");
  CHECK(automatic.err == (cuda_built() ? "computing on the CPU: " + problem + "\n" : ""));
}

TEST_CASE("a file that is not there ends with exit code 1") {
  const TemporaryFolder folder;
  const Outcome outcome =
      cce_rec(folder, {"train", "--model", "gru4rec", "--loss", "cce", "--data", "./none.txt"});
  CHECK(outcome.code == 1);
  CHECK(complaint(outcome).find("none.txt") != std::string::npos);
  CHECK(!std::filesystem::exists(folder.path() / "runs"));
}

TEST_CASE("output that cannot be written ends with exit code 1") {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("/dev/full", folder.path() / "stdout");
  for (const auto& arguments : {std::vector<std::string>{"data", "list"}, {"train", "--help"}}) {
    const Outcome outcome = cce_rec(folder, arguments);
    CHECK(outcome.code == 1);
    CHECK(complaint(outcome) == "standard output: No space left on device\n");
  }
}

TEST_CASE("data validate tells what is wrong with each file, one that is no text included") {
  const TemporaryFolder folder;
  folder.write("binary", std::string_view("\x7f"
                                          "ELF\0\0",
                                          6));
  folder.write("bad.txt", "1 2 x 3 4\n");
  folder.write("good.txt", "1 2 3 4 5\n");
  const Outcome outcome = cce_rec(folder, {"data", "validate", "binary", "bad.txt", "good.txt"});
  CHECK(outcome.code == 1);
  CHECK(outcome.err.empty());
  CHECK(outcome.out ==
        "binary:1: contains a NUL byte, so it is not a text file\n"
        "bad.txt:1: item id \"x\" is not a whole number\n"
        "good.txt: nothing is wrong with it\n");
  folder.write("gaps.txt", "1 2 3 4 99999999\n");
  const Outcome gaps = cce_rec(folder, {"data", "validate", "gaps.txt"});
  CHECK(gaps.code == 0);
  CHECK(gaps.out.find("the largest item id is 99999999, though only 4 items occur") != std::string::npos);
}

TEST_CASE("print-config shows what command line, environment and file add up to") {
  const TemporaryFolder folder;
  const Outcome outcome =
      cce_rec(folder,
              {"train", "--config", folder.write("c.toml", "loss = \"bce\"\nlr = 0.5\nepochs = 7\n"),
               "--model", "gru4rec", "--data", "demo", "--epochs", "9", "--print-config"},
              {"CCE_REC_LR=0.25", "CCE_REC_EPOCHS=8"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("loss = \"bce\"\n") != std::string::npos);
  CHECK(outcome.out.find("lr = 0.25\n") != std::string::npos);
  CHECK(outcome.out.find("epochs = 9\n") != std::string::npos);
}

TEST_CASE(
    "demo smoke: training on the built-in data leaves a whole run folder, which evaluates to the same "
    "metrics") {
  const TemporaryFolder folder;
  const Outcome trained = cce_rec(folder, {"train", "--model", "gru4rec", "--loss", "cce", "--data", "demo",
                                           "--epochs", "2", "--out", "run"});
  CAPTURE(trained.err);
  REQUIRE(trained.code == 0);
  const std::filesystem::path run = folder.path() / "run";
  for (const char* file : {"config.toml", "metrics.jsonl", "result.json", "ranks.tsv", "best.safetensors",
                           "last.safetensors", "resume.safetensors"}) {
    CAPTURE(file);
    CHECK(std::filesystem::file_size(run / file) > 0);
  }
  const auto result = nlohmann::json::parse(content(run / "result.json"));
  CHECK(result["epochs"] == 2);
  // Chance is 10 / 300 items; two epochs are well beyond it.
  CHECK(result["test"]["HR@10"] > 0.06);

  const Outcome evaluated = cce_rec(folder, {"evaluate", "--checkpoint", "run", "--data", "demo", "--json"});
  REQUIRE(evaluated.code == 0);
  CHECK(nlohmann::json::parse(evaluated.out) == result["test"]);

  const std::vector<std::string> resume = {"train", "--model", "gru4rec", "--loss",   "cce",     "--data",
                                           "demo",  "--out",   "run",     "--resume", "--epochs"};
  const auto resumed = [&](const char* epochs) {
    std::vector<std::string> arguments = resume;
    arguments.emplace_back(epochs);
    return cce_rec(folder, arguments);
  };
  CHECK(resumed("2").out == "run is finished: see run/result.json\n");
  CHECK(resumed("3").code == 2);

  // The same items, so the weights fit, but other sequences: a note, and not where JSON is expected.
  std::string other;
  for (int user = 1; user <= 5; ++user) other += std::to_string(user) + " 1 2 3 4 300\n";
  folder.write("other.txt", other);
  const Outcome noted =
      cce_rec(folder, {"evaluate", "--checkpoint", "run", "--data", "./other.txt", "--json"});
  CHECK(noted.code == 0);
  CHECK(nlohmann::json::parse(noted.out).size() == 7);
  CHECK(noted.err.find("was trained on other data than other") != std::string::npos);

  const Outcome again =
      cce_rec(folder, {"train", "--model", "gru4rec", "--loss", "cce", "--data", "demo", "--out", "run"});
  CHECK(again.code == 2);
  CHECK(complaint(again).find("run") != std::string::npos);
}

TEST_CASE("train --model s3rec pre-trains beside its run, fine-tunes from that, and evaluates") {
  const TemporaryFolder folder;
  std::string sequences, attributes;
  for (int user = 1; user <= 30; ++user) {
    sequences += std::to_string(user);
    for (int i = 0; i < 4 + user % 5; ++i) sequences += " " + std::to_string(1 + (3 * user + i) % 20);
    sequences += "\n";
  }
  for (int item = 1; item <= 20; ++item) {
    attributes +=
        (item == 1 ? "{\"" : ", \"") + std::to_string(item) + "\": [" + std::to_string(1 + item / 4) + "]";
  }
  folder.write("few.txt", sequences);
  const std::vector<std::string> train = {"train", "--model",  "s3rec",     "--loss",
                                          "cce",   "--data",   "./few.txt", "--pretrain-epochs",
                                          "2",     "--epochs", "2"};
  const Outcome without = cce_rec(folder, train);
  CHECK(without.code == 1);
  CHECK(complaint(without).find("few_item2attributes.json") != std::string::npos);

  folder.write("few_item2attributes.json", attributes + "}");
  const Outcome trained = cce_rec(folder, train);
  CAPTURE(trained.err);
  REQUIRE(trained.code == 0);
  const std::filesystem::path runs = folder.path() / "runs";
  CHECK(nlohmann::json::parse(content(runs / "s3rec-pretrain-few-42/result.json"))["epochs"] == 2);
  const auto result = nlohmann::json::parse(content(runs / "s3rec-cce-few-42/result.json"));
  const Outcome evaluated =
      cce_rec(folder, {"evaluate", "--checkpoint", "runs/s3rec-cce-few-42", "--data", "./few.txt", "--json"});
  REQUIRE(evaluated.code == 0);
  CHECK(nlohmann::json::parse(evaluated.out) == result["test"]);

  // The same in two steps ends with the same weights.
  const Outcome tuned =
      cce_rec(folder, {"train", "--model", "s3rec", "--loss", "cce", "--data", "./few.txt", "--epochs", "2",
                       "--init", "runs/s3rec-pretrain-few-42", "--out", "tuned"});
  REQUIRE(tuned.code == 0);
  CHECK(nlohmann::json::parse(content(folder / "tuned/result.json"))["test"] == result["test"]);
}

}  // namespace
}  // namespace cce
