// cce_rec bench: what the engine and its losses do, measured.
#include <fmt/core.h>

#include "tools/command.h"
#include "tools/command_bench_epoch.h"
#include "tools/command_bench_gradients.h"
#include "tools/command_bench_ops.h"
#include "tools/durable_file.h"
#include "tools/signals.h"

namespace cce {
namespace {

void bench_gradients(const BenchOptions& options) {
  fmt::print("{}", gradient_tables());
  if (options.out.empty()) return;
  write_durably(options.out, gradient_picture());
  fmt::print("picture in {}\n", options.out);
}

}  // namespace

ExitCode command_bench(const BenchOptions& options) {
  const StopSignals signals;
  if (options.action == "gradients") bench_gradients(options);
  if (options.action == "ops") fmt::print("{}", bench_ops(options));
  if (options.action == "epoch") fmt::print("{}", bench_epoch(options));
  if (options.action == "pretraining") fmt::print("{}", bench_pretraining(options));
  return ExitCode::done;
}

}  // namespace cce
