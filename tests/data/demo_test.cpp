#include "data/demo.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace cce {
namespace {

TEST_CASE("The demo is the same data everywhere") {
  const Dataset demo = demo_dataset();
  CHECK(demo.name == "demo");
  CHECK(demo.fingerprint == "6986918b649cc21f");
  CHECK(demo.user_count() == 3000);
  const DatasetSummary summary = summarize(demo, 50);
  CHECK(summary.items == 300);
  CHECK(summary.shortest == 5);
  CHECK(summary.longest == 30);
  CHECK(summary.repeats == 0);
}

TEST_CASE("The demo's best possible metrics are between 0 and 1 and leave room to fail") {
  for (const Split split : {Split::valid, Split::test}) {
    const BestPossible best = demo_best_possible(split, 10);
    CHECK(best.ndcg > 0.4);
    CHECK(best.ndcg < 0.7);
    CHECK(best.hr > best.ndcg);
    CHECK(best.hr < 1);
  }
  CHECK(demo_best_possible(Split::test, 1).hr == doctest::Approx(demo_best_possible(Split::test, 1).ndcg));
  CHECK(demo_best_possible(Split::test, 300).hr == doctest::Approx(1));
}

TEST_CASE("The next item's probabilities are a distribution over the unseen items") {
  const std::vector<int32_t> history{5, 17, 300, 1};
  const std::vector<double> p = demo_next_item_probabilities(history);
  REQUIRE(p.size() == 302);
  CHECK(std::accumulate(p.begin(), p.end(), 0.0) == doctest::Approx(1));
  CHECK(p.front() == 0);
  CHECK(p.back() == 0);
  for (const int32_t item : history) CHECK(p[item] == 0);
  CHECK(std::ranges::count(p, 0.0) == 6);
}

TEST_CASE("The demo's users behave as the process says") {
  // The probability that the process gave to what happened, against what it expects of itself: over all
  // transitions, the mean of log p(next) must match the mean entropy.
  const Dataset demo = demo_dataset();
  double surprise = 0, entropy = 0, variance = 0;
  int64_t transitions = 0;
  for (int64_t user = 0; user < demo.user_count(); ++user) {
    const std::span<const int32_t> s = demo.sequence(user);
    for (size_t i = 1; i < s.size(); ++i, ++transitions) {
      const std::vector<double> p = demo_next_item_probabilities(s.first(i));
      double mean = 0, square = 0;
      for (const double q : p) {
        if (q == 0) continue;
        mean -= q * std::log(q);
        square += q * std::log(q) * std::log(q);
      }
      surprise -= std::log(p[s[i]]);
      entropy += mean;
      variance += square - mean * mean;
    }
  }
  CHECK(transitions > 40'000);
  CHECK(std::abs(surprise - entropy) < 4 * std::sqrt(variance));
}

TEST_CASE("Who ranks by the true probabilities reaches the best possible metrics") {
  const Dataset demo = demo_dataset();
  double hits = 0, gain = 0, squares = 0;
  for (int64_t user = 0; user < demo.user_count(); ++user) {
    const std::vector<double> p = demo_next_item_probabilities(split_history(demo, user, Split::test));
    const double target = p[split_answer(demo, user, Split::test)];
    const auto better = std::ranges::count_if(p, [&](double q) { return q > target; });
    const auto ties = std::ranges::count(p, target) - 1;
    const auto rank = static_cast<double>(better) + std::ceil(static_cast<double>(ties) / 2);
    if (rank >= 10) continue;
    const double ndcg = 1 / std::log2(rank + 2);
    ++hits, gain += ndcg, squares += ndcg * ndcg;
  }
  const auto users = static_cast<double>(demo.user_count());
  const BestPossible best = demo_best_possible(Split::test, 10);
  const double deviation = std::sqrt((squares / users - gain / users * gain / users) / users);
  CHECK(std::abs(gain / users - best.ndcg) < 4 * deviation);
  CHECK(std::abs(hits / users - best.hr) < 4 * std::sqrt(best.hr * (1 - best.hr) / users));
}

TEST_CASE("The best possible metrics are those of the order in which likelier items stand first") {
  // No other order is expected to do better: two items of which the likelier stands behind would gain by
  // swapping, since a place adds the more the nearer it is to the front.
  const Dataset demo = demo_dataset();
  for (const Split split : {Split::valid, Split::test}) {
    double hits = 0, gain = 0;
    for (int64_t user = 0; user < demo.user_count(); ++user) {
      const std::vector<double> p = demo_next_item_probabilities(split_history(demo, user, split));
      for (size_t item = 0; item < p.size(); ++item) {
        int likelier = 0;
        for (size_t other = 0; other < p.size(); ++other)
          likelier += p[other] > p[item] || (p[other] == p[item] && other < item) ? 1 : 0;
        if (likelier >= 10) continue;
        hits += p[item], gain += p[item] / std::log2(likelier + 2);
      }
    }
    const auto users = static_cast<double>(demo.user_count());
    const BestPossible best = demo_best_possible(split, 10);
    CHECK(best.hr == doctest::Approx(hits / users).epsilon(1e-10));
    CHECK(best.ndcg == doctest::Approx(gain / users).epsilon(1e-10));
  }
}

TEST_CASE("The demo's attributes follow its groups") {
  const Attributes attributes = demo_attributes();
  CHECK(attributes.item_rows() == demo_dataset().item_rows());
  CHECK(attributes.of(0).empty());
  CHECK(attributes.of(301).empty());
  std::set<int32_t> used(attributes.ids.begin(), attributes.ids.end());
  CHECK(*used.begin() == 1);
  CHECK(*used.rbegin() + 1 == attributes.count);
  for (int32_t item = 1; item <= 300; ++item) {
    CHECK(attributes.of(item).size() >= 2);
    CHECK(attributes.of(item).front() == 1 + (item - 1) / 20);
    // Where an item leads: its own group, the next one, or (rarely) anywhere.
    const std::vector<double> p = demo_next_item_probabilities(std::vector<int32_t>{item});
    const auto likeliest = static_cast<int32_t>(std::ranges::max_element(p) - p.begin());
    const int32_t step = (attributes.of(likeliest).front() - attributes.of(item).front() + 15) % 15;
    CHECK(step <= 1);
  }
}

}  // namespace
}  // namespace cce
