// compare and reproduce as a user calls them.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <thread>

#include "engine/device.h"
#include "tests/tools/program.h"
#include "tools/folder_lock.h"
#include "tools/run_records.h"
#include "tools/saved_evaluation.h"

namespace cce {
namespace {

using testing::cce_rec;
using testing::cce_rec_stopped;
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

TEST_CASE("compare: a damaged file that it does not need is no matter, one that it needs is named") {
  const TemporaryFolder folder;
  train_demo(folder, "cce", "a");
  folder.write("a/metrics.jsonl", "damaged");
  CHECK(cce_rec(folder, {"compare", "a", "a"}).code == 0);
  folder.write("a/ranks.tsv", "user\tvalid\ttest\n1\t2\n");
  CHECK(complaint(cce_rec(folder, {"compare", "a", "a"})) ==
        "a/ranks.tsv:2: expected three columns: user, valid, test\n");
  std::filesystem::remove(folder / "a/ranks.tsv");
  CHECK(complaint(cce_rec(folder, {"compare", "a", "a"})) == "a: has no ranks.tsv to compare\n");
}

TEST_CASE("compare: runs that ranked other candidates are refused") {
  const TemporaryFolder folder;
  train_demo(folder, "cce", "a");
  std::filesystem::copy(folder.path() / "a", folder.path() / "b");
  std::filesystem::copy(folder.path() / "a", folder.path() / "c");
  std::string config = content(folder / "b/config.toml"), result = content(folder / "c/result.json");
  const size_t seen = config.find("seen = \"exclude\""), items = result.find("\"items\": ");
  REQUIRE(seen != std::string::npos);
  REQUIRE(items != std::string::npos);
  folder.write("b/config.toml", config.replace(seen, 16, "seen = \"keep\""));
  folder.write("c/result.json", result.insert(items + 9, "9"));
  CHECK(complaint(cce_rec(folder, {"compare", "a", "b"})) ==
        "a ranked with --seen exclude and b with --seen keep: only the same candidates compare\n");
  CHECK(complaint(cce_rec(folder, {"compare", "a", "c"})).find(" items and c 9") != std::string::npos);
}

TEST_CASE("reproduce: wrong names end with exit code 2 and the list") {
  const TemporaryFolder folder;
  CHECK(cce_rec(folder, {"reproduce"}).code == 2);
  CHECK(cce_rec(folder, {"reproduce", "table3"}).code == 2);
  CHECK(complaint(cce_rec(folder, {"reproduce", "table2", "--data", "toys,books"})) ==
        "--data books: expected names out of beauty, sports, toys, yelp, lastfm, demo, with commas between "
        "them\n");
  CHECK(complaint(cce_rec(folder, {"reproduce", "table2", "--data", "demo"})) ==
        "--data demo: the paper's Table 2 has no such data set\n");
  CHECK(complaint(cce_rec(folder, {"reproduce", "losses", "--loss", "cce,hinge"}))
            .starts_with("--loss hinge: "));
  CHECK(
      complaint(cce_rec(folder, {"reproduce", "losses", "--negatives", "0"})).starts_with("--negatives 0: "));
  CHECK(complaint(cce_rec(folder, {"reproduce", "figure1", "--negatives", "7"})) ==
        "reproduce figure1: takes no --negatives; reproduce losses does\n");
  CHECK(cce_rec(folder, {"reproduce", "table2", "--seeds", "1,x"}).code == 2);
  CHECK(complaint(cce_rec(folder, {"reproduce", "table2", "--markdown", "page.tsv"})) ==
        "--markdown page.tsv: expected a name that ends in .md; .tsv and .svg come beside it\n");
  CHECK(cce_rec(folder, {"reproduce", "table2", "--markdown", "nowhere/page.md"}).code == 1);
  std::filesystem::remove_all(folder / "runs");
  const Outcome nothing = cce_rec(folder, {"reproduce", "table2", "--no-training"});
  CHECK(nothing.code == 1);
  CHECK(complaint(nothing).find("no such folder") != std::string::npos);
}

TEST_CASE("reproduce: trains where it is told to, and says why not on the GPU") {
  const TemporaryFolder folder;
  const auto on = [&](const std::string& device) {
    return cce_rec(folder,
                   {"reproduce", "losses", "--data", "demo", "--model", "gru4rec", "--loss", "cce",
                    "--epochs", "1", "--out", "t", "--device", device},
                   {"CUDA_VISIBLE_DEVICES="});
  };
  CHECK(on("cuda").code == 2);
  CHECK(complaint(on("cuda")).starts_with("--device cuda: "));
  const Outcome automatic = on("auto");
  CHECK(automatic.code == 0);
  CHECK(automatic.err.starts_with("computing on the CPU: ") == cuda_built());
  const std::string page = content(folder / "t/losses.md");
  CHECK(page.find("| gru4rec-cce-demo-42 | 1 (1) | cpu | ") != std::string::npos);
  CHECK(page.find("--device cpu --out again/") != std::string::npos);
}

TEST_CASE("reproduce: a run that fails is told with its reason, and shown as not run") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "t/gru4rec-ce-demo-42");
  folder.write("t/gru4rec-ce-demo-42/notes.txt", "somebody's own file");
  const Outcome outcome = cce_rec(folder,
                                  {"reproduce", "losses", "--data", "demo", "--model", "gru4rec", "--loss",
                                   "ce,cce", "--epochs", "1", "--out", "t"},
                                  {"CCE_REC_BATCH_SIZE=7"});
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("gru4rec-ce-demo-42: exit code ") != std::string::npos);
  CHECK(outcome.out.find("gru4rec-cce-demo-42: done in ") != std::string::npos);
  CHECK(content(folder / "t/losses.md").find("| not run |") != std::string::npos);
}

