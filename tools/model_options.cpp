#include "tools/model_options.h"

#include "data/catalog.h"
#include "models/model_table.h"
#include "tools/named_choices.h"

namespace cce {

ModelOptions model_options(const CommonOptions& options, const Dataset& dataset, int64_t attribute_rows) {
  ModelOptions model;
  model.item_rows = dataset.item_rows();
  model.attribute_rows = attribute_rows;
  model.max_length = options.max_length;
  model.embedding_size = options.embedding_size;
  model.hidden_size = options.hidden_size;
  model.dropout = options.dropout;
  model.reset_gate = choice_named(kResetGateChoices, options.reset_gate);
  model.left_padding = choice_named(kLeftPaddingChoices, options.padding);
  model.transformer.width = options.embedding_size;
  model.transformer.layers = options.layers;
  model.transformer.heads = options.heads;
  model.transformer.dropout = options.dropout;
  model.transformer.attention_dropout = options.attention_dropout;
  model.transformer.activation = choice_named(kActivationChoices, options.activation);
  model.transformer.norm_first = choice_named(kNormFirstChoices, options.norm);
  return model;
}

int64_t attribute_rows(const CommonOptions& options, const Dataset& dataset) {
  return model_named(options.model).pretrained
             ? load_attributes(options.data, dataset, options.attributes).count
             : 0;
}

AdamOptions adam_options(const CommonOptions& options) {
  return {.lr = options.lr,
          .weight_decay = options.weight_decay,
          .decoupled_decay = options.optimizer == "adamw",
          .clip_norm = options.clip_norm};
}

}  // namespace cce
