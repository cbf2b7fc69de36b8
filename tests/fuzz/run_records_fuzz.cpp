// The records of a run: result.json, the lines of metrics.jsonl, ranks.tsv, and event files made of them.
#include "tests/fuzz/fuzz.h"
#include "tools/run_records.h"
#include "tools/tensorboard.h"

using namespace cce;

namespace {

template <class Read, class Write>
void read_write_read(std::string_view text, Read read, Write write) {
  fuzz::succeeds([&] {
    const auto written = write(read(text));
    fuzz::expect(write(read(written)) == written, "what is written is read back the same");
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const auto to_json = [](const auto& record) { return cce::to_json(record); };
  read_write_read(
      text, [](std::string_view json) { return parse_run_result(json, "input"); }, to_json);
  read_write_read(
      text, [](std::string_view json) { return parse_epoch_record(json, "input"); }, to_json);
  read_write_read(
      text, [](std::string_view json) { return parse_pretraining_result(json, "input"); }, to_json);
  read_write_read(
      text, [](std::string_view json) { return parse_pretraining_record(json, "input"); }, to_json);
  read_write_read(
      text, [](std::string_view tsv) { return parse_ranks(tsv, "input"); },
      [](const auto& ranks) { return to_tsv(ranks); });
  fuzz::succeeds([&] { epoch_of_record(text, "input"); });
  fuzz::succeeds([&] { events_of(text, begin_of_events(text, 0), "input"); });
  return 0;
}