TEST_CASE("reproduce: a data set that is not there is told once, and the runs on it are left out") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "nothing");
  const Outcome outcome = cce_rec(
      folder,
      {"reproduce", "table2", "--data", "lastfm", "--model", "gru4rec", "--loss", "bce,ce", "--out", "t"},
      {"CCE_REC_DATA=" + (folder / "nothing"), "XDG_CACHE_HOME=" + (folder / "nothing"),
       "http_proxy=http://127.0.0.1:9", "https_proxy=http://127.0.0.1:9"});
  CHECK(outcome.code == 1);
  const size_t told = outcome.out.find("nothing is run on lastfm: ");
  REQUIRE(told != std::string::npos);
  CHECK(outcome.out.find("nothing is run on", told + 1) == std::string::npos);
  CHECK(outcome.out.find("LastFM.txt") != std::string::npos);
  CHECK(outcome.out.find("12 not run") != std::string::npos);
  CHECK(!std::filesystem::exists(folder / "t/logs"));
}

TEST_CASE("reproduce: the figures of one model share its runs, and the last timestamp is the test") {
  const TemporaryFolder folder;
  const auto reproduce = [&](const std::string& artefact) {
    const Outcome outcome = cce_rec(folder, {"reproduce", artefact, "--data", "demo", "--model", "gru4rec",
                                             "--epochs", "1", "--out", "t"});
    CHECK(outcome.code == 0);
    CHECK(outcome.out.find("A quick look: no run had more than 1 epoch,") != std::string::npos);
    return outcome.out;
  };
  CHECK(reproduce("figure1").find("3 runs, 0 of them finished before") != std::string::npos);
  CHECK(reproduce("figure2").find("3 runs, 3 of them finished before") != std::string::npos);
  CHECK(reproduce("figure3").find("3 runs, 3 of them finished before") != std::string::npos);

  const std::string result_json = content(folder / "t/gru4rec-cce-demo-42/result.json");
  const RunResult result = parse_run_result(result_json, "result.json");
  const std::string page = content(folder / "t/figure1.md"), numbers = content(folder / "t/figure1.tsv");
  CHECK(page.starts_with("<!-- made by cce_rec reproduce, "));
  CHECK(page.find("-->\n\n# figure1: NDCG@10 at every timestamp of the sequences, GRU4Rec on Yelp\n\n"
                  "![figure1](figure1.svg)\n") != std::string::npos);
  CHECK(numbers.find(fmt::format("demo\tgru4rec\tcce\t42\t50\t3000\t{:.6f}\t{:.6f}\n",
                                 result.test[Metric::ndcg10], result.test[Metric::hr10])) !=
        std::string::npos);
  CHECK(numbers.find(fmt::format("demo\tgru4rec\tcce\t42\t49\t3000\t{:.6f}\t",
                                 result.valid[Metric::ndcg10])) != std::string::npos);
  CHECK(numbers == content(folder / "t/figure3.tsv"));
  CHECK(content(folder / "t/figure2.tsv").find("demo\tgru4rec\tbce\t42\t1\t") != std::string::npos);
  for (const char* name : {"t/figure1.svg", "t/figure2.svg", "t/figure3.svg"})
    CHECK(content(folder / name).find("gru4rec on demo") != std::string::npos);
}

