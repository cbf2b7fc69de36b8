#include "layers/attention.h"

#include "layers/transformer_linear.h"

namespace cce {
namespace {

/// These rows of x, or all where none are named.
Tensor chosen_rows(const Context& ctx, const Tensor& x_TD, const Tensor& rows_P) {
  return rows_P.defined() ? select_rows(ctx, x_TD, rows_P) : x_TD;
}

}  // namespace

SelfAttention::SelfAttention(const Scope& scope, const TransformerOptions& options)
    : options_(options),
      query_(transformer_linear(scope / "query", options.width, options.width, options)),
      key_(transformer_linear(scope / "key", options.width, options.width, options)),
      value_(transformer_linear(scope / "value", options.width, options.width, options)),
      dense_(transformer_linear(scope / "dense", options.width, options.width, options)),
      attention_dropout_(scope.next_dropout_layer()),
      dropout_(scope, options.dropout),
      norm_(scope / "LayerNorm", options.width, options.norm_eps) {
  if (options.heads < 1 || options.width % options.heads != 0) {
    fail_usage("--heads {}: a hidden size of {} cannot be split into so many heads", options.heads,
               options.width);
  }
}

Tensor SelfAttention::operator()(const Context& ctx, const Tensor& x_TD, const Tensor& offsets_B1,
                                 bool causal, const Tensor& rows_P) const {
  const Tensor x_PD = chosen_rows(ctx, x_TD, rows_P);
  if (options_.norm_first) return add(ctx, x_PD, attend(ctx, norm_(ctx, x_TD), offsets_B1, causal, rows_P));
  return norm_(ctx, add(ctx, x_PD, attend(ctx, x_TD, offsets_B1, causal, rows_P)));
}

Tensor SelfAttention::attend(const Context& ctx, const Tensor& x_TD, const Tensor& offsets_B1, bool causal,
                             const Tensor& rows_P) const {
  const Tensor heads_TD = attention(ctx, query_(ctx, x_TD), key_(ctx, x_TD), value_(ctx, x_TD), offsets_B1,
                                    {.heads = options_.heads,
                                     .causal = causal,
                                     .dropout = options_.attention_dropout,
                                     .layer = attention_dropout_});
  return dropout_(ctx, dense_(ctx, chosen_rows(ctx, heads_TD, rows_P)));
}

}  // namespace cce
