// What a sequential recommender is to those who train and use it.
#pragma once

#include "data/batch.h"
#include "engine/context.h"
#include "engine/ops/ops.h"
#include "layers/parameters.h"
#include "layers/transformer_options.h"

namespace cce {

/// The sizes and rates that make a model; each model documents which it uses. These defaults are the same for
/// all models; those of each, which --model stands for, are in model_table.h.
struct ModelOptions {
  int64_t item_rows = 0;       ///< rows of the item table: padding, items, mask token
  int64_t attribute_rows = 0;  ///< rows of S3-Rec's attribute table: the largest id + 1
  int64_t max_length = 50;
  int64_t embedding_size = 64;              ///< of a recurrent model; a transformer's is transformer.width
  int64_t hidden_size = 128;                ///< of a recurrent layer
  double dropout = 0.5;                     ///< of a recurrent model's embeddings
  ResetGate reset_gate = ResetGate::after;  ///< of a recurrent layer
  bool left_padding = false;                ///< whether a recurrent layer reads the padding before a sequence
  TransformerOptions transformer;           ///< all there is to choose about a transformer
};

class Model {
 public:
  virtual ~Model() = default;

  /// For every position of the batch the vector that is scored against the output table: [T, D]. What stands
  /// at a position depends on that position's item and the ones before it in the same sequence; in a
  /// bidirectional model, on the whole sequence.
  virtual Tensor encode(const Context& ctx, const Batch& batch) const = 0;
  /// encode() at these rows only (int32 [P]), [P, D]: for who ranks. A model overrides it where that is less
  /// work, as it is for all those here. Training asks for all rows, though losses at the last timestamps need
  /// few: dropout draws by row, so the same seed would give other weights than the runs that were recorded.
  virtual Tensor encode_rows(const Context& ctx, const Batch& batch, const Tensor& rows_P) const {
    return select_rows(ctx, encode(ctx, batch), rows_P);
  }
  /// [item_rows, D]. The score of item i at position t is encode()[t] . output_table()[i]. Unless a model
  /// says otherwise, this is the table that the items were looked up in.
  virtual Tensor output_table(const Context&) const { return item_table(); }
  /// [item_rows, width of an embedding]: the vectors of the items that a model reads.
  virtual const Tensor& item_table() const = 0;

  const Parameters& parameters() const { return parameters_; }
  /// Takes the parameters to `device`; batches must be there, too, from then on.
  void move_to(Device device) { parameters_.move_to(device); }

 protected:
  Model(uint64_t seed, DType dtype) : parameters_(seed, dtype) {}
  Parameters parameters_;
};

}  // namespace cce
