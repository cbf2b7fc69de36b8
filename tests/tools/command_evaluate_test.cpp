// cce_rec evaluate as a user calls it: what it prints and saves.
#include <doctest/doctest.h>

#include <algorithm>

#include "data/s3rec_text.h"
#include "tests/tools/program.h"
#include "tools/checksum.h"
#include "tools/saved_evaluation.h"
#include "tools/timestamp_metrics.h"

namespace cce {
namespace {

using testing::cce_rec;
using testing::complaint;
using testing::content;
using testing::Outcome;
using testing::TemporaryFolder;

/// 30 users of 20 items, and a run on them.
void make_run(const TemporaryFolder& folder) {
  std::string sequences;
  for (int user = 1; user <= 30; ++user) {
    sequences += std::to_string(user);
    for (int i = 0; i < 4 + user % 5; ++i) sequences += " " + std::to_string(1 + (3 * user + i) % 20);
    sequences += "\n";
  }
  folder.write("few.txt", sequences);
  REQUIRE(cce_rec(folder, {"train", "--model", "gru4rec", "--loss", "cce", "--data", "./few.txt", "--epochs",
                           "2", "--embedding-size", "8", "--device", "cpu", "--quiet", "--out", "run"})
              .code == 0);
}

Outcome evaluate(const TemporaryFolder& folder, const std::vector<std::string>& more,
                 const std::string& checkpoint = "run") {
  std::vector<std::string> arguments = {"evaluate",  "--checkpoint", checkpoint, "--data",
                                        "./few.txt", "--device",     "cpu"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return cce_rec(folder, arguments);
}

Metrics metrics_of(const Outcome& outcome) {
  REQUIRE(outcome.code == 0);
  return parse_metrics(outcome.out, "standard output");
}

void check_close(const Metrics& a, const Metrics& b) {
  for (size_t i = 0; i < a.values.size(); ++i)
    CHECK(a.values[i] == doctest::Approx(b.values[i]).epsilon(1e-12));
}

}  // namespace

TEST_CASE("evaluate --save writes what --json prints, of which weights and data, and only into a new file") {
  const TemporaryFolder folder;
  make_run(folder);
  const Outcome shown = evaluate(folder, {"--save", "saved.json"});
  CHECK(shown.code == 0);
  CHECK(shown.out.starts_with("gru4rec on few, test split, 30 users\nHR@5     "));
  const SavedEvaluation saved = parse_saved_evaluation(content(folder / "saved.json"), "saved.json");
  CHECK(parse_metrics(saved.measured, "saved.json") == metrics_of(evaluate(folder, {"--json"})));
  CHECK(saved.weights == checksum(read_safetensors(folder / "run/best.safetensors")));
  CHECK(saved.data == read_s3rec_text(folder / "few.txt").fingerprint);

  const Outcome again = evaluate(folder, {"--save", "saved.json"});
  CHECK(again.code == 2);
  CHECK(complaint(again) == "--save saved.json: exists; name another file, or remove that one\n");
  CHECK(evaluate(folder, {"--save", "none/saved.json"}).code == 1);
}

TEST_CASE("evaluate --ties ranks half, none or all of the items that score as the answer does before it") {
  const TemporaryFolder folder;
  make_run(folder);
  TensorFile file = read_safetensors(folder / "run/best.safetensors");
  for (auto& [name, tensor] : file.tensors)
    if (name == "item_embeddings.weight") tensor = Tensor::zeros(tensor.shape());  // so all items score 0
  write_safetensors(folder / "level.safetensors", file);
  const auto rank_by = [&](const std::string& ties) {
    const Metrics metrics =
        metrics_of(evaluate(folder, {"--ties", ties, "--seen", "keep", "--json"}, "level.safetensors"));
    return 1 / metrics[Metric::mrr] - 1;  // the same for all users
  };
  CHECK(rank_by("none") == doctest::Approx(0));
  CHECK(rank_by("half") == doctest::Approx(10));  // of 19, rounded up
  CHECK(rank_by("all") == doctest::Approx(19));
  const Outcome shown = evaluate(folder, {"--seen", "keep"}, "level.safetensors");
  CHECK(shown.out.ends_with("30 items tied with another; see --ties\n"));
}

TEST_CASE("evaluate --by-timestamp ends with what --split valid and --split test say") {
  const TemporaryFolder folder;
  make_run(folder);
  const Outcome json = evaluate(folder, {"--by-timestamp", "--json"});
  REQUIRE(json.code == 0);
  const auto timestamps = parse_timestamps(json.out, "standard output");
  REQUIRE(timestamps.size() == 7);  // the longest sequence has 8 items, of which the first is no target
  CHECK(timestamps[6].timestamp == 50);
  CHECK(timestamps[6].users == 30);
  check_close(timestamps[6].metrics, metrics_of(evaluate(folder, {"--json"})));
  check_close(timestamps[5].metrics, metrics_of(evaluate(folder, {"--split", "valid", "--json"})));

  const Outcome shown = evaluate(folder, {"--by-timestamp"});
  CHECK(shown.code == 0);
  CHECK(shown.out.starts_with("gru4rec on few, by timestamp, 30 users\ntimestamp     users     HR@5"));
  CHECK(std::ranges::count(shown.out, '\n') == 9);
  CHECK(shown.out.ends_with("  test\n"));
}

}  // namespace cce
