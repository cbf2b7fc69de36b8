#include "data/raw/json_scanner.h"

#include <charconv>

#include "engine/error.h"

namespace cce {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Whether `c` can be part of a number or of true, null, None, ...
bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
         c == '.';
}

bool is_number(std::string_view word) {
  double number = 0;
  const char* const end = word.data() + word.size();
  const auto [stopped, error] = std::from_chars(word.data(), end, number);
  const bool begins = !word.empty() && (word.front() == '-' || (word.front() >= '0' && word.front() <= '9'));
  return begins && stopped == end && error != std::errc::invalid_argument;
}

bool is_constant(std::string_view word) {
  return word == "true" || word == "false" || word == "null" || word == "True" || word == "False" ||
         word == "None" || word == "NaN";
}

void append_utf8(unsigned code, std::string& text) {
  const auto add = [&](unsigned byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) return add(0xC0 | code >> 6), add(0x80 | (code & 0x3F));
  if (code < 0x10000) {
    return add(0xE0 | code >> 12), add(0x80 | (code >> 6 & 0x3F)), add(0x80 | (code & 0x3F));
  }
  add(0xF0 | code >> 18), add(0x80 | (code >> 12 & 0x3F)), add(0x80 | (code >> 6 & 0x3F));
  add(0x80 | (code & 0x3F));
}

constexpr const char* kScalarExpected = "text or a number is expected";

}  // namespace

std::string message_of(const JsonFault& fault) {
  return fmt::format("{} at byte {}: {}", fault.is_json ? "has another value" : "is not JSON", fault.byte,
                     fault.problem);
}

void JsonScanner::fail(const char* problem) const {
  throw JsonFault{problem, at_};
}

char JsonScanner::peek() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  return at_ < text_.size() ? text_[at_] : '\0';
}

void JsonScanner::take(char c) {
  if (peek() != c || at_ == text_.size()) {
    fail(c == '{'   ? "an object is expected"
         : c == '[' ? "a list is expected"
         : c == ':' ? "a colon is missing"
                    : "a comma or an end is missing");
  }
  ++at_;
}

bool JsonScanner::next_member(std::string_view& key, std::string& buffer, bool& first) {
  if (first && peek() == '}') return take('}'), false;
  if (!first) {
    if (peek() == '}') return take('}'), false;
    take(',');
  }
  first = false;
  if (!at_string()) fail("a key is expected");
  key = string(buffer);
  take(':');
  return true;
}

bool JsonScanner::next_element(bool& first) {
  if (peek() == ']') return take(']'), false;
  if (!first) take(',');
  first = false;
  return true;
}

std::string_view JsonScanner::string(std::string& buffer) {
  if (!at_string()) fail("text is expected");
  const size_t begin = at_ + 1;
  const char quote = text_[at_];
  const size_t end = closing_quote();
  const std::string_view text = text_.substr(begin, end - begin);
  const size_t escape = text.find('\\');
  if (escape == std::string_view::npos) return at_ = end + 1, text;
  buffer = text.substr(0, escape);
  at_ = begin + escape;
  while (text_[at_] != quote) {
    if (text_[at_] == '\\') {
      unescape(buffer);
    } else {
      buffer += text_[at_++];
    }
    if (at_ >= text_.size()) fail("a text is not closed");
  }
  ++at_;
  return buffer;
}

/// Takes the escape at the cursor.
void JsonScanner::unescape(std::string& buffer) {
  constexpr std::string_view kLetters = "nrtbfav0\"'\\/";
  constexpr std::string_view kMeanings = std::string_view("\n\r\t\b\f\a\v\0\"'\\/", 12);
  if (at_ + 1 >= text_.size()) fail("a text is not closed");
  const char letter = text_[at_ + 1];
  at_ += 2;
  if (letter == 'u') return append_utf8(take_code_point(), buffer);
  if (letter == 'x') {  // Python's: a byte
    buffer += static_cast<char>(take_hex(2));
    return;
  }
  const size_t meaning = kLetters.find(letter);
  if (meaning == std::string_view::npos) fail("a backslash stands before a letter that needs none");
  buffer += kMeanings[meaning];
}

unsigned JsonScanner::take_hex(size_t digits) {
  unsigned number = 0;
  const std::string_view hex = text_.substr(at_, digits);
  const char* const end = hex.data() + hex.size();
  if (hex.size() < digits || std::from_chars(hex.data(), end, number, 16).ptr != end)
    fail("hex digits are missing");
  at_ += digits;
  return number;
}

/// What follows "\u", also as two halves of UTF-16; half a pair becomes the sign for what cannot be read.
unsigned JsonScanner::take_code_point() {
  constexpr unsigned kUnreadable = 0xFFFD;
  const unsigned code = take_hex(4);
  if (code < 0xD800 || code > 0xDFFF) return code;
  if (code > 0xDBFF || text_.substr(at_, 2) != "\\u") return kUnreadable;
  at_ += 2;
  const unsigned low = take_hex(4);
  if (low < 0xDC00 || low > 0xDFFF) return kUnreadable;
  return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

/// Takes a number or a constant.
std::string_view JsonScanner::word() {
  peek();
  const size_t begin = at_;
  while (at_ < text_.size() && is_word(text_[at_])) ++at_;
  const std::string_view word = text_.substr(begin, at_ - begin);
  if (!is_number(word) && !is_constant(word)) {
    at_ = begin;
    fail("a value is expected");
  }
  return word;
}

std::string_view JsonScanner::string_or_number(std::string& buffer) {
  if (at_string()) return string(buffer);
  if (peek() == '[' || peek() == '{') throw JsonFault{kScalarExpected, at_, true};
  const size_t begin = at_;
  const std::string_view number = word();
  if (is_constant(number)) throw JsonFault{kScalarExpected, begin, true};
  return number;
}

void JsonScanner::skip() {
  skip_composite(0);
}

void JsonScanner::skip_string() {
  at_ = closing_quote() + 1;
}

/// Where the text at the cursor ends: at the first quote behind an even number of backslashes. Every byte is
/// looked at twice at most, however many escapes there are.
size_t JsonScanner::closing_quote() const {
  for (size_t searched = at_ + 1;;) {
    const size_t quote = text_.find(text_[at_], searched);
    if (quote == std::string_view::npos) fail("a text is not closed");
    size_t backslashes = 0;
    while (quote - backslashes > searched && text_[quote - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return quote;
    searched = quote + 1;
  }
}

void JsonScanner::skip_composite(int depth) {
  if (depth > kDeepest) fail("it is nested too deep");
  bool first = true;
  if (at_string()) return skip_string();
  if (peek() == '[') {
    begin_array();
    while (next_element(first)) skip_composite(depth + 1);
  } else if (peek() == '{') {
    begin_object();
    std::string_view key;
    std::string buffer;
    while (next_member(key, buffer, first)) skip_composite(depth + 1);
  } else {
    word();
  }
}

void JsonScanner::end() {
  if (peek() != '\0' || at_ != text_.size()) fail("something follows the object");
}

std::vector<std::string> json_keys(std::string_view line) {
  std::vector<std::string> keys;
  JsonScanner scanner(line);
  std::string_view key;
  std::string buffer;
  scanner.begin_object();
  for (bool first = true; scanner.next_member(key, buffer, first); scanner.skip()) keys.emplace_back(key);
  scanner.end();
  return keys;
}

}  // namespace cce
