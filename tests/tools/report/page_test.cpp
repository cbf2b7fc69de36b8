#include "tools/report/page.h"

#include <cmath>
#include <filesystem>

#include "tests/tools/report/sample_runs.h"
#include "tests/tools/well_formed.h"

namespace cce {
namespace {

using testing::markup_fault;
using testing::TemporaryFolder;
using testing::write_pretraining;
using testing::write_run;

ReportPage page_of(const std::vector<std::string>& folders,
                   const std::vector<std::filesystem::path>& attachments = {}) {
  Report report{.title = "", .runs = {}, .attachments = attachments};
  for (const std::string& folder : folders) report.runs.push_back(read_reported_run(folder));
  name_runs(report.runs);
  return report_page(report);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

size_t occurrences(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// What holds for every page.
void check_page(const ReportPage& page) {
  CHECK(markup_fault(page.html) == "");
  CHECK(page.html.starts_with("<!doctype html>\n<html lang=\"en\">"));
  for (const char* const reference :
       {"http:", "https:", "//cdn", "@import", "url(", "<link rel=\"stylesheet"}) {
    CAPTURE(reference);
    CHECK(!has(page.html, reference));
  }
  const size_t script = page.html.find("<script>");
  for (const char* const number : {"nan", "inf "}) CHECK(!has(page.html.substr(0, script), number));
}

}  // namespace

TEST_CASE("report page: one finished run has its curves, metrics, options and ranks, and no comparison") {
  const TemporaryFolder folder;
  const ReportPage page = page_of({write_run(folder, "mine")});
  check_page(page);
  CHECK(page.faults.empty());
  CHECK(has(page.html, "<title>mine</title>"));
  for (const char* const part :
       {"Validation NDCG@10", "Validation HR@5", "Validation NDCG@20 by time", "Training loss: cce",
        "Seconds of training per epoch", "Places of the test items", "Test items within the first K",
        "Test metrics on unknown_data", "<td>845,248</td>", ">162 MB</td>", "stop-on",
        "The data are not on this machine", "class=\"best\" fill"}) {
    CAPTURE(part);
    CHECK(has(page.html, part));
  }
  CHECK(!has(page.html, "id=\"comparison\""));
  CHECK(!has(page.html, "<strong>0."));  // nothing is the best of one
}

TEST_CASE("report page: the same runs give the same bytes") {
  const TemporaryFolder folder;
  const std::vector<std::string> runs = {write_run(folder, "a"), write_run(folder, "b", {.quality = 2})};
  CHECK(page_of(runs).html == page_of(runs).html);
}

TEST_CASE(
    "report page: of two runs the better is marked in each column, and they are compared user by user") {
  const TemporaryFolder folder;
  const ReportPage page = page_of({write_run(folder, "a"), write_run(folder, "b", {.quality = 3})});
  check_page(page);
  CHECK(has(page.html, "<title>2 runs on unknown_data</title>"));
  // Seven columns of two tables.
  CHECK(occurrences(page.html, "<td class=\"best\">") == 14);
  CHECK(has(page.html, "b (B) beside a (A)"));
  CHECK(has(page.html, "<td>better</td>"));
  CHECK(!has(page.html, "<td>worse</td>"));
}

TEST_CASE("report page: options that differ stand apart from those that do not") {
  const TemporaryFolder folder;
  const ReportPage page = page_of({write_run(folder, "a", {.extra_option = "lr = 0.5\n"}),
                                   write_run(folder, "b", {.extra_option = "lr = 0.25\n"})});
  const size_t differ = page.html.find("Where the runs&#39; options differ"),
               same = page.html.find("The same in all runs");
  REQUIRE(differ != std::string::npos);
  REQUIRE(same != std::string::npos);
  const std::string differing = page.html.substr(differ, same - differ);
  CHECK(has(differing, ">lr</th>"));
  CHECK(has(differing, "<td>0.25</td>"));
  CHECK(!has(differing, "stop-on"));
  CHECK(!has(page.html.substr(same), "<th scope=\"row\">lr</th>"));
  // More options than runs: the runs are the columns.
  const ReportPage wide =
      page_of({folder / "a", write_run(folder, "c", {.extra_option = "x = 1\ny = 2\nz = 3\n"})});
  CHECK(has(wide.html, "<th scope=\"col\">option</th><th scope=\"col\">a</th><th scope=\"col\">c</th>"));
  CHECK(has(wide.html, "<th scope=\"row\">y</th><td>–</td><td>2</td>"));
}

TEST_CASE("report page: what comes from folders and files is text, never markup") {
  const TemporaryFolder folder;
  const std::string evil = "<img src=x onerror=alert(1)>&\"'é 日本 \x01\xFF";
  const ReportPage page = page_of(
      {write_run(folder, evil, {.extra_option = "note = \"</script><b>&\"\n"}), write_run(folder, "plain")});
  check_page(page);
  CHECK(!has(page.html, "<img"));
  CHECK(has(page.html, "&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;é 日本 \xEF\xBF\xBD\xEF\xBF\xBD"));
  CHECK(has(page.html, "&lt;/script&gt;&lt;b&gt;&amp;"));
  CHECK(occurrences(page.html, "</script>") == 1);
}

TEST_CASE("report page: unfinished runs, pre-trainings, single epochs and constant series") {
  const TemporaryFolder folder;
  const ReportPage page = page_of(
      {write_run(folder, "running", {.epochs = 3, .finished = false}),
       write_run(folder, "begun", {.epochs = 0, .finished = false}),
       write_run(folder, "short", {.epochs = 1}), write_run(folder, "flat", {.epochs = 9, .constant = true}),
       write_pretraining(folder, "pretrained", 3, true), write_pretraining(folder, "pretraining", 1, false)});
  check_page(page);
  CHECK(page.faults.empty());
  CHECK(has(page.html, "the best of 3 epochs so far"));
  CHECK(has(page.html, "no epoch yet"));
  CHECK(has(page.html, "not finished"));
  CHECK(has(page.html, "cpu, 2 threads"));
  CHECK(has(page.html, "Pre-training objective: aap"));
  for (const std::string& alone : {folder / "running", folder / "begun", folder / "pretraining"}) {
    check_page(page_of({alone}));
  }
}

TEST_CASE("report page: damage is told on the page, and the rest of the runs is there") {
  const TemporaryFolder folder;
  write_run(folder, "a"), write_run(folder, "b");
  folder.write("b/result.json", "{");
  folder.write("b/config.toml", "model = \n");
  ReportPage page = page_of({folder / "b"});
  check_page(page);
  CHECK(has(page.html, "unknown data"));
  page = page_of({folder / "a", folder / "b"});
  check_page(page);
  REQUIRE(page.faults.size() == 2);
  CHECK(has(page.html, "Not all of it could be read"));
  CHECK(has(page.html, "b/result.json: is not JSON"));
  CHECK(has(page.html, "b/config.toml:1"));
  CHECK(has(page.html, "Test metrics on unknown_data"));
  CHECK(has(page.html, "<summary>Options: 9</summary>"));  // a's eight, and pair-form, which came later
}

TEST_CASE("report page: an option that came later than a run has its default there, which is no difference") {
  const TemporaryFolder folder;
  const auto differ = [&](const char* option) {
    const ReportPage page =
        page_of({write_run(folder, "a"), write_run(folder, "b", {.extra_option = option})});
    return has(page.html, "options differ");
  };
  CHECK_FALSE(differ("pair-form = \"paper\"\n"));
  CHECK(differ("pair-form = \"authors\"\n"));
}

TEST_CASE("report page: runs that ranked among other candidates are not compared user by user") {
  const TemporaryFolder folder;
  const auto seen = [](const char* value) { return fmt::format("seen = \"{}\"\n", value); };
  const ReportPage page = page_of({write_run(folder, "a", {.extra_option = seen("exclude")}),
                                   write_run(folder, "b", {.quality = 2, .extra_option = seen("exclude")}),
                                   write_run(folder, "c", {.extra_option = seen("keep")})});
  check_page(page);
  CHECK(page.faults.empty());
  CHECK(has(page.html, "a (B) beside b (A)") != has(page.html, "b (B) beside a (A)"));
  CHECK(has(page.html, "c is left out: it ranked other candidates (--seen keep)."));
}

TEST_CASE("report page: runs said to be on the same data, but with other users, are told apart") {
  const TemporaryFolder folder;
  const ReportPage page = page_of({write_run(folder, "a"), write_run(folder, "b", {.users = 100})});
  check_page(page);
  REQUIRE(page.faults.size() == 1);
  CHECK(has(page.faults.front(), "they were not run on the same data"));
}

TEST_CASE("report page: runs on several data sets, each with its own tables") {
  const TemporaryFolder folder;
  const ReportPage page = page_of({write_run(folder, "a"), write_run(folder, "b", {.data = "other"})});
  check_page(page);
  CHECK(has(page.html, "<title>2 runs on 2 data sets</title>"));
  CHECK(has(page.html, "Test metrics on other"));
  CHECK(!has(page.html, "<td class=\"best\">"));
}

TEST_CASE("report page: twenty runs of hundreds of epochs, and the size of a few") {
  const TemporaryFolder folder;
  std::vector<std::string> runs;
  for (int i = 0; i < 20; ++i) {
    runs.push_back(write_run(folder, "run" + std::to_string(i), {.epochs = 300, .quality = 1 + i * 0.1}));
  }
  const ReportPage twenty = page_of(runs);
  check_page(twenty);
  CHECK(has(twenty.html, "NDCG@10 beside the best run&#39;s"));
  CHECK(!has(twenty.html, "Places of the test items</figcaption>"));
  runs.clear();
  for (int i = 0; i < 4; ++i) runs.push_back(write_run(folder, "few" + std::to_string(i), {.epochs = 100}));
  CHECK(page_of(runs).html.size() < 300'000);
}

TEST_CASE("report page: the demo's data are counted and its best possible NDCG told") {
  const TemporaryFolder folder;
  const ReportPage page = page_of({write_run(folder, "a", {.data = "demo"})});
  check_page(page);
  CHECK(has(page.html, "Of the possible NDCG@10"));
  CHECK(has(page.html, "training positions"));
  CHECK(!has(page.html, "not on this machine"));
}

TEST_CASE("report page: a run of a cell of Table 2 stands beside the paper's numbers") {
  const TemporaryFolder folder;
  const ReportPage page = page_of({write_run(folder, "a", {.data = "toys"})});
  check_page(page);
  CHECK(has(page.html, "Beside the paper"));
  CHECK(has(page.html, "<th scope=\"row\">gru4rec cce toys</th>"));
}

TEST_CASE("report page: runs of a cell that were trained otherwise have a row of their own") {
  const TemporaryFolder folder;
  const ReportPage page =
      page_of({write_run(folder, "a", {.data = "toys"}),
               write_run(folder, "b", {.data = "toys", .extra_option = "negatives = 100\n"})});
  check_page(page);
  CHECK(has(page.html, "<th scope=\"row\">gru4rec cce toys</th>"));
  CHECK(has(page.html, "<th scope=\"row\">gru4rec cce toys --negatives 100</th>"));
  // Two whose options no file tells are not taken for runs of two seeds.
  std::filesystem::remove(folder.path() / "a/config.toml");
  std::filesystem::remove(folder.path() / "b/config.toml");
  const ReportPage unknown = page_of({folder / "a", folder / "b"});
  check_page(unknown);
  CHECK(occurrences(unknown.html, "<th scope=\"row\">gru4rec cce toys (options not known)</th>") == 2);
}

TEST_CASE("report page: pictures are images of the page itself, tables are tables") {
  const TemporaryFolder folder;
  const std::string run = write_run(folder, "a");
  const std::string picture =
      folder.write("f<1>.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>");
  const std::string table = folder.write("t.tsv", "a\tb<c\r\n1\t2 & 3\r\n");
  const ReportPage page = page_of({run}, {picture, table});
  check_page(page);
  CHECK(page.faults.empty());
  CHECK(has(page.html,
            "<img alt=\"f&lt;1&gt;.svg\" src=\"data:image/svg+xml,%3Csvg xmlns=%22http%3A//www.w3.org"));
  CHECK(has(page.html, "<th scope=\"col\">b&lt;c</th>"));
  CHECK(has(page.html, "<td>2 &amp; 3</td>"));
  std::string lines = "n\n";
  for (int i = 1; i <= 301; ++i) lines += std::to_string(i) + "\n";
  const ReportPage tall = page_of({run}, {folder.write("tall.tsv", lines)});
  check_page(tall);
  CHECK(has(tall.html, "<summary>tall.tsv (the first 300 rows; 1 more in the file)</summary>"));
  CHECK(has(tall.html, "<th scope=\"row\">300</th>"));
  CHECK(!has(tall.html, "<th scope=\"row\">301</th>"));
  const ReportPage faulty =
      page_of({run}, {folder.write("no.svg", "text"), folder.write("no.tsv", "a\tb\n1\n")});
  check_page(faulty);
  REQUIRE(faulty.faults.size() == 2);
  CHECK(faulty.faults[0] == (folder / "no.svg") + ": is no SVG picture");
  CHECK(faulty.faults[1] == (folder / "no.tsv") + ": row 1 has 1 column, and the header 2");
}

}  // namespace cce
