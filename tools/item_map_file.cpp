#include "tools/item_map_file.h"

#include <fmt/core.h>

#include <filesystem>

#include "data/catalog.h"
#include "engine/error.h"
#include "tools/durable_file.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

/// Whose items a map is to name.
struct Owner {
  std::string name;         ///< for messages
  int32_t last;             ///< its items are 1 .. last
  std::string fingerprint;  ///< of its data; empty: unknown
};

std::shared_ptr<const IdMap> read_map(const std::string& path, const Owner& owner, const char* fix = "") {
  IdMap map = read_id_map(path);
  require(map.kind == "item", "{}: is a map of {} ids, and not of item ids", path, map.kind);
  const bool same =
      map.fingerprint.empty() || owner.fingerprint.empty() || map.fingerprint == owner.fingerprint;
  require(same, "{}: belongs to other data than {}{}", path, owner.name, fix);
  require(map.size() >= owner.last, "{}: has {} items, and {} has {}{}", path, map.size(), owner.name,
          owner.last, fix);
  return std::make_shared<const IdMap>(std::move(map));
}

}  // namespace

std::shared_ptr<const IdMap> item_map_of(const std::string& name_or_path, const Dataset& dataset) {
  if (find_named_data(name_or_path) != nullptr) return nullptr;
  const std::string path = item_map_beside(name_or_path);
  if (!fs::exists(path)) return nullptr;
  return read_map(path, {name_or_path, dataset.max_item, dataset.fingerprint},
                  " (make both anew with data prepare, or remove the map)");
}

void keep_item_map(RunFolder& folder, const std::string& name_or_path, const Dataset& dataset) {
  if (const auto map = item_map_of(name_or_path, dataset)) folder.write_items(to_tsv(*map));
}

ItemIds item_ids_of(const std::string& checkpoint, const std::string& items, const LoadedModel& loaded) {
  const auto last = static_cast<int32_t>(loaded.model->item_table().rows() - 2);
  const Owner owner{checkpoint, last, loaded.data_fingerprint};
  if (!items.empty()) return ItemIds(last, read_map(items, owner));
  const fs::path beside = find_checkpoint(checkpoint).parent_path() / file_name(RunFile::items);
  if (!fs::exists(beside)) return ItemIds(last);
  try {
    return ItemIds(last, read_map(beside.string(), owner));
  } catch (const Error& error) {
    // In a run's folder it can only be the run's; beside a bare file it may be anything.
    if (fs::is_directory(checkpoint)) throw;
    fmt::print(stderr, "passed over: {}; items are called by their numbers (--items FILE names a map)\n",
               error.what());
    return ItemIds(last);
  }
}

}  // namespace cce
