#include "tools/text_table.h"

#include "tests/data/files.h"

namespace cce {

TEST_CASE("a table for a terminal, as Markdown and as tab-separated values") {
  const TextTable table{{"run", "HR", "note"}, {{"gru4rec ± 1", "0.5", "x"}, {"ce", "10.25", ""}}};
  CHECK(to_columns(table) ==
        "run             HR  note\n"
        "gru4rec ± 1    0.5  x\n"
        "ce           10.25\n");
  CHECK(to_markdown(table) ==
        "| run | HR | note |\n| --- | --- | --- |\n| gru4rec ± 1 | 0.5 | x |\n| ce | 10.25 |  |\n");
  CHECK(to_tsv(table) == "run\tHR\tnote\ngru4rec ± 1\t0.5\tx\nce\t10.25\t\n");
}

TEST_CASE("a table: words where a number is missing stand with the numbers") {
  CHECK(to_columns({{"run", "HR"}, {{"a", "not run"}, {"b", "0.5"}, {"c", "--x"}}}) ==
        "run       HR\na    not run\nb        0.5\nc        --x\n");
}

TEST_CASE("a table that is torn, or has a tab in it, is refused") {
  CHECK(testing::message_of([] {
          to_markdown({{"a", "b"}, {{"1"}}});
        }).find("1 texts for 2 columns") != std::string::npos);
  CHECK(testing::message_of([] { to_tsv({{"a"}, {{"1\t2"}}}); }).find("cannot stand") != std::string::npos);
}

}  // namespace cce
