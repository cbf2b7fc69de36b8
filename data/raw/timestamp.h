// Times as raw files write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cce {

/// What a time that is a number counts, since 1970. `automatic`: what the first one looks like, by its size.
enum class TimeUnit { automatic, seconds, milliseconds, microseconds, nanoseconds };

/// Reads the times of one file, all numbers in the same unit.
class TimeReader {
 public:
  explicit TimeReader(TimeUnit unit) : unit_(unit) {}

  /// Microseconds since 1970 of a number (also with a fraction), or of a date: "2019-01-31",
  /// "2019-01-31 15:30:00.5", "2019-01-31T15:30Z", "2019-01-31 15:30:00+02:00"; UTC where it does not say.
  /// Nothing where the text is neither, or out of the range of 64 bits.
  std::optional<int64_t> parse(std::string_view text);

 private:
  std::optional<int64_t> from_number(std::string_view text);

  TimeUnit unit_;
};

/// What parse() expects, for messages.
inline constexpr const char* kTimeForms = "a number or a date like 2019-01-31 15:30:00";

/// The first and the last microsecond of what an option calls a time: of the whole day for a date alone.
struct TimeSpan {
  int64_t first, last;
};
std::optional<TimeSpan> time_span(std::string_view text);

}  // namespace cce
