#include "tools/run_records.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "engine/error.h"
#include "tools/strict_json.h"

namespace cce {
namespace {

using nlohmann::ordered_json;

double finite(double value, const char* name) {
  require(std::isfinite(value), "[records] {} is {}; only finite numbers can be written", name, value);
  return value;
}

/// The first `count` metrics, in the order of kMetricNames.
ordered_json metrics_json(const Metrics& metrics, int count) {
  ordered_json json = ordered_json::object();
  for (int i = 0; i < count; ++i) json[kMetricNames[i]] = finite(metrics.values[i], kMetricNames[i]);
  return json;
}

Metrics parse_metrics(const nlohmann::json& json, int count, const std::string& place) {
  Metrics metrics;
  StrictObject object(json, place);
  for (int i = 0; i < count; ++i) metrics.values[i] = object.take_as<double>(kMetricNames[i]);
  object.finish();
  return metrics;
}

constexpr int kEpochMetricCount = 6;  // all but MRR
static_assert(kMetricNames[kEpochMetricCount] == std::string_view("MRR"));

ordered_json objectives_json(const Objectives& objectives) {
  ordered_json json = ordered_json::object();
  for (size_t i = 0; i < objectives.size(); ++i) {
    json[kObjectiveNames[i]] = finite(objectives[i], kObjectiveNames[i]);
  }
  return json;
}

// RunResult and PretrainingResult have these in common: how to come by the same run, and what it took.

template <class Result>
void add_origin(ordered_json& json, const Result& result) {
  json["seed"] = result.seed;
  json["device"] = result.device;
  json["threads"] = result.threads;
  if (!result.version.empty()) json["version"] = result.version;
  if (!result.machine.empty()) json["machine"] = result.machine;
}

template <class Result>
void take_origin(StrictObject& object, Result& result) {
  result.seed = object.take_as<uint64_t>("seed");
  result.device = object.take_as<std::string>("device");
  result.threads = object.take_as<int64_t>("threads");
  if (object.has("version")) result.version = object.take_as<std::string>("version");
  if (object.has("machine")) result.machine = object.take_as<std::string>("machine");
}

template <class Result>
void add_cost(ordered_json& json, const Result& result) {
  json["parameters"] = result.parameters;
  json["seconds_per_epoch"] = finite(result.seconds_per_epoch, "seconds_per_epoch");
  json["seconds_total"] = finite(result.seconds_total, "seconds_total");
  json["peak_rss_bytes"] = result.peak_rss_bytes;
  json["peak_device_bytes"] = result.peak_device_bytes;
}

template <class Result>
void take_cost(StrictObject& object, Result& result) {
  result.parameters = object.take_as<int64_t>("parameters");
  result.seconds_per_epoch = object.take_as<double>("seconds_per_epoch");
  result.seconds_total = object.take_as<double>("seconds_total");
  result.peak_rss_bytes = object.take_as<int64_t>("peak_rss_bytes");
  result.peak_device_bytes = object.take_as<int64_t>("peak_device_bytes");
}

std::string dump(const ordered_json& json, int indent) {
  try {
    return json.dump(indent);
  } catch (const nlohmann::json::type_error&) {
    fail("[records] a name is not UTF-8");
  }
}

int64_t parse_rank(std::string_view field, const std::string& place) {
  int64_t rank = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), rank);
  const bool whole = error == std::errc() && end == field.data() + field.size();
  if (!whole || rank < 0) fail("{}: {:?} is no rank", place, field.substr(0, 64));
  return rank;
}

UserRanks parse_rank_line(std::string_view line, const std::string& place) {
  const size_t first = line.find('\t'), second = first == line.npos ? first : line.find('\t', first + 1);
  require(second != line.npos, "{}: expected three columns: user, valid, test", place);
  return {std::string(line.substr(0, first)), parse_rank(line.substr(first + 1, second - first - 1), place),
          parse_rank(line.substr(second + 1), place)};
}

constexpr std::string_view kRanksHeader = "user\tvalid\ttest";

}  // namespace

std::string to_json(const Metrics& metrics) {
  return dump(metrics_json(metrics, kMetricCount), -1);
}

Metrics parse_metrics(std::string_view text, const std::string& place) {
  return parse_metrics(parse_strict_json(text, place), kMetricCount, place);
}

std::string to_json(const EpochRecord& record) {
  ordered_json json;
  json["epoch"] = record.epoch;
  json["loss"] = finite(record.loss, "loss");
  json["seconds_train"] = finite(record.seconds_train, "seconds_train");
  json["seconds_valid"] = finite(record.seconds_valid, "seconds_valid");
  json["valid"] = metrics_json(record.valid, kEpochMetricCount);
  if (record.test) json["test"] = metrics_json(*record.test, kEpochMetricCount);
  return dump(json, -1);
}

EpochRecord parse_epoch_record(std::string_view text, const std::string& place) {
  const nlohmann::json json = parse_strict_json(text, place);
  StrictObject object(json, place);
  EpochRecord record;
  record.epoch = object.take_as<int64_t>("epoch");
  record.loss = object.take_as<double>("loss");
  record.seconds_train = object.take_as<double>("seconds_train");
  record.seconds_valid = object.take_as<double>("seconds_valid");
  record.valid = parse_metrics(object.take("valid"), kEpochMetricCount, place + ": valid");
  if (object.has("test"))
    record.test = parse_metrics(object.take("test"), kEpochMetricCount, place + ": test");
  object.finish();
  return record;
}

