#include "data/raw/timestamp.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>

namespace cce {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 24 * 3600 * kSecond;

/// Takes exactly `count` digits off the front of `text`.
std::optional<int> take_digits(std::string_view& text, size_t count) {
  int number = 0;
  if (text.size() < count) return std::nullopt;
  for (const char digit : text.substr(0, count)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + (digit - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// Takes "HH:MM", or "HHMM" where `colon` is optional, off the front; in microseconds.
std::optional<int64_t> take_hours(std::string_view& text, bool colon) {
  const auto hours = take_digits(text, 2);
  if (!hours || (!take(text, ':') && colon)) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return (*hours * 60 + *minutes) * 60 * kSecond;
}

/// Takes the digits behind the point of a second off the front; what is below a microsecond is dropped.
int64_t take_fraction(std::string_view& text) {
  int64_t fraction = 0, unit = kSecond;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    unit /= 10;
    fraction += unit * (text.front() - '0');
    text.remove_prefix(1);
  }
  return fraction;
}

/// "", "Z", " UTC", "+02:00": how far the clock is ahead of UTC.
std::optional<int64_t> parse_zone(std::string_view text) {
  if (text.empty() || text == "Z" || text == " UTC") return 0;
  const int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
  const auto ahead = take_hours(text, false);
  if (sign == 0 || !ahead || !text.empty()) return std::nullopt;
  return sign * *ahead;
}

/// The date at the front of `text` in microseconds, which is taken off.
std::optional<int64_t> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDay;
}

std::optional<int64_t> parse_date(std::string_view text) {
  const auto date = take_date(text);
  if (!date || text.empty()) return date;
  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  const auto hours = take_hours(text, true);
  if (!hours) return std::nullopt;
  int64_t seconds = 0;
  if (take(text, ':')) {
    const auto whole = take_digits(text, 2);
    if (!whole || *whole > 60) return std::nullopt;  // 60: a leap second
    seconds = *whole * kSecond;
    if (take(text, '.')) seconds += take_fraction(text);
  }
  const auto ahead = parse_zone(text);
  if (!ahead) return std::nullopt;
  return *date + *hours + seconds - *ahead;
}

/// The unit that a number of this size, if it is a time of our days, must be in.
TimeUnit unit_of(double number) {
  const double size = std::abs(number);
  return size < 1e11   ? TimeUnit::seconds
         : size < 1e14 ? TimeUnit::milliseconds
         : size < 1e17 ? TimeUnit::microseconds
                       : TimeUnit::nanoseconds;
}

/// Microseconds in a unit; 0 for nanoseconds.
int64_t microseconds_in(TimeUnit unit) {
  return unit == TimeUnit::seconds        ? kSecond
         : unit == TimeUnit::milliseconds ? 1000
         : unit == TimeUnit::microseconds ? 1
                                          : 0;
}

/// All of `text` as a number.
template <class T>
bool parse_all(std::string_view text, T& number) {
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && stopped == text.data() + text.size();
}

}  // namespace

std::optional<int64_t> TimeReader::parse(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  const auto number = from_number(text);
  return number ? number : parse_date(text);
}

std::optional<int64_t> TimeReader::from_number(std::string_view text) {
  int64_t whole = 0;
  double fraction = 0;
  const bool is_whole = parse_all(text, whole);
  if (!is_whole && (!parse_all(text, fraction) || !std::isfinite(fraction))) return std::nullopt;
  if (is_whole) fraction = static_cast<double>(whole);
  if (unit_ == TimeUnit::automatic && fraction != 0) unit_ = unit_of(fraction);
  const int64_t scale = microseconds_in(unit_ == TimeUnit::automatic ? TimeUnit::seconds : unit_);
  const double about = scale == 0 ? fraction / 1000 : fraction * static_cast<double>(scale);
  constexpr double kLargest = 9.2e18;
  if (std::abs(about) > kLargest) return std::nullopt;
  if (!is_whole) return static_cast<int64_t>(std::floor(about));
  if (scale > 0) return whole * scale;
  return whole / 1000 - (whole % 1000 < 0);  // down, also before 1970, so that order is kept
}

std::optional<TimeSpan> time_span(std::string_view text) {
  std::string_view rest = text;
  const auto day = take_date(rest);
  if (day && rest.empty()) return TimeSpan{*day, *day + kDay - 1};
  const auto moment = TimeReader(TimeUnit::automatic).parse(text);
  if (!moment) return std::nullopt;
  return TimeSpan{*moment, *moment};
}

}  // namespace cce
