// Walks a line of JSON without storing it, for the few values that are wanted. Python's way of writing the
// same is read, too: the older Amazon files are in it ({'asin': '0000031852', 'also': None}).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cce {

/// What is wrong with a line of JSON, and at which byte, from 0.
struct JsonFault {
  const char* problem;
  size_t byte;
  bool is_json = false;  ///< JSON it is, but another kind of value than is wanted
};
/// "is not JSON at byte 17: ...", or "has another value at byte 17: ..."
std::string message_of(const JsonFault& fault);

/// A cursor. Every function takes what it is named after off the front, and throws a JsonFault where
/// something else stands there.
class JsonScanner {
 public:
  static constexpr int kDeepest = 64;

  explicit JsonScanner(std::string_view text) : text_(text) {}

  /// The character that the next value begins with, by which its kind is known; '\0' at the end.
  char peek();
  bool at_string() { return peek() == '"' || peek() == '\''; }

  void begin_object() { take('{'); }
  /// The key of the object's next member, whose value must be taken next; false at its end, which is taken.
  /// `first` is true before the first member, and is set to false.
  bool next_member(std::string_view& key, std::string& buffer, bool& first);
  void begin_array() { take('['); }
  /// Whether another element follows, which must be taken next; false at the array's end, which is taken.
  bool next_element(bool& first);

  /// The text, in `buffer` where there are escapes in it, else where it stands.
  std::string_view string(std::string& buffer);
  /// A string's text, or a number as it is written.
  std::string_view string_or_number(std::string& buffer);
  /// Any value.
  void skip();
  /// Only blanks may follow.
  void end();

 private:
  [[noreturn]] void fail(const char* problem) const;
  void take(char c);
  std::string_view word();
  void skip_composite(int depth);
  void skip_string();
  size_t closing_quote() const;
  void unescape(std::string& buffer);
  unsigned take_hex(size_t digits);
  unsigned take_code_point();

  std::string_view text_;
  size_t at_ = 0;
};

/// The keys of the object that a line is; throws a JsonFault where it is none.
std::vector<std::string> json_keys(std::string_view line);

}  // namespace cce
