// S3-Rec: the gradients of its pre-training, and that it is a SASRec otherwise.
#include "models/s3rec.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "models/sasrec.h"
#include "tests/data/pretraining_batches.h"
#include "tests/gradcheck.h"

namespace cce::test {
namespace {

const Dataset& tiny_data() {
  static const Dataset data = dataset_from("tiny", {{1, 2, 3, 4}, {5, 6, 2, 3, 1, 4, 5}});
  return data;
}

/// Ids from 1; items 3 and 6 have none.
const Attributes& tiny_attributes() {
  static const Attributes attributes = attributes_from({{1, 1}, {1, 2}, {2, 3}, {4, 2}, {5, 1}, {5, 3}}, 6);
  return attributes;
}

ModelOptions tiny_model() {
  ModelOptions options{.item_rows = tiny_data().item_rows(),
                       .attribute_rows = tiny_attributes().count,
                       .max_length = 5,
                       .transformer = {.width = 4, .layers = 1, .heads = 2, .init_deviation = 0.5}};
  return options;
}

/// All prefixes: of lengths 1, 2 and 1 to 5.
PretrainingBatch all_prefixes(double mask_probability = 0.4) {
  PretrainingBatches batches(tiny_data(), tiny_attributes(),
                             {.max_length = 5, .mask_probability = mask_probability}, Device::cpu);
  return batch_of(batches, 1, 0, 0);
}

double error_of(const S3Rec& model, const PretrainingBatch& batch, Tensor PretrainingLoss::*part,
                const std::vector<Tensor>& with_respect_to) {
  const auto f = [&](const Context& ctx, const auto&) { return model.pretraining_loss(ctx, batch).*part; };
  return gradient_error(f, with_respect_to, /*training=*/true);
}

}  // namespace

TEST_CASE("gradients of the pre-training loss are right for every parameter, dropout included") {
  const S3Rec model(tiny_model(), 1, DType::f64);
  const PretrainingBatch batch = all_prefixes();
  for (const auto& [name, tensor] : model.parameters().named()) {
    CAPTURE(name);
    // A key's bias moves all scores of a query alike: its true gradient is 0, and what is left is rounding.
    if (name.ends_with("attention.key.bias")) continue;
    CHECK(error_of(model, batch, &PretrainingLoss::total, {tensor}) < 1e-5);
  }
}

TEST_CASE("gradients of each objective are right, for a batch of a single prefix of one item, too") {
  const S3Rec model(tiny_model(), 1, DType::f64);
  for (const auto part :
       {&PretrainingLoss::aap, &PretrainingLoss::mip, &PretrainingLoss::map, &PretrainingLoss::sp}) {
    CHECK(error_of(model, all_prefixes(), part, {model.item_table()}) < 1e-5);
  }
  PretrainingBatches batches(tiny_data(), tiny_attributes(), {.batch_size = 1, .max_length = 5}, Device::cpu);
  for (int64_t index = 0; index < batches.per_epoch(); ++index) {
    const PretrainingBatch one = batch_of(batches, 1, index, 0);
    if (one.offsets_B1.data<int32_t>()[1] > 1) continue;
    CHECK(error_of(model, one, &PretrainingLoss::total, {model.item_table()}) < 1e-5);
  }
}

TEST_CASE("the objectives are sums that are weighted 0.2, 1, 1 and 0.5") {
  Parallel parallel(1);
  const S3Rec model(tiny_model(), 1, DType::f64);
  const PretrainingLoss loss = model.pretraining_loss(Context{parallel}, all_prefixes());
  CHECK(loss.total.item() ==
        doctest::Approx(0.2 * loss.aap.item() + loss.mip.item() + loss.map.item() + 0.5 * loss.sp.item()));
  // Where everything is masked there is nothing for AAP to look at.
  const PretrainingLoss all_masked = model.pretraining_loss(Context{parallel}, all_prefixes(1));
  CHECK(all_masked.aap.item() == 0);
  CHECK(std::isfinite(all_masked.total.item()));
}

TEST_CASE("before it has learned anything, every question of pre-training is answered with even odds") {
  Parallel parallel(1);
  ModelOptions options = tiny_model();
  options.transformer.init_deviation = 0;  // all scores are 0
  const S3Rec model(options, 1, DType::f64);
  const PretrainingBatch batch = all_prefixes();
  const PretrainingLoss loss = model.pretraining_loss(Context{parallel}, batch);
  const auto masked = static_cast<double>(batch.masked_M.size());
  const auto unmasked = static_cast<double>(batch.unmasked_U.size());
  CHECK(loss.aap.item() == doctest::Approx(unmasked * 4 * std::log(2)));  // 4 rows of attributes
  CHECK(loss.map.item() == doctest::Approx(masked * 4 * std::log(2)));
  CHECK(loss.mip.item() == doctest::Approx(masked * std::log(2)));
  CHECK(loss.sp.item() == doctest::Approx(static_cast<double>(batch.samples()) * std::log(2)));
}

TEST_CASE("what recommends is the SASRec with the same weights") {
  Parallel parallel(2);
  const S3Rec s3rec(tiny_model(), 7);
  const SasRec sasrec(tiny_model(), 7);
  const std::vector<Sample> samples = training_samples(tiny_data());
  const Batch batch = pack_training(tiny_data(), samples, 5);
  const Tensor a = s3rec.encode(Context{parallel}, batch), b = sasrec.encode(Context{parallel}, batch);
  CHECK(std::ranges::equal(a.span<float>(), b.span<float>()));
}

TEST_CASE("S3-Rec has the tensor names of the public checkpoints beyond those of SASRec") {
  const S3Rec s3rec(tiny_model(), 7);
  const SasRec sasrec(tiny_model(), 7);
  std::set<std::string> more;
  for (const auto& [name, tensor] : s3rec.parameters().named()) more.insert(name);
  for (const auto& [name, tensor] : sasrec.parameters().named()) CHECK(more.erase(name) == 1);
  const std::set<std::string> expected = {"attribute_embeddings.weight",
                                          "aap_norm.weight",
                                          "aap_norm.bias",
                                          "mip_norm.weight",
                                          "mip_norm.bias",
                                          "map_norm.weight",
                                          "map_norm.bias",
                                          "sp_norm.weight",
                                          "sp_norm.bias"};
  CHECK(more == expected);
  CHECK_THROWS_AS(S3Rec({.item_rows = 8, .transformer = {.width = 4}}, 1), Error);
}

}  // namespace cce::test
