// Recommendations say what evaluation does.
#include "tools/recommender.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "data/split.h"
#include "models/model_table.h"
#include "tests/data/files.h"
#include "tests/tools/interrupted_runs.h"
#include "tests/tools/small_runs.h"

namespace cce::test {
namespace {

/// The test rank of each user, as ranks.tsv has it.
std::vector<int32_t> test_ranks(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);  // the heading
  std::vector<int32_t> ranks;
  for (std::string user, valid, test; file >> user >> valid >> test;) ranks.push_back(std::stoi(test));
  return ranks;
}

void check_agreement(const std::string& model, const std::string& loss, const std::string& padding) {
  CAPTURE(model);
  const testing::TemporaryFolder folder;
  TrainOptions options = small_options(model, loss, folder / "run");
  options.padding = padding, options.pretrain_epochs = 0, options.epochs = 2;
  REQUIRE(train(options) == ExitCode::done);
  const std::vector<int32_t> ranks = test_ranks(folder / "run/ranks.tsv");

  const Dataset& data = small_data();
  REQUIRE(std::ssize(ranks) == data.user_count());
  std::vector<std::vector<int32_t>> histories;
  for (int64_t user = 0; user < data.user_count(); ++user) {
    const auto history = split_history(data, user, Split::test);
    histories.emplace_back(history.begin(), history.end());
  }
  Parallel parallel(2);
  CheckpointOptions checkpoint;
  checkpoint.checkpoint = options.out;
  const LoadedModel loaded = load_model(checkpoint);
  const auto best = recommend({parallel}, loaded, histories, data.max_item, Seen::exclude);
  int found = 0;
  for (int64_t user = 0; user < data.user_count(); ++user) {
    const auto& list = best[static_cast<size_t>(user)];
    const int32_t target = split_answer(data, user, Split::test);
    const auto at = std::ranges::find(list, target, &ScoredItem::item);
    const bool repeated = std::ranges::find(histories[static_cast<size_t>(user)], target) !=
                          histories[static_cast<size_t>(user)].end();
    CHECK((at == list.end()) == repeated);
    if (repeated) continue;
    CHECK(at - list.begin() == ranks[static_cast<size_t>(user)]);
    ++found;
  }
  CHECK(found > 300);

  // Alone or among others, with one thread or two: the same.
  Parallel alone(1);
  const std::vector<std::vector<int32_t>> one{histories[7]};
  CHECK(recommend({alone}, loaded, one, 5, Seen::exclude).front() ==
        std::vector<ScoredItem>(best[7].begin(), best[7].begin() + 5));
}

}  // namespace

TEST_CASE("the place of a user's test item among the recommendations is its rank in ranks.tsv") {
  check_agreement("gru4rec", "cce", "none");
  check_agreement("gru4rec", "cce", "left");
  check_agreement("sasrec", "cce", "none");
  check_agreement("s3rec", "bce", "none");
  check_agreement("bert4rec", "mlm", "none");
}

TEST_CASE("similar items are those with the greatest cosine, without the item itself") {
  Parallel parallel(1);
  // Rows 0 and 6 stand for padding and mask token, row 5 has no direction.
  const Tensor table = Tensor::from({7, 2}, std::vector<float>{9, 9, 1, 0, 10, 1, 0, 3, -4, 0, 0, 0, 9, 9});
  const auto best = similar({parallel}, table, 1, 10);
  REQUIRE(best.size() == 4);
  CHECK(best[0].item == 2);
  CHECK(best[0].score == doctest::Approx(10 / std::sqrt(101.0)));
  CHECK(best[1] == ScoredItem{3, 0});
  CHECK(best[2] == ScoredItem{5, 0});
  CHECK(best[3].item == 4);
  CHECK(best[3].score == doctest::Approx(-1));
  CHECK(similar({parallel}, table, 4, 1).size() == 1);
  CHECK(testing::message_of([&] { similar({parallel}, table, 6, 1); }) == "item 6 is not one of 5 items");
}

}  // namespace cce::test
