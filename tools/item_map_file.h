// Where the map between raw item ids and numbers is kept: beside prepared data, and with every run that was
// trained on it, so that the folder of a run is all that `recommend` needs.
#pragma once

#include <memory>
#include <string>

#include "data/dataset.h"
#include "data/id_map.h"
#include "tools/item_ids.h"
#include "tools/loaded_model.h"
#include "tools/run_folder.h"

namespace cce {

/// The map of `dataset`, which load_dataset(name_or_path) returned; null where the data has none. Throws
/// where the file is no map, or not that of these sequences.
std::shared_ptr<const IdMap> item_map_of(const std::string& name_or_path, const Dataset& dataset);

/// Puts the data's map, if it has one, into the folder of a run on it.
void keep_item_map(RunFolder& folder, const std::string& name_or_path, const Dataset& dataset);

/// What the items of a model are called: by the map in the file `items`, else by the one beside the
/// checkpoint (of a run), else by their numbers. Throws where the map is not that of the model's data; only
/// what lies beside a bare file, and may have nothing to do with it, is then told and passed over.
ItemIds item_ids_of(const std::string& checkpoint, const std::string& items, const LoadedModel& loaded);

}  // namespace cce
