#include "data/raw/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "data/raw/gzip.h"
#include "engine/error.h"

namespace cce {
namespace {

class FileBytes : public ByteSource {
 public:
  FileBytes(const std::string& path, OnBytes on_bytes)
      : path_(path == "-" ? "standard input" : path),
        descriptor_(path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
        on_bytes_(std::move(on_bytes)) {
    require(descriptor_ >= 0, "{}: cannot be opened: {}", path_, std::strerror(errno));
    struct stat status {};
    const bool is_folder = ::fstat(descriptor_, &status) == 0 && S_ISDIR(status.st_mode);
    if (is_folder) ::close(descriptor_);
    require(!is_folder, "{}: is a folder, expected a file", path_);
  }
  ~FileBytes() override { ::close(descriptor_); }
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  size_t read(std::span<char> bytes) override {
    ssize_t count;
    do {
      count = ::read(descriptor_, bytes.data(), bytes.size());
    } while (count < 0 && errno == EINTR);
    require(count >= 0, "{}: cannot be read: {}", path_, std::strerror(errno));
    read_ += count;
    if (on_bytes_) on_bytes_(read_);
    return static_cast<size_t>(count);
  }

 private:
  std::string path_;
  int descriptor_;
  OnBytes on_bytes_;
  int64_t read_ = 0;
};

/// Takes bytes from the front of `from`; how many.
size_t take_front(std::string_view from, std::span<char> to) {
  const size_t count = std::min(from.size(), to.size());
  std::copy_n(from.begin(), count, to.begin());
  return count;
}

}  // namespace

size_t MemoryBytes::read(std::span<char> bytes) {
  const size_t count = take_front(bytes_, bytes);
  bytes_.remove_prefix(count);
  return count;
}

size_t PrefixedBytes::read(std::span<char> bytes) {
  if (taken_ == first_.size()) return rest_->read(bytes);
  const size_t count = take_front(std::string_view(first_).substr(taken_), bytes);
  taken_ += count;
  return count;
}

std::unique_ptr<ByteSource> unpacked(std::unique_ptr<ByteSource> bytes, const std::string& name) {
  std::string first(kGzipBegins.size(), '\0');
  size_t filled = 0;
  while (filled < first.size()) {
    const size_t count = bytes->read(std::span(first).subspan(filled));
    if (count == 0) break;
    filled += count;
  }
  first.resize(filled);
  const bool packed = first == kGzipBegins;
  auto whole = std::make_unique<PrefixedBytes>(std::move(first), std::move(bytes));
  return packed ? gunzipped(std::move(whole), name) : std::move(whole);
}

std::unique_ptr<ByteSource> open_bytes(const std::string& path, OnBytes on_bytes) {
  const std::string name = path == "-" ? "standard input" : path;
  return unpacked(std::make_unique<FileBytes>(path, std::move(on_bytes)), name);
}

}  // namespace cce
