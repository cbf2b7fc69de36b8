// cce_rec report: one page about runs, to look at and to pass on.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "tools/command.h"
#include "tools/counted.h"
#include "tools/durable_file.h"
#include "tools/report/attachment.h"
#include "tools/report/html.h"
#include "tools/report/page.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

/// What the arguments name, each once: runs, folders of runs with the pictures and tables in them, and files.
struct Sources {
  std::vector<fs::path> runs, attachments;
};
Sources sources_of(const std::vector<std::string>& arguments) {
  Sources sources;
  const auto add = [](std::vector<fs::path>& paths, const fs::path& path) {
    const auto is_same = [&](const fs::path& other) { return fs::equivalent(other, path); };
    if (std::ranges::none_of(paths, is_same)) paths.push_back(path);
  };
  for (const std::string& argument : arguments) {
    if (fs::is_regular_file(argument)) {
      require(is_attachment(argument), "{}: is neither a run folder nor a picture (.svg) or table (.tsv)",
              argument);
      add(sources.attachments, argument);
      continue;
    }
    const std::vector<fs::path> runs = run_folders(argument);
    for (const fs::path& run : runs) add(sources.runs, run);
    if (fs::equivalent(runs.front(), argument)) continue;
    for (const fs::path& path : attachments_in(argument)) add(sources.attachments, path);
  }
  require(!sources.runs.empty(), "a report needs a run: name a run folder, or a folder of runs");
  return sources;
}

}  // namespace

ExitCode command_report(const ReportOptions& options) {
  const fs::path out = options.out;
  if (fs::is_directory(out)) fail_usage("--out {}: is a folder; name the file of the page", options.out);
  if (fs::exists(out) && !options.overwrite) {
    fail_usage("{}: exists; --overwrite replaces it, --out names another file", options.out);
  }
  require_writable(out);
  Report report{.title = options.title, .runs = {}, .attachments = {}};
  try {
    const Sources sources = sources_of(options.runs);
    report.attachments = sources.attachments;
    for (const fs::path& run : sources.runs) report.runs.push_back(read_reported_run(run));
  } catch (const fs::filesystem_error& error) {
    fail("{}: {}", error.path1().string(), error.code().message());
  }
  name_runs(report.runs);
  const ReportPage page = report_page(report);
  write_durably(out, page.html);
  for (const std::string& fault : page.faults) fmt::print(stderr, "cce_rec: warning: {}\n", fault);
  fmt::print("{}: {}, {}\n", options.out, counted(static_cast<int64_t>(report.runs.size()), "run"),
             bytes_text(static_cast<int64_t>(page.html.size())));
  return page.faults.empty() ? ExitCode::done : ExitCode::failed;
}

}  // namespace cce
