// What the public data sets are known to hold. Needs their files, in the folder $CCE_REC_DATA; without it,
// main.cpp leaves out what begins with "real data:".
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "data/batch.h"
#include "data/catalog.h"
#include "data/pretraining.h"
#include "data/s3rec_text.h"

namespace cce {
namespace {

struct Known {
  const char* name;
  int64_t users, items, interactions, attributes, training_positions;
  double pad_percent;
  int64_t prefixes;
};
constexpr Known kKnown[] = {
    {"beauty", 22'363, 12'101, 198'502, 637, 128'031, 88.5, 150'258},
    {"sports", 35'598, 18'357, 296'337, 2'277, 187'944, 89.4, 223'464},
    {"toys", 19'412, 11'924, 167'597, 1'027, 106'592, 89.0, 125'896},
    {"yelp", 30'431, 20'033, 316'354, 1'001, 217'739, 85.7, 247'854},
    {"lastfm", 1'090, 3'646, 52'551, 388, 24'893, 54.3, 25'726},
};

TEST_CASE("real data: the five data sets have the counts of Table 1") {
  for (const Known& known : kKnown) {
    CAPTURE(known.name);
    const Dataset dataset = load_dataset(known.name);
    CHECK(dataset.name == known.name);
    CHECK(dataset.users_left_out == 0);
    CHECK(dataset.max_item == known.items);
    const DatasetSummary summary = summarize(dataset, 50);
    CHECK(summary.users == known.users);
    CHECK(summary.items == known.items);
    CHECK(summary.interactions == known.interactions);
    CHECK(summary.training_positions == known.training_positions);
    CHECK(std::abs(100 * summary.pad_share - known.pad_percent) <= 0.05 + 1e-9);
    CHECK(summary.repeats == (dataset.name == "yelp" ? 11'830 : 0));
  }
}

TEST_CASE("real data: every item has its attributes, numbered from 1 without a gap") {
  for (const Known& known : kKnown) {
    CAPTURE(known.name);
    const Attributes attributes = load_attributes(known.name, load_dataset(known.name));
    std::vector<int32_t> ids = attributes.ids;
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    CHECK(std::ssize(ids) == known.attributes);
    CHECK(ids.front() == 1);
    CHECK(attributes.count == known.attributes + 1);
    CHECK(attributes.item_rows() == known.items + 2);
  }
}

TEST_CASE("real data: the batches of an epoch hold every training position once") {
  for (const Known& known : kKnown) {
    CAPTURE(known.name);
    const Dataset dataset = load_dataset(known.name);
    TrainingBatches batches(dataset, {});
    CHECK(batches.per_epoch() == (known.users + 255) / 256);
    int64_t positions = 0, targets = 0;
    for (int64_t index = 0; index < batches.per_epoch(); ++index) {
      const Batch batch = batches.get(0, index);
      positions += batch.positions();
      targets += batch.positions() - std::ranges::count(batch.targets_T.span<int32_t>(), 0);
    }
    CHECK(positions == known.training_positions);
    CHECK(targets == known.training_positions);
  }
}

TEST_CASE("real data: the inputs for validation count the prefixes of pre-training") {
  for (const Known& known : kKnown) {
    CAPTURE(known.name);
    const Dataset dataset = load_dataset(known.name);
    int64_t positions = 0;
    for (int64_t user = 0; user < dataset.user_count(); ++user) {
      positions += std::ssize(split_input(dataset, user, Split::valid, 50));
    }
    CHECK(positions == known.prefixes);
  }
}

TEST_CASE("real data: an epoch of pre-training has no more kinds of steps than are kept") {
  for (const Known& known : kKnown) {
    CAPTURE(known.name);
    const Dataset dataset = load_dataset(known.name);
    const PretrainingOptions options;
    PretrainingBatches batches(dataset, load_attributes(known.name, dataset), options, Device::cpu);
    REQUIRE(batches.samples() == known.prefixes);
    std::set<std::vector<int64_t>> kinds;  // the sizes of what a step reads and makes
    for (int64_t index = 0; index < batches.per_epoch(); ++index) {
      const auto step = static_cast<uint32_t>(index);
      const PretrainingPlan plan = filled_up(batches.plan(1, index, step), options.max_length);
      std::vector<int64_t> kind = plan.sizes();
      for (const Tensor& tensor : plan.tensors()) kind.push_back(tensor.size());
      kinds.insert(kind);
    }
    CHECK(kinds.size() > 1);
    CHECK(kinds.size() <= StepGraph::kMostKinds);
  }
}

TEST_CASE("real data: 2,027 test users of Yelp have seen their answer before") {
  const Dataset yelp = load_dataset("yelp");
  int64_t seen = 0;
  for (int64_t user = 0; user < yelp.user_count(); ++user) {
    const std::span<const int32_t> history = split_history(yelp, user, Split::test);
    seen += std::ranges::find(history, split_answer(yelp, user, Split::test)) != history.end();
  }
  CHECK(seen == 2027);
}

TEST_CASE("real data: nothing is wrong with the five data sets") {
  for (const NamedData& data : named_data()) {
    if (data.built_in()) continue;
    CHECK(faults_of_s3rec_text(get_public_file(data.sequences).string()).empty());
  }
}

}  // namespace
}  // namespace cce
