// Histories on the standard input of `recommend`, and the answers to them.
#include <nlohmann/json.hpp>

#include "tests/fuzz/fuzz.h"
#include "tools/history_line.h"
#include "tools/line_reader.h"

using namespace cce;

namespace {

void expect_json_line(const std::string& answer) {
  fuzz::expect(answer.find('\n') == answer.npos && nlohmann::json::accept(answer),
               "an answer is a line of JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ItemIds ids(100);
  const std::vector<ScoredItem> best{{93, 1.5F}, {4, -0.25F}};
  const fuzz::InputFile file(fuzz::text_of(data, size));
  LineReader reader(file.descriptor(), "input");
  size_t number = 0;
  for (auto lines = reader.next(3); !lines.empty(); lines = reader.next(3)) {
    for (const std::string& line : lines) {
      ++number;
      try {
        const GivenHistory given = parse_history(line, ids, "line");
        for (const int32_t item : given.items)
          fuzz::expect(item >= 1 && item <= 100, "every item is one of the model's");
        expect_json_line(to_json(given, best, ids));
      } catch (const Error& error) {
        expect_json_line(error_json(number, error.what()));
      }
    }
  }
  return 0;
}
