#include "tools/line_reader.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/error.h"

namespace cce {

std::vector<std::string> LineReader::next(size_t most) {
  std::vector<std::string> lines;
  while (lines.size() < most) {
    std::string line;
    if (take_line(line)) {
      lines.push_back(std::move(line));
    } else if (ended_ || (!lines.empty() && !more_without_waiting())) {
      break;
    } else {
      fill();
    }
  }
  return lines;
}

bool LineReader::take_line(std::string& line) {
  const size_t end = buffer_.find('\n', std::max(begin_, searched_));
  searched_ = buffer_.size();
  const bool whole = end != std::string::npos;
  const size_t length = (whole ? end : buffer_.size()) - begin_;
  require(length <= kLongest, "{}: line {} is longer than {} bytes", name_, lines_ + 1, kLongest);
  if (!whole && (!ended_ || length == 0)) return false;
  line.assign(buffer_, begin_, length);
  begin_ += length + (whole ? 1 : 0);
  searched_ = begin_;
  if (lines_++ == 0 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

bool LineReader::more_without_waiting() const {
  pollfd watched{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return ::poll(&watched, 1, 0) > 0;
}

void LineReader::fill() {
  buffer_.erase(0, begin_);
  searched_ -= begin_, begin_ = 0;
  char bytes[1 << 16];
  ssize_t count;
  do {
    count = ::read(descriptor_, bytes, sizeof bytes);
  } while (count < 0 && errno == EINTR);
  require(count >= 0, "{}: cannot be read: {}", name_, std::strerror(errno));
  if (count == 0) ended_ = true;
  buffer_.append(bytes, static_cast<size_t>(count));
}

}  // namespace cce
