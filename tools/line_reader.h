// Lines of a stream, as they come: many at once from a file, one at a time from somebody who waits for an
// answer to each.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cce {

class LineReader {
 public:
  /// The longest line that is read, in bytes.
  static constexpr size_t kLongest = size_t{16} << 20;

  /// Reads from an open file, which `name` stands for in messages. Does not close it.
  LineReader(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  /// Waits for a line, and returns it with those that can be had without waiting, `most` at most; none at
  /// the end. Without line ends (also CR LF) and a byte order mark at the start; a last line may lack its
  /// end. Throws where the file cannot be read, or a line is too long.
  std::vector<std::string> next(size_t most);

 private:
  bool take_line(std::string& line);
  bool more_without_waiting() const;
  void fill();

  int descriptor_;
  std::string name_;
  std::string buffer_;
  size_t begin_ = 0;     // of what was not taken yet
  size_t searched_ = 0;  // up to here it has no line end
  size_t lines_ = 0;
  bool ended_ = false;
};

}  // namespace cce
