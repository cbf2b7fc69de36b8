#include "tools/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace cce {
namespace {

using namespace std::chrono_literals;

constexpr Progress::Clock::duration kBarInterval = 100ms;
constexpr Progress::Clock::duration kLineInterval = 10s;
constexpr int kWidestBar = 30;
constexpr int kNarrowestBar = 8;

/// "0:07", "12:34", "1:02:03"
std::string duration(double seconds) {
  const auto s = static_cast<int64_t>(seconds + 0.5);
  if (s < 3600) return fmt::format("{}:{:02}", s / 60, s % 60);
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

/// 1234567 -> "1,234,567"
std::string with_commas(int64_t number) {
  const std::string digits = fmt::format("{}", number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

int columns(std::FILE* stream) {
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

/// In [0, 1].
double share_of(const ProgressState& state) {
  if (state.total <= 0) return 1;
  return std::clamp(static_cast<double>(state.done) / static_cast<double>(state.total), 0.0, 1.0);
}

}  // namespace

std::string progress_text(const ProgressState& state) {
  std::string text = fmt::format("{}  {:.0f} %", state.task, 100 * share_of(state));
  if (state.done > state.before && state.seconds > 0) {
    const double rate = static_cast<double>(state.done - state.before) / state.seconds;
    text += fmt::format("  {} {}/s  {} left", with_commas(static_cast<int64_t>(rate + 0.5)), state.unit,
                        duration(static_cast<double>(state.total - state.done) / rate));
  }
  return state.note.empty() ? text : text + "  " + state.note;
}

std::string progress_bar(const ProgressState& state, int width) {
  const std::string text = progress_text(state);
  const int room = std::min(width - static_cast<int>(text.size()) - 4, kWidestBar);  // brackets, two blanks
  if (room < kNarrowestBar) return text.substr(0, static_cast<size_t>(std::max(width, 0)));
  const auto filled = static_cast<size_t>(share_of(state) * room);
  return fmt::format("[{}{}]  {}", std::string(filled, '='),
                     std::string(static_cast<size_t>(room) - filled, ' '), text);
}

Progress::Style Progress::style_for(bool quiet, std::FILE* stream) {
  if (quiet) return Style::none;
  const char* terminal = std::getenv("TERM");
  const bool movable = terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
  return movable && isatty(fileno(stream)) != 0 ? Style::bar : Style::lines;
}

Progress::Progress(std::string task, int64_t total, std::string unit, bool quiet, int64_t before)
    : Progress(std::move(task), total, std::move(unit), style_for(quiet, stderr), stderr, before) {}

Progress::Progress(std::string task, int64_t total, std::string unit, Style style, std::FILE* stream,
                   int64_t before)
    : style_(style), stream_(stream) {
  state_.task = std::move(task);
  state_.total = total;
  state_.before = before;
  state_.unit = std::move(unit);
}

Progress::~Progress() {
  if (!bar_shown_) return;
  std::fputs("\r\x1b[K", stream_);
  std::fflush(stream_);
}

void Progress::update(int64_t done, std::string_view note, Clock::time_point now) {
  const Clock::duration interval = style_ == Style::bar ? kBarInterval : kLineInterval;
  if (style_ == Style::none || now - shown_ < interval) return;
  shown_ = now;
  state_.done = done;
  state_.seconds = std::chrono::duration<double>(now - begun_).count();
  state_.note = note;
  if (style_ == Style::lines) {
    std::fputs((progress_text(state_) + "\n").c_str(), stream_);
  } else {
    // One column stays free: writing into the last one would wrap the line on some terminals.
    const std::string text = progress_bar(state_, columns(stream_) - 1);
    const char* format = is_set("NO_COLOR") ? "\r{}\x1b[K" : "\r\x1b[36m{}\x1b[0m\x1b[K";
    std::fputs(fmt::format(fmt::runtime(format), text).c_str(), stream_);
    bar_shown_ = true;
  }
  std::fflush(stream_);
}

}  // namespace cce