int64_t epoch_of_record(std::string_view text, const std::string& place) {
  const nlohmann::json json = parse_strict_json(text, place);
  return StrictObject(json, place).take_as<int64_t>("epoch");
}

std::string to_json(const PretrainingRecord& record) {
  ordered_json json;
  json["epoch"] = record.epoch;
  json["loss"] = finite(record.loss, "loss");
  json["objectives"] = objectives_json(record.objectives);
  json["seconds_train"] = finite(record.seconds_train, "seconds_train");
  return dump(json, -1);
}

PretrainingRecord parse_pretraining_record(std::string_view text, const std::string& place) {
  const nlohmann::json json = parse_strict_json(text, place);
  StrictObject object(json, place);
  PretrainingRecord record;
  record.epoch = object.take_as<int64_t>("epoch");
  record.loss = object.take_as<double>("loss");
  StrictObject objectives(object.take("objectives"), place + ": objectives");
  for (size_t i = 0; i < record.objectives.size(); ++i) {
    record.objectives[i] = objectives.take_as<double>(kObjectiveNames[i]);
  }
  objectives.finish();
  record.seconds_train = object.take_as<double>("seconds_train");
  object.finish();
  return record;
}

std::string to_json(const PretrainingResult& result) {
  ordered_json json;
  json["model"] = result.model;
  json["stage"] = "pretrain";
  json["data"] = result.data;
  add_origin(json, result);
  json["samples"] = result.samples;
  json["epochs"] = result.epochs;
  add_cost(json, result);
  return dump(json, 2) + "\n";
}

PretrainingResult parse_pretraining_result(std::string_view text, const std::string& place) {
  const nlohmann::json json = parse_strict_json(text, place);
  StrictObject object(json, place);
  PretrainingResult result;
  result.model = object.take_as<std::string>("model");
  require(object.take_as<std::string>("stage") == "pretrain", "{}: \"stage\" is not \"pretrain\"", place);
  result.data = object.take_as<std::string>("data");
  take_origin(object, result);
  result.samples = object.take_as<int64_t>("samples");
  result.epochs = object.take_as<int64_t>("epochs");
  take_cost(object, result);
  object.finish();
  return result;
}

std::string to_json(const RunResult& result) {
  ordered_json json;
  json["model"] = result.model;
  json["loss"] = result.loss;
  json["timestamps"] = result.timestamps;
  json["data"] = result.data;
  add_origin(json, result);
  json["epochs"] = result.epochs;
  json["best_epoch"] = result.best_epoch;
  json["items"] = result.items;
  add_cost(json, result);
  json["valid"] = metrics_json(result.valid, kMetricCount);
  json["test"] = metrics_json(result.test, kMetricCount);
  return dump(json, 2) + "\n";
}

RunResult parse_run_result(std::string_view text, const std::string& place) {
  const nlohmann::json json = parse_strict_json(text, place);
  StrictObject object(json, place);
  RunResult result;
  result.model = object.take_as<std::string>("model");
  result.loss = object.take_as<std::string>("loss");
  result.timestamps = object.take_as<std::string>("timestamps");
  result.data = object.take_as<std::string>("data");
  take_origin(object, result);
  result.epochs = object.take_as<int64_t>("epochs");
  result.best_epoch = object.take_as<int64_t>("best_epoch");
  if (object.has("items")) result.items = object.take_as<int64_t>("items");
  take_cost(object, result);
  result.valid = parse_metrics(object.take("valid"), kMetricCount, place + ": valid");
  result.test = parse_metrics(object.take("test"), kMetricCount, place + ": test");
  object.finish();
  return result;
}

std::string to_tsv(std::span<const UserRanks> ranks) {
  std::string text(kRanksHeader);
  text += '\n';
  for (const UserRanks& user : ranks) {
    require(user.user.find_first_of("\t\r\n") == std::string::npos,
            "[records] user id {:?} cannot stand in a table", user.user);
    fmt::format_to(std::back_inserter(text), "{}\t{}\t{}\n", user.user, user.valid, user.test);
  }
  return text;
}

std::vector<UserRanks> parse_ranks(std::string_view tsv, const std::string& place) {
  std::vector<UserRanks> ranks;
  require(!tsv.empty(), "{}: is empty", place);
  for (int64_t line = 1; !tsv.empty(); ++line) {
    const std::string here = fmt::format("{}:{}", place, line);
    const size_t length = tsv.find('\n');
    require(length != tsv.npos, "{}: the last line is cut short", here);
    if (line == 1) {
      require(tsv.substr(0, length) == kRanksHeader, "{}: expected the column names user, valid, test", here);
    } else {
      ranks.push_back(parse_rank_line(tsv.substr(0, length), here));
    }
    tsv.remove_prefix(length + 1);
  }
  return ranks;
}

}  // namespace cce
