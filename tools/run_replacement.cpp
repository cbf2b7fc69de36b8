#include "tools/run_replacement.h"

#include "engine/error.h"
#include "tools/durable_file.h"
#include "tools/run_files.h"

namespace cce {
namespace fs = std::filesystem;
namespace {

constexpr const char* kNew = ".run-new";
constexpr const char* kReplacing = ".run-replacing";
constexpr const char* kMoving = ".run-moving";

void move_up(const fs::path& run) {
  for (const char* name : kRunFileNames) {
    if (fs::exists(run / kMoving / name)) rename_durably(run / kMoving / name, run / name);
  }
  remove_durably(run / kMoving);
}

void replace(const fs::path& run) {
  remove_run_files(run);
  rename_durably(run / kReplacing, run / kMoving);
  move_up(run);
}

}  // namespace

fs::path begin_replacement(const fs::path& run) {
  const fs::path folder = run / kNew;
  require(make_folder(folder), "{}: is in the way; remove it", folder.string());
  return folder;
}

void finish_replacement(const fs::path& run) {
  rename_durably(run / kNew, run / kReplacing);
  replace(run);
}

void abandon_replacement(const fs::path& run) {
  if (!fs::exists(run / kNew)) return;
  remove_run_files(run / kNew);
  remove_durably(run / kNew);
}

bool replacement_interrupted(const fs::path& run) {
  return fs::exists(run / kReplacing) || fs::exists(run / kMoving);
}

void recover_replacement(const fs::path& run) {
  if (fs::exists(run / kReplacing)) replace(run);
  if (fs::exists(run / kMoving)) move_up(run);
  abandon_replacement(run);
}

}  // namespace cce
