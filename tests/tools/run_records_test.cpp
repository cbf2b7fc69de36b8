#include "tools/run_records.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;

Metrics metrics_from(double first) {
  Metrics metrics;
  for (int i = 0; i < kMetricCount; ++i) metrics.values[static_cast<size_t>(i)] = first / (i + 3);
  return metrics;
}

RunResult result() {
  RunResult result;
  result.model = "gru4rec", result.loss = "cce", result.timestamps = "all", result.data = "toys \"é\"";
  result.seed = 18446744073709551615u, result.device = "cpu", result.threads = 2;
  result.machine = "a processor";
  result.epochs = 54, result.best_epoch = 44, result.parameters = 838912;
  result.seconds_per_epoch = 4.7, result.seconds_total = 0.1 + 0.2;
  result.peak_rss_bytes = int64_t{1} << 40, result.peak_device_bytes = 0;
  result.valid = metrics_from(1), result.test = metrics_from(0.7);
  return result;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  REQUIRE(text.find(from) != std::string::npos);
  return text.replace(text.find(from), from.size(), to);
}

TEST_CASE("Metrics are written under the field's names, in order") {
  Metrics metrics;
  metrics[Metric::hr5] = 0.5, metrics[Metric::ndcg20] = 0.1, metrics[Metric::mrr] = 1;
  CHECK(to_json(metrics) ==
        R"({"HR@5":0.5,"HR@10":0.0,"HR@20":0.0,"NDCG@5":0.0,"NDCG@10":0.0,"NDCG@20":0.1,"MRR":1.0})");
}

TEST_CASE("A metric is found by its name, and an unknown one is wrong use") {
  for (int i = 0; i < kMetricCount; ++i)
    CHECK(metric_named(name(static_cast<Metric>(i))) == static_cast<Metric>(i));
  CHECK(message_of([] { metric_named("NDCG"); }, ExitCode::usage) ==
        "unknown metric \"NDCG\"; known are HR@5, HR@10, HR@20, NDCG@5, NDCG@10, NDCG@20, MRR");
}

TEST_CASE("An epoch is one line with the contract's keys, and its numbers survive") {
  EpochRecord record{3, 0.1 + 0.2, 4.25, 1e-7, metrics_from(1), std::nullopt};
  const std::string line = to_json(record);
  CHECK(line == R"({"epoch":3,"loss":0.30000000000000004,"seconds_train":4.25,"seconds_valid":1e-07,)"
                R"("valid":{"HR@5":0.3333333333333333,"HR@10":0.25,"HR@20":0.2,"NDCG@5":0.16666666666666666,)"
                R"("NDCG@10":0.14285714285714285,"NDCG@20":0.125}})");
  const EpochRecord read = parse_epoch_record(line, "f:1");
  CHECK(read.epoch == 3);
  CHECK(read.loss == record.loss);
  CHECK(read.seconds_valid == record.seconds_valid);
  CHECK(read.valid[Metric::ndcg5] == record.valid[Metric::ndcg5]);
  CHECK(read.valid[Metric::mrr] == 0);
  CHECK_FALSE(read.test);

  record.test = metrics_from(0.3);
  CHECK(to_json(parse_epoch_record(to_json(record), "f:1")) == to_json(record));
  CHECK(to_json(record).ends_with(R"("NDCG@20":0.0375}})"));
}

TEST_CASE("A result has the contract's keys in order, and is read back bit by bit") {
  const std::string json = to_json(result());
  size_t last = 0;
  for (const char* key : {"model", "loss", "timestamps", "data", "seed", "device", "threads", "epochs",
                          "best_epoch", "parameters", "seconds_per_epoch", "seconds_total", "peak_rss_bytes",
                          "peak_device_bytes", "valid", "test"}) {
    CAPTURE(key);
    const size_t at = json.find("\n  \"" + std::string(key) + "\": ");
    REQUIRE(at != std::string::npos);
    CHECK(at >= last);
    last = at;
  }
  CHECK(json.ends_with("}\n"));
  const RunResult read = parse_run_result(json, "f");
  CHECK(to_json(read) == json);
  CHECK(read.seed == result().seed);
  CHECK(read.seconds_total == result().seconds_total);
  CHECK(read.test == result().test);
}

