#include "data/text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <vector>

#include "engine/error.h"

namespace cce {
namespace {

/// An open file that closes itself.
struct File {
  int descriptor;
  explicit File(const std::string& path)
      : descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (descriptor >= 0) ::close(descriptor);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
};

/// How many bytes a file has; throws unless it could be opened, is a regular one, and has at most `most`.
int64_t size_of(const File& file, const std::string& path, int64_t most) {
  require(file.descriptor >= 0, "{}: cannot be opened: {}", path, std::strerror(errno));
  struct stat status {};
  require(::fstat(file.descriptor, &status) == 0, "{}: cannot be read: {}", path, std::strerror(errno));
  require(!S_ISDIR(status.st_mode), "{}: is a folder, expected a file", path);
  require(S_ISREG(status.st_mode), "{}: is not a regular file", path);
  require(status.st_size <= most, "{}: has {} bytes, more than the {} that are read", path, status.st_size,
          most);
  return status.st_size;
}

/// The next bytes of a file, `most` at most; none at its end.
size_t read_some(const File& file, const std::string& path, char* bytes, size_t most) {
  for (;;) {
    const ssize_t count = ::read(file.descriptor, bytes, most);
    if (count < 0 && errno == EINTR) continue;
    require(count >= 0, "{}: cannot be read: {}", path, std::strerror(errno));
    return static_cast<size_t>(count);
  }
}

/// Refuses what shows in the first bytes of a file.
void require_text(std::string_view begin, const std::string& path) {
  require(!begin.starts_with("\xFF\xFE") && !begin.starts_with("\xFE\xFF"),
          "{}: is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8", path);
  require(!begin.starts_with("\x1F\x8B"), "{}: is compressed; unpack it first: gunzip", path);
}

/// Looks at a text as it grows.
class LineWatch {
 public:
  LineWatch(const std::string& path, size_t longest) : path_(path), longest_(longest) {}

  /// Throws if what `text` has beyond its first `known` characters is no text, or makes a line too long.
  void look(std::string_view text, size_t known) {
    for (size_t at = known; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      require(text.substr(at, end - at).find('\0') == text.npos,
              "{}:{}: contains a NUL byte, so it is not a text file", path_, line_);
      require(end - begin_ <= longest_, "{}:{}: is longer than {} bytes, the longest line that is read",
              path_, line_, longest_);
      if (end < text.size()) ++line_, begin_ = end + 1;
      at = end + 1;
    }
  }

 private:
  const std::string& path_;
  size_t longest_;
  int64_t line_ = 1;
  size_t begin_ = 0;  // of the line
};

}  // namespace

std::string read_text_file(const std::string& path, const TextLimits& limits) {
  constexpr size_t kBite = size_t{1} << 20;
  const File file(path);
  const auto size = static_cast<size_t>(size_of(file, path, limits.file));
  std::string text;
  text.reserve(size);  // costs nothing until it is filled
  LineWatch watch(path, limits.line);
  while (text.size() < size) {
    const size_t known = text.size();
    text.resize(std::min(known + kBite, size));
    text.resize(known + read_some(file, path, text.data() + known, text.size() - known));
    if (text.size() == known) break;  // somebody cut the file short meanwhile
    if (known == 0) require_text(text, path);
    watch.look(text, known);
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

std::string printable(std::string_view text) {
  constexpr size_t kShown = 40;
  std::string shown;
  for (const char c : text.substr(0, kShown)) {
    if (c >= ' ' && c <= '~') {
      shown += c;
    } else {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return text.size() > kShown ? shown + "..." : shown;
}

namespace {

/// Insertions, deletions and replacements that turn one word into the other (Levenshtein).
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);  // distances from a's first i letters to b's first j
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 127; });
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  if (word.size() > 100) return "";
  std::string best;
  // Half the letters may differ: "sport" is sports, "xyz" is nothing.
  size_t best_distance = word.size() / 2 + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) best = candidate, best_distance = distance;
  }
  return best;
}

}  // namespace cce
