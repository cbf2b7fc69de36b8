// Files that are there whole or not at all, whatever happens while they are written.
//
// A file is written beside its name under a temporary one, synced, renamed, and its folder is synced: at
// every moment the name stands for the old bytes or the new ones. When a step fails, the old file stays, the
// temporary one is removed, and the Error names the path and what the system said ("No space left on
// device"). A process that is killed leaves at most its temporary file, which remove_temporaries() clears
// away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cce {

/// A file's bytes as pieces that lie anywhere in memory, so that large tensors are not copied together first.
using FileParts = std::vector<std::span<const std::byte>>;

/// Replaces `path` by the parts, one after another; durable when it returns.
void write_durably(const std::filesystem::path& path, const FileParts& parts);
void write_durably(const std::filesystem::path& path, std::string_view text);

/// Adds `text` at the end of `path`, which is created if needed; durable when it returns. When that fails,
/// what was added is cut off again; a kill may leave a part of `text`.
void append_durably(const std::filesystem::path& path, std::string_view text);

/// A regular file open for reading. Every failure is an Error that names the path.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// In bytes, when it was opened.
  uint64_t size() const { return size_; }
  /// Fills `bytes` with what begins at `offset`; throws where the file ends before.
  void read(uint64_t offset, std::span<std::byte> bytes) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

/// All bytes of a file; throws if there are more than `max_bytes`.
std::string read_file(const std::filesystem::path& path, uint64_t max_bytes);

/// Makes a folder; false if something of that name is there already. Durable when it returns.
bool make_folder(const std::filesystem::path& path);
/// Renames a file or folder within its folder or to a neighbouring one, over an existing file. Durable for
/// `to`.
void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);
/// Removes a file, or an empty folder; false if there was nothing.
bool remove_durably(const std::filesystem::path& path);

/// Throws unless a file can be made beside `path`, by making one and removing it.
void require_writable(const std::filesystem::path& path);
/// Removes what killed writers of `path` left beside it. Nobody may be writing `path` meanwhile.
void remove_temporaries(const std::filesystem::path& path);

/// The steps at which the disk can fail or the process can be killed.
enum class FileStep { create, write, sync, close, rename, sync_folder, remove, make_folder, cut };

/// For tests: asked before every step with the path it touches; returns 0 to go on, or the errno with which
/// the step is to fail, or does not return.
using FileFault = std::function<int(FileStep, const std::filesystem::path&)>;

/// Puts a FileFault in place for the whole process while it lives. One at a time, from one thread.
class FaultInjection {
 public:
  explicit FaultInjection(FileFault fault);
  ~FaultInjection();
  FaultInjection(const FaultInjection&) = delete;
  FaultInjection& operator=(const FaultInjection&) = delete;
};

}  // namespace cce
