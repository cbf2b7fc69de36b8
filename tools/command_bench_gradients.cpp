#include "tools/command_bench_gradients.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "losses/score_gradients.h"
#include "tools/svg_chart.h"

namespace cce {
namespace {

constexpr double kEasy = -10;
constexpr std::array kNegatives = {1, 10, 100, 1000};
constexpr std::array kBiases = {-8.0, -4.0, -2.0, 0.0, 2.0, 4.0, 8.0};
/// What is held fixed in a chart over the other.
constexpr double kChartBias = -2;
constexpr int kChartNegatives = 100;
constexpr double kSmallestDrawn = 1e-4;

constexpr std::array kProbed = {
    ProbedLoss{"bpr", "Eq. 9", true, bpr_gradient},
    ProbedLoss{"top1", "Eq. 10", true, top1_gradient},
    ProbedLoss{"bpr-max", "Eq. 13", true, bpr_max_gradient},
    ProbedLoss{"top1-max", "Eq. 14", true, top1_max_gradient},
    ProbedLoss{"lambdarank", "Burges 2010", true, lambdarank_gradient},
    ProbedLoss{"bce", "Eq. 21", false, bce_gradient},
    ProbedLoss{"ce", "Eq. 24", false, ce_gradient},
};

/// The negatives' scores: the hard one's first.
std::vector<double> probe_scores(int negatives, double bias) {
  std::vector<double> scores(static_cast<size_t>(negatives), kEasy);
  scores.front() = -bias;
  return scores;
}

std::string table_of(const ProbedLoss& loss) {
  std::string text = fmt::format("{} ({})\n{:>9}", loss.name, loss.equation, "N");
  for (const double bias : kBiases) text += fmt::format("{:>10}", fmt::format("b = {}", bias));
  for (const int negatives : kNegatives) {
    text += fmt::format("\n{:>9}", negatives);
    for (const double bias : kBiases) text += fmt::format("{:>10.5f}", probe(loss, negatives, bias));
  }
  return text + "\n";
}

Chart chart_over(const std::string& title, const ChartAxis& x) {
  return {title,
          x,
          {.title = "size of the gradient on r+", .logarithmic = true, .include = {kSmallestDrawn, 1}},
          {}};
}

/// What a loss gives, as a point; smaller gradients than an axis can usefully have are drawn at its end.
ChartPoint point_at(double x, const ProbedLoss& loss, int negatives, double bias) {
  return {x, std::max(kSmallestDrawn, std::abs(probe(loss, negatives, bias)))};
}

Chart chart_over_negatives() {
  Chart chart = chart_over(fmt::format("hard negative {} ahead", -kChartBias),
                           {.title = "negatives N", .logarithmic = true});
  for (const ProbedLoss& loss : kProbed) {
    ChartSeries series{loss.name, {}};
    for (int step = 0; step <= 30; ++step) {
      const int negatives = static_cast<int>(std::lround(std::pow(10, step / 10.0)));
      series.points.push_back(point_at(negatives, loss, negatives, kChartBias));
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

Chart chart_over_biases() {
  Chart chart = chart_over(fmt::format("{} negatives", kChartNegatives),
                           {.title = "b = r+ minus the hard negative's score"});
  for (const ProbedLoss& loss : kProbed) {
    ChartSeries series{loss.name, {}};
    for (int step = -32; step <= 32; ++step) {
      series.points.push_back(point_at(step / 4.0, loss, kChartNegatives, step / 4.0));
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

}  // namespace

std::span<const ProbedLoss> probed_losses() {
  return kProbed;
}

double probe(const ProbedLoss& loss, int negatives, double bias) {
  return loss.gradient(0, probe_scores(negatives, bias));
}

std::string gradient_tables() {
  std::string text = fmt::format(
      "d(loss)/d(r+) at r+ = 0, where one of N negatives has the score -b and the others {}.\n", kEasy);
  for (const ProbedLoss& loss : kProbed) text += "\n" + table_of(loss);
  const std::vector<double> scores = probe_scores(kChartNegatives, kChartBias);
  text += fmt::format(
      "\nd(loss)/d(hard negative's score) at N = {}, b = {}: bce {:.5f} (Eq. 22), ce {:.5f} (Eq. 25)\n",
      kChartNegatives, kChartBias, bce_negative_gradient(0, scores, 0), ce_negative_gradient(0, scores, 0));
  return text;
}

std::string gradient_picture() {
  const std::array charts = {chart_over_negatives(), chart_over_biases()};
  return svg_file("How hard a loss pulls at the right item's score", charts);
}

}  // namespace cce