TEST_CASE("A result that does not say version, machine and items, as older ones do not, is read") {
  RunResult written = result();
  written.version = "0.1.0", written.items = 11924;
  std::string json = to_json(written);
  for (const char* line :
       {"  \"version\": \"0.1.0\",\n", "  \"machine\": \"a processor\",\n", "  \"items\": 11924,\n"})
    json = replaced(json, line, "");
  const RunResult read = parse_run_result(json, "f");
  CHECK(read.version.empty());
  CHECK(read.machine.empty());
  CHECK(read.items == 0);
  CHECK(read.threads == written.threads);
  CHECK(read.test == written.test);
}

TEST_CASE("A pre-training's epoch and result have their own keys, and any record's epoch can be told") {
  const PretrainingRecord record{.epoch = 3, .loss = 0.5, .objectives = {1, 2, 3, 4}, .seconds_train = 0.25};
  CHECK(
      to_json(record) ==
      R"({"epoch":3,"loss":0.5,"objectives":{"aap":1.0,"mip":2.0,"map":3.0,"sp":4.0},"seconds_train":0.25})");
  CHECK(epoch_of_record(to_json(record), "here") == 3);
  CHECK(epoch_of_record(to_json(EpochRecord{.epoch = 7}), "here") == 7);
  CHECK(message_of([] { epoch_of_record(R"({"loss":1})", "here:1"); }).starts_with("here:1"));
  CHECK(message_of([] { epoch_of_record(R"({"epoch":"x"})", "here:1"); }).starts_with("here:1"));
  const nlohmann::json json =
      nlohmann::json::parse(to_json(PretrainingResult{.model = "s3rec", .samples = 9}));
  CHECK(json["model"] == "s3rec");
  CHECK(json["stage"] == "pretrain");
  CHECK(json["samples"] == 9);
  PretrainingRecord bad = record;
  bad.objectives[2] = NAN;
  CHECK(message_of([&] { to_json(bad); }).find("map is nan") != std::string::npos);
}

TEST_CASE("Numbers that are not finite are not written") {
  EpochRecord record;
  record.loss = NAN;
  CHECK(message_of([&] { to_json(record); }) == "[records] loss is nan; only finite numbers can be written");
  RunResult infinite = result();
  infinite.test[Metric::mrr] = INFINITY;
  CHECK(message_of([&] { to_json(infinite); }) == "[records] MRR is inf; only finite numbers can be written");
}

TEST_CASE("A result that is not exactly one is refused with place and key") {
  const std::string json = to_json(result());
  const auto complaint = [&](const std::string& from, const std::string& to) {
    return message_of([&] { parse_run_result(replaced(json, from, to), "f"); });
  };
  CHECK(complaint("\"loss\": \"cce\",", "") == "f: \"loss\" is missing");
  CHECK(complaint("\"loss\"", "\"lost\": 1, \"loss\"") == "f: unknown key \"lost\"");
  CHECK(complaint("\"loss\"", "\"model\": \"x\", \"loss\"") == "f: the key \"model\" comes twice");
  CHECK(complaint("\"cce\"", "5") == "f: \"loss\" is not a string");
  CHECK(complaint("54", "5.5") == "f: \"epochs\" is not a whole number of this program's range");
  CHECK(complaint("54", "-1") == "f: \"epochs\" is not a whole number of this program's range");
  CHECK(complaint("54", "9223372036854775808") ==
        "f: \"epochs\" is not a whole number of this program's range");
  CHECK(complaint("4.7", "\"fast\"") == "f: \"seconds_per_epoch\" is not a number");
  CHECK(complaint("4.7", "null") == "f: \"seconds_per_epoch\" is not a number");
  CHECK(complaint("4.7", "1e999") == "f: a number is out of range");
  CHECK(complaint("\"HR@5\"", "\"HR@6\"") == "f: valid: \"HR@5\" is missing");
  CHECK(complaint("\"valid\": {", "\"valid\": 0, \"x\": {") == "f: valid: is not a JSON object");
  CHECK(complaint("{", "x{") == "f: is not JSON at byte 1");
}

