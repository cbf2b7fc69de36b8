#include "tools/option_table.h"

#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

/// Some variables, and a table of options for them.
struct Fixture {
  int count = 3;
  double rate = 0.5;
  std::string name = "first";
  std::string file;
  bool fast = false;
  uint64_t seed = 42;

  OptionTable table() {
    return {.command = "test",
            .description = "Tests.",
            .options = {{"count", "Numbers", integer(count, 1, 10), "how many"},
                        {"rate", "Numbers", number(rate, 0, 1), "how much"},
                        {"seed", "Numbers", integer(seed), "what follows from it"},
                        {"name", "Words", choice(name, {"first", "second"}), "which"},
                        {"file", "Words", text(file, "FILE"), "where", "nowhere"},
                        {"very-fast", "Words", flag(fast), "how", "", false}},
            .configurable = true};
  }
  ReadOptions read(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) {
    return read_options(table(), {std::move(arguments), std::move(environment)},
                        {"count", "rate", "seed", "name", "file", "very-fast", "other", "config"});
  }
  std::string refusal(std::vector<std::string> arguments,
                      std::map<std::string, std::string> environment = {}) {
    return message_of([&] { read(std::move(arguments), std::move(environment)); }, ExitCode::usage);
  }
};

TEST_CASE_FIXTURE(Fixture, "options that are not given keep their values") {
  read({});
  CHECK(count == 3);
  CHECK(rate == 0.5);
  CHECK(name == "first");
  CHECK(!fast);
}

TEST_CASE_FIXTURE(Fixture, "options are read from the command line") {
  read({"--count", "7", "--rate=1e-3", "--very-fast", "--file", "a b"});
  CHECK(count == 7);
  CHECK(rate == 1e-3);
  CHECK(fast);
  CHECK(file == "a b");
}

TEST_CASE_FIXTURE(Fixture, "an option that is given more than once on the command line is refused") {
  CHECK(refusal({"--count", "7", "--count", "8"}) == "--count is given 2 times; give it once");
  CHECK(refusal({"--very-fast", "--very-fast=false", "--very-fast"}) ==
        "--very-fast is given 3 times; give it once");
}

TEST_CASE_FIXTURE(Fixture, "command line goes before environment, and environment before file") {
  const TemporaryFolder folder;
  const std::string config = folder.write("c.toml", "count = 2\nrate = 0.25\nname = \"second\"\n");
  read({"--config", config, "--count", "4"}, {{"CCE_REC_COUNT", "5"}, {"CCE_REC_RATE", "0.75"}});
  CHECK(count == 4);
  CHECK(rate == 0.75);
  CHECK(name == "second");
}

TEST_CASE_FIXTURE(Fixture, "a flag may be taken back by a source that goes before") {
  read({"--very-fast=false"}, {{"CCE_REC_VERY_FAST", "true"}});
  CHECK(!fast);
}

TEST_CASE_FIXTURE(Fixture, "the environment may name the file") {
  const TemporaryFolder folder;
  read({}, {{"CCE_REC_CONFIG", folder.write("c.toml", "count = 2")}});
  CHECK(count == 2);
}

TEST_CASE_FIXTURE(Fixture, "what to_toml writes reads back as the same") {
  count = 9, rate = 1, seed = 9223372036854775807u, name = "second";
  for (const char* path : {"plain", "with space, comma", "C:\\back\\slash", "a \"quoted\" word", "O'Reilly",
                           "O'\"Reilly\\", "#1", "ünï"}) {
    CAPTURE(path);
    file = path;
    const std::string toml = to_toml(table());
    const TemporaryFolder folder;
    Fixture other;
    other.read({"--config", folder.write("c.toml", toml)});
    CHECK(to_toml(other.table()) == toml);
    CHECK(other.file == path);
  }
}

TEST_CASE_FIXTURE(Fixture, "to_toml leaves out what is not part of a run, and empty texts") {
  CHECK(to_toml(table()) == "count = 3\nrate = 0.5\nseed = 42\nname = \"first\"\n");
}

