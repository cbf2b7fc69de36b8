#include "tools/run_files.h"

#include <algorithm>

#include "tools/durable_file.h"

namespace cce {

std::optional<std::filesystem::path> weights_in(const std::filesystem::path& folder) {
  for (const RunFile file : {RunFile::best, RunFile::last, RunFile::resume}) {
    if (std::filesystem::exists(folder / file_name(file))) return folder / file_name(file);
  }
  return std::nullopt;
}

bool has_run_files(const std::filesystem::path& folder) {
  return std::ranges::any_of(kRunFileNames,
                             [&](const char* name) { return std::filesystem::exists(folder / name); });
}

void remove_run_files(const std::filesystem::path& folder) {
  for (auto name = kRunFileNames.rbegin(); name != kRunFileNames.rend(); ++name) {
    remove_durably(folder / *name);
    remove_temporaries(folder / *name);
  }
}

}  // namespace cce