TEST_CASE("A pre-training's records read back, and what is not exactly one is refused") {
  const PretrainingRecord record{7, 0.1 + 0.2, {1, 2.5, 1e-9, 0.3}, 12.5};
  const PretrainingRecord read = parse_pretraining_record(to_json(record), "f:1");
  CHECK(to_json(read) == to_json(record));
  CHECK(read.objectives == record.objectives);
  const std::string line = to_json(record);
  const auto complaint = [&](const std::string& from, const std::string& to) {
    return message_of([&] { parse_pretraining_record(replaced(line, from, to), "f:1"); });
  };
  CHECK(complaint("\"map\"", "\"pam\"") == "f:1: objectives: \"map\" is missing");
  CHECK(complaint("{\"aap\"", "{\"x\":1,\"aap\"") == "f:1: objectives: unknown key \"x\"");

  const PretrainingResult result{.model = "s3rec",
                                 .data = "toys",
                                 .seed = 42,
                                 .device = "cpu",
                                 .threads = 2,
                                 .version = "0.1.0 (44fb00a)",
                                 .samples = 1000,
                                 .epochs = 150,
                                 .parameters = 77,
                                 .seconds_per_epoch = 30.5,
                                 .seconds_total = 4600,
                                 .peak_rss_bytes = 1 << 30};
  const std::string json = to_json(result);
  CHECK(to_json(parse_pretraining_result(json, "f")) == json);
  CHECK(message_of([&] { parse_pretraining_result(replaced(json, "pretrain", "train"), "f"); }) ==
        "f: \"stage\" is not \"pretrain\"");
  CHECK(message_of([&] { parse_run_result(json, "f"); }) == "f: \"loss\" is missing");
}

TEST_CASE("Records nested without end, empty or cut are refused") {
  CHECK(message_of([] { parse_run_result(std::string(100'000, '['), "f"); }) == "f: JSON is nested too deep");
  CHECK(message_of([] { parse_run_result("", "f"); }) == "f: is not JSON at byte 1");
  CHECK(message_of([] { parse_epoch_record("[]", "f:2"); }) == "f:2: is not a JSON object");
  const std::string json = to_json(result());
  for (size_t size = 0; size + 1 < json.size(); ++size) {
    message_of([&] { parse_run_result(json.substr(0, size), "f"); });
  }
}

TEST_CASE("Ranks are a table that reads back") {
  const std::vector<UserRanks> ranks = {{"1", 0, 12}, {"A2 é", 11923, 7}};
  CHECK(to_tsv(ranks) == "user\tvalid\ttest\n1\t0\t12\nA2 é\t11923\t7\n");
  CHECK(parse_ranks(to_tsv(ranks), "f") == ranks);
  CHECK(parse_ranks(to_tsv({}), "f").empty());
  CHECK(message_of([] {
          to_tsv(std::vector<UserRanks>{{"a\tb", 0, 0}});
        }) == "[records] user id \"a\\tb\" cannot stand in a table");
}

TEST_CASE("A table that is none is refused with its line") {
  const auto complaint = [](const std::string& lines) {
    return message_of([&] { parse_ranks("user\tvalid\ttest\n" + lines, "f"); });
  };
  CHECK(complaint("1\t2\t3\n1\t2\n") == "f:3: expected three columns: user, valid, test");
  CHECK(complaint("1\t-2\t3\n") == "f:2: \"-2\" is no rank");
  CHECK(complaint("1\t2\t3\t4\n") == "f:2: \"3\\t4\" is no rank");
  CHECK(complaint("1\t2\t\n") == "f:2: \"\" is no rank");
  CHECK(complaint("1\t2\t99999999999999999999\n") == "f:2: \"99999999999999999999\" is no rank");
  CHECK(complaint("1\t2\t3") == "f:2: the last line is cut short");
  CHECK(message_of([] { parse_ranks("1\t2\t3\n", "f"); }) ==
        "f:1: expected the column names user, valid, test");
  CHECK(message_of([] { parse_ranks("", "f"); }) == "f: is empty");
}

}  // namespace
}  // namespace cce
