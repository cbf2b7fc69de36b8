#include "models/s3rec.h"

#include "layers/transformer_linear.h"

namespace cce {
namespace {

// As in the public code: the weights of the objectives, sigmoids (not scores) that are compared, and the
// names of four linear maps, which its checkpoints call ..._norm though they normalise nothing.
constexpr double kAapWeight = 0.2, kMipWeight = 1, kMapWeight = 1, kSpWeight = 0.5;

Linear linear_map(const Scope& scope, const TransformerOptions& options) {
  return transformer_linear(scope, options.width, options.width, options);
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
  return encode_rows(ctx, batch, /*all*/ {});
}

Tensor S3Rec::encode_rows(const Context& ctx, const Batch& batch, const Tensor& rows_P) const {
  return encoder_(ctx, batch.items_T, batch.positions_T, batch.offsets_B1, /*causal=*/true, rows_P);
}

PretrainingLoss S3Rec::pretraining_loss(const Context& ctx, const PretrainingBatch& batch) const {
  const Tensor hidden_PD =
      encoder_(ctx, batch.items_T, batch.positions_T, batch.offsets_B1, /*causal=*/false, batch.rows_P);
  const Context of_masked = ctx.counting(batch.masked_in_use());
  const Tensor masked_MD = select_rows(ctx, hidden_PD, batch.masked_M);
  PretrainingLoss loss;
  loss.aap = unmasked_attribute_loss(ctx.counting(batch.unmasked_in_use()), hidden_PD, batch);
  loss.mip = masked_item_loss(of_masked, masked_MD, batch);
  loss.map = linear_multi_label(of_masked, map_norm_(ctx, masked_MD), attribute_embeddings_.weight(),
                                batch.targets_M1.reshaped({batch.targets_M1.size()}), batch.attributes);
  loss.sp = segment_loss(ctx, hidden_PD, batch);
  loss.total = add(ctx, add(ctx, affine(ctx, loss.aap, kAapWeight), affine(ctx, loss.mip, kMipWeight)),
                   add(ctx, affine(ctx, loss.map, kMapWeight), affine(ctx, loss.sp, kSpWeight)));
  return loss;
}

Tensor S3Rec::unmasked_attribute_loss(const Context& ctx, const Tensor& hidden_PD,
                                      const PretrainingBatch& batch) const {
  if (batch.unmasked_U.size() == 0)  // everything is masked
    return Tensor::zeros({}, hidden_PD.dtype(), ctx.device);
  return linear_multi_label(ctx, aap_norm_(ctx, select_rows(ctx, hidden_PD, batch.unmasked_U)),
                            attribute_embeddings_.weight(), batch.items_U, batch.attributes);
}

Tensor S3Rec::masked_item_loss(const Context& ctx, const Tensor& masked_MD,
                               const PretrainingBatch& batch) const {
  const Tensor x_MD = mip_norm_(ctx, masked_MD);
  return preference_loss(ctx, candidate_scores(ctx, x_MD, item_table(), batch.targets_M1),
                         candidate_scores(ctx, x_MD, item_table(), batch.negatives_M1));
}

Tensor S3Rec::segment_loss(const Context& ctx, const Tensor& hidden_PD, const PretrainingBatch& batch) const {
  const Tensor context_BD = sp_norm_(ctx, select_rows(ctx, hidden_PD, batch.context_B));
  const auto score = [&](const Tensor& rows_B) {
    return row_sum(ctx, multiply(ctx, context_BD, select_rows(ctx, hidden_PD, rows_B)));
  };
  return preference_loss(ctx, score(batch.true_segment_B), score(batch.negative_segment_B));
}

}  // namespace cce
