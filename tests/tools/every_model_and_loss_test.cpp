// Any loss trains any model, over any timestamps that make sense for both; the other choices are refused.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "losses/loss.h"
#include "models/model_table.h"
#include "tests/data/files.h"
#include "tests/tools/small_runs.h"
#include "tools/metrics_file.h"
#include "tools/run_folder.h"
#include "tools/run_records.h"
#include "tools/trainer.h"

namespace cce::test {
namespace {

/// Whether the model can be trained with the loss over these timestamps: not with those for which the loss
/// has another name, and, of a model that sees what comes next, only with hidden items.
bool makes_sense(const KnownModel& model, const Loss& loss, Timestamps timestamps) {
  if (timestamps != loss.timestamps && counterpart(loss, timestamps) != nullptr) return false;
  return !model.bidirectional || timestamps == Timestamps::masked;
}

/// Trains on a part of the demo and checks that the last epoch's loss is below the first one's.
void check_that_it_learns(const KnownModel& model, const Loss& loss, Timestamps timestamps) {
  const testing::TemporaryFolder folder;
  TrainOptions options = small_options(model.name, loss.name, name(timestamps), folder / "run");
  options.lr = 0.01;
  options.dropout = 0, options.attention_dropout = 0;  // so that a few epochs show it
  // A hidden item says less than all that come next, and other items are hidden in every epoch.
  if (timestamps == Timestamps::masked) options.epochs = 10, options.mask_probability = 0.5;
  options.negatives = std::min(options.negatives, 8);
  options.threads = 1;  // so that the tests of other models can run beside it
  options.pretrain_epochs = 0;
  RunFolder run({.out = options.out});
  Trainer trainer(options, small_data(), run);
  run.write_config(to_toml(options));
  REQUIRE(trainer.run() == ExitCode::done);
  const auto epochs = read_metrics(folder / "run/metrics.jsonl");
  REQUIRE(std::ssize(epochs) == options.epochs);
  CHECK(std::isfinite(epochs.back().loss));
  CHECK(epochs.back().loss < epochs.front().loss);
}

void check_that_it_is_refused(const KnownModel& model, const Loss& loss, Timestamps timestamps) {
  std::string message;
  try {
    small_options(model.name, loss.name, name(timestamps), "unused");
  } catch (const Error& error) {
    message = error.what();
    CHECK(error.code() == ExitCode::usage);
  }
  CHECK(message.find(std::string("--loss ") + loss.name) == 0);
  // What fits instead is a loss of another name, or other timestamps.
  CHECK(message.find("--loss", 1) != std::string::npos);
}

/// Tries every loss over all timestamps; `learned` of these 33 choices must make sense.
void check_every_loss(const std::string& name_of_model, int learned) {
  const KnownModel& model = model_named(name_of_model);
  int made_sense = 0;
  for (const Loss& loss : losses()) {
    for (const Timestamps timestamps : {Timestamps::last, Timestamps::all, Timestamps::masked}) {
      CAPTURE(std::string(loss.name));
      CAPTURE(std::string(name(timestamps)));
      if (makes_sense(model, loss, timestamps)) {
        check_that_it_learns(model, loss, timestamps), ++made_sense;
      } else {
        check_that_it_is_refused(model, loss, timestamps);
      }
    }
  }
  CHECK(made_sense == learned);
}

}  // namespace

// Three softmax losses with timestamps of their own and eight others with three each make 27.
TEST_CASE("GRU4Rec learns from every loss over all timestamps that make sense, and refuses the others") {
  check_every_loss("gru4rec", 27);
}
TEST_CASE("SASRec learns from every loss over all timestamps that make sense, and refuses the others") {
  check_every_loss("sasrec", 27);
}
TEST_CASE("S3-Rec learns from every loss over all timestamps that make sense, and refuses the others") {
  check_every_loss("s3rec", 27);
}
TEST_CASE("BERT4Rec learns from every loss at hidden items, and refuses it where it sees the answer") {
  check_every_loss("bert4rec", 9);
}
TEST_CASE("every model is among those that are tried with every loss") {
  CHECK(known_models().size() == 4);
}

}  // namespace cce::test
