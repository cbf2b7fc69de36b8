// Keeps two processes from using one run folder at the same time.
#pragma once

#include <filesystem>

namespace cce {

/// An exclusive lock on a folder. It leaves no file, and ends with the process however that ends. On a file
/// system without locks it does nothing.
class FolderLock {
 public:
  FolderLock() = default;
  /// Throws if the folder cannot be opened or another process has its lock.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;

 private:
  int descriptor_ = -1;
};

}  // namespace cce
