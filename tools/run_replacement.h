// One run takes another's place in its folder, so that a kill at any moment leaves the old run whole or the
// new one.
//
// The new run's files are written into FOLDER/.run-new until its first commit. Then, each step durable before
// the next:
//   1. .run-new is renamed to .run-replacing: from here on the new run counts
//   2. the old run's files are removed
//   3. .run-replacing is renamed to .run-moving: the folder has no old file left
//   4. the new files move up in the order in which they are written, and .run-moving is removed
// What a kill interrupted, recover_replacement() undoes (.run-new) or carries on (the other two).
#pragma once

#include <filesystem>

namespace cce {

/// Makes the folder for the new run's files and returns its path.
std::filesystem::path begin_replacement(const std::filesystem::path& run);
/// Steps 1 to 4.
void finish_replacement(const std::filesystem::path& run);
/// Removes the new run's files, if step 1 has not been taken.
void abandon_replacement(const std::filesystem::path& run);

/// Whether a kill interrupted steps 2 to 4: the files in the folder are those of no whole run.
bool replacement_interrupted(const std::filesystem::path& run);
/// Undoes or carries on what a kill interrupted. The caller holds the folder's lock.
void recover_replacement(const std::filesystem::path& run);

}  // namespace cce
