// S3-Rec against the same model in PyTorch: its pre-training, and what it recommends.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "engine/optim.h"
#include "models/s3rec.h"
#include "tests/fixtures/model_fixture.h"
#include "tests/gradcheck.h"
#include "tests/tensors.h"
#include "tools/loaded_model.h"

namespace cce::test {
namespace {

constexpr int32_t kAttributeRows = 8;

ModelFixture fixture() {
  return {"s3rec",
          "s3rec",
          {.attribute_rows = kAttributeRows, .transformer = {.width = 12, .layers = 1, .heads = 2}}};
}

/// The fixture's windows of pre-training, packed as data/pretraining.cpp packs its four passes.
class PackedWindows {
 public:
  explicit PackedWindows(const ModelFixture& fixture) : fixture_(fixture) {
    for (const char* const pass : {"masked_items", "masked_segment", "true_segment", "negative_segment"}) {
      add_pass(pass);
    }
    label_rows();
    batch_.items_T = ids(items_), batch_.positions_T = ids(positions_), batch_.offsets_B1 = ids(offsets_);
    batch_.rows_P = ids(rows_);
    batch_.context_B = ids(last_rows_[1]), batch_.true_segment_B = ids(last_rows_[2]);
    batch_.negative_segment_B = ids(last_rows_[3]);
  }

  const PretrainingBatch& batch() const { return batch_; }

 private:
  std::span<const int32_t> windows(const std::string& name) const {
    return fixture_.tensor("pretraining." + name).span<int32_t>();
  }

  /// Every position of the first pass is looked at, and the last ones of the others.
  void add_pass(const std::string& name) {
    const auto all = windows(name);
    const auto length = static_cast<size_t>(fixture_.options.max_length);
    last_rows_.emplace_back();
    for (size_t begin = 0; begin < all.size(); begin += length) {
      for (size_t place = 0; place < length; ++place) {
        if (all[begin + place] == 0) continue;
        if (last_rows_.size() == 1) rows_.push_back(static_cast<int32_t>(items_.size()));
        items_.push_back(all[begin + place]);
        positions_.push_back(static_cast<int32_t>(place));
      }
      offsets_.push_back(static_cast<int32_t>(items_.size()));
      if (last_rows_.size() == 1) continue;
      last_rows_.back().push_back(static_cast<int32_t>(rows_.size()));
      rows_.push_back(offsets_.back() - 1);
    }
  }

  void label_rows() {
    const auto shown = windows("masked_items"), stood = windows("true_items");
    const auto others = windows("negative_items");
    std::vector<int32_t> rows[2], items[2], negatives;
    int32_t row = 0;
    for (size_t i = 0; i < shown.size(); ++i) {
      if (shown[i] == 0) continue;
      const size_t hidden = shown[i] == fixture_.dataset.mask_item() ? 1 : 0;
      rows[hidden].push_back(row++), items[hidden].push_back(stood[i]);
      if (hidden != 0) negatives.push_back(others[i]);
    }
    batch_.unmasked_U = ids(rows[0]), batch_.items_U = ids(items[0]);
    batch_.masked_M = ids(rows[1]), batch_.targets_M1 = ids(items[1]).reshaped({std::ssize(items[1]), 1});
    batch_.attributes = {fixture_.tensor("attribute_offsets"), fixture_.tensor("attributes")};
    batch_.negatives_M1 = ids(negatives).reshaped({std::ssize(negatives), 1});
  }

  const ModelFixture& fixture_;
  std::vector<int32_t> items_, positions_, offsets_{0}, rows_;
  std::vector<std::vector<int32_t>> last_rows_;  // per pass, as rows among the P; none in the first
  PretrainingBatch batch_;
};

void check_pretraining(const ModelFixture& fixture, DType dtype) {
  CAPTURE(std::string(name(dtype)));
  const Tolerance tolerance = tolerance_of(dtype);
  Parallel parallel(2);
  const auto loaded = fixture.model(dtype);
  const auto& model = dynamic_cast<const S3Rec&>(*loaded);
  const PackedWindows packed(fixture);
  const PretrainingBatch& batch = packed.batch();
  Adam adam(model.parameters().named(), {.lr = 1e-3});
  const auto expected = fixture.tensor("pretraining.losses").span<double>();
  REQUIRE(expected.size() == 10);
  for (size_t step = 0; step < expected.size(); ++step) {
    CAPTURE(step);
    Tape tape;
    const Context ctx{.parallel = parallel, .tape = &tape};
    const PretrainingLoss loss = model.pretraining_loss(ctx, batch);
    CHECK(std::abs(loss.total.item() - expected[step]) < tolerance.losses * std::abs(expected[step]));
    if (step == 0) {
      CHECK(relative_error(loss.aap, fixture.tensor("aap")) < tolerance.losses);
      CHECK(relative_error(loss.mip, fixture.tensor("mip")) < tolerance.losses);
      CHECK(relative_error(loss.map, fixture.tensor("map")) < tolerance.losses);
      CHECK(relative_error(loss.sp, fixture.tensor("sp")) < tolerance.losses);
    }
    tape.backward(loss.total);
    if (step == 0) check_gradients(fixture, model, "pretraining", dtype);
    adam.step(parallel);
  }
}

}  // namespace

TEST_CASE("S3-Rec computes what PyTorch does, and has its gradients and losses when it is fine-tuned") {
  for (const DType dtype : {DType::f32, DType::f64}) {
    check_outputs(fixture(), dtype);
    check_training(fixture(), "cce", dtype);
  }
}

TEST_CASE("S3-Rec's four objectives, their gradients and the losses of ten steps are PyTorch's") {
  check_pretraining(fixture(), DType::f32);
  check_pretraining(fixture(), DType::f64);
}

TEST_CASE("an S3-Rec that PyTorch saved ranks every user as it did there") {
  const ModelFixture expected = fixture();
  const LoadedModel loaded =
      load_model({.checkpoint = expected.path.string(), .model = "s3rec"}, expected.dataset);
  check_ranks(expected, *loaded.model);
}

}  // namespace cce::test
