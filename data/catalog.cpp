#include "data/catalog.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "data/demo.h"
#include "data/download.h"
#include "data/s3rec_text.h"
#include "data/text.h"
#include "engine/error.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSource = "https://raw.githubusercontent.com/RUCAIBox/CIKM2020-S3Rec/master/data/";
constexpr const char* kAttributesEnding = "_item2attributes.json";

constexpr std::array<NamedData, 6> kNamed{{
    {"beauty",
     "Amazon reviews, beauty products",
     {"Beauty.txt", "226cce9c3105299ca0db9615d7d3fb32b3175e90da43100ae352599f0f0107b8", 1090094},
     {"Beauty_item2attributes.json", "129e40f67486f6877eff0f5318cfa8530ee8ac23d8b0d1de04e1bb7a2ba0b2d4",
      305674}},
    {"sports",
     "Amazon reviews, sports and outdoors",
     {"Sports_and_Outdoors.txt", "2a095e0648872beb9982408958290f5d655db5be2911c3756b5446de9f0b8de2", 1707483},
     {"Sports_and_Outdoors_item2attributes.json",
      "7fb10733ac4f1811384a52144cdefa7fcc7536fa80a7232c5da9bd789155c34b", 653780},
     100},
    {"toys",
     "Amazon reviews, toys and games",
     {"Toys_and_Games.txt", "176c680c688d497598c4a89a03b402c0fe78d795e5db335c2e78dd5f2d778a3f", 922166},
     {"Toys_and_Games_item2attributes.json",
      "d371acd25101eedac04afc727626464b7acec770c4eda708705d51eb76eb1ad0", 327536}},
    {"yelp",
     "Yelp reviews since 2019",
     {"Yelp.txt", "724b219106b81dd2349027da997334ddb6da9fe2f152ad6e0d97a93170f7caed", 1814224},
     {"Yelp_item2attributes.json", "f25acd5e1e680e0b22fd4e3f4fb6be4b2a7461e9222610616e3e1ee6702dd58d",
      600360},
     100},
    {"lastfm",
     "Last.fm, artists listened to",
     {"LastFM.txt", "9ded486adb5b0fe9dc761950afa0a9a05e93ff018992e0c52bf11afec529f802", 239312},
     {"LastFM_item2attributes.json", "a4ccd678dc9ff6d43fe5073f491db5c9b02eb98dfa4f8c0382913a784be217ef",
      524368}},
    {"demo", "made up: a Markov process whose best metrics are known", {}, {}},
}};

/// The variable's value; "" if it is not set.
std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

fs::path attributes_beside(const std::string& sequences) {
  fs::path path(sequences);
  return path.replace_filename(path.stem().string() + kAttributesEnding);
}

[[noreturn]] void refuse_word(const std::string& word) {
  std::vector<std::string> names;
  for (const NamedData& data : kNamed) names.emplace_back(data.name);
  const std::string guess = nearest(word, names);
  if (!guess.empty()) fail_usage("there is no data set \"{}\"; did you mean {}?", printable(word), guess);
  fail_usage("there is no data set \"{}\": it is neither one of {} nor a file", printable(word),
             fmt::join(names, ", "));
}

}  // namespace

std::span<const NamedData> named_data() {
  return kNamed;
}

const NamedData* find_named_data(const std::string& name) {
  for (const NamedData& data : kNamed) {
    if (name == data.name) return &data;
  }
  return nullptr;
}

void require_known_or_there(const std::string& name_or_path) {
  const bool is_word = name_or_path.find_first_of("/.") == std::string::npos;
  if (is_word && find_named_data(name_or_path) == nullptr && !is_there(name_or_path))
    refuse_word(name_or_path);
}

fs::path cache_folder() {
  const std::string cache = environment("XDG_CACHE_HOME");
  if (fs::path(cache).is_absolute()) return fs::path(cache) / "cce_rec";
  const std::string home = environment("HOME");
  require(!home.empty(),
          "there is no place for downloads: set CCE_REC_DATA, XDG_CACHE_HOME or HOME to a folder");
  return fs::path(home) / ".cache" / "cce_rec";
}

std::optional<fs::path> find_public_file(const PublicFile& file) {
  if (const std::string folder = environment("CCE_REC_DATA"); !folder.empty()) {
    std::error_code ignored;
    require(fs::is_directory(folder, ignored), "CCE_REC_DATA is \"{}\", which is not a folder", folder);
    if (is_file(fs::path(folder) / file.file)) return fs::path(folder) / file.file;
  }
  if (const fs::path path = cache_folder() / file.file; is_file(path)) return path;
  return std::nullopt;
}

fs::path get_public_file(const PublicFile& file) {
  if (const std::optional<fs::path> found = find_public_file(file)) return *found;
  const fs::path folder = cache_folder();
  const std::string url = std::string(kSource) + file.file;
  try {
    std::error_code error;
    fs::create_directories(folder, error);
    require(!error, "{}: cannot be made: {}", folder.string(), error.message());
    if (can_download()) {
      fmt::print(stderr, "downloading {} ({:.1f} MB) to {}\n", file.file, file.bytes / 1e6, folder.string());
    }
    download(url, folder / file.file, file.sha256, file.bytes);
  } catch (const Error& error) {
    fail("{}; get {} from there by other means and set CCE_REC_DATA to its folder", error.what(), file.file);
  }
  return folder / file.file;
}

Dataset load_dataset(const std::string& name_or_path) {
  if (const NamedData* named = find_named_data(name_or_path)) {
    Dataset dataset =
        named->built_in() ? demo_dataset() : read_s3rec_text(get_public_file(named->sequences).string());
    dataset.name = named->name;
    return dataset;
  }
  require_known_or_there(name_or_path);
  return read_s3rec_text(name_or_path);
}

bool has_attributes(const std::string& name_or_path) {
  const NamedData* const named = find_named_data(name_or_path);
  if (named == nullptr) return is_file(attributes_beside(name_or_path));
  return named->built_in() || find_public_file(named->attributes).has_value();
}

Attributes load_attributes(const std::string& name_or_path, const Dataset& dataset,
                           const std::string& attributes_path) {
  if (!attributes_path.empty()) return read_attributes(attributes_path, dataset.max_item);
  if (const NamedData* named = find_named_data(name_or_path)) {
    if (named->built_in()) return demo_attributes();
    return read_attributes(get_public_file(named->attributes).string(), dataset.max_item);
  }
  const fs::path path = attributes_beside(name_or_path);
  require(is_file(path), "{}: has no attributes: expected them in {}, or in the file that --attributes names",
          name_or_path, path.string());
  return read_attributes(path.string(), dataset.max_item);
}

}  // namespace cce
