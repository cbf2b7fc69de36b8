// The files of a run folder.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>

namespace cce {

/// In the order in which a trainer writes them: `resume` commits an epoch, `result` the run.
enum class RunFile { config, items, best, last, metrics, events, resume, ranks, result };
inline constexpr std::array<const char*, 9> kRunFileNames = {
    "config.toml",        "items.tsv",     "best.safetensors",
    "last.safetensors",   "metrics.jsonl", "events.out.tfevents.cce_rec",
    "resume.safetensors", "ranks.tsv",     "result.json"};
constexpr const char* file_name(RunFile file) {
  return kRunFileNames[static_cast<size_t>(file)];
}

/// The most bytes of such a file that are read where it is text: what is larger is refused before it costs
/// memory. A configuration and a result are a screenful; half a million epochs fit into the metrics, and two
/// hundred million users into the ranks.
constexpr uint64_t most_bytes(RunFile file) {
  constexpr uint64_t kMebi = 1 << 20;
  if (file == RunFile::config || file == RunFile::result) return kMebi;
  return file == RunFile::ranks ? 4096 * kMebi : 256 * kMebi;
}

/// The weights that the folder of a run has: `best`, else `last`, else `resume`; nothing where there are
/// none.
std::optional<std::filesystem::path> weights_in(const std::filesystem::path& folder);

/// Whether the folder has any file of a run.
bool has_run_files(const std::filesystem::path& folder);
/// Removes the files of a run and what killed writers left of them, and nothing else; what marks progress
/// goes first.
void remove_run_files(const std::filesystem::path& folder);

}  // namespace cce
