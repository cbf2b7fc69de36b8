#include "models/sasrec.h"

namespace cce {

SasRec::SasRec(const ModelOptions& options, uint64_t seed, DType dtype)
    : Model(seed, dtype), encoder_(parameters_, options.item_rows, options.max_length, options.transformer) {}

Tensor SasRec::encode(const Context& ctx, const Batch& batch) const {
  return encode_rows(ctx, batch, /*all*/ {});
}

Tensor SasRec::encode_rows(const Context& ctx, const Batch& batch, const Tensor& rows_P) const {
  return encoder_(ctx, batch.items_T, batch.positions_T, batch.offsets_B1, /*causal=*/true, rows_P);
}

}  // namespace cce
