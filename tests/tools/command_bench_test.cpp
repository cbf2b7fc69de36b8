#include "tools/command_bench_epoch.h"
#include "tools/command_bench_gradients.h"
#include "tools/command_bench_ops.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <cmath>

#include "tests/data/files.h"
#include "tools/command.h"

namespace cce {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

int occurrences(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

double sigma(double x) {
  return 1 / (1 + std::exp(-x));
}

TEST_CASE("The probe has one hard negative at the bias and easy ones at ten below") {
  const auto& bpr = probed_losses()[0];
  REQUIRE(bpr.name == std::string("bpr"));
  CHECK(probe(bpr, 1, -2) == doctest::Approx(-(1 - sigma(-2))));
  CHECK(probe(bpr, 4, 1) == doctest::Approx(-((1 - sigma(1)) + 3 * (1 - sigma(10))) / 4));
}

TEST_CASE("The probe shows what the paper says: BPR and TOP1 vanish with more negatives, CE does not") {
  const auto vanishing = [](size_t i) {
    return std::abs(probe(probed_losses()[i], 1000, -2) / probe(probed_losses()[i], 1, -2));
  };
  CHECK(vanishing(0) < 0.01);  // bpr
  CHECK(vanishing(1) < 0.01);  // top1
  CHECK(vanishing(2) > 0.9);   // bpr-max
  CHECK(vanishing(3) > 0.9);   // top1-max
  CHECK(vanishing(5) == 1);    // bce
  CHECK(vanishing(6) > 0.9);   // ce
}

TEST_CASE("The probe's tables hold a row for each number of negatives of each loss") {
  const std::string tables = gradient_tables();
  for (const ProbedLoss& loss : probed_losses()) {
    CHECK(tables.find(fmt::format("\n{} ({})\n", loss.name, loss.equation)) != std::string::npos);
  }
  const auto losses = static_cast<int>(probed_losses().size());
  CHECK(occurrences(tables, "\n     1000 ") == losses);
  CHECK(tables.find(fmt::format("{:>10.5f}", probe(probed_losses()[0], 1000, -8))) != std::string::npos);
}

TEST_CASE("cce_rec bench gradients writes the picture where it is told to") {
  const TemporaryFolder folder;
  const std::string path = folder / "gradients.svg";
  CHECK(command_bench({.action = "gradients", .picture = path}) == ExitCode::done);
  std::ifstream file(path);
  const std::string svg(std::istreambuf_iterator<char>(file), {});
  CHECK(svg == gradient_picture());
  CHECK(occurrences(svg, "class=\"series ") == 2 * static_cast<int>(probed_losses().size()));
}

TEST_CASE("bench ops has a row for each operation, with the share of the peak where there is arithmetic") {
  const std::string table = bench_ops({.repeats = 1, .threads = 1});
  CHECK(occurrences(table, "\n") == 21);
  CHECK(occurrences(table, " %\n") == 9);
  CHECK(table.find("softmax cross-entropy, with gradients") != std::string::npos);
}

TEST_CASE("bench epoch and pretraining say how long real ones take, and leave nothing behind") {
  const TemporaryFolder folder, scratch;
  const testing::EnvironmentVariable tmpdir("TMPDIR", scratch.path().string());
  const std::string epoch = bench_epoch({.repeats = 2, .threads = 2});
  CHECK(epoch.find("\ngru4rec with cce on demo; ") != std::string::npos);
  CHECK(epoch.find(" s, median of 2 (") != std::string::npos);
  CHECK(occurrences(epoch, "% of the peak") == 1);
  CHECK(occurrences(bench_epoch({.loss = "bce", .repeats = 1, .threads = 2}), "% of the peak") == 0);

  folder.write("few_item2attributes.json", R"({"1": [1], "2": [1, 2]})");
  const std::string few = folder.write("few.txt", "1 1 2 3 4 5\n2 5 4 3 2 1\n");
  const std::string pretraining = bench_pretraining({.data = few, .repeats = 3, .threads = 1});
  CHECK(pretraining.find("\npre-training of s3rec on few, 6 prefixes; ") != std::string::npos);
  CHECK(pretraining.find(" s an epoch, median of 3\n") != std::string::npos);
  CHECK(std::filesystem::is_empty(scratch.path()));
}

TEST_CASE("bench refuses options that the chosen benchmark does not look at") {
  const auto refusal = [](const std::vector<std::string>& arguments) {
    BenchOptions options;
    return message_of([&] { parse_options(options, {arguments, {}}); }, ExitCode::usage);
  };
  CHECK(refusal({"ops", "--model", "sasrec"}) == "bench ops: takes no --model; bench epoch does");
  CHECK(refusal({"gradients", "--data", "toys"}) ==
        "bench gradients: takes no --data; bench epoch or pretraining does");
  CHECK(refusal({"epoch", "--picture", "x.svg"}) == "bench epoch: takes no --picture; bench gradients does");
}

TEST_CASE("bench wants to know what to show") {
  BenchOptions options;
  CHECK(message_of(
            [&] {
              parse_options(options, {{}, {}});
            },
            ExitCode::usage) == "bench: say what to measure, for example: cce_rec bench epoch --data demo");
  CHECK(message_of(
            [&] {
              parse_options(options, {{"gradient"}, {}});
            },
            ExitCode::usage)
            .starts_with("bench: expected ops, epoch, pretraining, gradients, got \"gradient\""));
}

}  // namespace
}  // namespace cce