TEST_CASE("reproduce: the printed command gives a run again with the same bytes") {
  const TemporaryFolder folder;
  const Outcome outcome = cce_rec(folder, {"reproduce", "figure2", "--data", "demo", "--model", "gru4rec",
                                           "--loss", "ce", "--epochs", "1", "--out", "t"});
  REQUIRE(outcome.code == 0);
  const size_t begin = outcome.out.find("  ./cce_rec train ") + 12;
  const std::string command = outcome.out.substr(begin, outcome.out.find('\n', begin) - begin);
  std::vector<std::string> words;
  std::istringstream stream(command);
  for (std::string word; stream >> word;) words.push_back(word);
  REQUIRE(cce_rec(folder, words).code == 0);
  for (const char* file : {"best.safetensors", "ranks.tsv"}) {
    CHECK(content(folder / (std::string("t/gru4rec-ce-demo-42/") + file)) ==
          content(folder / (std::string("again/gru4rec-ce-demo-42/") + file)));
  }
}

TEST_CASE("reproduce: losses by the number of negatives, and choices of the protocol") {
  const TemporaryFolder folder;
  const Outcome losses =
      cce_rec(folder, {"reproduce", "losses", "--data", "demo", "--model", "gru4rec", "--loss", "cce,bce",
                       "--negatives", "1,3", "--epochs", "1", "--out", "t"});
  CHECK(losses.code == 0);
  CHECK(content(folder / "t/losses.tsv").find("\ndemo\tgru4rec\tbce\t3\t42\t0.") != std::string::npos);
  CHECK(content(folder / "t/losses.md").find("gru4rec-bce-demo-42-negatives-3") != std::string::npos);
  const Outcome protocol = cce_rec(folder, {"reproduce", "protocol", "--data", "demo", "--model", "gru4rec",
                                            "--epochs", "1", "--no-training", "--out", "t"});
  CHECK(protocol.code == 0);
  const std::string page = content(folder / "t/protocol.md");
  const SavedEvaluation saved =
      parse_saved_evaluation(content(folder / "t/evaluations/gru4rec-cce-demo-42.seen-keep.json"), "keep");
  const Metrics kept = parse_metrics(saved.measured, "keep");
  CHECK(page.find(fmt::format("| --seen keep: items seen before are candidates | ranked again | {:.4f} |",
                              kept[Metric::hr10])) != std::string::npos);
  CHECK(page.find("--padding none: no padding is read | trained | not run |") != std::string::npos);
  CHECK(page.find("| --stop-on HR@5 | another epoch | 0.") != std::string::npos);
}

