// The commands of the program, one file each (command_train.cpp, ...). Options come checked and complete from
// parse_options(); a command writes its results to standard output and throws cce::Error where it fails.
#pragma once

#include "engine/error.h"
#include "tools/options.h"

namespace cce {

ExitCode command_train(const TrainOptions& options);
ExitCode command_pretrain(const PretrainOptions& options);
ExitCode command_evaluate(const EvaluateOptions& options);
ExitCode command_recommend(const RecommendOptions& options);
ExitCode command_similar(const SimilarOptions& options);
ExitCode command_data(const DataOptions& options);
ExitCode command_bench(const BenchOptions& options);
ExitCode command_compare(const CompareOptions& options);
ExitCode command_report(const ReportOptions& options);
ExitCode command_reproduce(const ReproduceOptions& options);
ExitCode command_devices(const DevicesOptions& options);
ExitCode command_completion(const CompletionOptions& options);
ExitCode command_manual(const ManualOptions& options);

}  // namespace cce
