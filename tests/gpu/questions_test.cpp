// An evaluation's questions that stay in the GPU's memory, all of them, some or none: the same ranks.
#include "tools/questions.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>

#include "models/gru4rec.h"
#include "tests/gpu/tiny_trainings.h"
#include "tools/evaluator.h"

namespace cce::test {
namespace {

/// Users whose rank another evaluation has otherwise.
int64_t different_ranks(const Evaluation& a, const Evaluation& b) {
  REQUIRE(a.ranks.size() == b.ranks.size());
  int64_t different = 0;
  for (size_t user = 0; user < a.ranks.size(); ++user) different += a.ranks[user] != b.ranks[user] ? 1 : 0;
  return different;
}

}  // namespace

TEST_CASE(
    "gpu: a split is asked in several batches, again and again, of other weights, with the same ranks") {
  const Unguarded unguarded;
  const Dataset& data = tiny_data();
  Parallel parallel(1);
  std::map<uint64_t, Evaluation> first;  // by seed, of batches that all stay
  // About four batches; the bytes of all, of one or two, and of none.
  for (const int64_t kept : {1 << 20, 400, 0}) {
    SplitQuestions questions(data, Split::valid,
                             {.max_length = 9,
                              .device = Device::cuda,
                              .kept = kept,
                              .limits = {.users = 3, .positions = 1000, .items = 1000}});
    for (const uint64_t seed : {1, 2, 3}) {
      CAPTURE(kept);
      CAPTURE(seed);
      Gru4Rec model({.item_rows = data.item_rows(), .embedding_size = 8, .hidden_size = 8}, seed);
      const Evaluation expected = evaluate(parallel, model, data, Split::valid, 9, {});
      model.move_to(Device::cuda);
      const Evaluation asked = evaluate(parallel, model, questions, {});
      CHECK(different_ranks(asked, expected) <= 1);  // near ties
      CHECK(std::abs(asked.tied - expected.tied) <= 1);
      CHECK(asked.excluded == expected.excluded);
      const Evaluation& before = first.try_emplace(seed, asked).first->second;
      CHECK(asked.ranks == before.ranks);
      CHECK(asked.tied == before.tied);
    }
  }
}

TEST_CASE("gpu: questions for one device are not asked of a model on another") {
  Parallel parallel(1);
  const Dataset& data = tiny_data();
  SplitQuestions questions(data, Split::valid, {.device = Device::cuda});
  const Gru4Rec model({.item_rows = data.item_rows(), .embedding_size = 8, .hidden_size = 8}, 1);
  CHECK_THROWS_WITH_AS(evaluate(parallel, model, questions, {}),
                       "[evaluate] questions for another device than the model's", Error);
}

}  // namespace cce::test
