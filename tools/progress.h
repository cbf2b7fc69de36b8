// What a waiting person sees on standard error: a bar with rate and remaining time on a terminal, lines
// elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace cce {

/// One task on its way.
struct ProgressState {
  std::string task;  ///< "epoch 3/150"
  std::string unit;  ///< what is counted: "users"
  int64_t done = 0;
  int64_t total = 0;      ///< of these
  int64_t before = 0;     ///< of those done, how many were before the seconds began
  double seconds = 0;     ///< since the task began
  std::string note = "";  ///< "loss 7.1234"
};
/// "epoch 3/150  42 %  1,234 users/s  0:12 left  loss 7.1234"
std::string progress_text(const ProgressState& state);
/// The same behind a bar, in at most `width` columns; without the bar where there is no room for it.
std::string progress_bar(const ProgressState& state, int width);

/// Shows one task while it lives.
class Progress {
 public:
  enum class Style { none, lines, bar };
  /// none if `quiet`; bar if `stream` is a terminal that can move its cursor; else lines.
  static Style style_for(bool quiet, std::FILE* stream);

  /// On standard error: the task's name, how many of which unit it takes, and how many were done before, as
  /// of an epoch that is gone on with.
  Progress(std::string task, int64_t total, std::string unit, bool quiet, int64_t before = 0);
  Progress(std::string task, int64_t total, std::string unit, Style style, std::FILE* stream,
           int64_t before = 0);
  /// Takes the bar away.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  using Clock = std::chrono::steady_clock;
  /// Shows how far the task is, unless it did so a moment ago (a bar: 0.1 s, lines: 10 s). Cheap enough for
  /// every step.
  void update(int64_t done, std::string_view note = "", Clock::time_point now = Clock::now());

 private:
  ProgressState state_;
  Style style_;
  std::FILE* stream_;
  Clock::time_point begun_ = Clock::now(), shown_ = begun_;
  bool bar_shown_ = false;
};

}  // namespace cce
