// Checkpoints, and what they say about themselves.
#include "tests/fuzz/fuzz.h"
#include "tools/checkpoint.h"
#include "tools/checksum.h"
#include "tools/safetensors.h"

using namespace cce;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::succeeds([&] {
    const TensorFile file = parse_safetensors(std::as_bytes(std::span(data, size)), "input");
    fuzz::succeeds([&] { checkpoint_info(file, "input"); });
    fuzz::succeeds([&] { require_checksum(file, "input"); });
    const auto bytes = safetensors_bytes(file);
    fuzz::expect(safetensors_bytes(parse_safetensors(bytes, "written")) == bytes,
                 "what was read can be written, and what is written is read back the same");
  });
  return 0;
}
