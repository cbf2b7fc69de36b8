// compare and reproduce as a user calls them.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/tools/program.h"

namespace cce {
namespace {

using testing::cce_rec;
using testing::complaint;
using testing::content;
using testing::Outcome;
using testing::TemporaryFolder;

void train_demo(const TemporaryFolder& folder, const std::string& loss, const std::string& out) {
  REQUIRE(cce_rec(folder, {"train", "--model", "gru4rec", "--loss", loss, "--data", "demo", "--epochs", "1",
                           "--threads", "1", "--out", out})
              .code == 0);
}

}  // namespace

TEST_CASE("compare: two runs on the same users, each metric with its interval and its test") {
  const TemporaryFolder folder;
  train_demo(folder, "cce", "a");
  train_demo(folder, "ce", "b");
  const Outcome both = cce_rec(folder, {"compare", "b", "a"});
  CHECK(both.code == 0);
  CHECK(both.out.find("\nNDCG@10 ") != std::string::npos);
  CHECK(both.out.find("p < .001") != std::string::npos);
  const Outcome same = cce_rec(folder, {"compare", "a", "a"});
  CHECK(same.out.find("+0.0000  [+0.0000, +0.0000]  t =    0.00  p = 1.000") != std::string::npos);
}

TEST_CASE("compare: what is no finished run, or of other users, is refused") {
  const TemporaryFolder folder;
  CHECK(cce_rec(folder, {"compare", "a"}).code == 2);
  const Outcome missing = cce_rec(folder, {"compare", "a", "b"});
  CHECK(missing.code == 1);
  CHECK(complaint(missing) == "a: no finished run (it has no result.json)\n");
  train_demo(folder, "cce", "a");
  std::filesystem::copy(folder.path() / "a", folder.path() / "b");
  std::string ranks = content(folder / "b/ranks.tsv");
  ranks.erase(ranks.rfind('\n', ranks.size() - 2) + 1);
  folder.write("b/ranks.tsv", ranks);
  CHECK(complaint(cce_rec(folder, {"compare", "a", "b"})).find("not run on the same data") !=
        std::string::npos);
}

TEST_CASE("reproduce: wrong names end with exit code 2 and the list") {
  const TemporaryFolder folder;
  CHECK(cce_rec(folder, {"reproduce"}).code == 2);
  CHECK(cce_rec(folder, {"reproduce", "table3"}).code == 2);
  CHECK(complaint(cce_rec(folder, {"reproduce", "table2", "--data", "toys,books"})) ==
        "--data books: expected names out of beauty, sports, toys, yelp, lastfm, with commas between them\n");
  CHECK(cce_rec(folder, {"reproduce", "table2", "--seeds", "1,x"}).code == 2);
  const Outcome nothing = cce_rec(folder, {"reproduce", "table2", "--no-training"});
  CHECK(nothing.code == 1);
  CHECK(complaint(nothing).find("no such folder") != std::string::npos);
}

TEST_CASE("reproduce: a cell that fails is told with its reason, and shown as not run") {
  const TemporaryFolder folder;
  const std::string run = folder / "t/gru4rec-ce-lastfm-42";
  std::filesystem::create_directories(run);
  folder.write("t/gru4rec-ce-lastfm-42/notes.txt", "somebody's own file");
  const Outcome outcome = cce_rec(
      folder, {"reproduce", "table2", "--data", "lastfm", "--model", "gru4rec", "--loss", "ce", "--out", "t"},
      {"CCE_REC_DATA=" + (folder / "nowhere"), "CCE_REC_BATCH_SIZE=7", "http_proxy=http://127.0.0.1:9",
       "https_proxy=http://127.0.0.1:9"});
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("gru4rec-ce-lastfm-42: exit code ") != std::string::npos);
  CHECK(outcome.out.find("6 not run") != std::string::npos);
}

TEST_CASE("real data: reproduce trains a cell, keeps it, and refuses it once its options differ") {
  const TemporaryFolder folder;
  const std::vector<std::string> command = {"reproduce", "table2", "--data", "lastfm", "--model",
                                            "gru4rec",   "--loss", "bce",    "--out",  "t"};
  const std::vector<std::string> environment = {std::string("CCE_REC_DATA=") + std::getenv("CCE_REC_DATA"),
                                                "CCE_REC_BATCH_SIZE=7"};
  const Outcome first = cce_rec(folder, command, environment);
  CHECK(first.code == 0);
  CHECK(first.out.find("lastfm gru4rec bce ") != std::string::npos);
  CHECK(first.out.find(" 0 not run") != std::string::npos);
  const std::string result = content(folder / "t/gru4rec-bce-lastfm-42/result.json");
  CHECK(cce_rec(folder, command, environment).code == 0);
  CHECK(content(folder / "t/gru4rec-bce-lastfm-42/result.json") == result);
  // A run with other options in its place.
  REQUIRE(cce_rec(folder,
                  {"train", "--model", "gru4rec", "--loss", "bce", "--data", "lastfm", "--epochs", "1",
                   "--out", "t/gru4rec-bce-lastfm-42", "--overwrite"},
                  environment)
              .code == 0);
  CHECK(cce_rec(folder, command, environment).code == 1);
}

}  // namespace cce
