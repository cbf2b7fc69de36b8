// A GRU layer over packed sequences, with one kernel for all steps each way: a block takes a few sequences
// through time, so that no step waits for anything outside of its block. Sequences are interleaved (block b
// has sequences b, b + blocks), which spreads long and short ones. A block takes its longer one first, so
// those that still run at a step are its first ones. (Sequences stand longest first, but for those that a
// batch is filled up with.)
//
// Within a step threads take gates in the product U h, then units in what follows; U is read from memory,
// transposed where needed so that neighbouring threads read neighbouring numbers, and stays in the caches.
// The weight's gradient is one product over all positions at the end, by cuBLAS.
//
// Shapes: [T, H] states, [T, 3H] inputs and products with the gates in the order r, z, n.
#include "engine/cuda/blas.h"
#include "engine/cuda/for_each.h"
#include "engine/cuda/scratch.h"
#include "engine/ops/cuda_ops.h"
#include "engine/ops/formulas.h"

namespace cce::cuda {
namespace {

constexpr int kSequences = 2;  // of a block
constexpr int kThreads = 384;

/// The sequences of one block.
struct Group {
  static_assert(kSequences == 2);
  const int32_t* offsets;
  int64_t sequences, first, stride;
  bool turned = false;  // the second is longer

  __device__ Group(const GruSizes& sizes, const int32_t* offsets_B1)
      : offsets(offsets_B1), sequences(sizes.sequences), first(blockIdx.x), stride(gridDim.x) {
    turned = length(1) > length(0);
  }

