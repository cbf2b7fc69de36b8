#include "tools/timestamp_metrics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/strict_json.h"

namespace cce {
namespace {

std::string object_of(const TimestampMetrics& at) {
  const std::string metrics = to_json(at.metrics);
  return fmt::format("{{\"timestamp\":{},\"users\":{},{}", at.timestamp, at.users, metrics.substr(1));
}

TimestampMetrics parse_object(const nlohmann::json& json, const std::string& place) {
  StrictObject object(json, place);
  TimestampMetrics at;
  at.timestamp = object.take_as<int64_t>("timestamp");
  at.users = object.take_as<int64_t>("users");
  for (size_t i = 0; i < kMetricNames.size(); ++i)
    at.metrics.values[i] = object.take_as<double>(kMetricNames[i]);
  object.finish();
  return at;
}

}  // namespace

std::string to_json(std::span<const TimestampMetrics> timestamps) {
  std::vector<std::string> objects;
  for (const TimestampMetrics& at : timestamps) objects.push_back(object_of(at));
  return fmt::format("{{\"timestamps\":[{}]}}", fmt::join(objects, ","));
}

std::vector<TimestampMetrics> parse_timestamps(std::string_view text, const std::string& place) {
  const nlohmann::json json = parse_strict_json(text, place);
  StrictObject object(json, place);
  const nlohmann::json& list = object.take("timestamps");
  object.finish();
  require(list.is_array(), "{}: \"timestamps\" is not a list", place);
  std::vector<TimestampMetrics> timestamps;
  for (const nlohmann::json& entry : list) {
    timestamps.push_back(parse_object(entry, fmt::format("{}: timestamps[{}]", place, timestamps.size())));
  }
  return timestamps;
}

}  // namespace cce
