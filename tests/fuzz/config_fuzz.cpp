// Options: the input as a configuration file, as arguments, a line each, and as variables, a line each.
#include <limits>
#include <sstream>

#include "tests/fuzz/fuzz.h"
#include "tools/option_table.h"

using namespace cce;

namespace {

/// An option of each kind.
struct Options {
  bool overwrite = false;
  int epochs = 150;
  uint64_t seed = 42;
  double lr = 1e-3;
  std::string loss = "cce", out = "runs";

  OptionTable table() {
    return {.command = "train",
            .description = "",
            .options = {{"overwrite", "A", flag(overwrite), ""},
                        {"epochs", "A", integer(epochs, 1, 10'000), ""},
                        {"seed", "A", integer(seed), ""},
                        {"lr", "A", number(lr, 0, std::numeric_limits<double>::max()), ""},
                        {"loss", "A", choice(loss, {"cce", "ce", "bce"}), ""},
                        {"out", "A", text(out, "DIR"), ""}},
            .configurable = true};
  }
};

const std::vector<std::string> kNames = {"overwrite", "epochs", "seed", "lr", "loss", "out"};

/// Reads options from `sources`. What is resolved must be the same once it was written to a file and read
/// from there.
void read_write_read(const OptionSources& sources) {
  fuzz::succeeds([&] {
    Options options;
    const OptionTable table = options.table();
    if (read_options(table, sources, kNames).help) return;
    const std::string written = to_toml(table);
    const fuzz::InputFile file(written);
    Options again;
    const OptionTable same = again.table();
    fuzz::expect(fuzz::succeeds([&] {
                   read_options(same, {{"--config", file.path()}, {}}, kNames);
                 }),
                 "what is written can be read");
    fuzz::expect(to_toml(same) == written, "what is written is read back the same");
  });
}

/// Lines of NAME=VALUE as variables.
std::map<std::string, std::string> variables(const std::vector<std::string>& lines) {
  std::map<std::string, std::string> environment;
  for (const std::string& line : lines) {
    const size_t equals = line.find('=');
    if (equals != line.npos) environment["CCE_REC_" + line.substr(0, equals)] = line.substr(equals + 1);
  }
  return environment;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(fuzz::text_of(data, size));
  {
    const fuzz::InputFile file(text);
    read_write_read({{"--config", file.path()}, {}});
  }
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  // A --config among the arguments would make the fuzzer read other files.
  if (text.find("--config") == text.npos) read_write_read({lines, {}});
  auto environment = variables(lines);
  environment.erase("CCE_REC_CONFIG");
  read_write_read({{}, environment});
  return 0;
}
