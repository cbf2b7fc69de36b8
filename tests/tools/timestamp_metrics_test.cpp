#include "tools/timestamp_metrics.h"

#include "tests/data/files.h"

namespace cce {

TEST_CASE("metrics by timestamp are read back as they were written") {
  std::vector<TimestampMetrics> timestamps = {{.timestamp = 49, .users = 3}, {.timestamp = 50, .users = 7}};
  timestamps[0].metrics[Metric::ndcg10] = 0.1;
  timestamps[1].metrics[Metric::mrr] = 1.0 / 3;
  const std::string json = to_json(timestamps);
  CHECK(json.starts_with("{\"timestamps\":[{\"timestamp\":49,\"users\":3,\"HR@5\":0.0,"));
  CHECK(parse_timestamps(json, "x.json") == timestamps);
  CHECK(parse_timestamps(to_json(std::span<const TimestampMetrics>()), "x.json").empty());
}

TEST_CASE("what is no list of metrics by timestamp is refused with its place") {
  using testing::message_of;
  CHECK(message_of([] { parse_timestamps("{\"timestamps\":3}", "x.json"); }) ==
        "x.json: \"timestamps\" is not a list");
  CHECK(message_of([] {
          parse_timestamps("{\"timestamps\":[{\"timestamp\":1}]}", "x.json");
        }).starts_with("x.json: timestamps[0]: "));
  CHECK(message_of([] { parse_timestamps("{\"times\":[]}", "x.json"); }).starts_with("x.json: "));
}

}  // namespace cce
