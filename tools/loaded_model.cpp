#include "tools/loaded_model.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "models/model_table.h"
#include "tools/checkpoint.h"
#include "tools/loss_options.h"
#include "tools/model_options.h"
#include "tools/run_folder.h"

namespace cce {
namespace {

/// Extent `axis` of the tensor called `name`, or `otherwise` where there is no such matrix.
int extent(const TensorFile& file, const std::string& name, int axis, int otherwise) {
  const Tensor* tensor = file.find(name);
  return tensor != nullptr && tensor->shape().rank() == 2 ? static_cast<int>(tensor->shape()[axis])
                                                          : otherwise;
}

/// How many transformer blocks the file has; 1 where it has none, so that they are missed by name.
int count_layers(const TensorFile& file) {
  int layers = 0;
  while (file.find(fmt::format("item_encoder.layer.{}.attention.query.weight", layers)) != nullptr) ++layers;
  return std::max(layers, 1);
}

/// The options a model is made with: what the checkpoint says of itself, or, for a file of another program,
/// --model, --heads and the shapes of the tensors.
TrainOptions options_of(const CheckpointOptions& given, const TensorFile& file,
                        const std::optional<CheckpointInfo>& info) {
  TrainOptions options;
  if (info) set_result_options(options, info->options);
  options.model = !given.model.empty() ? given.model : info ? info->model : "";
  if (options.model.empty()) fail_usage("{} does not say which model it is; give --model", given.checkpoint);
  if (info && model_named(info->model).is_transformer() != model_named(options.model).is_transformer()) {
    fail_usage("--model {}: {} holds a {}; leave --model out", options.model, given.checkpoint, info->model);
  }
  if (!info) {
    options.embedding_size = extent(file, "item_embeddings.weight", 1, options.embedding_size);
    options.hidden_size = extent(file, "gru_layers.weight_hh_l0", 1, options.embedding_size);
    options.max_length = extent(file, "position_embeddings.weight", 0, options.max_length);
    options.layers = count_layers(file);
    options.heads = 2;
  }
  if (given.heads != kUnset) options.heads = given.heads;
  if (given.max_length != kUnset) options.max_length = given.max_length;
  if (model_named(options.model).is_transformer() && !(given.padding.empty() && given.reset_gate.empty())) {
    fail_usage("--padding and --reset-gate are for gru4rec, and {} is a {}", given.checkpoint, options.model);
  }
  if (!given.padding.empty()) options.padding = given.padding;
  if (!given.reset_gate.empty()) options.reset_gate = given.reset_gate;
  if (model_named(options.model).bidirectional) options.timestamps = name(Timestamps::masked);
  options.dropout = 0, options.attention_dropout = 0;
  return options;
}

LoadedModel make_loaded(const CheckpointOptions& options, const std::string& path, const TensorFile& file,
                        const Dataset& dataset) {
  const std::optional<CheckpointInfo> info = checkpoint_info(file, path);
  const TrainOptions train = options_of(options, file, info);
  LoadedModel loaded{
      make_model(train.model,
                 model_options(train, dataset, extent(file, "attribute_embeddings.weight", 0, 1)), 0),
      train.model,
      train.max_length,
      {},
      info ? info->data_fingerprint : "",
      {}};
  if (const auto masking = masking_options(train, dataset)) loaded.blank = masking->token;
  if (info && !dataset.fingerprint.empty() && info->data_fingerprint != dataset.fingerprint) {
    loaded.notes.push_back(fmt::format("{} was trained on other data than {}", path, dataset.name));
  }
  const std::vector<std::string> left = load_parameters(file, loaded.model->parameters().named(), path);
  if (!left.empty()) loaded.notes.push_back(fmt::format("left alone in {}: {}", path, fmt::join(left, ", ")));
  return loaded;
}

}  // namespace

LoadedModel load_model(const CheckpointOptions& options, const Dataset& dataset) {
  const std::string path = find_checkpoint(options.checkpoint).string();
  return make_loaded(options, path, read_safetensors(path), dataset);
}

LoadedModel load_model(const CheckpointOptions& options) {
  const std::string path = find_checkpoint(options.checkpoint).string();
  const TensorFile file = read_safetensors(path);
  const int rows = extent(file, "item_embeddings.weight", 0, 0);
  require(rows >= 3,
          "{}: has no item_embeddings.weight, a matrix with a row for padding, for each item, and for the "
          "mask token",
          path);
  Dataset items_alone;
  items_alone.max_item = rows - 2;
  return make_loaded(options, path, file, items_alone);
}

}  // namespace cce
