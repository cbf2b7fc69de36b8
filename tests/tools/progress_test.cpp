#include "tools/progress.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>

#include "tests/data/files.h"

namespace cce {
namespace {

using namespace std::chrono_literals;
using testing::EnvironmentVariable;

ProgressState half_way() {
  return {
      .task = "epoch 3", .unit = "steps", .done = 5000, .total = 10000, .seconds = 2.5, .note = "loss 7.1"};
}

/// What is written to a stream.
class Written {
 public:
  Written() : stream_(open_memstream(&text_, &size_)) {}
  ~Written() { std::fclose(stream_), std::free(text_); }
  std::FILE* stream() const { return stream_; }
  std::string text() const {
    std::fflush(stream_);
    return {text_, size_};
  }

 private:
  char* text_ = nullptr;
  size_t size_ = 0;
  std::FILE* stream_;
};

TEST_CASE("progress tells share, rate and the time that is left") {
  CHECK(progress_text(half_way()) == "epoch 3  50 %  2,000 steps/s  0:03 left  loss 7.1");
}

TEST_CASE("progress that goes on with an epoch counts what it did itself") {
  ProgressState state = half_way();
  state.before = 4500;
  CHECK(progress_text(state) == "epoch 3  50 %  200 steps/s  0:25 left  loss 7.1");
  state.before = 5000;
  CHECK(progress_text(state) == "epoch 3  50 %  loss 7.1");
}

TEST_CASE("progress that has not begun promises nothing") {
  ProgressState state = half_way();
  state.done = 0, state.seconds = 0, state.note = "";
  CHECK(progress_text(state) == "epoch 3  0 %");
}

TEST_CASE("a long remaining time is shown in hours") {
  ProgressState state = half_way();
  state.seconds = 3723;
  CHECK(progress_text(state).find(" 1:02:03 left") != std::string::npos);
}

TEST_CASE("a bar fills the line up to a limit and gives way where there is no room") {
  const ProgressState state = half_way();
  const std::string text = progress_text(state);
  CHECK(progress_bar(state, 200) == "[===============               ]  " + text);
  CHECK(progress_bar(state, 66).size() <= 66);
  CHECK(progress_bar(state, 66).find("[=====") == 0);
  CHECK(progress_bar(state, static_cast<int>(text.size())) == text);
  CHECK(progress_bar(state, 10) == text.substr(0, 10));
}

TEST_CASE("more done than expected is still no more than all") {
  ProgressState state = half_way();
  state.done = 20000;
  CHECK(progress_bar(state, 200).starts_with("[==============================]"));
  state.total = 0;
  CHECK(progress_text(state).starts_with("epoch 3  100 %"));
}

TEST_CASE("a bar is redrawn ten times a second at most, and taken away at the end") {
  const EnvironmentVariable plain("NO_COLOR", "1");
  const Written written;
  {
    Progress progress("task", 10, "steps", Progress::Style::bar, written.stream());
    const auto start = Progress::Clock::now() + 1s;
    progress.update(1, "", start);
    const std::string once = written.text();
    CHECK(once.find("task  10 %") != std::string::npos);
    progress.update(2, "", start + 50ms);
    CHECK(written.text() == once);
    progress.update(3, "", start + 150ms);
    CHECK(written.text().find("task  30 %") != std::string::npos);
  }
  CHECK(written.text().ends_with("\r\x1b[K"));
  CHECK(written.text().find('\n') == std::string::npos);
}

TEST_CASE("NO_COLOR takes the colour from the bar") {
  const auto drawn = [](const char* no_color) {
    const EnvironmentVariable variable(
        "NO_COLOR", no_color == nullptr ? std::nullopt : std::optional<std::string>(no_color));
    const Written written;
    Progress progress("task", 10, "steps", Progress::Style::bar, written.stream());
    progress.update(1, "", Progress::Clock::now() + 1s);
    return written.text();
  };
  CHECK(drawn(nullptr).find("\x1b[36m") != std::string::npos);
  CHECK(drawn("1").find("\x1b[36m") == std::string::npos);
}

TEST_CASE("lines come every ten seconds and without escape sequences") {
  const Written written;
  {
    Progress progress("task", 10, "steps", Progress::Style::lines, written.stream());
    const auto start = Progress::Clock::now();
    progress.update(1, "", start + 1s);
    CHECK(written.text().empty());
    progress.update(2, "", start + 11s);
    progress.update(3, "", start + 12s);
  }
  CHECK(written.text().starts_with("task  20 %"));
  CHECK(written.text().ends_with("left\n"));
  CHECK(written.text().find('\x1b') == std::string::npos);
}

TEST_CASE("quiet shows nothing, and a stream that is no terminal gets lines") {
  const Written written;
  {
    Progress progress("task", 10, "steps", Progress::Style::none, written.stream());
    progress.update(5, "", Progress::Clock::now() + 100s);
  }
  CHECK(written.text().empty());
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  CHECK(Progress::style_for(true, file.get()) == Progress::Style::none);
  CHECK(Progress::style_for(false, file.get()) == Progress::Style::lines);
}

}  // namespace
}  // namespace cce
