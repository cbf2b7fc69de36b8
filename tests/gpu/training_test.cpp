// Whole models on both devices: the same weights, batches, masks and negatives, so the same losses and
// gradients.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "data/demo.h"
#include "data/pretraining.h"
#include "losses/loss.h"
#include "models/model_table.h"
#include "models/s3rec.h"
#include "tests/data/files.h"
#include "tests/gpu/same_on_both.h"
#include "tests/gpu/step_plans.h"
#include "tests/gpu/tiny_trainings.h"
#include "tests/tensors.h"
#include "tools/durable_file.h"
#include "tools/evaluator.h"
#include "tools/loaded_model.h"
#include "tools/recommender.h"

namespace cce::test {
namespace {

void check_same_story(const std::string& model, const std::string& loss, int epochs) {
  const Unguarded unguarded;
  CAPTURE(model);
  CAPTURE(loss);
  const testing::TemporaryFolder folder;
  const auto losses_on = [&](const std::string& device) {
    TrainOptions options = tiny_options(device, model, loss, folder / device);
    options.epochs = epochs;
    return train_on(device, options, folder / device);
  };
  const std::vector<double> cpu = losses_on("cpu"), cuda = losses_on("cuda");
  REQUIRE(std::ssize(cpu) == epochs);
  REQUIRE(std::ssize(cuda) == epochs);
  for (size_t epoch = 0; epoch < cpu.size(); ++epoch)
    CHECK(cuda[epoch] == doctest::Approx(cpu[epoch]).epsilon(1e-5));
}

/// The largest relative error of a gradient of the model on the GPU. One that is no more than rounding (a
/// key's bias has none, as it moves all scores alike) must be that there, too.
double worst_gradient(const Model& on_cpu, const Model& on_gpu) {
  double worst = 0, largest = 0;
  for (const auto& [name, parameter] : on_cpu.parameters().named()) {
    if (parameter.grad().defined()) largest = std::max(largest, largest_number(parameter.grad()));
  }
  REQUIRE(std::isfinite(largest));
  for (size_t i = 0; i < on_cpu.parameters().named().size(); ++i) {
    const Tensor expected = on_cpu.parameters().named()[i].second.grad();
    const Tensor actual = on_gpu.parameters().named()[i].second.grad();
    REQUIRE(expected.defined() == actual.defined());
    if (!expected.defined()) continue;
    if (largest_number(expected) > 1e-5 * largest) {
      worst = std::max(worst, relative_error(actual.to(Device::cpu), expected));
    } else {
      CHECK(largest_number(actual) <= 1e-5 * largest);
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("gpu: every model trains to the same losses") {
  for (const KnownModel& model : known_models())
    check_same_story(model.name, model.bidirectional ? "mlm" : "cce", 2);
}

TEST_CASE("gpu: every loss trains to the same losses") {
  for (const Loss& loss : losses()) {
    if (loss.timestamps != Timestamps::masked) check_same_story("sasrec", loss.name, 1);
  }
}

TEST_CASE("gpu: trainings have the CPU's losses in their first ten steps") {
  const Unguarded unguarded;
  for (const std::string model : {"gru4rec", "sasrec"}) {
    CAPTURE(model);
    const testing::TemporaryFolder folder;
    const auto losses_on = [&](const std::string& device) {
      TrainOptions options = tiny_options(device, model, "cce", folder / device);
      options.batch_size = 12, options.epochs = 10;  // of one step each
      return train_on(device, options, folder / device);
    };
    const std::vector<double> cpu = losses_on("cpu"), cuda = losses_on("cuda");
    REQUIRE(cpu.size() == 10);
    REQUIRE(cuda.size() == 10);
    for (size_t step = 0; step < cpu.size(); ++step)
      CHECK(cuda[step] == doctest::Approx(cpu[step]).epsilon(1e-5));
  }
}

TEST_CASE("gpu: in-batch negatives, clipping, AdamW, left padding and a reset gate before") {
  const Unguarded unguarded;
  const testing::TemporaryFolder folder;
  std::vector<std::vector<double>> losses;
  for (const std::string device : {"cpu", "cuda"}) {
    TrainOptions options = tiny_options(device, "gru4rec", "sampled-softmax", folder / device);
    options.sampler = "in-batch", options.extra_negatives = 3;
    options.clip_norm = 0.01, options.optimizer = "adamw", options.weight_decay = 0.1;
    options.padding = "left", options.reset_gate = "before";
    losses.push_back(train_on(device, options, folder / device));
  }
  for (size_t epoch = 0; epoch < losses[0].size(); ++epoch) {
    CHECK(losses[1][epoch] == doctest::Approx(losses[0][epoch]).epsilon(1e-5));
  }
}

TEST_CASE("gpu: pre-training has the same objectives and gradients") {
  ModelOptions options;
  const Dataset& data = tiny_data();
  const Attributes attributes = demo_attributes();
  options.item_rows = data.item_rows(), options.attribute_rows = attributes.count;
  options.transformer.width = 16;
  S3Rec on_cpu(options, 3), on_gpu(options, 3);
  on_gpu.move_to(Device::cuda);
  Parallel parallel(2);
  const auto loss_on = [&](const S3Rec& model, Device device) {
    PretrainingBatches batches(data, attributes, {.batch_size = 5, .seed = 7}, device);
    const PretrainingPlan plan = batches.plan(1, 0, 3);
    Tape tape;
    const Context ctx{
        .parallel = parallel, .tape = &tape, .training = true, .seed = 7, .step = 3, .device = device};
    const PretrainingLoss loss = model.pretraining_loss(ctx, batches.batch(ctx, on_device(plan, device)));
    tape.backward(loss.total);
    return loss.total.item();
  };
  CHECK(loss_on(on_gpu, Device::cuda) == doctest::Approx(loss_on(on_cpu, Device::cpu)).epsilon(1e-5));
  CHECK(worst_gradient(on_cpu, on_gpu) < 1e-4);
}

TEST_CASE("gpu: S3-Rec pre-trains to the same losses, of each objective") {
  const Unguarded unguarded;
  const testing::TemporaryFolder folder;
  const std::vector<double> cpu = pretrain_on("cpu", {}, folder / "cpu"),
                            cuda = pretrain_on("cuda", {}, folder / "cuda");
  REQUIRE(cpu.size() == 10);
  REQUIRE(cuda.size() == 10);
  for (size_t i = 0; i < cpu.size(); ++i) CHECK(cuda[i] == doctest::Approx(cpu[i]).epsilon(1e-5));
}

TEST_CASE("gpu: a training that is repeated, or stopped and resumed, ends with the same bytes") {
  const Unguarded unguarded;
  const testing::TemporaryFolder folder;
  for (const char* name : {"first", "whole"}) {
    train_on("cuda", tiny_options("cuda", "sasrec", "cce", folder / name), folder / name);
  }
  TrainOptions options = tiny_options("cuda", "sasrec", "cce", folder / "stopped");
  train_with_stops_on_gpu(options);
  for (const char* file : {"/best.safetensors", "/last.safetensors", "/ranks.tsv"}) {
    const std::string expected = read_file(folder / "first" + file, 1 << 24);
    CHECK(read_file(folder / "whole" + file, 1 << 24) == expected);
    CHECK(read_file(folder / "stopped" + file, 1 << 24) == expected);
  }
}

TEST_CASE("gpu: trainings with tf32 and bf16 have about the losses of fp32, and not the same") {
  const Unguarded unguarded;
  const testing::TemporaryFolder folder;
  std::vector<double> losses;
  for (const std::string precision : {"fp32", "tf32", "bf16"}) {
    TrainOptions options = tiny_options("cuda", "sasrec", "cce", folder / precision);
    options.precision = precision;
    losses.push_back(train_on("cuda", options, folder / precision).back());
  }
  CHECK(losses[1] == doctest::Approx(losses[0]).epsilon(1e-3));
  CHECK(losses[2] == doctest::Approx(losses[0]).epsilon(1e-2));
  CHECK(losses[1] != losses[0]);
  CHECK(losses[2] != losses[0]);
  set_gpu_precision(Precision::fp32);
}

TEST_CASE("gpu: a training that diverges stops with the step, and the weights, of the first bad loss") {
  const Unguarded unguarded;
  const testing::TemporaryFolder folder;
  std::vector<std::string> messages;
  for (const std::string device : {"cpu", "cuda"}) {
    TrainOptions options = tiny_options(device, "gru4rec", "cce", folder / device);
    options.batch_size = 1, options.lr = 1e38;  // the weights overflow with the first step
    options.out = folder / "run";
    messages.push_back(message_of_divergence(options));
  }
  CHECK(messages[0].starts_with("the loss is nan in epoch 1, step 2 ("));
  CHECK(messages[1] == messages[0]);
}

TEST_CASE("gpu: a checkpoint of the GPU ranks the same on the CPU") {
  const testing::TemporaryFolder folder;
  train_on("cuda", tiny_options("cuda", "sasrec", "cce", folder / "run"), folder / "run");
  const auto evaluate_on = [&](Device device) {
    const LoadedModel loaded = load_model({.checkpoint = folder / "run"}, tiny_data());
    loaded.model->move_to(device);
    Parallel parallel(2);
    return evaluate(parallel, *loaded.model, tiny_data(), Split::test, loaded.max_length, {});
  };
  const Evaluation cpu = evaluate_on(Device::cpu), cuda = evaluate_on(Device::cuda);
  int64_t different = 0;
  for (size_t user = 0; user < cpu.ranks.size(); ++user)
    different += cpu.ranks[user] != cuda.ranks[user] ? 1 : 0;
  CHECK(different <= 1);  // near ties
  CHECK(cpu.excluded == cuda.excluded);
}

TEST_CASE("gpu: a model recommends, and finds alike, what it does on the CPU") {
  const testing::TemporaryFolder folder;
  train_on("cpu", tiny_options("cpu", "bert4rec", "mlm", folder / "run"), folder / "run");
  const LoadedModel loaded = load_model({.checkpoint = folder / "run"}, tiny_data());
  Parallel parallel(2);
  const std::vector<std::vector<int32_t>> histories = {{5, 1, 9}, {3}, {2, 4, 6, 8}};
  const auto on = [&](Device device) {
    loaded.model->move_to(device);
    const Context ctx{.parallel = parallel, .device = device};
    auto lists = recommend(ctx, loaded, histories, 10, Seen::exclude);
    lists.push_back(similar(ctx, loaded.model->item_table(), 7, 10));
    return lists;
  };
  const auto cpu = on(Device::cpu), cuda = on(Device::cuda);
  for (size_t list = 0; list < cpu.size(); ++list) {
    REQUIRE(cuda[list].size() == 10);
    for (size_t i = 0; i < 10; ++i) {
      CHECK(cuda[list][i].item == cpu[list][i].item);
      CHECK(cuda[list][i].score == doctest::Approx(cpu[list][i].score).epsilon(1e-5));
    }
  }
  CHECK(cuda.back() == cpu.back());  // of the same numbers
}

}  // namespace cce::test
