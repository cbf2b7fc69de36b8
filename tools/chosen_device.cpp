#include "tools/chosen_device.h"

#include <fmt/core.h>

#include "tools/counted.h"
#include "tools/machine.h"

namespace cce {

Device chosen_device(const std::string& device, const std::string& precision) {
  if (device != "cuda") return Device::cpu;
  set_gpu_precision(precision == "tf32"   ? Precision::tf32
                    : precision == "bf16" ? Precision::bf16
                                          : Precision::fp32);
  return Device::cuda;
}

std::string device_text(const std::string& device, int threads) {
  return device == "cuda" ? gpu().name : counted(threads, "thread");
}

std::string machine_text(Device device) {
  return device == Device::cuda ? gpu().name : processor().name;
}

void print_device_note(const std::string& note) {
  if (!note.empty()) fmt::print(stderr, "{}\n", note);
}

}  // namespace cce
