#include "data/raw/raw_lines.h"

#include <algorithm>
#include <cstring>

#include "engine/error.h"

namespace cce {
namespace {

/// How much is read at once: little of a small file, more and more of a large one.
constexpr size_t kFirstChunk = size_t{1} << 12, kLargestChunk = size_t{1} << 18;

/// `length` bytes without the line end.
std::string_view without_end(const char* begin, size_t length) {
  std::string_view line(begin, length);
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::string RawLines::place() const {
  return fmt::format("{}:{}", name_, line_);
}

bool RawLines::next(std::string_view& line) {
  if (!peek(line)) return false;
  peeked_ = false;
  return true;
}

bool RawLines::peek(std::string_view& line) {
  if (!began_) begin();
  if (!peeked_) {
    record_ += length_;
    line_ += extended_;
    extended_ = 0;
    length_ = 0;
    first_length_ = length_ = length_of_line(0);
    peeked_ = length_ > 0;
    line_ += peeked_;  // at the end it stays the last one's
  }
  line = without_end(buffer_.data() + record_, length_);
  return peeked_;
}

bool RawLines::extend(std::string_view& line) {
  const size_t more = length_of_line(length_);
  length_ += more;
  extended_ += more > 0;
  line = without_end(buffer_.data() + record_, length_);
  return more > 0;
}

void RawLines::forget_extension() {
  length_ = first_length_;
  extended_ = 0;
}

/// Length of the line that begins `offset` behind the last one's beginning, with its end; 0 at the end of the
/// file.
size_t RawLines::length_of_line(size_t offset) {
  for (size_t searched = offset;;) {
    const size_t have = filled_ - record_;
    const char* const begin = buffer_.data() + record_;
    const void* const end = searched == have ? nullptr : std::memchr(begin + searched, '\n', have - searched);
    if (end != nullptr) return static_cast<size_t>(static_cast<const char*>(end) - begin) + 1 - offset;
    require(have - offset <= kLongest, "{}: line {} is longer than {} bytes", name_, line_ + extended_ + 1,
            kLongest);
    searched = have;
    if (!fill()) return have - offset;
  }
}

/// Reads on; false at the end.
bool RawLines::fill() {
  if (ended_) return false;
  filled_ -= record_;
  if (record_ > 0 && filled_ > 0) std::memmove(buffer_.data(), buffer_.data() + record_, filled_);
  record_ = 0;
  const size_t chunk = std::clamp(buffer_.size(), kFirstChunk, kLargestChunk);
  if (buffer_.size() < filled_ + chunk) buffer_.resize(std::max(2 * buffer_.size(), filled_ + chunk));
  const size_t count = bytes_->read(std::span(buffer_).subspan(filled_));
  ended_ = count == 0;
  if (began_) look_through({buffer_.data() + filled_, count});
  filled_ += count;
  return !ended_;
}

/// Looks at the first bytes: throws where they are those of no text, and passes over a byte order mark.
void RawLines::begin() {
  constexpr size_t kTelling = 4;
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  while (filled_ < kTelling && fill()) {
  }
  const std::string_view bytes(buffer_.data(), filled_);
  require(!bytes.starts_with("\xFF\xFE") && !bytes.starts_with("\xFE\xFF"),
          "{}: is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8", name_);
  require(!bytes.starts_with("PK\x03\x04"), "{}: is a zip archive; unpack it first: unzip", name_);
  require(!bytes.starts_with("PAR1"), "{}: is a Parquet file; write it as csv first", name_);
  look_through(bytes);
  if (bytes.starts_with(kMark)) record_ = kMark.size();
  began_ = true;
}

/// Throws where bytes that were just read are those of no text, and counts their line ends.
void RawLines::look_through(std::string_view bytes) {
  const size_t nul = bytes.find('\0');
  line_ends_ += std::ranges::count(bytes.substr(0, nul), '\n');
  if (nul != std::string_view::npos)
    fail("{}:{}: contains a NUL byte, so it is not a text file", name_, line_ends_ + 1);
}

}  // namespace cce
