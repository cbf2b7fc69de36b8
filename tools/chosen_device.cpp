#include "tools/chosen_device.h"

#include <fmt/core.h>

#include "engine/kernels/kernels.h"
#include "tools/counted.h"
#include "tools/machine.h"
#include "tools/named_choices.h"

namespace cce {

Device chosen_device(const std::string& device, const std::string& precision) {
  cpu::use_avx512();  // refuses what CCE_INSTRUCTIONS cannot be before there is work to lose
  if (device != "cuda") return Device::cpu;
  set_gpu_precision(choice_named(kPrecisionChoices, precision));
  return Device::cuda;
}

std::string device_text(const std::string& device, int threads) {
  return device == "cuda" ? gpu().name : counted(threads, "thread");
}

std::string machine_text(Device device) {
  if (device == Device::cuda) return gpu().name;
  return fmt::format("{}, {} kernels", processor().name, cpu::use_avx512() ? "avx512" : "baseline");
}

void print_device_note(const std::string& note) {
  if (!note.empty()) fmt::print(stderr, "{}\n", note);
}

}  // namespace cce
