// Captured work in the emulation: see emulator.h.
#include <utility>

#include "engine/error.h"
#include "tests/emulator/emulator.h"

namespace cce::emulator {
namespace {

bool capturing = false;
Captured captured;
CaptureCounts counts{};

}  // namespace

void start(std::function<void()> work) {
  if (!capturing) return work();
  captured.push_back(std::move(work));
}

void begin_capture() {
  refuse_capture("another capture");
  capturing = true;
  ++counts.captures;
}

Captured end_capture() {
  require(capturing, "[emulator] a capture ends that never began");
  capturing = false;
  return std::exchange(captured, {});
}

void run_captured(const Captured& work) {
  refuse_capture("the start of a graph");
  ++counts.runs;
  for (const auto& each : work) each();
}

CaptureCounts capture_counts() {
  return counts;
}

void refuse_capture(const char* what) {
  require(!capturing, "[emulator] {} during a capture", what);
}

}  // namespace cce::emulator
