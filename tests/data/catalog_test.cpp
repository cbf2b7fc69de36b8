#include "data/catalog.h"

#include "data/demo.h"
#include "tests/data/files.h"

namespace cce {
namespace {

using testing::EnvironmentVariable;
using testing::message_of;
using testing::TemporaryFolder;

/// A machine on which no public data is found and every connection fails at once.
struct Offline {
  TemporaryFolder cache;
  EnvironmentVariable data{"CCE_REC_DATA", std::nullopt};
  EnvironmentVariable cache_home{"XDG_CACHE_HOME", cache.path().string()};
  EnvironmentVariable proxy{"https_proxy", "http://127.0.0.1:1"};
  EnvironmentVariable no_proxy{"no_proxy", std::nullopt};
  EnvironmentVariable no_proxy_upper{"NO_PROXY", std::nullopt};
};

TEST_CASE("The demo needs no file and has attributes") {
  const Offline offline;
  const Dataset demo = load_dataset("demo");
  CHECK(demo.name == "demo");
  CHECK(demo.fingerprint == demo_dataset().fingerprint);
  CHECK(load_attributes("demo", demo).count == demo_attributes().count);
}

TEST_CASE("A known name is looked for in CCE_REC_DATA, then in the cache") {
  const Offline offline;
  const TemporaryFolder data;
  const EnvironmentVariable variable("CCE_REC_DATA", data.path().string());
  std::filesystem::create_directory(offline.cache / "cce_rec");
  offline.cache.write("cce_rec/Toys_and_Games.txt", "1 1 2 3 4\n");
  CHECK(load_dataset("toys").max_item == 4);
  data.write("Toys_and_Games.txt", "1 1 2 3 5\n");
  const Dataset toys = load_dataset("toys");
  CHECK(toys.max_item == 5);
  CHECK(toys.name == "toys");
  data.write("Toys_and_Games_item2attributes.json", R"({"5": [7]})");
  CHECK(load_attributes("toys", toys).of(5).front() == 7);
}

TEST_CASE("A CCE_REC_DATA that is no folder is told") {
  const Offline offline;
  const EnvironmentVariable variable("CCE_REC_DATA", offline.cache / "none");
  CHECK(message_of([] { load_dataset("toys"); }) ==
        "CCE_REC_DATA is \"" + (offline.cache / "none") + "\", which is not a folder");
}

TEST_CASE("curl: without a network the message says where to get the file and where to put it") {
  const Offline offline;
  const std::string message = message_of([] { load_dataset("toys"); });
  CHECK(
      message.starts_with("https://raw.githubusercontent.com/RUCAIBox/CIKM2020-S3Rec/master/data/"
                          "Toys_and_Games.txt could not be downloaded: "));
  CHECK(message.ends_with(
      "; get Toys_and_Games.txt from there by other means and set CCE_REC_DATA to its folder"));
  CHECK(std::filesystem::is_empty(offline.cache / "cce_rec"));
}

TEST_CASE("Without a home there is no place for downloads") {
  const Offline offline;
  const EnvironmentVariable cache("XDG_CACHE_HOME", "relative");
  {
    const EnvironmentVariable home("HOME", "/home/somebody");
    CHECK(cache_folder() == "/home/somebody/.cache/cce_rec");
  }
  const EnvironmentVariable home("HOME", std::nullopt);
  CHECK(message_of([] { load_dataset("toys"); }) ==
        "there is no place for downloads: set CCE_REC_DATA, XDG_CACHE_HOME or HOME to a folder");
}

TEST_CASE("A cache that cannot be made is told") {
  const Offline offline;
  offline.cache.write("cce_rec", "a file in the way");
  CHECK(message_of([] { load_dataset("toys"); }).starts_with(offline.cache / "cce_rec: "));
}

TEST_CASE("A path is read with the attributes beside it or those that are named") {
  const Offline offline;
  const TemporaryFolder folder;
  const std::string path = folder.write("shop.txt", "1 1 2 3 4\n");
  const Dataset shop = load_dataset(path);
  CHECK(shop.name == "shop");
  CHECK(message_of([&] { load_attributes(path, shop); }) == path + ": has no attributes: expected them in " +
                                                                (folder / "shop_item2attributes.json") +
                                                                ", or in the file that --attributes names");
  folder.write("shop_item2attributes.json", R"({"1": [3]})");
  CHECK(load_attributes(path, shop).of(1).front() == 3);
  CHECK(load_attributes(path, shop, folder.write("other.json", R"({"1": [4]})")).of(1).front() == 4);
  CHECK(message_of([&] { load_attributes(path, shop, folder / "none.json"); }) ==
        folder / "none.json" + ": cannot be opened: No such file or directory");
}

TEST_CASE("A word that is no known name is wrong use, a path that is not there a failure") {
  const Offline offline;
  CHECK(message_of([] { load_dataset("sport"); }, ExitCode::usage) ==
        "there is no data set \"sport\"; did you mean sports?");
  CHECK(message_of([] { load_dataset("movielens"); }, ExitCode::usage) ==
        "there is no data set \"movielens\": it is neither one of beauty, sports, toys, yelp, lastfm, demo "
        "nor a file");
  CHECK(message_of([] { load_dataset(""); }, ExitCode::usage).starts_with("there is no data set \"\""));
  CHECK(message_of([] { load_dataset(std::string(10'000, 'x')); }, ExitCode::usage).size() < 200);
  CHECK(message_of([] { load_dataset("./none"); }) == "./none: cannot be opened: No such file or directory");
  CHECK(message_of([] { load_dataset("none.txt"); }) ==
        "none.txt: cannot be opened: No such file or directory");
}

TEST_CASE("What is a known name, a path or here passes for data without being read") {
  for (const char* name : {"toys", "demo", "./none", "none.txt"}) CHECK_NOTHROW(require_known_or_there(name));
  CHECK(message_of([] { require_known_or_there("toyz"); }, ExitCode::usage) ==
        "there is no data set \"toyz\"; did you mean toys?");
}

TEST_CASE("A word that is a file here is read") {
  const TemporaryFolder folder;
  folder.write("shop", "1 1 2 3 4\n");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const Dataset shop = load_dataset("shop");
  std::filesystem::current_path(before);
  CHECK(shop.name == "shop");
}

}  // namespace
}  // namespace cce
