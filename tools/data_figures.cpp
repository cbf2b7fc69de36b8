#include "tools/data_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tools/options.h"

namespace cce {
namespace {

/// Width of the labels.
constexpr size_t kLabels = 34;

/// A label and its value.
using Figure = std::pair<std::string, std::string>;

std::string percent(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

/// How many of the users have sequences of which length.
std::vector<Figure> length_histogram(const Dataset& dataset) {
  constexpr std::array<int64_t, 11> kLongest{4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 200};
  std::array<int64_t, kLongest.size() + 1> users{};
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    const auto length = std::ssize(dataset.sequence(user));
    ++users[static_cast<size_t>(std::ranges::lower_bound(kLongest, length) - kLongest.begin())];
  }
  std::vector<Figure> figures;
  int64_t shortest = kFewestItems;
  for (size_t bucket = 0; bucket < users.size(); ++bucket) {
    std::string label = fmt::format("users with {}", shortest);
    if (bucket == kLongest.size()) {
      label += " items or more";
    } else {
      label += shortest == kLongest[bucket] ? " items" : fmt::format(" to {} items", kLongest[bucket]);
      shortest = kLongest[bucket] + 1;
    }
    const double share = static_cast<double>(users[bucket]) / static_cast<double>(dataset.user_count());
    figures.emplace_back(label, percent(share));
  }
  return figures;
}

/// What the paper's Table 1 tells about a data set, what padding would cost, and the lengths.
std::vector<Figure> figures_of(const Dataset& dataset) {
  const int max_length = TrainOptions{}.max_length;
  const DatasetSummary summary = summarize(dataset, max_length);
  const auto interactions = static_cast<double>(summary.interactions);
  const auto items = static_cast<double>(summary.items);
  std::vector<Figure> figures{
      {"users", fmt::format("{}", summary.users)},
      {"users left out (too few items)", fmt::format("{}", dataset.users_left_out)},
      {"items", fmt::format("{}", summary.items)},
      {"interactions", fmt::format("{}", summary.interactions)},
      {"interactions per user", fmt::format("{:.2f}", summary.mean_length)},
      {"interactions per item", fmt::format("{:.2f}", interactions / items)},
      {"density", fmt::format("{:.2f} %", 100 * interactions / items / static_cast<double>(summary.users))},
      {"repeated items", fmt::format("{}", summary.repeats)},
      {"training positions", fmt::format("{}", summary.training_positions)},
      {fmt::format("padding saved at length {}", max_length), percent(summary.pad_share)},
      {"shortest sequence", fmt::format("{}", summary.shortest)},
      {"longest sequence", fmt::format("{}", summary.longest)},
  };
  for (Figure& figure : length_histogram(dataset)) figures.push_back(std::move(figure));
  return figures;
}

}  // namespace

void DataFigures::add(const Dataset& dataset) {
  if (lines_.empty()) lines_.emplace_back(kLabels, ' ');
  const size_t width = std::max<size_t>(dataset.name.size(), 9) + 2;
  lines_.front() += fmt::format("{:>{}}", dataset.name, width);
  size_t line = 1;
  for (const auto& [label, value] : figures_of(dataset)) {
    if (line == lines_.size()) lines_.push_back(fmt::format("{:<{}}", label, kLabels));
    lines_[line++] += fmt::format("{:>{}}", value, width);
  }
}

void DataFigures::print() const {
  for (const std::string& line : lines_) fmt::print("{}\n", line);
}

}  // namespace cce
