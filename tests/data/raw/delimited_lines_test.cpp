#include "data/raw/delimited_lines.h"

#include "tests/data/raw/raw_files.h"

namespace cce {
namespace {

using testing::raw_lines;
using testing::Texts;

const std::string kNotClosed =
    "a quote that begins a field is not closed, here or behind; a quote within quotes is written twice";

/// The records of a text, "place field|field|...", and its faults.
Texts records(std::string_view text, const FieldForm& form = {}) {
  Texts all;
  DelimitedLines lines(raw_lines(text), form,
                       [&](const std::string& fault) { all.push_back("FAULT " + fault); });
  for (std::vector<std::string_view> fields; lines.next(fields);) {
    std::string record = lines.place() + " ";
    for (const std::string_view field : fields)
      record += (record.back() == ' ' ? "" : "|") + std::string(field);
    all.push_back(record);
  }
  return all;
}

TEST_CASE("Fields are what stands between separators, and empty lines are none") {
  CHECK(records("a,b c,d\n\n1,2,3\r\n") == Texts{"log.csv:1 a|b c|d", "log.csv:3 1|2|3"});
  CHECK(records("1::2::3\n", {"::", false}) == Texts{"log.csv:1 1|2|3"});
  CHECK(records("\"a\"\t5\" pipe\n", {"\t", false}) == Texts{"log.csv:1 \"a\"|5\" pipe"});
}

TEST_CASE("Quoted fields have separators, quotes and line ends in them") {
  CHECK(records("\"a,b\",c\n") == Texts{"log.csv:1 a,b|c"});
  CHECK(records("\"say \"\"hi\"\"\",\"\",x\n") == Texts{"log.csv:1 say \"hi\"||x"});
  CHECK(records("\"two\nlines\",b\nc,d\n") == Texts{"log.csv:1 two\nlines|b", "log.csv:3 c|d"});
  CHECK(records("\"two\r\nlines\",b\r\nc,d") == Texts{"log.csv:1 two\r\nlines|b", "log.csv:3 c|d"});
  CHECK(records("x,\"\n\n\"\ny,z\n") == Texts{"log.csv:1 x|\n\n", "log.csv:4 y|z"});
  CHECK(records("5\" pipe,b\n") == Texts{"log.csv:1 5\" pipe|b"});
  CHECK(records("a\t\"b\tc\"\n", {"\t", true}) == Texts{"log.csv:1 a|b\tc"});
}

TEST_CASE("A line whose quotes do not match is a fault, and the next one is read") {
  CHECK(records("a,\"open\nb,c\n") == Texts{"FAULT log.csv:1: " + kNotClosed, "log.csv:2 b|c"});
  CHECK(records("\"a\"b,c\nd,e\n") ==
        Texts{"FAULT log.csv:1: something follows a closing quote; a quote within quotes is written twice",
              "log.csv:2 d|e"});
  const std::string endless = "a,\"" + std::string(2 * DelimitedLines::kLongestRecord, '\n') + "b,c\n";
  const Texts found = records(endless);
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "FAULT log.csv:1: " + kNotClosed);
  CHECK(found[1].ends_with(" b|c"));
}

TEST_CASE("A line of more fields than any table has is a fault, with quotes and without") {
  const std::string commas(DelimitedLines::kMostFields - 1, ',');
  const std::string bars(DelimitedLines::kMostFields - 1, '|');
  const Texts fault{"FAULT log.csv:1: has more than 10000 fields; is the separator right?", "log.csv:2 a|b"};
  CHECK(records("x" + commas + "\n") == Texts{"log.csv:1 x" + bars});
  CHECK(records("\"x\"" + commas + "\n") == Texts{"log.csv:1 x" + bars});
  CHECK(records("x" + commas + ",\na,b\n") == fault);
  CHECK(records("\"x\"" + commas + ",\na,b\n") == fault);
}

}  // namespace
}  // namespace cce