  __device__ int64_t number(int i) const { return first + (turned ? 1 - i : i) * stride; }
  __device__ bool exists(int i) const { return number(i) < sequences; }
  __device__ int64_t begin(int i) const { return offsets[number(i)]; }
  __device__ int64_t length(int i) const { return exists(i) ? offsets[number(i) + 1] - begin(i) : 0; }
  /// How many are longer than `step`.
  __device__ int active(int64_t step) const {
    int count = 0;
    while (count < kSequences && length(count) > step) ++count;
    return count;
  }
};

/// out[i, o] = sum over k of x[i, k] matrix[k, o] for i < count and o in [begin, end): threads take columns
/// o. x lies in shared memory with rows of `x_row`, out with rows of `out_row`; with `add` the sum is added.
__device__ void product(int count, int64_t depth, const float* x, int64_t x_row, const float* matrix,
                        int64_t matrix_row, int64_t begin, int64_t end, float* out, int64_t out_row,
                        bool add) {
  for (int64_t o = begin + threadIdx.x; o < end; o += blockDim.x) {
    float sums[kSequences] = {};
    for (int64_t k = 0; k < depth; ++k) {
      const float m = matrix[k * matrix_row + o];
      for (int i = 0; i < kSequences; ++i) {
        if (i < count) sums[i] += x[i * x_row + k] * m;
      }
    }
    for (int i = 0; i < count; ++i) out[i * out_row + o] = add ? out[i * out_row + o] + sums[i] : sums[i];
  }
}

/// All steps of a block's sequences. weight_HG is U transposed.
__global__ void forward_kernel(GruSizes sizes, const int32_t* offsets, const float* inputs_TG,
                               const float* weight_HG, const float* initial_BH, float* states_TH,
                               GruSaved<float> saved) {
  const int64_t hidden = sizes.hidden, gates = 3 * hidden;
  const Group group(sizes, offsets);
  float* const h = dynamic_shared<float>();    // [kSequences, H]
  float* const rh = h + kSequences * hidden;   // [kSequences, H]: r * h, with the reset gate before U_n
  float* const uh = rh + kSequences * hidden;  // [kSequences, 3H]: U h
  for (int64_t k = threadIdx.x; k < kSequences * hidden; k += blockDim.x) {
    const int i = static_cast<int>(k / hidden);
    h[k] = group.exists(i) ? initial_BH[group.number(i) * hidden + k % hidden] : 0;
  }
  __syncthreads();
  for (int64_t step = 0;; ++step) {
    const int active = group.active(step);
    if (active == 0) break;  // the whole block
    product(active, hidden, h, hidden, weight_HG, gates, 0, sizes.reset_before ? 2 * hidden : gates, uh,
            gates, false);
    __syncthreads();
    if (sizes.reset_before) {
      for (int64_t at = threadIdx.x; at < active * hidden; at += blockDim.x) {
        const int i = static_cast<int>(at / hidden);
        const int64_t k = at % hidden, row = group.begin(i) + step;
        const float r = formulas::Sigmoid::value(inputs_TG[row * gates + k] + uh[i * gates + k]);
        rh[at] = r * h[at];
      }
      __syncthreads();
      product(active, hidden, rh, hidden, weight_HG, gates, 2 * hidden, gates, uh, gates, false);
      __syncthreads();
    }
    for (int64_t at = threadIdx.x; at < active * hidden; at += blockDim.x) {
      const int i = static_cast<int>(at / hidden);
      const int64_t k = at % hidden, row = group.begin(i) + step;
      const float *const in = inputs_TG + row * gates, *const u_h = uh + i * gates;
      const float r = formulas::Sigmoid::value(in[k] + u_h[k]);
      const float z = formulas::Sigmoid::value(in[hidden + k] + u_h[hidden + k]);
      const float u = u_h[2 * hidden + k];
      const float n = formulas::Tanh::value(in[2 * hidden + k] + (sizes.reset_before ? u : r * u));
      if (saved.r != nullptr) {
        const int64_t to = row * hidden + k;
        saved.r[to] = r, saved.z[to] = z, saved.n[to] = n, saved.u[to] = sizes.reset_before ? rh[at] : u;
      }
      const float next = n + z * (h[at] - n);
      states_TH[row * hidden + k] = next;
      h[at] = next;
    }
    __syncthreads();
  }
}

/// d(r) to the gradient of its argument.
__device__ float reset_backward(float dr, float r) {
  return dr * r * (1.0F - r);
}

/// All steps of a block's sequences, last first. Writes duh [T, 3H], the gradient of U h; adds to dinputs [T,
/// 3H] and dinitial [B, H] unless they are null.
__global__ void backward_kernel(GruSizes sizes, const int32_t* offsets, const float* weight_GH,
                                const float* before_TH, GruSaved<float> saved, const float* dstates_TH,
                                float* duh_TG, float* dinputs_TG, float* dinitial_BH) {
  const int64_t hidden = sizes.hidden, gates = 3 * hidden;
  const Group group(sizes, offsets);
  float* const dh = dynamic_shared<float>();     // [kSequences, H]
  float* const drh = dh + kSequences * hidden;   // [kSequences, H]
  float* const duh = drh + kSequences * hidden;  // [kSequences, 3H]
  for (int64_t k = threadIdx.x; k < kSequences * hidden; k += blockDim.x) dh[k] = 0;
  __syncthreads();
  for (int64_t step = group.length(0) - 1; step >= 0; --step) {
    const int active = group.active(step);
    for (int64_t at = threadIdx.x; at < active * hidden; at += blockDim.x) {
      const int i = static_cast<int>(at / hidden);
      const int64_t k = at % hidden, row = group.begin(i) + step, t = row * hidden + k;
      const float r = saved.r[t], z = saved.z[t], n = saved.n[t], d = dh[at] + dstates_TH[t];
      const float dz = d * (before_TH[t] - n) * z * (1.0F - z);
      const float dn = d * (1.0F - z) * (1.0F - n * n);
      float* const g = duh + i * gates;
      g[hidden + k] = dz;
      g[2 * hidden + k] = sizes.reset_before ? dn : dn * r;
      if (!sizes.reset_before) g[k] = reset_backward(dn * saved.u[t], r);
      dh[at] = d * z;
      if (dinputs_TG != nullptr) {
        dinputs_TG[row * gates + hidden + k] += dz;
        dinputs_TG[row * gates + 2 * hidden + k] += dn;
      }
    }
    __syncthreads();
    if (sizes.reset_before) {  // drh = U_n^T dn, then what r * h passes on
      product(active, hidden, duh + 2 * hidden, gates, weight_GH + 2 * hidden * hidden, hidden, 0, hidden,
              drh, hidden, false);
      __syncthreads();
      for (int64_t at = threadIdx.x; at < active * hidden; at += blockDim.x) {
        const int i = static_cast<int>(at / hidden);
        const int64_t k = at % hidden, t = (group.begin(i) + step) * hidden + k;
        dh[at] += drh[at] * saved.r[t];
        duh[i * gates + k] = reset_backward(drh[at] * before_TH[t], saved.r[t]);
      }
      __syncthreads();
    }
    product(active, sizes.reset_before ? 2 * hidden : gates, duh, gates, weight_GH, hidden, 0, hidden, dh,
            hidden, true);
    for (int64_t at = threadIdx.x; at < active * gates; at += blockDim.x) {
      const int i = static_cast<int>(at / gates);
      const int64_t k = at % gates, to = (group.begin(i) + step) * gates + k;
      duh_TG[to] = duh[at];
      if (dinputs_TG != nullptr && k < hidden) dinputs_TG[to] += duh[at];
    }
    __syncthreads();
  }
  if (dinitial_BH == nullptr) return;
  for (int64_t at = threadIdx.x; at < kSequences * hidden; at += blockDim.x) {
    const int i = static_cast<int>(at / hidden);
    if (group.exists(i)) dinitial_BH[group.number(i) * hidden + at % hidden] += dh[at];
  }
}

/// weight_HG[k, g] = weight_GH[g, k].
struct Transpose {
  int64_t hidden;
  const float* weight_GH;
  float* weight_HG;
  __device__ void operator()(int64_t i) const {
    const int64_t gates = 3 * hidden;
    weight_HG[i] = weight_GH[i % gates * hidden + i / gates];
  }
};

/// before[t, :] = the state before position t: that of t - 1, where t is no sequence's first.
struct StateBefore {
  int64_t hidden;
  const float* states_TH;
  float* before_TH;
  __device__ void operator()(int64_t i) const {
    if (i >= hidden) before_TH[i] = states_TH[i - hidden];
  }
};

/// And at the first positions of sequences, which are none of empty ones, the initial state.
struct FirstStates {
  int64_t hidden;
  const int32_t* offsets;
  const float* initial_BH;
  float* before_TH;
  __device__ void operator()(int64_t i) const {
    const int64_t b = i / hidden;
    if (offsets[b] < offsets[b + 1]) before_TH[offsets[b] * hidden + i % hidden] = initial_BH[i];
  }
};

Launch few_sequences_each(const char* op, const GruSizes& sizes) {
  return {op, pieces(sizes.sequences, kSequences), kThreads, 1,
          kSequences * 5 * sizes.hidden * static_cast<int64_t>(sizeof(float))};
}

}  // namespace

void gru_forward(const GruSizes& sizes, const int32_t* offsets, const float* inputs_TG,
                 const float* weight_GH, const float* initial_BH, float* states_TH,
                 const GruSaved<float>& saved) {
  const Scratch<float> weight_HG(3 * sizes.hidden * sizes.hidden);
  for_each("gru", 3 * sizes.hidden * sizes.hidden, Transpose{sizes.hidden, weight_GH, weight_HG.data()});
  launch(few_sequences_each("gru", sizes), forward_kernel, sizes, offsets, inputs_TG, weight_HG.data(),
         initial_BH, states_TH, saved);
}

void gru_backward(const GruSizes& sizes, const int32_t* offsets, const float* weight_GH,
                  const float* initial_BH, const float* states_TH, const GruSaved<float>& saved,
                  const float* dstates_TH, float* dinputs_TG, float* dweight_GH, float* dinitial_BH) {
  const int64_t rows = sizes.rows, hidden = sizes.hidden, gates = 3 * hidden;
  const Scratch<float> before_TH(rows * hidden), duh_TG(rows * gates);
  for_each("gru, backward", rows * hidden, StateBefore{hidden, states_TH, before_TH.data()});
  for_each("gru, backward", sizes.sequences * hidden,
           FirstStates{hidden, offsets, initial_BH, before_TH.data()});
  launch(few_sequences_each("gru, backward", sizes), backward_kernel, sizes, offsets, weight_GH,
         before_TH.data(), saved, dstates_TH, duh_TG.data(), dinputs_TG, dinitial_BH);
  if (dweight_GH == nullptr) return;
  // dU = duh^T x, where x is h before the position, or r * h for U_n with the reset gate before it.
  const int64_t of_h = sizes.reset_before ? 2 * hidden : gates;
  gemm(of_h, hidden, rows, {duh_TG.data(), gates, /*transposed=*/true}, {before_TH.data(), hidden},
       dweight_GH, hidden, /*add=*/true);
  if (!sizes.reset_before) return;
  gemm(hidden, hidden, rows, {duh_TG.data() + of_h, gates, /*transposed=*/true}, {saved.u, hidden},
       dweight_GH + of_h * hidden, hidden, /*add=*/true);
}

}  // namespace cce::cuda
