#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "tests/data/files.h"
#include "tools/command.h"

namespace cce {
namespace {

using testing::EnvironmentVariable;
using testing::message_of;
using testing::TemporaryFolder;

/// Sends standard output to a file until the end of the scope.
class RedirectedOutput {
 public:
  explicit RedirectedOutput(const std::string& path) : before_(::dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    REQUIRE(::dup2(file, STDOUT_FILENO) == STDOUT_FILENO);
    ::close(file);
  }
  ~RedirectedOutput() {
    std::fflush(stdout);
    ::dup2(before_, STDOUT_FILENO);
    ::close(before_);
  }
  RedirectedOutput(const RedirectedOutput&) = delete;
  RedirectedOutput& operator=(const RedirectedOutput&) = delete;

 private:
  int before_;
};

struct Outcome {
  ExitCode code;
  std::string out;
};

/// Runs `cce_rec data ACTION NAMES...`.
Outcome run(const TemporaryFolder& folder, const std::string& action, const std::vector<std::string>& names) {
  Outcome outcome;
  {
    const RedirectedOutput redirected(folder / "stdout");
    outcome.code = command_data({action, names});
  }
  std::ostringstream out;
  out << std::ifstream(folder / "stdout").rdbuf();
  outcome.out = out.str();
  return outcome;
}

/// The value in the line that begins with `label`.
std::string value_of(const std::string& table, const std::string& label) {
  const size_t begin = table.find("\n" + label);
  REQUIRE(begin != std::string::npos);
  const std::string line = table.substr(begin + 1, table.find('\n', begin + 1) - begin - 1);
  return line.substr(line.find_first_not_of(' ', label.size()));
}

TEST_CASE("data stats tells Table 1's columns, the padding saved and the lengths") {
  const TemporaryFolder folder;
  const std::string path = folder.write("shop.txt", "1 1 2 3 4\n2 1 2 1 2 5 6\n3 1\n");
  const Outcome outcome = run(folder, "stats", {path});
  CHECK(outcome.code == ExitCode::done);
  CHECK(outcome.out.find("shop\n") < outcome.out.find("users "));
  CHECK(value_of(outcome.out, "users ") == "2");
  CHECK(value_of(outcome.out, "users left out (too few items)") == "1");
  CHECK(value_of(outcome.out, "items ") == "6");
  CHECK(value_of(outcome.out, "interactions ") == "10");
  CHECK(value_of(outcome.out, "interactions per user") == "5.00");
  CHECK(value_of(outcome.out, "interactions per item") == "1.67");
  CHECK(value_of(outcome.out, "density") == "83.33 %");
  CHECK(value_of(outcome.out, "repeated items") == "2");
  CHECK(value_of(outcome.out, "training positions") == "4");
  CHECK(value_of(outcome.out, "padding saved at length 50") == "96.0 %");
  CHECK(value_of(outcome.out, "shortest sequence") == "4");
  CHECK(value_of(outcome.out, "longest sequence") == "6");
  CHECK(value_of(outcome.out, "users with 4 items") == "50.0 %");
  CHECK(value_of(outcome.out, "users with 5 items") == "0.0 %");
  CHECK(value_of(outcome.out, "users with 6 items") == "50.0 %");
  CHECK(value_of(outcome.out, "users with 7 to 8 items") == "0.0 %");
  CHECK(value_of(outcome.out, "users with 201 items or more") == "0.0 %");
}

TEST_CASE("data stats puts data sets side by side") {
  const TemporaryFolder folder;
  const std::string path = folder.write("shop.txt", "1 1 2 3 4\n");
  const Outcome outcome = run(folder, "stats", {path, "demo"});
  CHECK(value_of(outcome.out, "users ").find("3000") != std::string::npos);
  CHECK(value_of(outcome.out, "users ").starts_with("1 "));
}

TEST_CASE("data validate prints every fault of a file and fails, or says that there is none") {
  const TemporaryFolder folder;
  const std::string bad = folder.write("bad.txt", "1 1 2 3 4\n2 0\n\n");
  const std::string good = folder.write("good.txt", "1 1 2 3 4\n");
  const Outcome both = run(folder, "validate", {bad, good});
  CHECK(both.code == ExitCode::failed);
  CHECK(both.out == bad + ":2: item id \"0\" is not positive\n" + bad +
                        ":3: empty line, expected: user item item ...\n" + good +
                        ": nothing is wrong with it\n");
  CHECK(run(folder, "validate", {good}).code == ExitCode::done);
  CHECK(run(folder, "validate", {"demo"}).out == "demo is built in\n");
}

TEST_CASE("data validate refuses a word that is nothing, and options that nothing would look at") {
  const TemporaryFolder folder;
  const std::string sequences = folder.write("good.txt", "1 1 2 3 4\n");
  const std::string log = folder.write("log.csv", "user,item,stars\nu,i,5\nu,j,many\n");
  const auto refusal = [&](DataOptions options) {
    options.action = "validate";
    return message_of([&] { command_data(options); }, ExitCode::usage);
  };
  CHECK(refusal({.names = {sequences, "toyz"}}) == "there is no data set \"toyz\"; did you mean toys?");
  const std::string why =
      ": " + sequences +
      " is checked as sequences to train on; leave the option out, or say with --format what raw file it is";
  CHECK(refusal({.names = {sequences}, .user_column = "nosuch"}) == "--user-column" + why);
  CHECK(refusal({.names = {sequences}, .no_header = true}) == "--no-header" + why);
  CHECK(refusal({.names = {sequences}, .time_unit = "ms"}) == "--time-unit" + why);
  CHECK(refusal({.names = {"demo"}, .format = "csv"}) ==
        "--format: demo is a known data set; leave the option out");
  CHECK(refusal({.names = {log}, .rating_column = "nosuch"}).starts_with("--rating-column nosuch: "));
  const RedirectedOutput redirected(folder / "stdout");
  CHECK(command_data({.action = "validate", .names = {log}}) == ExitCode::done);
  CHECK(command_data({.action = "validate", .names = {log}, .rating_column = "stars"}) == ExitCode::failed);
}

TEST_CASE("data list tells of each data set what is wrong with its place, and goes on") {
  const TemporaryFolder folder;
  const EnvironmentVariable cache("XDG_CACHE_HOME", std::nullopt), home("HOME", std::nullopt);
  const auto places = [&](const std::optional<std::string>& data_folder) {
    const EnvironmentVariable data("CCE_REC_DATA", data_folder);
    const Outcome outcome = run(folder, "list", {});
    CHECK(outcome.code == ExitCode::done);
    CHECK(std::ranges::count(outcome.out, '\n') == 6);
    CHECK(value_of("\n" + outcome.out, "demo ").ends_with("built in"));
    return value_of("\n" + outcome.out, "toys ");
  };
  CHECK(places(std::nullopt)
            .ends_with(" there is no place for downloads: set CCE_REC_DATA, XDG_CACHE_HOME or "
                       "HOME to a folder"));
  CHECK(places(folder / "none")
            .ends_with(" CCE_REC_DATA is \"" + (folder / "none") + "\", which is not a folder"));
}

TEST_CASE("data list and get tell where the files are") {
  const TemporaryFolder folder;
  const EnvironmentVariable data("CCE_REC_DATA", folder.path().string());
  const EnvironmentVariable cache("XDG_CACHE_HOME", folder.path().string());
  const std::string toys = folder.write("Toys_and_Games.txt", "1 1 2 3 4\n");
  const std::string attributes = folder.write("Toys_and_Games_item2attributes.json", "{}");
  CHECK(run(folder, "get", {"toys", "demo"}).out == toys + "\n" + attributes + "\ndemo is built in\n");

  std::istringstream lines(run(folder, "list", {}).out);
  std::string line;
  int count = 0;
  for (; std::getline(lines, line); ++count) {
    if (line.starts_with("toys ")) CHECK(line.ends_with(folder.path().string()));
    if (line.starts_with("yelp ")) CHECK(line.ends_with("not here yet: cce_rec data get yelp"));
    if (line.starts_with("demo ")) CHECK(line.ends_with("built in"));
  }
  CHECK(count == 6);
  CHECK(message_of(
            [] {
              command_data({"get", {"toy"}});
            },
            ExitCode::usage)
            .find("toys") != std::string::npos);
}

}  // namespace
}  // namespace cce
