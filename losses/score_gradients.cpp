#include "losses/score_gradients.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

namespace cce {
namespace {

double sigma(double x) {
  return 1 / (1 + std::exp(-x));
}

/// The slope of sigma.
double slope(double x) {
  return sigma(x) * (1 - sigma(x));
}

std::vector<double> softmax(std::vector<double> scores) {
  const double largest = *std::ranges::max_element(scores);
  double sum = 0;
  for (double& score : scores) sum += score = std::exp(score - largest);
  for (double& score : scores) score /= sum;
  return scores;
}

std::vector<double> softmax(std::span<const double> scores) {
  return softmax(std::vector<double>(scores.begin(), scores.end()));
}

/// The softmax over the right item, which comes first, and the others.
std::vector<double> softmax_of_all(double positive, std::span<const double> negatives) {
  std::vector<double> scores = {positive};
  scores.insert(scores.end(), negatives.begin(), negatives.end());
  return softmax(std::move(scores));
}

/// The mean over the negatives of f(r_j).
template <class F>
double mean_over(std::span<const double> negatives, F f) {
  double sum = 0;
  for (const double r : negatives) sum += f(r);
  return sum / static_cast<double>(negatives.size());
}

/// The sum over the negatives of s_j f(r_j).
template <class F>
double softmax_sum(std::span<const double> negatives, F f) {
  const std::vector<double> s = softmax(negatives);
  double sum = 0;
  for (size_t j = 0; j < negatives.size(); ++j) sum += s[j] * f(negatives[j]);
  return sum;
}

}  // namespace

double bpr_gradient(double positive, std::span<const double> negatives) {
  return -mean_over(negatives, [=](double r) { return 1 - sigma(positive - r); });
}

double top1_gradient(double positive, std::span<const double> negatives) {
  return -mean_over(negatives, [=](double r) { return slope(r - positive); });
}

double bpr_max_gradient(double positive, std::span<const double> negatives) {
  return -softmax_sum(negatives, [=](double r) { return slope(positive - r); }) /
         softmax_sum(negatives, [=](double r) { return sigma(positive - r); });
}

double top1_max_gradient(double positive, std::span<const double> negatives) {
  return -softmax_sum(negatives, [=](double r) { return slope(r - positive); });
}

double lambdarank_gradient(double positive, std::span<const double> negatives) {
  std::vector<double> sorted(negatives.begin(), negatives.end());
  std::ranges::sort(sorted, std::greater{});
  const auto better = std::ranges::count_if(sorted, [=](double r) { return r >= positive; });
  const auto gain = [](int64_t rank) { return 1 / std::log2(static_cast<double>(rank) + 2); };
  double sum = 0;
  for (int64_t place = 0; place < std::ssize(sorted); ++place) {
    const int64_t rank = place < better ? place : place + 1;
    const double weight = std::abs(gain(better) - gain(rank));
    sum += weight * (1 - sigma(positive - sorted[static_cast<size_t>(place)]));
  }
  return -sum;
}

double bce_gradient(double positive, std::span<const double>) {
  return -(1 - sigma(positive));
}

double bce_negative_gradient(double, std::span<const double> negatives, size_t j) {
  return sigma(negatives[j]);
}

double ce_gradient(double positive, std::span<const double> negatives) {
  return softmax_of_all(positive, negatives).front() - 1;
}

double ce_negative_gradient(double positive, std::span<const double> negatives, size_t j) {
  return softmax_of_all(positive, negatives)[j + 1];
}

}  // namespace cce