TEST_CASE("reproduce: stopped while it trains it goes on, and ends as if it had not been stopped") {
  const TemporaryFolder folder;
  const auto command = [](const std::string& out) {
    return std::vector<std::string>{"reproduce", "figure1", "--data",    "demo", "--loss", "bce,ce",
                                    "--epochs",  "1",       "--at-once", "1",    "--out",  out};
  };
  REQUIRE(cce_rec(folder, command("whole")).code == 0);
  const Outcome stopped =
      cce_rec_stopped(folder, command("stopped"), SIGTERM, folder / "stopped/logs/gru4rec-bce-demo-42.log");
  CHECK(stopped.code == 143);
  CHECK(stopped.out.find("not run") != std::string::npos);
  CHECK(stopped.out.find(" failed") == std::string::npos);
  CHECK(cce_rec(folder, command("stopped")).code == 0);
  CHECK(content(folder / "stopped/figure1.tsv") == content(folder / "whole/figure1.tsv"));
  for (const char* run : {"gru4rec-bce-demo-42", "gru4rec-ce-demo-42"}) {
    CHECK(content(folder / ("stopped/" + std::string(run) + "/best.safetensors")) ==
          content(folder / ("whole/" + std::string(run) + "/best.safetensors")));
  }
}

TEST_CASE(
    "reproduce: losses of S3-Rec begin with one pre-training at the same time, also after a stop in it") {
  const TemporaryFolder folder;
  const std::vector<std::string> command = {"reproduce", "figure2", "--data", "demo",     "--model",
                                            "s3rec",     "--loss",  "bce,ce", "--epochs", "1",
                                            "--at-once", "2",       "--out",  "t"};
  const std::string log = folder / "t/logs/s3rec-pretrain-demo-42.log";
  const Outcome stopped = cce_rec_stopped(folder, command, SIGTERM, log);
  CHECK(stopped.code == 143);
  CHECK(stopped.out.find(" failed") == std::string::npos);
  const Outcome whole = cce_rec(folder, command);
  CHECK(whole.code == 0);
  CHECK(whole.out.find("s3rec-pretrain-demo-42: done in ") != std::string::npos);
  for (const char* run : {"s3rec-bce-demo-42", "s3rec-ce-demo-42"})
    CHECK(content(folder / (std::string("t/logs/") + run + ".log")).find("pre-trained before: ") !=
          std::string::npos);
  CHECK(content(folder / "t/figure2.md").find("| s3rec-pretrain-demo-42 | 1 | cpu | ") != std::string::npos);
  // Of the pre-training nothing is left but its result.
  const std::filesystem::path pretraining = folder.path() / "t/s3rec-pretrain-demo-42";
  for (const auto& file : std::filesystem::directory_iterator(pretraining)) {
    if (file.path().filename() != "result.json") std::filesystem::remove(file.path());
  }
  std::filesystem::remove_all(folder.path() / "t/s3rec-ce-demo-42");
  const Outcome without = cce_rec(folder, command);
  CHECK(without.code == 1);
  CHECK(
      without.out.find("s3rec-pretrain-demo-42: has a result, but no weights for s3rec-ce-demo-42; remove") !=
      std::string::npos);
  CHECK(!std::filesystem::exists(folder.path() / "t/s3rec-pretrain-demo-42-2"));
}

TEST_CASE("reproduce: a page is put in the place of its own kind alone") {
  const TemporaryFolder folder;
  const auto page = [&](const std::string& markdown) {
    return cce_rec(folder, {"reproduce", "losses", "--data", "demo", "--loss", "cce", "--no-training",
                            "--out", ".", "--markdown", markdown});
  };
  folder.write("notes.md", "# My notes\n");
  const Outcome mine = page("notes.md");
  CHECK(mine.code == 2);
  CHECK(complaint(mine) ==
        "notes.md: exists, and does not begin as the pages of reproduce do; move it, or choose another "
        "--markdown\n");
  CHECK(content(folder / "notes.md") == "# My notes\n");
  folder.write("drawing.svg", "<svg/>");
  CHECK(complaint(page("drawing.md")) ==
        "drawing.md: drawing.svg is there, and would be replaced; move it, or choose another --markdown\n");
  CHECK(content(folder / "drawing.svg") == "<svg/>");
  CHECK(page("page.md").code == 0);
  CHECK(page("page.md").code == 0);
}

