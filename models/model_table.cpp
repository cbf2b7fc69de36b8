#include "models/model_table.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "engine/error.h"
#include "models/bert4rec.h"
#include "models/gru4rec.h"
#include "models/s3rec.h"
#include "models/sasrec.h"

namespace cce {
namespace {

template <class M>
std::unique_ptr<Model> make(const ModelOptions& options, uint64_t seed, DType dtype) {
  return std::make_unique<M>(options, seed, dtype);
}

NamedShapes largest_of_gru4rec(const ModelOptions& options) {
  const int64_t gates = 3 * options.hidden_size;
  return {{"item_embeddings.weight", {options.item_rows, options.embedding_size}},
          {"gru_layers.weight_ih_l0", {gates, options.embedding_size}},
          {"gru_layers.weight_hh_l0", {gates, options.hidden_size}}};
}

NamedShapes largest_of_transformer(const ModelOptions& options) {
  const int64_t width = options.transformer.width, inner = options.transformer.feed_forward_factor * width;
  NamedShapes shapes{{"item_embeddings.weight", {options.item_rows, width}},
                     {"position_embeddings.weight", {options.max_length, width}}};
  for (int64_t layer = 0; layer < options.transformer.layers; ++layer) {
    const std::string block = fmt::format("item_encoder.layer.{}.", layer);
    shapes.emplace_back(block + "attention.query.weight", Shape{width, width});
    shapes.emplace_back(block + "intermediate.dense_1.weight", Shape{inner, width});
    shapes.emplace_back(block + "intermediate.dense_2.weight", Shape{width, inner});
  }
  return shapes;
}

NamedShapes largest_of_s3rec(const ModelOptions& options) {
  NamedShapes shapes = largest_of_transformer(options);
  shapes.emplace_back("attribute_embeddings.weight",
                      Shape{options.attribute_rows, options.transformer.width});
  return shapes;
}

constexpr KnownModel kModels[] = {
    {.name = "gru4rec",
     .architecture = Architecture::recurrent,
     .bidirectional = false,
     .pretrained = false,
     .hidden_size = 128,
     .layers = 0,
     .heads = 0,
     .dropout = 0.5,
     .attention_dropout = 0,
     .make = make<Gru4Rec>,
     .largest = largest_of_gru4rec},
    {.name = "sasrec",
     .architecture = Architecture::transformer,
     .bidirectional = false,
     .pretrained = false,
     .hidden_size = 64,
     .layers = 2,
     .heads = 2,
     .dropout = 0.5,
     .attention_dropout = 0.5,
     .make = make<SasRec>,
     .largest = largest_of_transformer},
    {.name = "s3rec",
     .architecture = Architecture::transformer,
     .bidirectional = false,
     .pretrained = true,
     .hidden_size = 64,
     .layers = 2,
     .heads = 2,
     .dropout = 0.5,
     .attention_dropout = 0.5,
     .make = make<S3Rec>,
     .largest = largest_of_s3rec},
    {.name = "bert4rec",
     .architecture = Architecture::transformer,
     .bidirectional = true,
     .pretrained = false,
     .hidden_size = 64,
     .layers = 2,
     .heads = 2,
     .dropout = 0.2,
     .attention_dropout = 0.2,
     .make = make<Bert4Rec>,
     .largest = largest_of_transformer},
};

}  // namespace

std::span<const KnownModel> known_models() {
  return kModels;
}

const KnownModel* find_model(const std::string& name) {
  const auto found = std::ranges::find(kModels, name, &KnownModel::name);
  return found == std::end(kModels) ? nullptr : found;
}

const KnownModel& model_named(const std::string& name) {
  if (const KnownModel* model = find_model(name)) return *model;
  std::vector<const char*> names;
  for (const KnownModel& model : kModels) names.push_back(model.name);
  fail_usage("there is no model \"{}\" (there are: {})", name, fmt::join(names, ", "));
}

std::unique_ptr<Model> make_model(const std::string& name, const ModelOptions& options, uint64_t seed,
                                  DType dtype) {
  return model_named(name).make(options, seed, dtype);
}

}  // namespace cce
