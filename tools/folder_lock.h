// Keeps two processes from using one folder at the same time.
#pragma once

#include <filesystem>
#include <string>

#include "engine/error.h"

namespace cce {

/// Another process has a folder's lock.
class FolderInUse : public Error {
 public:
  using Error::Error;
};

/// An exclusive lock on a folder. It leaves no file, and ends with the process however that ends. On a file
/// system without locks it does nothing.
class FolderLock {
 public:
  FolderLock() = default;
  /// Throws if the folder cannot be opened. Throws FolderInUse if another process has its lock, or just
  /// removed it, with `in_use` as the message (empty: one about a run).
  explicit FolderLock(const std::filesystem::path& folder, const std::string& in_use = "");
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;

 private:
  int descriptor_ = -1;
};

/// Whether another process, or another lock of this one, has the folder's lock. No if it cannot be opened.
bool is_in_use(const std::filesystem::path& folder);

}  // namespace cce
