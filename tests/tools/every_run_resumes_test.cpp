// A run of any model with any loss, stopped on the way and resumed, ends with the bytes of one that was not.
// (Pre-training: pretrainer_test.cpp; what is left by a kill at any step of writing:
// run_folder_kill_test.cpp.)
#include <doctest/doctest.h>

#include <algorithm>

#include "losses/loss.h"
#include "models/model_table.h"
#include "tests/data/files.h"
#include "tests/tools/interrupted_runs.h"
#include "tests/tools/small_runs.h"

namespace cce::test {
namespace {

void check_that_it_resumes(const std::string& model, const Loss& loss, const std::string& timestamps) {
  CAPTURE(std::string(loss.name));
  const testing::TemporaryFolder folder;
  const auto options_in = [&](const char* out) {
    TrainOptions options = small_options(model, loss.name, timestamps, folder / out);
    options.negatives = std::min(options.negatives, 8);
    options.threads = 1;  // so that the tests of other models can run beside it
    options.pretrain_epochs = 0;
    return options;
  };
  const TrainOptions whole = options_in("whole"), stopped = options_in("stopped");
  CHECK(train(whole) == ExitCode::done);
  CHECK(train_with_stops(stopped) > 2);
  check_same_run(whole.out, stopped.out);
}

/// With every loss, over its own timestamps or, for a model that sees what comes next, over hidden items.
void check_every_loss(const std::string& model) {
  for (const Loss& loss : losses()) {
    const bool hidden = model_named(model).bidirectional;
    if (hidden && loss.timestamps != Timestamps::masked && counterpart(loss, Timestamps::masked) != nullptr)
      continue;  // has another name there
    check_that_it_resumes(model, loss, hidden ? "masked" : "");
  }
}

}  // namespace

TEST_CASE("GRU4Rec with any loss, stopped and resumed, ends with the same bytes") {
  check_every_loss("gru4rec");
}
TEST_CASE("SASRec with any loss, stopped and resumed, ends with the same bytes") {
  check_every_loss("sasrec");
}
TEST_CASE("S3-Rec with any loss, stopped and resumed, ends with the same bytes") {
  check_every_loss("s3rec");
}
TEST_CASE("BERT4Rec with any loss, stopped and resumed, ends with the same bytes") {
  check_every_loss("bert4rec");
}

TEST_CASE("every model is among those that are stopped and resumed") {
  CHECK(known_models().size() == 4);
}

TEST_CASE("what a sampler, prefixes, warm-up, AdamW and left padding draw does not depend on stops either") {
  const testing::TemporaryFolder folder;
  for (const char* sampler : {"popularity", "in-batch"}) {
    const auto options_in = [&](const char* out) {
      TrainOptions options = small_options("gru4rec", "bce", folder / (std::string(sampler) + out));
      options.sampler = sampler, options.augment = "prefix", options.warmup = 9, options.optimizer = "adamw";
      options.weight_decay = 0.01, options.clip_norm = 1, options.padding = "left", options.epochs = 2;
      if (options.sampler == "in-batch") options.extra_negatives = 5;
      return options;
    };
    const TrainOptions whole = options_in("-whole"), stopped = options_in("-stopped");
    CHECK(train(whole) == ExitCode::done);
    CHECK(train_with_stops(stopped) > 2);
    check_same_run(whole.out, stopped.out);
  }
}

}  // namespace cce::test
