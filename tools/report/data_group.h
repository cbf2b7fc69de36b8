// The runs of a report by their data: only runs on the same data can be compared.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "tools/report/run.h"

namespace cce {

struct DataGroup {
  std::string name;          ///< of the data; "" where no run of the group says
  std::string fingerprint;   ///< of the data, as the checkpoints have it; "" where there are none
  std::vector<size_t> runs;  ///< places in the report
  /// As its runs tell; 0 where they do not.
  int64_t users = 0, items = 0;
  /// Of the data set itself, where its file is on this machine and still the one that the runs were made on.
  std::optional<DatasetSummary> summary;
  std::string note;  ///< why there is no summary
};

/// In the order in which the data come first. Reads data sets that are there; downloads none.
std::vector<DataGroup> data_groups(std::span<const ReportedRun> runs);

/// The name, or what stands for it where no run says it.
std::string shown_name(const DataGroup& group);

/// The section with the counts of all data.
std::string data_html(std::span<const DataGroup> groups);

}  // namespace cce
