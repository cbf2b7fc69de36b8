// A model from a checkpoint.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "models/model.h"
#include "tools/options.h"

namespace cce {

struct LoadedModel {
  std::unique_ptr<Model> model;
  std::string name;  ///< "gru4rec"
  int max_length = 0;
  /// What stands for the item to predict, for evaluate(); nothing for models that need no such sign.
  std::optional<int32_t> blank;
  std::string data_fingerprint;  ///< of the data it was trained on; empty: it does not say
  std::string checksum;          ///< of the file, as it was when it was read (checksum.h)
  /// What the user should know, a line each: tensors that were left, other data than it was trained on.
  std::vector<std::string> notes;
};

/// The model that `options.checkpoint` (a run folder or a file) holds, ready to score `dataset`'s items.
/// Which model, and with what sizes, stands in the metadata of this program's checkpoints; for a file of
/// another program, `options.model` says which, and the shapes of the tensors say how large. A file whose
/// tensors are not of the size that it says is refused before a model of that size is made.
LoadedModel load_model(const CheckpointOptions& options, const Dataset& dataset);

/// The same without a data set: the items are those that the checkpoint's item table has rows for.
LoadedModel load_model(const CheckpointOptions& options);

}  // namespace cce
