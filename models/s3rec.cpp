#include "models/s3rec.h"

namespace cce {
namespace {

constexpr double kAapWeight = 0.2, kMipWeight = 1, kMapWeight = 1, kSpWeight = 0.5;

Linear linear_map(const Scope& scope, const TransformerOptions& options) {
  return {scope, options.width, options.width, Init::normal(options.init_deviation), Init::constant(0)};
}

/// The sum over rows of -log(sigmoid(sigmoid(positive) - sigmoid(negative))).
Tensor preference_loss(const Context& ctx, const Tensor& positive_P1, const Tensor& negative_P1) {
  const Tensor difference = subtract(ctx, sigmoid(ctx, positive_P1), sigmoid(ctx, negative_P1));
  return affine(ctx, sum(ctx, log_sigmoid(ctx, difference)), -1);
}

}  // namespace

S3Rec::S3Rec(const ModelOptions& options, uint64_t seed, DType dtype)
    : Model(seed, dtype),
      encoder_(parameters_, options.item_rows, options.max_length, options.transformer),
      attribute_embeddings_(Scope(parameters_) / "attribute_embeddings", options.attribute_rows,
                            options.transformer.width, Init::normal(options.transformer.init_deviation)),
      aap_norm_(linear_map(Scope(parameters_) / "aap_norm", options.transformer)),
      mip_norm_(linear_map(Scope(parameters_) / "mip_norm", options.transformer)),
      map_norm_(linear_map(Scope(parameters_) / "map_norm", options.transformer)),
      sp_norm_(linear_map(Scope(parameters_) / "sp_norm", options.transformer)) {
  require(options.attribute_rows > 0, "[s3rec] expected a table of attributes, got {} rows",
          options.attribute_rows);
}

Tensor S3Rec::encode(const Context& ctx, const Batch& batch) const {
  return encoder_(ctx, batch.items_T, batch.positions_T, batch.offsets_B1, /*causal=*/true);
}

Tensor S3Rec::encode_rows(const Context& ctx, const Batch& batch, const Tensor& rows_P) const {
  return encoder_(ctx, batch.items_T, batch.positions_T, batch.offsets_B1, /*causal=*/true, rows_P);
}

PretrainingLoss S3Rec::pretraining_loss(const Context& ctx, const PretrainingBatch& batch) const {
  const Tensor hidden_PD =
      encoder_(ctx, batch.items_T, batch.positions_T, batch.offsets_B1, /*causal=*/false, batch.rows_P);
  PretrainingLoss loss;
  loss.aap = attribute_loss(ctx, aap_norm_, hidden_PD, batch.unmasked_U, batch.unmasked_attributes);
  loss.mip = masked_item_loss(ctx, hidden_PD, batch);
  loss.map = attribute_loss(ctx, map_norm_, hidden_PD, batch.masked_M, batch.masked_attributes);
  loss.sp = segment_loss(ctx, hidden_PD, batch);
  loss.total = add(ctx, add(ctx, affine(ctx, loss.aap, kAapWeight), affine(ctx, loss.mip, kMipWeight)),
                   add(ctx, affine(ctx, loss.map, kMapWeight), affine(ctx, loss.sp, kSpWeight)));
  return loss;
}

/// AAP and MAP.
Tensor S3Rec::attribute_loss(const Context& ctx, const Linear& norm, const Tensor& hidden_PD,
                             const Tensor& rows_N, const RowLabels& labels) const {
  if (rows_N.size() == 0)
    return Tensor::zeros({}, hidden_PD.dtype(), ctx.device);  // AAP, where everything is masked
  return linear_multi_label(ctx, norm(ctx, select_rows(ctx, hidden_PD, rows_N)),
                            attribute_embeddings_.weight(), labels.offsets_P1, labels.ids);
}

/// MIP.
Tensor S3Rec::masked_item_loss(const Context& ctx, const Tensor& hidden_PD,
                               const PretrainingBatch& batch) const {
  const Tensor x_MD = mip_norm_(ctx, select_rows(ctx, hidden_PD, batch.masked_M));
  return preference_loss(ctx, candidate_scores(ctx, x_MD, item_table(), batch.targets_M1),
                         candidate_scores(ctx, x_MD, item_table(), batch.negatives_M1));
}

/// SP.
Tensor S3Rec::segment_loss(const Context& ctx, const Tensor& hidden_PD, const PretrainingBatch& batch) const {
  const Tensor context_BD = sp_norm_(ctx, select_rows(ctx, hidden_PD, batch.context_B));
  const auto score = [&](const Tensor& rows_B) {
    return row_sum(ctx, multiply(ctx, context_BD, select_rows(ctx, hidden_PD, rows_B)));
  };
  return preference_loss(ctx, score(batch.true_segment_B), score(batch.negative_segment_B));
}

}  // namespace cce
