// The value of one option: how its text becomes a variable, and back.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cce {

/// A number that was not given, where another default follows from what was (see resolve_defaults()).
inline constexpr int kUnset = -1;

/// How the text of an option becomes the value of a variable, and back.
struct OptionValue {
  /// What stands for the value in the help: "N", "FILE"; empty: the option is a flag.
  std::string metavar;
  /// Stores the value that `text` stands for. Where it stands for none, says what was expected; else returns
  /// "".
  std::function<std::string(const std::string& text)> set;
  /// The variable as a TOML value.
  std::function<std::string()> get;
};

/// true or false.
OptionValue flag(bool& variable);
/// A line of text that is not empty. Where control characters are refused, `instead` says what to do.
OptionValue text(std::string& variable, std::string metavar, std::string instead = "");
/// One of `allowed`.
OptionValue choice(std::string& variable, std::vector<std::string> allowed);
/// A whole number in [least, most].
OptionValue integer(int& variable, int least, int most);
/// A whole number from 0 to 2^63 - 1, the largest that TOML has.
OptionValue integer(uint64_t& variable);
/// A finite number in [least, most].
OptionValue number(double& variable, double least, double most);

/// " (did you mean X?)" with the one of `names` that `word` looks like; "" where it looks like none.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& names);

}  // namespace cce
