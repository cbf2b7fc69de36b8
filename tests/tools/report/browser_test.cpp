// The page of a report in a real browser: that it shows what it should, fits the screen, and answers.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

#include "tests/tools/program.h"
#include "tests/tools/report/sample_runs.h"
#include "tools/markup.h"
#include "tools/report/page.h"
#include "tools/svg_chart.h"

namespace cce {
namespace {

using testing::content;
using testing::TemporaryFolder;
using testing::write_pretraining;
using testing::write_run;

/// Stands around pages in frames, uses them as a reader does, and tells what came of each in attributes of a
/// <p>.
constexpr const char* kProbe = R"(
function probe(frame) {
  const view = frame.contentWindow, page = view.document, told = document.body.appendChild(document.createElement("p"));
  const all = (selector) => [...page.querySelectorAll(selector)];
  const tell = (name, value) => told.setAttribute("data-" + name, value);
  const shown = (element) => element.getClientRects().length > 0;
  const root = page.documentElement, plots = all(".plot").filter(shown);
  tell("width", view.innerWidth);
  tell("overflow", root.scrollWidth - root.clientWidth);
  tell("charts", plots.length);
  const within = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1 &&
                                   inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
  const cut = plots.flatMap((plot) => {
    const svg = plot.querySelector("svg"), box = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("text")].filter((text) => !within(text.getBoundingClientRect(), box))
      .map((text) => `${svg.id}: ${text.textContent}`);
  });
  tell("cut", cut.join("; "));
  tell("smallest-text", Math.min(99, ...plots.map((plot) => 13 * plot.clientWidth / plot.querySelector("svg").viewBox.baseVal.width)));
  tell("unnamed", all("svg[role=img]").filter((svg) => !svg.querySelector("title").textContent ||
                                                       !svg.querySelector("desc").textContent).length);
  const ids = all("[id]").map((element) => element.id);
  tell("images", all("img").length);
  tell("repeated-ids", ids.length - new Set(ids).size);
  const lines = () => all('.series[data-series="0"]').filter(shown).length;
  const before = lines(), button = page.querySelector(".runs button");
  button.click();
  tell("lines", `${before} ${lines()}`);
  button.click();
  tell("lines-again", lines() - before);
  const theme = page.getElementById("theme"), ground = () => view.getComputedStyle(page.body).backgroundColor;
  const grounds = [];
  for (let i = 0; i < 3; ++i) theme.click(), grounds.push(theme.textContent + " " + ground());
  tell("themes", grounds.join("; "));
  const plot = plots[0];
  if (plot) {
    const box = plot.getBoundingClientRect(), tip = () => plot.querySelector(".tip")?.textContent ?? "none";
    plot.dispatchEvent(new view.PointerEvent("pointermove", { clientX: box.right - 4, clientY: box.top + 50 }));
    tell("tip", tip());
    const tipBox = plot.querySelector(".tip").getBoundingClientRect();
    tell("tip-within", tipBox.left >= 0 && tipBox.right <= view.innerWidth);
    plot.dispatchEvent(new view.PointerEvent("pointerleave"));
    tell("tip-gone", tip());
    plot.dispatchEvent(new view.KeyboardEvent("keydown", { key: "ArrowRight" }));
    tell("key-tip", tip());
  }
  page.getElementById("cutoff-5")?.click();
  tell("charts-at-5", all(".plot").filter(shown).length);
  const table = all("table.sortable").find((one) => one.caption.textContent.startsWith("Test metrics"));
  if (table) {
    const order = () => [...table.tBodies[0].rows].map((row) => row.cells[0].textContent).join(" ");
    const header = [...table.tHead.rows[0].cells].find((cell) => cell.textContent === "NDCG@10");
    header.querySelector("button")?.click();
    tell("sorted", order());
    header.querySelector("button")?.click();
    tell("sorted-back", order());
  }
  tell("overflow-after", root.scrollWidth - root.clientWidth);
}
addEventListener("load", () => document.querySelectorAll("iframe").forEach(probe));
)";

/// Runs Chromium on a file in the folder until its scripts are done. Returns the document as it is then.
/// Neither an error nor a warning may have come.
std::string browse(const TemporaryFolder& folder, const std::string& file) {
  const std::string command = fmt::format(
      "HOME='{0}' chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
      "--user-data-dir='{0}/profile' "
      "--virtual-time-budget=10000 --window-size=1600,1000 --enable-logging=stderr --dump-dom "
      "'file://{0}/{1}' "
      ">'{0}/dom' 2>'{0}/log'",
      folder.path().string(), file);
  REQUIRE(std::system(command.c_str()) == 0);
  const std::string log = content(folder / "log");
  const size_t console = log.find("CONSOLE");
  CHECK(log.substr(std::min(console, log.size()), 300) == "");
  return content(folder / "dom");
}

std::string report_of(const std::vector<std::string>& folders) {
  Report report{.title = "", .runs = {}, .attachments = {}};
  for (const std::string& folder : folders) report.runs.push_back(read_reported_run(folder));
  name_runs(report.runs);
  return report_page(report).html;
}

struct Page {
  std::string html;
  int width;
};
/// What the probe told of a page.
class Told {
 public:
  explicit Told(std::string tag) : tag_(std::move(tag)) {}
  std::string value(const std::string& name) const {
    std::smatch found;
    return std::regex_search(tag_, found, std::regex(" data-" + name + "=\"([^\"]*)\"")) ? found.str(1)
                                                                                         : "(not told)";
  }
  int number(const std::string& name) const { return std::atoi(value(name).c_str()); }

