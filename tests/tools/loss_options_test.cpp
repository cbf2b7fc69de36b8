#include "tools/loss_options.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "data/demo.h"
#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;

using Arguments = std::vector<std::string>;

TrainOptions options_with(const std::string& loss, const Arguments& more = {}) {
  Arguments arguments = {"--data", "demo", "--loss", loss};
  if (std::ranges::find(more, "--model") == more.end())
    arguments.insert(arguments.end(), {"--model", "gru4rec"});
  arguments.insert(arguments.end(), more.begin(), more.end());
  TrainOptions options;
  const bool shows_text = parse_options(options, {arguments, {}}).has_value();
  CHECK_FALSE(shows_text);
  return options;
}

std::string refusal(const std::string& loss, const Arguments& more) {
  return message_of([&] { options_with(loss, more); }, ExitCode::usage);
}

TEST_CASE("Every loss brings its timestamps and its number of negatives") {
  for (const Loss& loss : losses()) {
    CAPTURE(std::string(loss.name));
    const TrainOptions options = options_with(loss.name);
    CHECK(options.timestamps == name(loss.timestamps));
    CHECK(options.negatives == loss.negatives);
    CHECK(negative_options(options).has_value() == (loss.negatives > 0));
    CHECK(masking_options(options, demo_dataset()).has_value() == (loss.timestamps == Timestamps::masked));
  }
}

TEST_CASE("Other timestamps are taken, and refused where the loss is called otherwise there") {
  CHECK(options_with("bce", {"--timestamps", "last"}).timestamps == "last");
  CHECK(options_with("bpr-max", {"--timestamps", "masked"}).timestamps == "masked");
  CHECK(options_with("cce", {"--timestamps", "all"}).timestamps == "all");
  CHECK(refusal("cce", {"--timestamps", "last"}) ==
        "--loss cce means --timestamps all; with --timestamps last it is called --loss ce");
  CHECK(refusal("ce", {"--timestamps", "masked"}) ==
        "--loss ce means --timestamps last; with --timestamps masked it is called --loss mlm");
  CHECK(refusal("mlm", {"--timestamps", "all"}) ==
        "--loss mlm means --timestamps masked; with --timestamps all it is called --loss cce");
}

TEST_CASE("An option that nothing would look at is refused, naming what looks at it") {
  CHECK(refusal("bce", {"--gbce-t", "0.5"}) == "--gbce-t 0.5: only gbce looks at it");
  CHECK(refusal("bpr", {"--score-regularization", "1"}) ==
        "--score-regularization 1: only bpr-max, top1, top1-max looks at it");
  CHECK(refusal("bpr", {"--pair-form", "authors"}) ==
        "--pair-form authors: only bpr-max, top1, top1-max looks at it");
  CHECK(refusal("cce", {"--sampler", "popularity"}) ==
        "--sampler popularity: only a loss that draws negatives looks at it");
  CHECK(refusal("bce", {"--extra-negatives", "5"}) ==
        "--extra-negatives 5: only --sampler in-batch looks at it");
  CHECK(refusal("bce", {"--popularity-alpha", "1"}) ==
        "--popularity-alpha 1: only --sampler popularity or in-batch with --extra-negatives looks at it");
  CHECK(refusal("bce", {"--mask-probability", "0.3"}) ==
        "--mask-probability 0.3: only --timestamps masked looks at it");
  CHECK(refusal("cce", {"--negatives", "5"}) == "--negatives 5: cce scores every item and draws none");
  CHECK(refusal("bpr", {"--negatives", "0"}) == "--negatives 0: bpr needs at least 1");
}

TEST_CASE("Options reach the negatives, the masking and the criterion") {
  const TrainOptions in_batch =
      options_with("sampled-softmax", {"--sampler", "in-batch", "--negatives", "30", "--extra-negatives",
                                       "20", "--popularity-alpha", "0.5", "--logq", "0.25"});
  const std::optional<NegativeOptions> drawn = negative_options(in_batch);
  REQUIRE(drawn.has_value());
  CHECK(drawn->sampling == Sampling::in_batch);
  CHECK(drawn->count == 30);
  CHECK(drawn->extra == 20);
  CHECK(drawn->alpha == 0.5);
  CHECK(drawn->log_expected);
  CHECK(in_batch.loss_options.logq == 0.25);

  CHECK_FALSE(negative_options(options_with("sampled-softmax", {"--logq", "0"}))->log_expected);
  CHECK(negative_options(options_with("bce", {"--sampler", "popularity"}))->sampling == Sampling::popularity);
  const auto masking = masking_options(
      options_with("mlm", {"--mask-probability", "0.6", "--max-length", "9"}), demo_dataset());
  REQUIRE(masking.has_value());
  CHECK(masking->probability == 0.6);
  CHECK(masking->max_length == 9);
  CHECK(masking->token == 0);
  const auto of_bert4rec = masking_options(options_with("mlm", {"--model", "bert4rec"}), demo_dataset());
  CHECK(of_bert4rec->token == demo_dataset().mask_item());
}

TEST_CASE("A bidirectional model refuses every loss that would show it its own answer, naming what fits") {
  const Arguments bert4rec = {"--model", "bert4rec"};
  CHECK(refusal("cce", bert4rec) ==
        "--loss cce over --timestamps all: bert4rec reads the sequence in both directions and would see its "
        "own "
        "answer; --loss mlm looks at hidden items");
  CHECK(refusal("ce", bert4rec).ends_with("--loss mlm looks at hidden items"));
  for (const Loss& loss : losses()) {
    CAPTURE(std::string(loss.name));
    if (loss.timestamps == Timestamps::masked) {
      CHECK(options_with(loss.name, bert4rec).timestamps == "masked");
      continue;
    }
    CHECK(refusal(loss.name, bert4rec).find("would see its own answer") != std::string::npos);
    if (counterpart(loss, Timestamps::masked) != nullptr) continue;
    CHECK(refusal(loss.name, bert4rec)
              .ends_with(std::string("--loss ") + loss.name + " --timestamps masked looks at hidden items"));
    CHECK(options_with(loss.name, {"--model", "bert4rec", "--timestamps", "masked"}).timestamps == "masked");
  }
}

TEST_CASE("The configuration of a run says what its loss was told") {
  const TrainOptions options =
      options_with("bpr-max", {"--score-elu", "0.5", "--score-regularization", "1", "--sampler", "in-batch"});
  const auto saved = result_options(options);
  CHECK(saved.at("score-elu") == "0.5");
  CHECK(saved.at("score-regularization") == "1.0");
  CHECK(saved.at("sampler") == "\"in-batch\"");
  CHECK(saved.at("timestamps") == "\"last\"");
}

TEST_CASE(
    "The form of pairs reaches the criterion, and is saved where it is not the one that runs had before") {
  const TrainOptions authors = options_with("top1", {"--pair-form", "authors"});
  CHECK(authors.loss_options.pair_form == PairForm::authors);
  CHECK(result_options(authors).at("pair-form") == "\"authors\"");
  const TrainOptions paper = options_with("top1");
  CHECK(paper.loss_options.pair_form == PairForm::paper);
  CHECK_FALSE(result_options(paper).contains("pair-form"));
}

}  // namespace
}  // namespace cce