TEST_CASE_FIXTURE(Fixture, "values that do not fit are refused with their origin") {
  CHECK(refusal({"--count", "0"}) == "--count: expected a whole number from 1 to 10, got \"0\"");
  CHECK(refusal({"--count", "99999999999999999999"}).find("from 1 to 10") != std::string::npos);
  CHECK(refusal({"--count", "2.5"}).starts_with("--count: expected a whole number"));
  CHECK(refusal({"--count", "5x"}).starts_with("--count: expected a whole number"));
  CHECK(refusal({"--count", ""}).starts_with("--count: expected a whole number"));
  CHECK(refusal({"--rate", "nan"}) == "--rate: expected a number from 0 to 1, got \"nan\"");
  CHECK(refusal({"--rate", "-0.1"}).starts_with("--rate: expected a number from 0 to 1"));
  CHECK(refusal({"--seed", "-1"}).starts_with("--seed: expected a whole number from 0"));
  CHECK(refusal({"--file", ""}) == "--file: expected FILE, got nothing");
  CHECK(refusal({"--file", "a\nb"}) == "--file: expected FILE without control characters, got \"a\\x0ab\"");
  CHECK(refusal({"--very-fast=yes"}) == "--very-fast: expected true or false, got \"yes\"");
  CHECK(refusal({}, {{"CCE_REC_COUNT", "x"}}).starts_with("CCE_REC_COUNT: expected"));
  const TemporaryFolder folder;
  const std::string config = folder.write("c.toml", "rate = 7");
  CHECK(refusal({"--config", config}) == config + ":1: rate: expected a number from 0 to 1, got \"7\"");
}

TEST_CASE_FIXTURE(Fixture, "a misspelt choice is answered with the nearest") {
  CHECK(refusal({"--name", "secnd"}) ==
        "--name: expected first, second, got \"secnd\" (did you mean second?)");
}

TEST_CASE_FIXTURE(Fixture, "unknown options, variables and keys are refused with the nearest name") {
  CHECK(refusal({"--cuont", "3"}).starts_with("unknown option --cuont (did you mean --count?)"));
  CHECK(refusal({"--cuont=3"}).starts_with("unknown option --cuont (did you mean --count?)"));
  CHECK(refusal({"--coun", "3"}).starts_with("unknown option --coun (did you mean --count?)"));
  CHECK(refusal({}, {{"CCE_REC_CUONT", "3"}}) ==
        "unknown environment variable CCE_REC_CUONT (did you mean CCE_REC_COUNT?)");
  CHECK(refusal({}, {{"CCE_REC_XYZ", "3"}}) == "unknown environment variable CCE_REC_XYZ");
  CHECK(refusal({"--xyz", "3"}).starts_with("unknown option --xyz; see"));
  CHECK(refusal({"--fast"}).starts_with("unknown option --fast (did you mean --very-fast?)"));
  CHECK(refusal({"---"}).starts_with("unknown option ---; see"));
  const TemporaryFolder folder;
  CHECK(refusal({"--config", folder.write("c.toml", "cuont = 3")})
            .ends_with("unknown key \"cuont\" (did you mean count?)"));
}

TEST_CASE_FIXTURE(Fixture, "variables of other commands and of the data folder are no error") {
  read({}, {{"CCE_REC_OTHER", "1"}, {"CCE_REC_DATA", "/somewhere"}});
  CHECK(count == 3);
}

TEST_CASE_FIXTURE(Fixture, "arguments that belong to no option are refused where none are expected") {
  CHECK(refusal({"word"}).starts_with("unexpected \"word\""));
  CHECK(refusal({"--count"}).starts_with("--count needs a value"));
}

TEST_CASE_FIXTURE(Fixture, "a file that is no configuration is refused in one line") {
  const TemporaryFolder folder;
  CHECK(message_of([&] {
          read({"--config", folder / "none.toml"});
        }).ends_with("no file " + (folder / "none.toml")));
  CHECK(message_of([&] { read({"--config", folder.path().string()}); }).find("no file") != std::string::npos);
  CHECK(message_of([&] {
          read({"--config", folder.write("c.toml", std::string(2 << 20, '#'))});
        }).find("too large") != std::string::npos);
  for (const std::string content :
       {"[section]\ncount = 3", "count = 3\ncount = 4", "count = 3\nrate = 1\ncount = 4", "count = [1, 2]",
        "count =", "file = \"open", "\x01\xff\xfe\n\x00garbage", "= = =", "[[[", "a.b.c = 1"}) {
    CAPTURE(content);
    CHECK(!refusal({"--config", folder.write("c.toml", content)}).empty());
  }
}

