// cce_rec reproduce: makes a table or figure of the paper, or part of one, and says how it compares.
//
// What an artefact is made of stands in its file (artefact_*.cpp); here is what all have in common: runs that
// are kept and shared in one folder, and pages that are written whole or not at all.
#include <fmt/core.h>

#include <filesystem>
#include <set>

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

constexpr uint64_t kLargestPage = uint64_t{64} << 20;

/// What is said above pages of runs that were cut short.
std::string limit_note(const ReproduceOptions& options) {
  if (options.epochs == kUnset) return "";
  return fmt::format("A quick look: no run had more than {}, which is not the paper's protocol.\n\n",
                     counted(options.epochs, "epoch"));
}

/// The runs of a plan, pre-trainings before the first that needs them, and the commands that give them again.
class RunsSection {
 public:
  RunsSection(const ArtefactPlan& plan, const fs::path& folder) {
    std::set<std::string> pretrainings;
    for (const PlannedRun& run : plan.runs) {
      if (run.cell.model == "s3rec" && pretrainings.insert(pretraining_name(run)).second) {
        const auto result = read_pretraining(run, folder);
        add(pretraining_name(run), result, result ? fmt::format("{}", result->epochs) : "");
        commands_ += command_to_repeat_pretraining(measured_on(run, result)) + "\n";
      }
      const auto result = read_result(run, folder);
      add(name(run), result, result ? fmt::format("{} ({})", result->epochs, result->best_epoch) : "");
      commands_ += command_to_repeat(measured_on(run, result)) + "\n";
    }
  }

  std::string markdown() const {
    return fmt::format(
        "\n## The runs\n\n{}\nThose that have run took {:.1f} hours, one after another. Any of them again, "
        "on the same machine and build with the same bytes:\n\n```sh\n{}```\n",
        to_markdown(table_), seconds_ / 3600, commands_);
  }

 private:
  /// Whatever device was asked for now, its command names the one that it ran on.
  template <class Result>
  static PlannedRun measured_on(PlannedRun run, const std::optional<Result>& result) {
    if (result) run.device = result->device;
    return run;
  }

  template <class Result>
  void add(const std::string& name, const std::optional<Result>& result, const std::string& epochs) {
    std::vector<std::string> row = {name, "not run"};
    if (result) {
      row = {name,
             epochs,
             result->device,
             fmt::format("{:.0f}", result->seconds_total),
             fmt::format("{:.2f}", result->seconds_per_epoch),
             fmt::format("{}", megabytes(result->peak_rss_bytes)),
             result->version,
             result->machine};
      seconds_ += result->seconds_total;
    }
    row.resize(table_.columns.size());
    table_.rows.push_back(row);
  }

  TextTable table_{
      {"run", "epochs (best)", "device", "seconds in all", "seconds an epoch", "MB", "version", "machine"},
      {}};
  std::string commands_;
  double seconds_ = 0;
};

/// The first line of every page: what begins with it may be replaced by the next call.
constexpr const char* kMadeBy =
    "<!-- made by cce_rec reproduce, which replaces this file and those beside it -->";

fs::path beside(const fs::path& page, const char* extension) {
  return fs::path(page).replace_extension(extension);
}

/// Refuses a page in whose place is something that was not made here.
void require_replaceable(const fs::path& page) {
  if (fs::exists(page)) {
    const std::string text = read_file(page, kLargestPage);
    if (text.starts_with(kMadeBy)) return;
    fail_usage(
        "{}: exists, and does not begin as the pages of reproduce do; move it, or choose another --markdown",
        page.string());
  }
  for (const char* extension : {".tsv", ".svg"}) {
    if (fs::exists(beside(page, extension)))
      fail_usage("{}: {} is there, and would be replaced; move it, or choose another --markdown",
                 page.string(), beside(page, extension).string());
  }
}

/// Where the page goes. Refuses, before anything is trained, what could not be written.
fs::path page_path(const ReproduceOptions& options, const fs::path& folder) {
  const fs::path page =
      options.markdown.empty() ? folder / (options.artefact + ".md") : fs::path(options.markdown);
  require_replaceable(page);
  require_writable(page);
  return page;
}

/// Writes the page, and beside it its numbers and its picture.
void write_pages(const Artefact& artefact, const ArtefactPages& pages, const std::string& note,
                 const std::string& runs, const fs::path& markdown) {
  const fs::path numbers = beside(markdown, ".tsv"), picture = beside(markdown, ".svg");
  const std::string shown =
      pages.svg.empty() ? ""
                        : fmt::format("![{}]({})\n\n", markdown.stem().string(), picture.filename().string());
  const auto write = [](const fs::path& file, const std::string& text) {
    write_durably(file, text);
    fmt::print("written: {}\n", file.string());
  };
  // The page first: it says whose the others are.
  write(markdown, fmt::format("{}\n\n# {}: {}\n\n{}", kMadeBy, artefact.name, artefact.description,
                              shown + note + pages.markdown + runs));
  if (!pages.tsv.empty()) write(numbers, pages.tsv);
  if (!pages.svg.empty()) {
    write(picture, pages.svg);
  } else {
    fs::remove(picture);  // one that an earlier call made is of other runs
  }
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
  const FolderLock lock(
      folder, fmt::format("{}: another process is making runs in this folder; wait for it, or choose "
                          "another with --out",
                          folder.string()));
  const fs::path page = page_path(options, folder);
  require_unchanged(plan.runs, folder);
  const ExitCode code = make_runs(plan, folder, options.at_once, !options.no_training);

  const ArtefactPages pages = artefact.pages(plan, folder);
  const std::string note = limit_note(options);
  fmt::print("\n{}{}\nAny run again, for example {}:\n  {}\n", note, pages.text, name(plan.runs.back()),
             command_to_repeat(plan.runs.back()));
  write_pages(artefact, pages, note, RunsSection(plan, folder).markdown(), page);
  return code;
}

}  // namespace cce
