#include "tools/option_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <limits>

#include "data/text.h"

namespace cce {
namespace {

/// All of `text` as a number; false where it is none or out of the type's range.
template <class T>
bool parse(const std::string& text, T& number) {
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stopped == end;
}

template <class T>
OptionValue bounded_integer(T& variable, T least, T most) {
  const auto set = [&variable, least, most](const std::string& text) -> std::string {
    T value;
    if (!parse(text, value) || value < least || value > most) {
      return fmt::format("expected a whole number from {} to {}, got \"{}\"", least, most, printable(text));
    }
    variable = value;
    return "";
  };
  return {"N", set, [&variable] { return fmt::format("{}", variable); }};
}

std::string toml_string(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return fmt::format("\"{}\"", escaped);
}

}  // namespace

OptionValue flag(bool& variable) {
  const auto set = [&variable](const std::string& text) -> std::string {
    if (text != "true" && text != "false")
      return fmt::format("expected true or false, got \"{}\"", printable(text));
    variable = text == "true";
    return "";
  };
  return {"", set, [&variable] { return std::string(variable ? "true" : "false"); }};
}

OptionValue text(std::string& variable, std::string metavar, std::string instead) {
  const auto set = [&variable, metavar, instead](const std::string& text) -> std::string {
    if (text.empty()) return fmt::format("expected {}, got nothing", metavar);
    if (has_control_characters(text))
      return fmt::format("expected {} without control characters, got \"{}\"{}{}", metavar, printable(text),
                         instead.empty() ? "" : "; ", instead);
    variable = text;
    return "";
  };
  return {std::move(metavar), set, [&variable] { return toml_string(variable); }};
}

OptionValue choice(std::string& variable, std::vector<std::string> allowed) {
  const auto set = [&variable, allowed](const std::string& text) -> std::string {
    if (std::count(allowed.begin(), allowed.end(), text) == 0) {
      return fmt::format("expected {}, got \"{}\"{}", fmt::join(allowed, ", "), printable(text),
                         did_you_mean(text, allowed));
    }
    variable = text;
    return "";
  };
  return {fmt::format("{}", fmt::join(allowed, "|")), set, [&variable] { return toml_string(variable); }};
}

OptionValue integer(int& variable, int least, int most) {
  return bounded_integer(variable, least, most);
}

OptionValue integer(uint64_t& variable) {
  return bounded_integer<uint64_t>(variable, 0, std::numeric_limits<int64_t>::max());
}

OptionValue number(double& variable, double least, double most) {
  const auto set = [&variable, least, most](const std::string& text) -> std::string {
    double value;
    if (!parse(text, value) || !(value >= least && value <= most)) {
      return fmt::format("expected a number from {} to {}, got \"{}\"", least, most, printable(text));
    }
    variable = value;
    return "";
  };
  return {"X", set, [&variable] { return fmt::format("{:#}", variable); }};
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& names) {
  const std::string name = nearest(word, names);
  return name.empty() ? "" : fmt::format(" (did you mean {}?)", name);
}

}  // namespace cce
