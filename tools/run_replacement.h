// One run takes another's place in its folder, so that at every moment a kill leaves the old run whole or the
// new one.
//
// The new run's files are written into FOLDER/.new until its first commit. Then, each step durable before the
// next:
//   1. .new is renamed to .replacing: from here on the new run counts
//   2. the old run's files are removed
//   3. .replacing is renamed to .moving: the folder has no old file left
//   4. the new files move up, resume.safetensors or result.json last, and .moving is removed
// What a kill interrupted, recover_replacement() undoes (.new) or carries on (.replacing, .moving).
#pragma once

#include <filesystem>

namespace cce {

/// Makes the folder for the new run's files and returns its path.
std::filesystem::path begin_replacement(const std::filesystem::path& run);
/// Steps 1 to 4.
void finish_replacement(const std::filesystem::path& run);
/// Brings a folder that a killed process left into one of the two states. The caller holds its lock.
void recover_replacement(const std::filesystem::path& run);

}  // namespace cce
