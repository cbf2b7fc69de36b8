// The page of a report: one HTML file that needs nothing but a browser.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/report/run.h"

namespace cce {

struct Report {
  std::string title;                               ///< empty: what the runs are
  std::vector<ReportedRun> runs;                   ///< with names; one at least
  std::vector<std::filesystem::path> attachments;  ///< see attachment.h
};

struct ReportPage {
  std::string html;
  /// A line for everything that could not be read or shown, which the page tells, too.
  std::vector<std::string> faults;
};

/// The same report gives the same bytes.
ReportPage report_page(const Report& report);

}  // namespace cce
