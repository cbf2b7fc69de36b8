// Which options each command has: their names, what they mean and what they may be.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/options.h"

namespace cce {

/// The table of a command's options. Its rows refer to the fields of `options`.
OptionTable table_of(TrainOptions& options);
OptionTable table_of(PretrainOptions& options);
OptionTable table_of(EvaluateOptions& options);
OptionTable table_of(RecommendOptions& options);
OptionTable table_of(SimilarOptions& options);
OptionTable table_of(DataOptions& options);
OptionTable table_of(BenchOptions& options);
OptionTable table_of(CompareOptions& options);
OptionTable table_of(ReportOptions& options);
OptionTable table_of(ReproduceOptions& options);
OptionTable table_of(DevicesOptions& options);
OptionTable table_of(CompletionOptions& options);
OptionTable table_of(ManualOptions& options);

/// Calls `use` with the table of every command, with the defaults as its values.
void for_each_table(const std::function<void(const OptionTable&)>& use);

/// The options of all commands: what may stand in the environment whichever command runs.
std::vector<std::string> option_names();

}  // namespace cce