TEST_CASE("reproduce: results without weights are shown, and told what they cannot give") {
  const TemporaryFolder folder;
  const auto call = [&](const std::string& artefact, const std::string& epochs) {
    return cce_rec(folder, {"reproduce", artefact, "--data", "demo", "--model", "gru4rec", "--loss", "cce",
                            "--epochs", epochs, "--out", "t"});
  };
  REQUIRE(call("losses", "2").code == 0);
  const std::filesystem::path run = folder.path() / "t/gru4rec-cce-demo-42";
  for (const auto& file : std::filesystem::directory_iterator(run)) {
    if (file.path().filename() != "result.json") std::filesystem::remove(file.path());
  }
  CHECK(call("losses", "2").code == 0);
  const Outcome fewer = call("losses", "1");
  CHECK(fewer.code == 2);
  CHECK(complaint(fewer).find("gru4rec-cce-demo-42: is a run of 2 epochs, more than --epochs 1; choose") !=
        std::string::npos);
  const Outcome figure = call("figure1", "2");
  CHECK(figure.code == 1);
  CHECK(figure.out.find("has a result, but no weights for by-timestamp; remove it, and it is trained") !=
        std::string::npos);
  const Outcome protocol = cce_rec(folder, {"reproduce", "protocol", "--data", "demo", "--model", "gru4rec",
                                            "--epochs", "2", "--no-training", "--out", "t"});
  CHECK(protocol.code == 1);
  const std::string page = content(folder / "t/protocol.md");
  CHECK(page.find("would train on |") == std::string::npos);
  CHECK(page.find("| --stop-on HR@5 | another epoch | not measured |") != std::string::npos);
}

TEST_CASE("reproduce: killed while it trains, its run saves, and it goes on") {
  const TemporaryFolder folder;
  const auto command = [](const std::string& out) {
    return std::vector<std::string>{"reproduce", "figure2", "--data",   "demo", "--model", "gru4rec",
                                    "--loss",    "ce",      "--epochs", "2",    "--out",   out};
  };
  REQUIRE(cce_rec(folder, command("whole")).code == 0);
  const std::string run = "/gru4rec-ce-demo-42", log = folder / "killed/logs/gru4rec-ce-demo-42.log";
  const std::string first_epoch = folder / ("killed" + run + "/resume.safetensors");
  CHECK(cce_rec_stopped(folder, command("killed"), SIGKILL, first_epoch).code == 128 + SIGKILL);
  const auto logged = [&](const char* text) { return content(log).find(text) != std::string::npos; };
  const auto wait = [] { std::this_thread::sleep_for(std::chrono::milliseconds(50)); };
  while (!logged("stopped in epoch") && !logged("saved in")) wait();
  CHECK(logged("stopped in epoch 2"));
  // For a moment after these words the run is still in use.
  while (cce_rec(folder, command("killed")).code != 0) wait();
  CHECK(content(folder / ("killed" + run + "/best.safetensors")) ==
        content(folder / ("whole" + run + "/best.safetensors")));
}

TEST_CASE("reproduce: other options than the runs in the folder, and a folder in use, are refused") {
  const TemporaryFolder folder;
  REQUIRE(cce_rec(folder, {"train", "--model", "gru4rec", "--loss", "cce", "--data", "demo", "--epochs", "1",
                           "--out", "t/gru4rec-cce-demo-42"})
              .code == 0);
  const Outcome other = cce_rec(
      folder, {"reproduce", "figure1", "--data", "demo", "--loss", "cce", "--epochs", "1", "--out", "t"});
  CHECK(other.code == 2);
  CHECK(complaint(other).find("gru4rec-cce-demo-42: is a run with --padding \"none\", not \"left\"") !=
        std::string::npos);
  const FolderLock lock(folder / "t");
  const Outcome busy = cce_rec(folder, {"reproduce", "figure1", "--data", "demo", "--out", "t"});
  CHECK(busy.code == 1);
  CHECK(complaint(busy).find("another process is making runs in this folder") != std::string::npos);
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
  CHECK(cce_rec(folder, command, environment).code == 2);
}

}  // namespace cce