 private:
  std::string tag_;
};

/// The pages in windows of their widths, probed.
std::vector<Told> probe(const TemporaryFolder& folder, const std::vector<Page>& pages) {
  std::string frames;
  for (const Page& page : pages) {
    frames += fmt::format("<iframe style=\"width:{}px;height:800px;border:0\" srcdoc=\"{}\"></iframe>",
                          page.width, escaped_markup(page.html));
  }
  folder.write("probe.html", fmt::format("<!doctype html><meta charset=\"utf-8\"><script>{}</script><body>{}",
                                         kProbe, frames));
  const std::string dom = browse(folder, "probe.html");
  std::vector<Told> told;
  for (size_t at = dom.find("<p data-width"); at != dom.npos; at = dom.find("<p data-width", at + 1)) {
    told.emplace_back(dom.substr(at, dom.find("</p>", at) - at));
  }
  REQUIRE(told.size() == pages.size());
  for (size_t i = 0; i < pages.size(); ++i) CHECK(told[i].number("width") == pages[i].width);
  return told;
}

void check_layout(const Told& told) {
  CHECK(told.value("overflow") == "0");
  CHECK(told.value("overflow-after") == "0");
  CHECK(told.value("cut") == "");
  CHECK(told.number("smallest-text") >= 9);
  CHECK(told.value("unnamed") == "0");
  CHECK(told.value("repeated-ids") == "0");
  CHECK(told.value("lines-again") == "0");
  CHECK(told.value("images") == "0");
}

constexpr int kPhone = 360, kDesktop = 1280;

}  // namespace

TEST_CASE("chromium: a report of two runs fits phone and desktop, and answers") {
  const TemporaryFolder folder;
  const std::string html = report_of({write_run(folder, "a_run", {.epochs = 40}),
                                      write_run(folder, "better_run", {.epochs = 30, .quality = 2})});
  for (const Told& shown : probe(folder, {{html, kPhone}, {html, kDesktop}})) {
    check_layout(shown);
    CHECK(shown.value("charts") == "7");  // NDCG, HR, by time, loss, seconds, two of ranks
    CHECK(shown.value("charts-at-5") == "7");
    CHECK(shown.value("lines") == "7 0");
    CHECK(std::regex_match(shown.value("tip"), std::regex("epoch 40.*a_run0\\.\\d+")));
    CHECK(shown.value("tip-within") == "true");
    CHECK(shown.value("tip-gone") == "none");
    CHECK(std::regex_match(shown.value("key-tip"), std::regex("epoch 1better_run0\\.\\d+a_run0\\.\\d+")));
    CHECK(shown.value("themes") ==
          "Theme: light rgb(246, 247, 249); Theme: dark rgb(16, 18, 22); Theme: auto "
          "rgb(246, 247, 249)");
    CHECK(shown.value("sorted") == "better_run a_run");
    CHECK(shown.value("sorted-back") == "a_run better_run");
  }
}

TEST_CASE("chromium: reports of one epoch, of nothing finished, of pre-training, and of hostile names fit") {
  const TemporaryFolder folder;
  const std::string evil =
      "</script><img src=x onerror=alert(1)>&\"'é 日本 and_a_name_without_any_blank_" + std::string(60, 'w');
  const std::vector<std::vector<std::string>> reports = {
      {write_run(folder, "short", {.epochs = 1})},
      {write_run(folder, "flat", {.epochs = 700, .finished = false, .constant = true})},
      {write_run(folder, "begun", {.epochs = 0, .finished = false})},
      {write_pretraining(folder, "pretraining", 5, false)},
      {write_run(folder, evil),
       write_run(folder, "other", {.loss = "bce", .extra_option = "x = \"<b>\"\n"})}};
  std::vector<Page> pages;
  for (const auto& runs : reports) pages.push_back({report_of(runs), kPhone});
  const std::vector<Told> told = probe(folder, pages);
  for (size_t i = 0; i < told.size(); ++i) {
    CAPTURE(reports[i].front());
    check_layout(told[i]);
    CHECK((told[i].number("charts") > 0) == (reports[i].front() != folder / "begun"));
  }
}

TEST_CASE("chromium: a report of twenty runs fits phone and desktop") {
  const TemporaryFolder folder;
  std::vector<std::string> runs;
  for (int i = 0; i < 20; ++i) {
    runs.push_back(
        write_run(folder, fmt::format("run_with_a_name_{}", i), {.epochs = 60, .quality = 1 + i * 0.1}));
  }
  const std::string html = report_of(runs);
  for (const Told& told : probe(folder, {{html, kPhone}, {html, kDesktop}})) check_layout(told);
}

TEST_CASE("chromium: a chart's file is SVG that a browser takes") {
  const TemporaryFolder folder;
  const Chart chart{
      "a < b & \"c\"", {.title = "x"}, {.title = "y"}, {{"s", {{1, 2}, {2, 3}}, SeriesKind::line, 1}}};
  folder.write("chart.svg", svg_file("Title", {&chart, 1}));
  const std::string dom = browse(folder, "chart.svg");
  CHECK(dom.find("parsererror") == std::string::npos);
  CHECK(dom.find("</svg>") != std::string::npos);
}

}  // namespace cce
