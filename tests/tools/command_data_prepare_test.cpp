// cce_rec data prepare as a user runs it, and what recommend and similar make of raw ids.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "data/s3rec_text.h"
#include "tests/tools/faults.h"
#include "tests/tools/program.h"

namespace cce {
namespace {

namespace fs = std::filesystem;
using testing::cce_rec;
using testing::complaint;
using testing::content;
using testing::listing;
using testing::Outcome;
using testing::TemporaryFolder;
using Names = std::vector<std::string>;

/// Items with all that an id may have in it.
const Names kItems{"plain", "with blanks", "comma,", "\"quoted\"", "tab\there", "caf\xC3\xA9", "7"};

std::string in_csv(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// A log in which each of `users` users has every item once, the youngest lines first.
std::string shop_log(int users) {
  std::string log = "who,what,when,stars\n";
  for (int user = users - 1; user >= 0; --user) {
    for (size_t i = kItems.size(); i-- > 0;) {
      const std::string& item = kItems[(i + static_cast<size_t>(user)) % kItems.size()];
      log += fmt::format("{},{},2019-01-{:02} 12:00:00,{}\n", in_csv(fmt::format("user \"{}\"", user)),
                         in_csv(item), i + 1, i % 5 + 1);
    }
  }
  return log;
}

const Names kColumns{"--user-column", "who",  "--item-column",   "what",
                     "--time-column", "when", "--rating-column", "stars"};

Outcome prepare(const TemporaryFolder& folder, Names arguments) {
  arguments.insert(arguments.begin(), {"data", "prepare"});
  arguments.insert(arguments.end(), kColumns.begin(), kColumns.end());
  return cce_rec(folder, arguments);
}

TEST_CASE("data prepare makes sequences and maps of a raw file, and prints Table 1's columns") {
  const TemporaryFolder folder;
  folder.write("log.csv", shop_log(6));
  const Outcome outcome = prepare(folder, {"log.csv", "--out", "a/shop"});
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  CHECK(outcome.out.starts_with("log.csv: csv, 42 interactions\n"));
  CHECK(outcome.out.find(fmt::format("\n{:<34}{:>11}\n", "interactions per item", "6.00")) !=
        std::string::npos);
  CHECK(outcome.out.ends_with("saved: a/shop/log_users.tsv, a/shop/log_items.tsv, a/shop/log.txt\n"));
  CHECK(listing(folder.path() / "a") ==
        Names{"shop", "shop/log.txt", "shop/log_items.tsv", "shop/log_users.tsv"});
  CHECK(content(folder / "a/shop/log.txt").starts_with("1 1 2 3 4 5 6 7\n2 7 1 2 3 4 5 6\n"));
  CHECK(content(folder / "a/shop/log_users.tsv").find("\n1\tuser \"5\"\n2\tuser \"4\"\n") !=
        std::string::npos);
  CHECK(content(folder / "a/shop/log_items.tsv").find("\n7\ttab\\there\n") != std::string::npos);
  CHECK(cce_rec(folder, {"data", "validate", "a/shop/log.txt"}).out ==
        "a/shop/log.txt: nothing is wrong with it\n");
}

TEST_CASE("data prepare does not replace what it reads") {
  const TemporaryFolder folder;
  folder.write("log.txt", shop_log(6));
  const auto refusal = [&](Names arguments) { return complaint(prepare(folder, std::move(arguments))); };
  const std::string fix = ": is read here, and would be replaced or removed; choose another --out\n";
  CHECK(refusal({"log.txt", "--out", "log.txt", "--overwrite"}) == "log.txt" + fix);
  folder.write("x_item2attributes.json", "{}");
  CHECK(refusal({"log.txt", "--out", "x.txt", "--metadata", "x_item2attributes.json", "--overwrite"}) ==
        "x_item2attributes.json" + fix);
  CHECK(content(folder / "log.txt") == shop_log(6));
}

TEST_CASE("data prepare filters by rating, time and number, and says what it left out") {
  const TemporaryFolder folder;
  folder.write("log.csv", shop_log(6) + "\"few\",\"plain\",2019-01-03,3\n");
  const Outcome outcome =
      prepare(folder, {"log.csv", "--out", "x.txt", "--min-rating", "2", "--since", "2019-01-02", "--until",
                       "2019-01-05", "--user-core", "4", "--item-core", "3"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("\nleft out: 12 interactions rated below 2\n") != std::string::npos);
  CHECK(outcome.out.find("\nleft out: 6 interactions outside the time asked for\n") != std::string::npos);
  CHECK(outcome.out.find(
            "\nleft out: 1 interaction, 1 user and 0 items until every user had 4 and every item 3\n") !=
        std::string::npos);
  CHECK(content(folder / "x.txt").starts_with("1 1 2 3 4\n2 "));
  CHECK(prepare(folder, {"log.csv", "--out", "y.txt"}).out.find("\nleft out: 1 interaction, 1 user") !=
        std::string::npos);
}

TEST_CASE("data prepare stops at the first fault, or leaves lines at fault out and counts them") {
  const TemporaryFolder folder;
  std::string log = shop_log(6);
  log.insert(log.find('\n') + 1, "\"u\",\"i\",noon,5\n");
  for (int i = 0; i < 20; ++i) log += "bad\n";
  folder.write("log.csv", log);
  const Outcome strict = prepare(folder, {"log.csv", "--out", "x.txt"});
  CHECK(strict.code == 1);
  CHECK(complaint(strict) ==
        "log.csv:2: time \"noon\" is not a number or a date like 2019-01-31 15:30:00 (--skip-bad leaves such "
        "lines "
        "out)\n");
  CHECK(!fs::exists(folder / "x.txt"));
  const Outcome lenient = prepare(folder, {"log.csv", "--out", "x.txt", "--skip-bad"});
  CHECK(lenient.code == 0);
  CHECK(std::ranges::count(lenient.err, '\n') == 11);
  CHECK(lenient.out.find("\nleft out: 21 lines at fault\n") != std::string::npos);
  CHECK(lenient.out.find(fmt::format("\n{:<34}{:>11}\n", "users", 6)) != std::string::npos);
  CHECK(complaint(cce_rec(folder, {"data", "validate", "log.csv", "--item-column", "what"}))
            .find("--user-column") != std::string::npos);
  CHECK(cce_rec(folder, {"data", "validate", "none.csv", "-"}).out ==
        "none.csv: cannot be opened: No such file or directory\nstandard input: is empty\n");
  const Names validate{"data",          "validate", "log.csv",       "--user-column", "who",
                       "--item-column", "what",     "--time-column", "when"};
  const Outcome listed = cce_rec(folder, validate);
  CHECK(listed.code == 1);
  CHECK(std::ranges::count(listed.out, '\n') == 21);
  CHECK(listed.out.find("\nlog.csv:64: has 1 fields, where the header has 4\n") != std::string::npos);
}

TEST_CASE("data prepare reads several files, and attributes, and drops those of an earlier time") {
  const TemporaryFolder folder;
  std::string first = "userId,movieId,rating,timestamp\n", second = first, movies = "movieId,title,genres\n";
  for (int user = 0; user < 10; ++user) {
    for (int i = 0; i < 5; ++i)
      (user % 2 ? first : second) += fmt::format("{},{},4,{}\n", user, 100 + i, 1'000'000'000 + i);
  }
  for (int i = 0; i < 9; ++i) movies += fmt::format("{},\"Film, {}\",Drama|Genre {}\n", 100 + i, i, i % 2);
  folder.write("a.csv", first), folder.write("b.csv", second), folder.write("movies.csv", movies);
  const Outcome outcome = cce_rec(folder, {"data", "prepare", "a.csv", "b.csv", "--out", "ml", "--metadata",
                                           "movies.csv", "--attribute-core", "2"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("\nmovies.csv: 3 attributes for 5 of 5 items\n") != std::string::npos);
  CHECK(content(folder / "ml/a_item2attributes.json") ==
        "{\"1\": [1, 2], \"2\": [1, 3], \"3\": [1, 2], \"4\": [1, 3], \"5\": [1, 2]}");
  CHECK(content(folder / "ml/a_attributes.tsv").ends_with("\n1\tDrama\n2\tGenre 0\n3\tGenre 1\n"));
  CHECK(complaint(cce_rec(folder, {"data", "prepare", "a.csv", "--out", "ml"})) ==
        "ml/a.txt: exists; --overwrite replaces it\n");
  CHECK(cce_rec(folder, {"data", "prepare", "a.csv", "b.csv", "--out", "ml", "--overwrite"}).code == 0);
  CHECK(listing(folder.path() / "ml") == Names{"a.txt", "a_items.tsv", "a_users.tsv"});
}

TEST_CASE("data prepare touches none of the user's own files without --overwrite") {
  for (const char* ending :
       {".txt", "_users.tsv", "_items.tsv", "_attributes.tsv", "_item2attributes.json"}) {
    CAPTURE(ending);
    const TemporaryFolder folder;
    folder.write("log.csv", shop_log(6));
    const std::string own = std::string("shop") + ending;
    folder.write(own, "mine");
    const Outcome outcome = prepare(folder, {"log.csv", "--out", "shop.txt"});
    CHECK(outcome.code == 2);
    const bool is_of_attributes = own.find("attributes") != std::string::npos;
    CHECK(complaint(outcome) ==
          fmt::format("{}: exists; --overwrite {} it\n", own, is_of_attributes ? "removes" : "replaces"));
    CHECK(content(folder / own) == "mine");
    Names made = listing(folder.path());
    std::erase_if(made, [](const std::string& name) { return !name.starts_with("shop"); });
    CHECK(made == Names{own});
    CHECK(prepare(folder, {"log.csv", "--out", "shop.txt", "--overwrite"}).code == 0);
    CHECK(fs::exists(folder / own) == !is_of_attributes);
  }
}

TEST_CASE("data prepare: a file without interactions says nothing about times") {
  const TemporaryFolder folder;
  std::string log;
  for (int user = 0; user < 5; ++user) {
    for (int item = 0; item < 5; ++item)
      log += fmt::format("{{\"user\": {}, \"item\": {}, \"time\": {}}}\n", user, item, 1'500'000'000 + item);
  }
  folder.write("none.jsonl", ""), folder.write("log.jsonl", log);
  const Outcome outcome = cce_rec(folder, {"data", "prepare", "none.jsonl", "log.jsonl", "none.jsonl",
                                           "--format", "jsonl", "--since", "2001-01-01", "--out", "x.txt"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.starts_with("none.jsonl: jsonl, 0 interactions\nlog.jsonl: jsonl, 25 interactions\n"));
}

TEST_CASE("data prepare refuses what it cannot use") {
  const TemporaryFolder folder;
  folder.write("log.csv", "user,item\nu,i\n"), folder.write("timed.csv", "user,item,time\nu,i,1\n");
  const auto refused = [&](Names arguments, int code = 2) {
    arguments.insert(arguments.begin(), "data");
    const Outcome outcome = cce_rec(folder, arguments);
    CHECK(outcome.code == code);
    return complaint(outcome);
  };
  CHECK(refused({"prepare"}).starts_with("data prepare: name a raw file"));
  CHECK(refused({"prepare", "log.csv"}).starts_with("data prepare: --out is required"));
  CHECK(refused({"stats", "demo", "--skip-bad"}) == "data stats: takes no --skip-bad; data prepare does\n");
  CHECK(refused({"validate", "log.csv", "--user-core", "3"}) ==
        "data validate: takes no --user-core; data prepare does\n");
  CHECK(refused({"prepare", "log.csv", "--out", "x", "--since", "soon"}) ==
        "--since: expected a number or a date like 2019-01-31 15:30:00, got \"soon\"\n");
  CHECK(refused({"prepare", "log.csv", "--out", "x", "--attribute-columns", "colour"}) ==
        "--attribute-columns: is about a file that describes the items; name it with --metadata\n");
  CHECK(refused({"prepare", "log.csv", "--out", "x", "--attribute-core", "2"})
            .starts_with("--attribute-core: "));
  CHECK(refused({"prepare", "log.csv", "--out", "x", "--format", "jsonl", "--no-header"}) ==
        "--no-header: log.csv is JSON, which has none; leave the option out\n");
  CHECK(refused({"validate", "logs"}).starts_with("there is no data set \"logs\""));
  CHECK(refused({"prepare", "log.csv", "--out", "x", "--since", "2019-01-01"}) ==
        "--since and --until: log.csv has no times\n");
  CHECK(refused({"prepare", "log.csv", "timed.csv", "--out", "x"}, 1) ==
        "timed.csv: has times, unlike log.csv\n");
  CHECK(refused({"prepare", "none.csv", "--out", "x"}, 1) ==
        "none.csv: cannot be opened: No such file or directory\n");
  CHECK(refused({"prepare", "log.csv", "--out", "log.csv/x"}, 1) ==
        "log.csv: is a file, expected a folder\n");
  CHECK(refused({"prepare", "log.csv", "--out", "new/folder"}, 1).find("nothing is left of") == 0);
  CHECK(listing(folder.path()) == Names{"log.csv", "stderr", "stdout", "timed.csv"});
}

TEST_CASE(
    "A model that was trained on prepared data is asked and answers by raw ids, wherever its folder goes") {
  const TemporaryFolder folder;
  folder.write("log.csv", shop_log(8));
  REQUIRE(prepare(folder, {"log.csv", "--out", "shop"}).code == 0);
  const Outcome trained = cce_rec(folder, {"train", "--model", "gru4rec", "--loss", "cce", "--data",
                                           "shop/log.txt", "--epochs", "1", "--out", "run"});
  REQUIRE(trained.code == 0);
  CHECK(content(folder / "run/items.tsv") == content(folder / "shop/log_items.tsv"));
  fs::rename(folder / "run", folder / "moved");
  fs::remove_all(folder / "shop");
  const auto json = [&](const std::string& history) {
    return cce_rec(folder,
                   {"recommend", "--checkpoint", "moved", "--history", history, "--top", "7", "--json"});
  };
  const Outcome answer = json(R"(["with blanks", "tab\there", "caf\u00e9", 7, "nobody's"])");
  CHECK(answer.code == 0);
  for (const char* item : {"\"plain\"", "\"comma,\"", R"("\"quoted\"")"})
    CHECK(answer.out.find(item) != std::string::npos);
  CHECK(answer.out.find("with blanks") == std::string::npos);
  CHECK(answer.out.find("\"unknown\":[\"nobody's\"]") != std::string::npos);
  CHECK(answer.err == "left out of the history, as the model does not know them: nobody's\n");
  const Outcome alike =
      cce_rec(folder, {"similar", "--checkpoint", "moved/best.safetensors", "--item", "caf\xC3\xA9"});
  CHECK(alike.code == 0);
  CHECK(alike.out.find("  \"tab\\there\" ") != std::string::npos);
  for (const char* item : {"\"tab\\there\"", "[\"tab\\there\"]", "\"with blanks\"", "with blanks"}) {
    CAPTURE(item);
    CHECK(cce_rec(folder, {"similar", "--checkpoint", "moved", "--item", item}).code == 0);
  }
  const Outcome odd = cce_rec(folder, {"recommend", "--checkpoint", "moved", "--history",
                                       "plain, \"tab\\there\", \"with blanks\", \"a\\tb\""});
  CHECK(odd.code == 0);
  CHECK(odd.err == "left out of the history, as the model does not know them: \"a\\tb\"\n");
  CHECK(
      complaint(cce_rec(folder, {"similar", "--checkpoint", "moved", "--item", "tab\there"})) ==
      "--item: expected ID without control characters, got \"tab\\x09here\"; give it as JSON, in which a tab "
      "is \\t: '\"a\\tb\"'\n");
  CHECK(complaint(cce_rec(folder, {"similar", "--checkpoint", "moved", "--item", "8"})) ==
        "--item 8: the model knows no such item\n");

  fs::create_directory(folder / "bare");
  fs::copy(folder / "moved/best.safetensors", folder / "bare/model.safetensors");
  folder.write("bare/items.tsv", "sku\tprice\nB-17\t3\n");
  const Outcome bare =
      cce_rec(folder, {"similar", "--checkpoint", "bare/model.safetensors", "--item", "1", "--json"});
  CHECK(bare.code == 0);
  CHECK(bare.err ==
        "passed over: bare/items.tsv:1: is not the header of a map of ids: item, raw, data:FINGERPRINT, with "
        "tabs between them; items are called by their numbers (--items FILE names a map)\n");
  const std::string map = content(folder / "moved/items.tsv");
  folder.write("moved/items.tsv", "sku\tprice\n");
  CHECK(cce_rec(folder, {"similar", "--checkpoint", "moved", "--item", "1"}).code == 1);
  folder.write("moved/items.tsv", map);

  folder.write("other.tsv", "item\traw\n1\ta\n");
  CHECK(complaint(cce_rec(folder, {"similar", "--checkpoint", "moved", "--item", "a", "--items",
                                   "other.tsv"})) == "other.tsv: has 1 items, and moved has 7\n");
  folder.write("numbers.tsv", "item\traw\n1\t10\n2\t20\n3\t30\n4\t40\n5\t50\n6\t60\n7\t70\n");
  const Outcome numbers = cce_rec(folder, {"similar", "--checkpoint", "moved", "--item", "10", "--items",
                                           "numbers.tsv", "--json", "--top", "1"});
  CHECK(numbers.out.starts_with("{\"items\":["));
  CHECK(numbers.out.find('"', 9) == numbers.out.find("\"scores\""));
}

TEST_CASE("A map that belongs to other sequences is refused by train and by validate") {
  const TemporaryFolder folder;
  folder.write("log.csv", shop_log(8));
  REQUIRE(prepare(folder, {"log.csv", "--out", "shop.txt"}).code == 0);
  folder.write("shop.txt", content(folder / "shop.txt") + "9 1 2 3 4\n");
  const std::string expected =
      "shop_items.tsv: belongs to other data than shop.txt (make both anew with data prepare, or remove the "
      "map)\n";
  CHECK(complaint(cce_rec(folder, {"train", "--model", "gru4rec", "--loss", "cce", "--data", "shop.txt",
                                   "--out", "run"})) == expected);
  CHECK(!fs::exists(folder / "run"));
  CHECK(cce_rec(folder, {"data", "validate", "shop.txt"}).out == expected);
  fs::remove(folder / "shop_items.tsv");
  folder.write("shop_item2attributes.json", "{\"99\": [1]}");
  CHECK(cce_rec(folder, {"data", "validate", "shop.txt"})
            .out.starts_with("shop_item2attributes.json: item \"99\""));
}

/// Waits until all that was written into a pipe was read.
void wait_until_read(int pipe) {
  for (int unread = 1; unread > 0;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    REQUIRE(::ioctl(pipe, FIONREAD, &unread) == 0);
  }
}

TEST_CASE("data prepare: of two processes that write the same files, the second is refused at once") {
  const TemporaryFolder folder, elsewhere;
  const std::string pipe = folder / "pipe", log = shop_log(6);
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int end = ::open(pipe.c_str(), O_RDWR | O_CLOEXEC);  // does not wait for the reader
  REQUIRE(end >= 0);
  Names arguments{"data", "prepare", "-", "--out", folder / "out/shop.txt"};
  arguments.insert(arguments.end(), kColumns.begin(), kColumns.end());
  const pid_t first = testing::start_cce_rec(folder, arguments, {}, pipe);
  REQUIRE(::write(end, log.data(), log.size()) == std::ssize(log));
  wait_until_read(end);

  elsewhere.write("log.csv", shop_log(7));
  arguments[2] = elsewhere / "log.csv";
  for (const bool overwrite : {false, true}) {
    if (overwrite) arguments.emplace_back("--overwrite");
    const Outcome second = cce_rec(elsewhere, arguments);
    CHECK(second.code == 1);
    CHECK(complaint(second) == folder /
                                   "out/shop.txt: another process is preparing it; wait for it, or choose "
                                   "another --out\n");
  }
  arguments[4] = folder / "out/other.txt";
  CHECK(cce_rec(elsewhere, arguments).code == 0);

  ::close(end);
  CHECK(testing::outcome_of(folder, first).code == 0);
  CHECK(listing(folder.path() / "out") == Names{"other.txt", "other_items.tsv", "other_users.tsv", "shop.txt",
                                                "shop_items.tsv", "shop_users.tsv"});
}

/// The sequences of a public data set as a raw csv: users and items with other names, and noise that a 5-core
/// removes.
std::string as_raw(const Dataset& dataset) {
  std::string raw = "timestamp,user_id,item_id\n";
  int64_t line = 0;
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    int64_t time = 1'500'000'000 - 1000 * user;
    for (const int32_t item : dataset.sequence(user)) {
      raw +=
          fmt::format("{},\"U,{}\",I {}\n", time += line % 3, dataset.users[static_cast<size_t>(user)], item);
      if (++line % 7 == 0)
        raw +=
            fmt::format("{},\"U,{}\",rare {}\n", time, dataset.users[static_cast<size_t>(user)], line / 28);
      if (line % 50 == 0) raw += fmt::format("{},visitor {},I {}\n", time, line, item);
    }
  }
  return raw;
}

TEST_CASE("real data: raw files in their form give the public data sets' bytes, and so Table 1") {
  const char* const root = std::getenv("CCE_REC_DATA");
  REQUIRE(root != nullptr);
  for (const char* name : {"Beauty", "LastFM", "Yelp"}) {
    CAPTURE(name);
    const TemporaryFolder folder;
    const std::string sequences = fmt::format("{}/{}.txt", root, name);
    folder.write("raw.csv", as_raw(read_s3rec_text(sequences)));
    const Outcome outcome = cce_rec(folder, {"data", "prepare", "raw.csv", "--out", "made.txt"});
    CHECK(outcome.code == 0);
    CHECK(outcome.out.find("left out: ") != std::string::npos);
    CHECK((content(folder / "made.txt") == content(sequences)));
  }
}

}  // namespace
}  // namespace cce
