#include "tools/prepared_files.h"

#include "engine/error.h"
#include "tools/durable_file.h"

namespace cce {
namespace fs = std::filesystem;
namespace {

/// Makes a folder and those around it, and adds what was not there to `made`.
void make_folders(const fs::path& folder, std::vector<fs::path>& made) {
  if (folder.empty() || fs::is_directory(folder)) return;
  make_folders(folder.parent_path(), made);
  if (make_folder(folder)) made.push_back(folder);
  require(fs::is_directory(folder), "{}: is a file, expected a folder", folder.string());
}

/// Removes the files in a folder, which a killed writer may have left.
void clear(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) remove_durably(entry.path());
}

}  // namespace

PreparedFiles::PreparedFiles(fs::path folder, const std::string& last)
    : folder_(std::move(folder)), fresh_(folder_ / fmt::format(".{}.new", last)) {
  try {
    make_folders(folder_, made_);
    make_folder(fresh_);
    lock_ = FolderLock(fresh_, fmt::format("{}: another process is preparing it; wait for it, or choose "
                                           "another --out",
                                           (folder_ / last).string()));
    clear(fresh_);
  } catch (const fs::filesystem_error& error) {
    fail("{}: {}", error.path1().string(), error.code().message());
  }
}

PreparedFiles::~PreparedFiles() {
  if (written_) return;
  std::error_code ignored;  // what stays is cleared away the next time
  fs::remove_all(fresh_, ignored);
  for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) fs::remove(*folder, ignored);
}

void PreparedFiles::write(const std::vector<NamedText>& files, const std::vector<std::string>& stale) {
  try {
    for (const auto& [name, text] : files) write_durably(fresh_ / name, text);
    remove_durably(folder_ / files.back().first);
    for (const std::string& name : stale) remove_durably(folder_ / name);
    for (const auto& [name, text] : files) rename_durably(fresh_ / name, folder_ / name);
    remove_durably(fresh_);
    written_ = true;
  } catch (const fs::filesystem_error& error) {
    fail("{}: {}", error.path1().string(), error.code().message());
  }
}

}  // namespace cce
