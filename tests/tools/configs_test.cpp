// The configurations that come with the program.
#include <filesystem>
#include <set>

#include "tests/data/files.h"
#include "tools/options.h"

namespace cce {
namespace {

const std::filesystem::path kConfigs = CCE_CONFIGS;

TEST_CASE("configs/table2 has a row of the paper's Table 2 in every file, and every row") {
  std::set<std::string> expected, found;
  for (const char* data : {"beauty", "sports", "toys", "yelp", "lastfm"}) {
    for (const char* model : {"gru4rec", "sasrec", "s3rec"}) {
      for (const char* loss : {"bce", "ce", "cce"})
        expected.insert(fmt::format("{}-{}-{}.toml", model, loss, data));
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(kConfigs / "table2")) {
    const std::string file = entry.path().filename().string();
    found.insert(file);
    CAPTURE(file);
    TrainOptions options;
    CHECK(!parse_options(options, {{"--config", entry.path().string()}, {}}));
    CHECK(file == fmt::format("{}-{}-{}.toml", options.model, options.loss, options.data));
    CHECK(options.epochs == 200);
    CHECK(options.patience == 10);
    CHECK(options.seed == 42);
    CHECK(options.padding == (options.model == "gru4rec" ? "left" : "none"));
    const bool fewer = options.data == "sports" || options.data == "yelp";
    CHECK(options.pretrain_epochs == (options.model != "s3rec" ? 0 : fewer ? 100 : 150));
    // All that a file leaves out is a default.
    TrainOptions plain;
    CHECK(!parse_options(plain, {{"--model", options.model, "--loss", options.loss, "--data", options.data,
                                  "--padding", options.padding, "--epochs", "200"},
                                 {}}));
    CHECK(to_toml(options) == to_toml(plain));
  }
  CHECK(found == expected);
}

}  // namespace
}  // namespace cce
