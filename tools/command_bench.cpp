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
  if (!options.picture.empty()) require_writable(options.picture);
  fmt::print("{}", gradient_tables());
  if (options.picture.empty()) return;
  write_durably(options.picture, gradient_picture());
  fmt::print("picture in {}\n", options.picture);
}

/// These train, and so can be stopped where training can.
void bench_training(const BenchOptions& options) {
  const StopSignals signals;
  fmt::print("{}", options.action == "epoch" ? bench_epoch(options) : bench_pretraining(options));
}

}  // namespace

ExitCode command_bench(const BenchOptions& options) {
  if (options.action == "gradients") {
    bench_gradients(options);
  } else if (options.action == "ops") {
    fmt::print("{}", bench_ops(options));
  } else {
    bench_training(options);
  }
  return ExitCode::done;
}

}  // namespace cce
