// The sizes and choices that make a transformer encoder.
#pragma once

#include <cstdint>

namespace cce {

enum class Activation { gelu, relu };

struct TransformerOptions {
  int64_t width = 64;
  int64_t layers = 2;
  int64_t heads = 2;
  int64_t feed_forward_factor = 4;  ///< inner width of the feed-forward network, in widths
  double dropout = 0.5;             ///< of embeddings and of what a residual connection adds
  double attention_dropout = 0.5;   ///< of attention probabilities
  Activation activation = Activation::gelu;
  /// Normalise what goes into attention and feed-forward (the paper's Eq. 19) instead of the sum that comes
  /// out (the public code, the default).
  bool norm_first = false;
  double norm_eps = 1e-12;
  double init_deviation = 0.02;  ///< of all weight matrices and embeddings
};

}  // namespace cce