TEST_CASE_FIXTURE(Fixture, "what is wrong in a file is named with its line") {
  const TemporaryFolder folder;
  const auto complaint = [&](const std::string& content) {
    const std::string path = folder.write("c.toml", content);
    const std::string message = refusal({"--config", path});
    CHECK(message.starts_with(path));
    return message.substr(path.size());
  };
  CHECK(complaint("# first\n\ncount = 99\n") ==
        ":3: count: expected a whole number from 1 to 10, got \"99\"");
  CHECK(complaint("count = 3\r\ncuont = 3\r\n") == ":2: unknown key \"cuont\" (did you mean count?)");
  CHECK(complaint("count = 3\n\na.count = 1\n") ==
        ":3: expected the name of an option before =, got \"a.count = 1\"");
  CHECK(complaint("count = 3\nrate = 1\ncount = 4").starts_with(":3: count is given twice, first in "));
}

TEST_CASE_FIXTURE(Fixture,
                  "a line of a file that is no option is refused, and does not become another value") {
  const TemporaryFolder folder;
  for (const std::string line :
       {"count = [7", "count = [75", "rate = [0.001", "rate=[1, 2]", "very-fast", "file", "[default]",
        "[part]", "[[part]]", "count =", "= 3", "count = # 3", "; count"}) {
    CAPTURE(line);
    const std::string path = folder.write("c.toml", "# first\n \t\r\n  " + line + " \r\nseed = 7\n");
    CHECK(refusal({"--config", path}) == path + ":3: expected option = value, got \"" + line + "\"");
  }
  CHECK(count == 3);
  CHECK(!fast);
  for (const std::string line :
       {"; count = 5", "default.count = 5", "count = 5 7", "count = 5]", "count = \"5"}) {
    CAPTURE(line);
    const std::string path = folder.write("c.toml", "\n" + line);
    CHECK(refusal({"--config", path}).starts_with(path + ":2: "));
  }
}

TEST_CASE_FIXTURE(Fixture, "blanks and comments around the options of a file do not matter") {
  const TemporaryFolder folder;
  read({"--config", folder.write("c.toml", "  # first\n\n\tcount=7 # seven\r\n  name = \"second\"  \n")});
  CHECK(count == 7);
  CHECK(name == "second");
}

TEST_CASE_FIXTURE(Fixture, "a string of a file is what TOML means by it, or refused, but never cut off") {
  const TemporaryFolder folder;
  const auto file_of = [&](const std::string& value) {
    read({"--config", folder.write("c.toml", "file = " + value)});
    return file;
  };
  CHECK(file_of("\"a#b\" # c") == "a#b");
  CHECK(file_of("'a#b'# c") == "a#b");
  CHECK(file_of(R"("a \"b\" \\c")") == "a \"b\" \\c");
  CHECK(file_of(R"('a "b" \c')") == "a \"b\" \\c");
  CHECK(file_of("word") == "word");
  CHECK(file_of("\xC3\xA4") == "\xC3\xA4");
  for (const char* wrong : {R"("a)", R"('a)", R"("a\")", R"("a\n")", R"("a" b)", R"("""a""")", R"(a"b")",
                            "a, b", "{a = 1}", "a]", "a b"}) {
    CAPTURE(wrong);
    const std::string path = folder.write("c.toml", "file = " + std::string(wrong));
    CHECK(refusal({"--config", path}).starts_with(path + ":1: file: expected one number, word, "));
  }
}

TEST_CASE_FIXTURE(Fixture, "the help shows every option with its group and default") {
  const std::string help = help_text(table());
  for (const char* piece :
       {"Usage: cce_rec test [options]", "Numbers:", "--count N", "how many [3]", "--name first|second",
        "which [first]", "where [nowhere]", "--very-fast ", "--config FILE.toml"}) {
    CAPTURE(piece);
    CHECK(help.find(piece) != std::string::npos);
  }
  CHECK(read({"--help"}).help);
}

}  // namespace
}  // namespace cce
