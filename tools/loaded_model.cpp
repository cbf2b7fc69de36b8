#include "tools/loaded_model.h"

#include <fmt/ranges.h>

#include <charconv>

#include "tools/checkpoint.h"
#include "tools/run_folder.h"

namespace cce {
namespace {

/// Extent `axis` of a tensor that the model must have.
int64_t extent(const TensorFile& file, const std::string& name, int axis, const std::string& path) {
  const Tensor* tensor = file.find(name);
  require(tensor != nullptr && tensor->shape().rank() == 2,
          "{}: no matrix \"{}\" in it; is this another model's file?", path, name);
  return tensor->shape()[axis];
}

/// --max-length if given, else what the checkpoint was trained with, else 50.
int resolved_max_length(const EvaluateOptions& options, const std::optional<CheckpointInfo>& info) {
  if (options.max_length != kUnset) return options.max_length;
  if (!info || !info->options.contains("max-length")) return TrainOptions{}.max_length;
  const std::string& text = info->options.at("max-length");
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  require(value >= 1, "the checkpoint says max-length {}; give --max-length", text);
  return value;
}

}  // namespace

LoadedModel load_model(const EvaluateOptions& options, const Dataset& dataset) {
  const std::string path = find_checkpoint(options.checkpoint).string();
  const TensorFile file = read_safetensors(path);
  const std::optional<CheckpointInfo> info = checkpoint_info(file, path);

  LoadedModel loaded;
  loaded.name = !options.model.empty() ? options.model : info ? info->model : "";
  if (loaded.name.empty()) fail_usage("{} does not say which model it is; give --model", path);
  loaded.max_length = resolved_max_length(options, info);
  if (info && info->data_fingerprint != dataset.fingerprint) {
    loaded.notes.push_back(fmt::format("{} was trained on other data than {}", path, dataset.name));
  }

  const ModelOptions sizes{.item_rows = dataset.item_rows(),
                           .max_length = loaded.max_length,
                           .embedding_size = extent(file, "item_embeddings.weight", 1, path),
                           .hidden_size = extent(file, "gru_layers.weight_hh_l0", 1, path),
                           .dropout = 0};
  loaded.model = make_model(loaded.name, sizes, 0);
  const std::vector<std::string> left = load_parameters(file, loaded.model->parameters().named(), path);
  if (!left.empty()) loaded.notes.push_back(fmt::format("left alone in {}: {}", path, fmt::join(left, ", ")));
  return loaded;
}

}  // namespace cce
