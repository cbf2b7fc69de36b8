// The lines of a raw file, one after another, however large the file is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/raw/byte_source.h"

namespace cce {

/// Receives a line about something that is wrong with a file: "log.csv:17: ...". Throws, or takes note.
using OnFault = std::function<void(const std::string&)>;

class RawLines {
 public:
  /// The longest line that is read, in bytes: what a gzip may expand to before a line ends.
  static constexpr size_t kLongest = size_t{16} << 20;

  /// `name` stands for the bytes in messages.
  RawLines(std::unique_ptr<ByteSource> bytes, std::string name)
      : bytes_(std::move(bytes)), name_(std::move(name)) {}

  /// The next line without its end (LF or CR LF), valid until the next call; false at the end. A UTF-8 byte
  /// order mark at the start is passed over. Throws where the bytes are visibly no text, or a line is too
  /// long.
  bool next(std::string_view& line);
  /// The line that next() will return, which stays to be taken.
  bool peek(std::string_view& line);
  /// Makes the line, and what it was extended by, reach to the end of the next line, whose number it keeps;
  /// false at the end. For what is in quotes and goes over several lines.
  bool extend(std::string_view& line);
  /// Takes what extend() did back: the next line is the second again.
  void forget_extension();

  /// Number of the line that was returned last, from 1.
  int64_t line() const { return line_; }
  const std::string& name() const { return name_; }
  /// "log.csv:17".
  std::string place() const;

 private:
  void begin();
  size_t length_of_line(size_t offset);
  bool fill();
  void look_through(std::string_view bytes);

  std::unique_ptr<ByteSource> bytes_;
  std::string name_;
  std::vector<char> buffer_;
  size_t filled_ = 0;        // of the buffer
  size_t record_ = 0;        // where the line that was returned last begins
  size_t first_length_ = 0;  // of it, with its line end
  size_t length_ = 0;        // likewise, with what it was extended by
  int64_t line_ = 0;
  int64_t extended_ = 0;   // by so many lines
  int64_t line_ends_ = 0;  // in all that was read
  bool began_ = false, ended_ = false;
  bool peeked_ = false;
};

}  // namespace cce
