// libFuzzer target: whatever the bytes, the safetensors reader returns a file or throws an Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tools/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const cce::TensorFile file = cce::parse_safetensors(std::as_bytes(std::span(data, size)), "input");
    // What was read can be written, and what is written is read back the same.
    const auto bytes = cce::safetensors_bytes(file);
    if (cce::safetensors_bytes(cce::parse_safetensors(bytes, "written")) != bytes) std::abort();
  } catch (const cce::Error&) {
  }
  return 0;
}
