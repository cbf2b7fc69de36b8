// cce_rec reproduce: makes a table or figure of the paper, or part of one, and says how it compares.
//
// What an artefact is made of stands in its file (artefact_*.cpp); here is what all have in common: runs that
// are kept and shared in one folder, and pages that are written whole or not at all.
#include <fmt/core.h>

#include <filesystem>

#include "tools/artefact.h"
#include "tools/artefact_runs.h"
#include "tools/chosen_device.h"
#include "tools/command.h"
#include "tools/counted.h"
#include "tools/durable_file.h"
#include "tools/folder_lock.h"
#include "tools/text_table.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

/// What is said above pages of runs that were cut short.
std::string limit_note(const ReproduceOptions& options) {
  if (options.epochs == kUnset) return "";
  return fmt::format("A quick look: no run had more than {}, which is not the paper's protocol.\n\n",
                     counted(options.epochs, "epoch"));
}

/// The runs of a plan, and the commands that give them again.
std::string runs_section(const ArtefactPlan& plan, const fs::path& folder) {
  TextTable table{{"run", "epochs (best)", "device", "seconds in all", "seconds an epoch", "MB"}, {}};
  std::string commands;
  for (const PlannedRun& run : plan.runs) {
    if (const auto result = read_result(run, folder)) {
      table.rows.push_back({name(run), fmt::format("{} ({})", result->epochs, result->best_epoch),
                            result->device, fmt::format("{:.0f}", result->seconds_total),
                            fmt::format("{:.2f}", result->seconds_per_epoch),
                            fmt::format("{}", result->peak_rss_bytes / 1'000'000)});
    } else {
      table.rows.push_back({name(run), "not run", "", "", "", ""});
    }
    commands += command_to_repeat(run) + "\n";
  }
  return fmt::format(
      "\n## The runs\n\n{}\nAny of them again, on the same machine and build with the same bytes:\n\n"
      "```sh\n{}```\n",
      to_markdown(table), commands);
}

/// Where the page goes. Refuses, before anything is trained, what could not be written.
fs::path page_path(const ReproduceOptions& options, const fs::path& folder) {
  const fs::path page =
      options.markdown.empty() ? folder / (options.artefact + ".md") : fs::path(options.markdown);
  require_writable(page);
  return page;
}

/// Writes the page, and beside it its numbers and its picture.
void write_pages(const ArtefactPages& pages, const std::string& note, const std::string& runs,
                 const fs::path& markdown) {
  const auto beside = [&](const char* extension) { return fs::path(markdown).replace_extension(extension); };
  std::string text = note + pages.markdown + runs;
  if (!pages.svg.empty()) {
    const fs::path picture = beside(".svg");
    write_durably(picture, pages.svg);
    fmt::print("written: {}\n", picture.string());
    text = fmt::format("![{}]({})\n\n", markdown.stem().string(), picture.filename().string()) + text;
  } else {
    fs::remove(beside(".svg"));  // one that an earlier call made is of other runs
  }
  if (!pages.tsv.empty()) {
    write_durably(beside(".tsv"), pages.tsv);
    fmt::print("written: {}\n", beside(".tsv").string());
  }
  write_durably(markdown, text);
  fmt::print("written: {}\n", markdown.string());
}

}  // namespace

ExitCode command_reproduce(const ReproduceOptions& options) {
  const Artefact& artefact = artefact_named(options.artefact);
  print_device_note(options.device_note);
  const ArtefactPlan plan = artefact.plan(options);
  const fs::path folder = fs::absolute(options.out).lexically_normal();
  if (options.no_training && !fs::is_directory(folder)) {
    fail("{}: no such folder, so there are no runs to show", folder.string());
  }
  fs::create_directories(folder);
  const FolderLock lock(folder);
  const fs::path page = page_path(options, folder);
  require_unchanged(plan.runs, folder);
  const ExitCode code = make_runs(plan, folder, options.at_once, !options.no_training);

  const ArtefactPages pages = artefact.pages(plan, folder);
  const std::string note = limit_note(options);
  fmt::print("\n{}{}\nAny run again, for example {}:\n  {}\n", note, pages.text, name(plan.runs.back()),
             command_to_repeat(plan.runs.back()));
  write_pages(pages, note, runs_section(plan, folder), page);
  return code;
}

}  // namespace cce
