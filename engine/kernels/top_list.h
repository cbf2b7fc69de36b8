// The best few of many items, kept while they come by.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace cce::cpu {

/// Keeps the `count` best of the items offered to it: those with the highest scores and, of equal scores, the
/// lowest ids. Holds up to twice as many and now and then drops the worse half, so an offer costs constant
/// time on average, and most end at one comparison.
template <class T>
class TopList {
 public:
  struct Entry {
    int32_t item;
    T score;
    bool operator<(const Entry& other) const {  // is better than
      return score != other.score ? score > other.score : item < other.item;
    }
  };

  explicit TopList(int64_t count) : count_(static_cast<size_t>(count)) {}

  /// What the next item must score more than to be kept; -infinity while all are. NaN never does.
  T threshold() const { return threshold_; }

  /// Ids must ascend from offer to offer: then an item that scores as much as the last one kept is worse.
  void offer(int32_t item, T score) {
    if (!(score > threshold_)) return;
    kept_.push_back({item, score});
    if (kept_.size() == 2 * count_) cut();
  }

  /// Those kept, best first.
  std::vector<Entry> sorted() && {
    std::sort(kept_.begin(), kept_.end());
    if (kept_.size() > count_) kept_.resize(count_);
    return std::move(kept_);
  }

 private:
  void cut() {
    const auto last = kept_.begin() + static_cast<std::ptrdiff_t>(count_) - 1;
    std::nth_element(kept_.begin(), last, kept_.end());
    threshold_ = last->score;
    kept_.resize(count_);
  }

  size_t count_;
  T threshold_ = -std::numeric_limits<T>::infinity();
  std::vector<Entry> kept_;
};

}  // namespace cce::cpu
