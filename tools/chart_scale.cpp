#include "tools/chart_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cce {
namespace {

constexpr double kLargest = 1e100;
/// Values that differ by less than this share of their size are drawn as if they were the same.
constexpr double kSame = 1e-9;

/// The smallest of 1, 2, 5, 10, 20, 50, ... (or 0.1, 0.2, 0.5, ...) that is no less than `step`.
double round_step(double step) {
  const double power = std::pow(10, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= step * (1 - kSame)) return factor * power;
  }
  return 10 * power;
}

/// With the decimals that tell it from its neighbours.
std::string tick_text(double value, double step) {
  if (std::abs(value) < step / 2) return "0";
  if (std::abs(value) >= 1e6 || step < 1e-6) return fmt::format("{:.4g}", value);
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + kSame)));
  return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace

bool can_be_shown(double value, bool logarithmic) {
  return std::abs(value) < kLargest && (!logarithmic || value > 1 / kLargest);  // a NaN is not
}

ChartScale::ChartScale(const ScaleRequest& request)
    : begin_(std::min(request.least, request.most)),
      end_(std::max(request.least, request.most)),
      logarithmic_(request.logarithmic) {
  logarithmic_ ? set_logarithmic(request) : set_linear(request);
}

void ChartScale::set_linear(const ScaleRequest& request) {
  const double size = std::max(std::abs(begin_), std::abs(end_));
  if (end_ - begin_ <= std::max(size * kSame, 1 / kLargest)) {
    if (size <= 1 / kLargest) {
      begin_ = 0, end_ = 1;
    } else {
      const double room = request.whole ? 1 : size / 2;
      begin_ -= room, end_ += room;
    }
  }
  double step = round_step((end_ - begin_) / request.ticks);
  if (request.whole) step = std::max(step, 1.0);
  double first = std::ceil(begin_ / step - kSame), last = std::floor(end_ / step + kSame);
  if (request.rounded) {
    first = std::floor(begin_ / step + kSame), last = std::ceil(end_ / step - kSame);
    begin_ = first * step, end_ = last * step;
  }
  for (double i = first; i <= last; ++i) ticks_.push_back({i * step, tick_text(i * step, step)});
}

void ChartScale::set_logarithmic(const ScaleRequest& request) {
  if (end_ / begin_ <= 1 + kSame) begin_ /= 2, end_ *= 2;
  double first = std::floor(std::log10(begin_) + kSame), last = std::ceil(std::log10(end_) - kSame);
  const double every = std::max(1.0, std::ceil((last - first) / request.ticks));
  if (request.rounded) {
    last = first + every * std::ceil((last - first) / every);
    begin_ = std::pow(10, first), end_ = std::pow(10, last);
  }
  const bool few_decades = last - first <= 2;
  for (double power = first; power <= last; power += every) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * std::pow(10, power);
      const bool inside = value >= begin_ * (1 - kSame) && value <= end_ * (1 + kSame);
      if (inside && (factor == 1 || few_decades)) ticks_.push_back({value, fmt::format("{:.6g}", value)});
    }
  }
}

double ChartScale::share(double value) const {
  value = std::clamp(value, begin_, end_);
  if (logarithmic_) return std::log(value / begin_) / std::log(end_ / begin_);
  return (value - begin_) / (end_ - begin_);
}

}  // namespace cce
