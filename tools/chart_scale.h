// Where values stand along an axis of a chart, and which of them are written beside it.
#pragma once

#include <string>
#include <vector>

namespace cce {

/// Values that a chart can show: finite, not absurdly large, and above 0 on a logarithmic axis.
bool can_be_shown(double value, bool logarithmic);

struct ScaleRequest {
  double least = 0, most = 0;  ///< of the values, in any order; each must be one that can be shown
  bool logarithmic = false;
  bool whole = false;    ///< ticks at whole numbers only
  bool rounded = false;  ///< the axis begins and ends at a tick, instead of at `least` and `most`
  int ticks = 5;         ///< about so many
};

/// The scale of one axis. It is never empty: values that are all the same get room on both sides.
class ChartScale {
 public:
  explicit ChartScale(const ScaleRequest& request);

  /// 0 at the axis' begin, 1 at its end; values beyond stand at the ends.
  double share(double value) const;
  double begin() const { return begin_; }
  double end() const { return end_; }
  bool logarithmic() const { return logarithmic_; }

  struct Tick {
    double value;
    std::string text;
  };
  /// Ascending.
  const std::vector<Tick>& ticks() const { return ticks_; }

 private:
  void set_linear(const ScaleRequest& request);
  void set_logarithmic(const ScaleRequest& request);

  double begin_, end_;
  bool logarithmic_;
  std::vector<Tick> ticks_;
};

}  // namespace cce
