// The files of a run folder.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>

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

/// The most bytes of a file of text in it that are read.
inline constexpr uint64_t kMaxRunFileBytes = uint64_t{1} << 32;

/// Whether the folder has any file of a run.
bool has_run_files(const std::filesystem::path& folder);
/// Removes the files of a run and what killed writers left of them, and nothing else; what marks progress
/// goes first.
void remove_run_files(const std::filesystem::path& folder);

}  // namespace cce
