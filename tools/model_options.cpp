#include "tools/model_options.h"

namespace cce {

ModelOptions model_options(const TrainOptions& options, const Dataset& dataset) {
  ModelOptions model;
  model.item_rows = dataset.item_rows();
  model.max_length = options.max_length;
  model.embedding_size = options.embedding_size;
  model.hidden_size = options.hidden_size;
  model.dropout = options.dropout;
  model.transformer.width = options.embedding_size;
  model.transformer.layers = options.layers;
  model.transformer.heads = options.heads;
  model.transformer.dropout = options.dropout;
  model.transformer.attention_dropout = options.attention_dropout;
  model.transformer.activation = options.activation == "relu" ? Activation::relu : Activation::gelu;
  model.transformer.norm_first = options.norm == "pre";
  return model;
}

}  // namespace cce
