#include "tools/loaded_model.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "data/s3rec_text.h"
#include "data/text.h"
#include "models/model_table.h"
#include "tools/checkpoint.h"
#include "tools/checksum.h"
#include "tools/loss_options.h"
#include "tools/model_options.h"
#include "tools/run_folder.h"

namespace cce {
namespace {

constexpr const char* kItemTable = "item_embeddings.weight";

/// Extent `axis` of the tensor called `name`; nothing where there is no such matrix.
std::optional<int64_t> extent(const TensorFile& file, const std::string& name, int axis) {
  const Tensor* tensor = file.find(name);
  if (tensor == nullptr || tensor->shape().rank() != 2) return std::nullopt;
  return tensor->shape()[axis];
}

/// How many transformer blocks the file has; 1 where it has none, so that they are missed by name.
int count_layers(const TensorFile& file) {
  std::set<std::string_view> names;
  for (const auto& [name, tensor] : file.tensors) names.insert(name);
  int layers = 0;
  while (names.contains(fmt::format("item_encoder.layer.{}.attention.query.weight", layers))) ++layers;
  return std::max(layers, 1);
}

/// What the tensors say of the model, as its options. How many heads there are, they do not tell.
std::map<std::string, std::string> sizes_of(const TensorFile& file) {
  std::map<std::string, std::string> sizes{{"layers", fmt::format("{}", count_layers(file))}};
  const auto take = [&](const char* option, const char* tensor, int axis) {
    if (const auto size = extent(file, tensor, axis)) sizes[option] = fmt::format("{}", *size);
  };
  take("embedding-size", kItemTable, 1);
  take("hidden-size", "gru_layers.weight_hh_l0", 1);
  take("max-length", "position_embeddings.weight", 0);
  return sizes;
}

/// The options that `file` was made with: what it says of itself, and where it says nothing, the tensors do.
TrainOptions options_of(const TensorFile& file, const std::optional<CheckpointInfo>& info,
                        const std::string& path) {
  std::map<std::string, std::string> said = info ? info->options : std::map<std::string, std::string>();
  said.merge(sizes_of(file));
  TrainOptions options;
  set_result_options(options, said, path);
  if (options.hidden_size == kUnset) options.hidden_size = options.embedding_size;
  if (!info) return options;
  options.model = info->model;
  const KnownModel* const model = find_model(info->model);
  if (model == nullptr) {
    fail("{}: holds a \"{}\", a model that this program does not know; is there a newer cce_rec?", path,
         printable(info->model));
  }
  if (options.heads == kUnset) options.heads = model->heads;
  const bool has_blocks =
      options.layers >= 1 && options.heads >= 1 && options.embedding_size % options.heads == 0;
  require(!model->is_transformer() || has_blocks,
          "{}: its options --layers {}, --heads {} and --embedding-size {} do not make a transformer; is the "
          "file damaged?",
          path, options.layers, options.heads, options.embedding_size);
  return options;
}

/// Refuses what the model does not look at.
void refuse_unused(const CheckpointOptions& given, const KnownModel& model) {
  if (model.is_transformer() && !(given.padding.empty() && given.reset_gate.empty()))
    fail_usage("--padding and --reset-gate are for gru4rec, and {} is a {}", given.checkpoint, model.name);
  if (!model.is_transformer() && given.heads != kUnset)
    fail_usage("--heads is for transformers, and {} is a {}", given.checkpoint, model.name);
}

/// The options a model is made with: those of the file, but for what is given.
TrainOptions options_of(const CheckpointOptions& given, const TensorFile& file,
                        const std::optional<CheckpointInfo>& info, const std::string& path) {
  TrainOptions options = options_of(file, info, path);
  if (!given.model.empty()) options.model = given.model;
  if (options.model.empty()) fail_usage("{} does not say which model it is; give --model", given.checkpoint);
  const KnownModel& model = model_named(options.model);
  if (info && model_named(info->model).is_transformer() != model.is_transformer()) {
    fail_usage("--model {}: {} holds a {}; leave --model out", options.model, given.checkpoint, info->model);
  }
  refuse_unused(given, model);
  if (given.heads != kUnset) options.heads = given.heads;
  if (options.heads == kUnset) options.heads = model.heads;
  if (given.max_length != kUnset) options.max_length = given.max_length;
  if (!given.padding.empty()) options.padding = given.padding;
  if (!given.reset_gate.empty()) options.reset_gate = given.reset_gate;
  if (model.bidirectional) options.timestamps = name(Timestamps::masked);
  options.dropout = 0, options.attention_dropout = 0;
  return options;
}

/// The model of the file, before its weights are loaded. The file's tensors are looked at first: what it says
/// of itself may ask for more memory than there is.
std::unique_ptr<Model> make_model_of(const TrainOptions& options, const Dataset& dataset,
                                     const TensorFile& file, const std::string& path) {
  const int64_t attributes = extent(file, "attribute_embeddings.weight", 0).value_or(0);
  const ModelOptions sizes = model_options(options, dataset, std::max(attributes, int64_t{1}));
  for (const auto& [name, shape] : model_named(options.model).largest(sizes))
    tensor_of_shape(file, name, shape, path);
  return make_model(options.model, sizes, 0);
}

LoadedModel make_loaded(const CheckpointOptions& options, const std::string& path, const TensorFile& file,
                        const Dataset& dataset) {
  const std::optional<CheckpointInfo> info = checkpoint_info(file, path);
  const TrainOptions train = options_of(options, file, info, path);
  LoadedModel loaded{.model = make_model_of(train, dataset, file, path),
                     .name = train.model,
                     .max_length = train.max_length,
                     .blank = {},
                     .data_fingerprint = info ? info->data_fingerprint : "",
                     .checksum = checksum(file),
                     .notes = {}};
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
  const int64_t rows = extent(file, kItemTable, 0).value_or(0), most = int64_t{kMaxItem} + 2;
  require(rows >= 3,
          "{}: has no item_embeddings.weight, a matrix with a row for padding, for each item, and for the "
          "mask token",
          path);
  require(rows <= most, "{}: {} has {} rows, more than the {} that a catalogue can have", path, kItemTable,
          rows, most);
  Dataset items_alone;
  items_alone.max_item = static_cast<int32_t>(rows - 2);
  return make_loaded(options, path, file, items_alone);
}

}  // namespace cce
