// report as a user calls it.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/tools/program.h"
#include "tests/tools/report/sample_runs.h"

namespace cce {
namespace {

using testing::cce_rec;
using testing::complaint;
using testing::content;
using testing::Outcome;
using testing::TemporaryFolder;
using testing::write_run;

}  // namespace

TEST_CASE("report: writes one file, says so, and does not overwrite it unasked") {
  const TemporaryFolder folder;
  write_run(folder, "runs/a"), write_run(folder, "runs/b");
  const Outcome first = cce_rec(folder, {"report", "runs/a"});
  CHECK(first.code == 0);
  CHECK(first.out.starts_with("report.html: 1 run, "));
  CHECK(first.err == "");
  const std::string page = content(folder / "report.html");
  CHECK(page.ends_with("</html>\n"));
  const Outcome again = cce_rec(folder, {"report", "runs/a", "runs/b"});
  CHECK(again.code == 2);
  CHECK(complaint(again) == "report.html: exists; --overwrite replaces it, --out names another file\n");
  CHECK(content(folder / "report.html") == page);
  CHECK(cce_rec(folder, {"report", "runs/a", "runs/b", "--overwrite"}).code == 0);
  CHECK(content(folder / "report.html") != page);
  const Outcome both =
      cce_rec(folder, {"report", "runs", "runs/a/", "--out", "x.html", "--title", "A <title>"});
  CHECK(both.out.starts_with("x.html: 2 runs, "));  // each run once
  CHECK(content(folder / "x.html").find("<h1>A &lt;title&gt;</h1>") != std::string::npos);
}

TEST_CASE("report: a run that was trained, with its data, its checkpoint and its ranks") {
  const TemporaryFolder folder;
  REQUIRE(cce_rec(folder, {"train", "--model", "gru4rec", "--loss", "cce", "--data", "demo", "--epochs", "1",
                           "--threads", "1", "--test-every-epoch", "--out", "a"})
              .code == 0);
  CHECK(cce_rec(folder, {"report", "a"}).code == 0);
  const std::string page = content(folder / "report.html");
  for (const char* const part : {"Test NDCG@10</figcaption>", "interactions", "Of the possible NDCG@10"}) {
    CAPTURE(part);
    CHECK(page.find(part) != std::string::npos);
  }
}

TEST_CASE("report: a damaged file is told in one line, the page is written, and the program ends with 1") {
  const TemporaryFolder folder;
  write_run(folder, "a"), write_run(folder, "b");
  folder.write("b/ranks.tsv", "user\tvalid\ttest\n1\t2\n");
  const Outcome outcome = cce_rec(folder, {"report", "a", "b"});
  CHECK(outcome.code == 1);
  CHECK(outcome.err == "cce_rec: warning: b/ranks.tsv:2: expected three columns: user, valid, test\n");
  CHECK(content(folder / "report.html").find("b/ranks.tsv:2: expected three columns") != std::string::npos);
}

TEST_CASE("report: what is no run is refused, and nothing is written") {
  const TemporaryFolder folder;
  write_run(folder, "a");
  std::filesystem::create_directory(folder.path() / "empty");
  folder.write("notes.txt", "");
  folder.write("figure.svg", "<svg/>");
  const auto refusal = [&](std::vector<std::string> arguments, int code) {
    const Outcome outcome = cce_rec(folder, arguments);
    CHECK(outcome.code == code);
    CHECK(!std::filesystem::exists(folder.path() / "report.html"));
    return complaint(outcome);
  };
  CHECK(refusal({"report"}, 2).starts_with("report: name one or more run folders"));
  CHECK(refusal({"report", "a", "nowhere"}, 1) == "nowhere: no such run folder\n");
  CHECK(refusal({"report", "empty"}, 1) == "empty: no run, and no folder of runs (it has no config.toml)\n");
  CHECK(refusal({"report", "notes.txt"}, 1).starts_with("notes.txt: is neither a run folder nor"));
  CHECK(refusal({"report", "figure.svg"}, 1).starts_with("a report needs a run"));
  CHECK(refusal({"report", "a", "--out", "no/such/folder/x.html"}, 1).find("no/such/folder") !=
        std::string::npos);
  CHECK(refusal({"report", "a", "--out", "empty", "--overwrite"}, 2) ==
        "--out empty: is a folder; name the file of the page\n");
}

}  // namespace cce
