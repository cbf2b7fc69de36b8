// libFuzzer target: whatever the text, the readers of a run's records return a record or throw an Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/error.h"
#include "tools/run_records.h"

namespace {

template <class Read, class Write>
void read_write_read(std::string_view text, Read read, Write write) {
  try {
    const auto written = write(read(text));
    if (write(read(written)) != written) std::abort();
  } catch (const cce::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto to_json = [](const auto& record) { return cce::to_json(record); };
  read_write_read(
      text, [](std::string_view json) { return cce::parse_run_result(json, "input"); }, to_json);
  read_write_read(
      text, [](std::string_view json) { return cce::parse_epoch_record(json, "input"); }, to_json);
  read_write_read(
      text, [](std::string_view json) { return cce::parse_pretraining_result(json, "input"); }, to_json);
  read_write_read(
      text, [](std::string_view json) { return cce::parse_pretraining_record(json, "input"); }, to_json);
  read_write_read(
      text, [](std::string_view tsv) { return cce::parse_ranks(tsv, "input"); },
      [](const auto& ranks) { return cce::to_tsv(ranks); });
  return 0;
}
