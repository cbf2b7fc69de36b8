// A table of vectors, one per id. The item table also serves as the output layer (tied weights): scores are
// hidden table^T.
#pragma once

#include "engine/ops/ops.h"
#include "layers/parameters.h"

namespace cce {

class Embedding {
 public:
  /// Registers weight (rows, width). The lookup of row `padding_row` (-1: none) passes no gradient on.
  Embedding(const Scope& scope, int64_t rows, int64_t width, const Init& init, int64_t padding_row = -1)
      : weight_(scope.parameter("weight", {rows, width}, init)), padding_row_(padding_row) {}

  /// ids [T] -> [T, width].
  Tensor operator()(const Context& ctx, const Tensor& ids_T) const {
    return embedding(ctx, weight_, ids_T, padding_row_);
  }
  const Tensor& weight() const { return weight_; }

 private:
  Tensor weight_;
  int64_t padding_row_;
};

}  // namespace cce
