#include "tools/prepared_files.h"

#include "engine/error.h"
#include "tools/durable_file.h"

namespace cce {
namespace fs = std::filesystem;
namespace {

void make_folders(const fs::path& folder) {
  if (folder.empty() || fs::is_directory(folder)) return;
  make_folders(folder.parent_path());
  make_folder(folder);
  require(fs::is_directory(folder), "{}: is a file, expected a folder", folder.string());
}

/// Removes a folder and the files in it, which a killed writer may have left.
void clear_away(const fs::path& folder) {
  if (!fs::exists(folder)) return;
  for (const auto& entry : fs::directory_iterator(folder)) remove_durably(entry.path());
  remove_durably(folder);
}

}  // namespace

void write_together(const fs::path& folder, const std::vector<NamedText>& files,
                    const std::vector<std::string>& stale) {
  try {
    make_folders(folder);
    const fs::path fresh = folder / fmt::format(".{}.new", files.back().first);
    clear_away(fresh);
    make_folder(fresh);
    try {
      for (const auto& [name, text] : files) write_durably(fresh / name, text);
    } catch (const Error&) {
      clear_away(fresh);
      throw;
    }
    remove_durably(folder / files.back().first);
    for (const std::string& name : stale) remove_durably(folder / name);
    for (const auto& [name, text] : files) rename_durably(fresh / name, folder / name);
    remove_durably(fresh);
  } catch (const fs::filesystem_error& error) {
    fail("{}: {}", error.path1().string(), error.code().message());
  }
}

}  // namespace cce
