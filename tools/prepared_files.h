// The files that `data prepare` makes.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tools/folder_lock.h"

namespace cce {

/// A file's name and what is in it.
using NamedText = std::pair<std::string, std::string>;

/// The right to write the files of one data set into a folder, which one process has at a time.
class PreparedFiles {
 public:
  /// Makes the folder if need be. `last` is the name of the file that stands for the whole. Throws if the
  /// folder cannot be made or written, or if another process has the right.
  PreparedFiles(std::filesystem::path folder, const std::string& last);
  /// Where nothing was written, what was made here is removed.
  ~PreparedFiles();
  PreparedFiles(const PreparedFiles&) = delete;
  PreparedFiles& operator=(const PreparedFiles&) = delete;

  /// Writes the files, of which `last` must be the last: it is there only while all that belong to it are.
  /// They are written in a folder within and moved once they are safe on the disk, so that a full disk or a
  /// kill before that leaves what was there; `stale` are names of files of an earlier time that must not stay
  /// beside the new ones. Ends the right; to be called once.
  void write(const std::vector<NamedText>& files, const std::vector<std::string>& stale);

 private:
  std::filesystem::path folder_, fresh_;     // the folder within
  std::vector<std::filesystem::path> made_;  // folders that were not there before, the outermost first
  FolderLock lock_;                          // of fresh_
  bool written_ = false;
};

}  // namespace cce
