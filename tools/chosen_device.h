// From --device and --precision, as resolved, to where a model computes.
#pragma once

#include <string>

#include "engine/device.h"
#include "models/model.h"

namespace cce {

/// "cpu" or "cuda". For the GPU also sets how products round ("fp32", "tf32" or "bf16").
Device chosen_device(const std::string& device, const std::string& precision);

/// "2 threads", or the GPU's name.
std::string device_text(const std::string& device, int threads);
/// What computes there, as far as it decides about the last digits: the processor's name, which may be the
/// same for several kinds, and which kernels it runs (as CCE_INSTRUCTIONS calls them); or the GPU's name.
std::string machine_text(Device device);
/// Prints the note (see options.h) to standard error, if there is one.
void print_device_note(const std::string& note);

/// Takes a model to a device, for those who need it there.
inline Model& moved(Model& model, Device device) {
  model.move_to(device);
  return model;
}

}  // namespace cce
