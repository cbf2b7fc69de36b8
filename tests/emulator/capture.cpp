// Captured work in the emulation: see emulator.h.
#include <utility>

#include "engine/error.h"
#include "tests/emulator/emulator.h"

namespace cce::emulator {
namespace {

bool capturing = false;
std::vector<std::function<void()>> captured;

}  // namespace

void start(std::function<void()> work) {
  if (!capturing) return work();
  captured.push_back(std::move(work));
}

void begin_capture() {
  refuse_capture("another capture");
  capturing = true;
}

std::vector<std::function<void()>> end_capture() {
  require(capturing, "[emulator] a capture ends that never began");
  capturing = false;
  return std::exchange(captured, {});
}

void refuse_capture(const char* what) {
  require(!capturing, "[emulator] {} during a capture", what);
}

}  // namespace cce::emulator
