// The section of a report that tells the better run from the luckier one, user by user.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/report/data_group.h"

namespace cce {

/// Every other finished training of the group beside the one with the best test NDCG@10. "" where there are
/// not two. What does not compare, though it should, is added to `faults`.
std::string comparison_html(std::span<const ReportedRun> runs, const DataGroup& group, const std::string& id,
                            std::vector<std::string>& faults);

}  // namespace cce
