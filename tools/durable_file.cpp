#include "tools/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "engine/error.h"

namespace cce {
namespace fs = std::filesystem;
namespace {

FileFault injected_fault;

/// Whether a test wants this step to fail; errno says how.
bool fails(FileStep step, const fs::path& path) {
  const int code = injected_fault ? injected_fault(step, path) : 0;
  if (code != 0) errno = code;
  return code != 0;
}

[[noreturn]] void fail_system(const fs::path& path, const char* what) {
  const int code = errno;
  fail("{}: {}: {}", path.string(), what, std::generic_category().message(code));
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// A file open for writing, which its errors call `path`.
class OutputFile {
 public:
  OutputFile(int descriptor, fs::path path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~OutputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  int descriptor() const { return descriptor_; }

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t written =
          fails(FileStep::write, path_) ? -1 : ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_system(path_, "cannot write");
      bytes = bytes.subspan(static_cast<size_t>(written));
    }
  }

  void sync() {
    if (fails(FileStep::sync, path_) || ::fsync(descriptor_) != 0)
      fail_system(path_, "cannot write to the disk");
  }

  void close() {
    const bool refused = fails(FileStep::close, path_);
    const int refusal = errno;
    const int closed = ::close(std::exchange(descriptor_, -1));
    if (refused) errno = refusal;
    if (refused || (closed != 0 && errno != EINTR)) fail_system(path_, "cannot close");
  }

 private:
  int descriptor_;
  fs::path path_;
};

void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail_system(folder, "cannot open the folder");
  const OutputFile closer(descriptor, folder);
  // Some file systems cannot sync a folder and say EINVAL: then there is nothing to wait for.
  if (fails(FileStep::sync_folder, folder) || (::fsync(descriptor) != 0 && errno != EINVAL)) {
    fail_system(folder, "cannot write the folder to the disk");
  }
}

/// A new file beside `target`, removed again unless it is kept. Its name, TARGET.<process>-<number>.tmp, is
/// nobody else's.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) : target_(target) {
    for (int number = 0;; ++number) {
      path_ = target;
      path_ += fmt::format(".{}-{}.tmp", ::getpid(), number);
      descriptor_ = fails(FileStep::create, target)
                        ? -1
                        : ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor_ >= 0) return;
      if (errno != EEXIST) fail_system(target, "cannot create");
    }
  }
  ~TemporaryFile() {
    if (!kept_ && !fails(FileStep::remove, path_)) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void fill(const FileParts& parts) {
    OutputFile file(descriptor_, target_);
    for (const auto& part : parts) file.write(part);
    file.sync();
    file.close();
  }

  void take_place_of_target() {
    if (fails(FileStep::rename, target_) || ::rename(path_.c_str(), target_.c_str()) != 0) {
      fail_system(target_, "cannot put the new file in place");
    }
    kept_ = true;
  }

 private:
  fs::path target_, path_;
  int descriptor_ = -1;
  bool kept_ = false;
};

/// What a write to `path` is to replace: behind symbolic links, and a file. A device or pipe would be gone.
fs::path target_of(fs::path path) {
  constexpr int kMostLinks = 40;  // as the system's
  std::error_code ignored;        // what cannot be looked at cannot be written, and is told then
  for (int links = 0; fs::is_symlink(fs::symlink_status(path, ignored)) && links < kMostLinks; ++links) {
    path = path.parent_path() / fs::read_symlink(path, ignored);
  }
  const fs::file_status status = fs::status(path, ignored);
  require(!fs::exists(status) || fs::is_regular_file(status) || fs::is_directory(status),
          "{}: is a device or a pipe, and only files are replaced", path.string());
  return path;
}

FileParts parts_of(std::string_view text) {
  return {std::as_bytes(std::span(text))};
}

bool is_temporary_of(const std::string& target, const std::string& name) {
  int process = 0, number = 0, length = 0;
  if (!name.starts_with(target)) return false;
  const char* rest = name.c_str() + target.size();
  return std::sscanf(rest, ".%9d-%9d.tmp%n", &process, &number, &length) == 2 && length > 0 &&
         rest[length] == 0;
}

}  // namespace

void write_durably(const fs::path& path, const FileParts& parts) {
  const fs::path target = target_of(path);
  TemporaryFile file(target);
  file.fill(parts);
  file.take_place_of_target();
  sync_folder(folder_of(target));
}

void write_durably(const fs::path& path, std::string_view text) {
  write_durably(path, parts_of(text));
}

void append_durably(const fs::path& path, std::string_view text) {
  const int descriptor = fails(FileStep::create, path)
                             ? -1
                             : ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor < 0) fail_system(path, "cannot open for writing");
  OutputFile file(descriptor, path);
  struct stat before {};
  if (::fstat(descriptor, &before) != 0) fail_system(path, "cannot look at the file");
  try {
    for (const auto& part : parts_of(text)) file.write(part);
    file.sync();
  } catch (const Error&) {
    if (!fails(FileStep::cut, path)) (void)!::ftruncate(descriptor, before.st_size);
    throw;
  }
  file.close();
  if (before.st_size == 0) sync_folder(folder_of(path));  // it may be new
}

InputFile::InputFile(const fs::path& path) : path_(path) {
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait forever.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor_ < 0) fail_system(path, "cannot open");
  struct stat status {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    fail("{}: {}", path.string(),
         known && S_ISDIR(status.st_mode) ? "is a folder, not a file" : "is not a regular file");
  }
  size_ = static_cast<uint64_t>(status.st_size);
}

InputFile::~InputFile() {
  ::close(descriptor_);
}

void InputFile::read(uint64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system(path_, "cannot read");
    require(count > 0, "{}: ends at byte {}, before what was to be read", path_.string(), offset);
    offset += static_cast<uint64_t>(count);
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
}

std::string read_file(const fs::path& path, uint64_t max_bytes) {
  const InputFile file(path);
  require(file.size() <= max_bytes, "{}: has {} bytes, more than the {} that are expected at most",
          path.string(), file.size(), max_bytes);
  std::string text(file.size(), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

bool make_folder(const fs::path& path) {
  if (fails(FileStep::make_folder, path) || ::mkdir(path.c_str(), 0777) != 0) {
    if (errno == EEXIST) return false;
    fail_system(path, "cannot make the folder");
  }
  sync_folder(folder_of(path));
  return true;
}

void rename_durably(const fs::path& from, const fs::path& to) {
  if (fails(FileStep::rename, to) || ::rename(from.c_str(), to.c_str()) != 0) {
    fail_system(from, fmt::format("cannot rename to {}", to.string()).c_str());
  }
  sync_folder(folder_of(to));
}

bool remove_durably(const fs::path& path) {
  if (fails(FileStep::remove, path) || std::remove(path.c_str()) != 0) {
    if (errno == ENOENT) return false;
    fail_system(path, "cannot remove");
  }
  sync_folder(folder_of(path));
  return true;
}

void require_writable(const fs::path& path) {
  TemporaryFile(path).fill(parts_of("?"));
}

void remove_temporaries(const fs::path& path) {
  std::error_code ignored;  // what cannot be listed cannot be cleaned: the next write will say what is wrong
  for (const auto& entry : fs::directory_iterator(folder_of(path), ignored)) {
    if (is_temporary_of(path.filename().string(), entry.path().filename().string()))
      remove_durably(entry.path());
  }
}

FaultInjection::FaultInjection(FileFault fault) {
  injected_fault = std::move(fault);
}
FaultInjection::~FaultInjection() {
  injected_fault = nullptr;
}

}  // namespace cce
