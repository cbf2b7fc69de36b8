// Scaled dot-product attention with several heads over packed sequences. No scores are stored: each pass
// computes them anew, 32 at a time, and softmax is taken on the way (Milakov and Gimelshein 2018, "Online
// normalizer calculation for softmax"; Dao et al. 2022, "FlashAttention").
//
// One warp owns one position of one head; lanes take keys while scores are computed, and columns of the head
// while rows are added up. Three kernels:
//   forward      owner of query i:  y_i, and the logarithm of its softmax's denominator
//   backward, q  owner of query i:  dq_i += sum over keys j of ds_ij k_j
//   backward, kv owner of key j:    dk_j += sum over queries i of ds_ij q_i,  dv_j += sum over i of m_ij p_ij
//   dy_i
// with p the probabilities, m the dropout factors, dp_ij = m_ij dy_i . v_j and ds_ij = p_ij (dp_ij - dy_i .
// y_i) / sqrt(d), as the sum over j of p_ij dp_ij is dy_i . y_i. Each sum has one owner and one order.
#include "engine/cuda/launch.h"
#include "engine/cuda/reduce.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

constexpr int kWarpsPerBlock = 8;
constexpr int kColumns = static_cast<int>(kWidestHead / kWarp);  // of a head, per lane

/// What a warp works at: position `row` of [T, D], in sequence rows [first, last), and one head.
struct Place {
  int64_t row, first, last, head;
  int64_t draw;  ///< number of the dropout draw of this sequence's and head's first probability
  int64_t base;  ///< where the head's part of row 0 begins
  bool exists;

  __device__ int64_t length() const { return last - first; }
};

/// The warp's position and head: blocks count positions in x, heads in y.
__device__ Place place_of_warp(const AttentionSizes& sizes, const int32_t* offsets) {
  Place place{};
  place.row = static_cast<int64_t>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
  place.head = blockIdx.y;
  place.exists = place.row < sizes.rows;
  if (!place.exists) return place;
  int64_t low = 0, high = sizes.sequences;  // offsets[low] <= row < offsets[high]
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    if (offsets[middle] <= place.row) {
      low = middle;
    } else {
      high = middle;
    }
  }
  place.first = offsets[low], place.last = offsets[low + 1];
  place.base = place.head * (sizes.width / sizes.heads);
  if (sizes.dropping) {  // sequences before this one drew heads * length^2 numbers each
    int64_t squares = 0;
    for (int64_t b = lane_of_thread(); b < low; b += kWarp) {
      const int64_t length = offsets[b + 1] - offsets[b];
      squares += length * length;
    }
    place.draw = sizes.heads * warp_sum(squares) + place.head * place.length() * place.length();
  }
  return place;
}

__device__ float dot(int64_t size, const float* a, const float* b) {
  float total = 0;
  for (int64_t c = 0; c < size; ++c) total += a[c] * b[c];
  return total;
}

/// What dropout multiplies the probability of key j for query i (rows of [T, D]) with.
__device__ float dropout_factor(const AttentionSizes& sizes, const Place& place, int64_t i, int64_t j) {
  if (!sizes.dropping) return 1;
  return sizes.draw.factor(place.draw + (i - place.first) * place.length() + j - place.first);
}

/// sums[n] += sum over the 32 lanes l of weight(l) * rows[first + l, column lane + 32 n], for the columns
/// there are.
__device__ void add_weighted_rows(float weight, int64_t first, int64_t last, int64_t width,
                                  int64_t head_width, const float* rows, float (&sums)[kColumns]) {
  for (int64_t l = 0; l < kWarp; ++l) {
    const float w = __shfl_sync(kAllLanes, weight, static_cast<int>(l));
    if (first + l >= last) continue;  // all lanes: their loop goes on together
    for (int n = 0; n < kColumns; ++n) {
      const int64_t column = lane_of_thread() + n * kWarp;
      if (column < head_width) sums[n] += w * rows[(first + l) * width + column];
    }
  }
}

/// y_i, and log(sum of exp(score)) in log_sums[row, head].
__global__ void forward_kernel(AttentionSizes sizes, const int32_t* offsets, const float* q, const float* k,
                               const float* v, float* y, float* log_sums) {
  const Place place = place_of_warp(sizes, offsets);
  if (!place.exists) return;
  const int64_t width = sizes.width, d = width / sizes.heads;
  const float scale = 1.0F / std::sqrt(static_cast<float>(d));
  const int64_t last = sizes.causal ? place.row + 1 : place.last;
  const float *const keys = k + place.base, *const values = v + place.base;
  float sums[kColumns] = {};
  float largest = -INFINITY, total = 0;
  for (int64_t chunk = place.first; chunk < last; chunk += kWarp) {
    const int64_t j = chunk + lane_of_thread();
    const float score =
        j < last ? dot(d, q + place.row * width + place.base, keys + j * width) * scale : -INFINITY;
    const float now_largest = fmaxf(largest, warp_max(score));
    const float shrink =
        std::exp(largest - now_largest);  // of what was added up for the smaller maximum; 0 at first
    const float e = j < last ? std::exp(score - now_largest) : 0.0F;
    total = total * shrink + warp_sum(e);
    largest = now_largest;
    for (float& sum : sums) sum *= shrink;
    const float weight = j < last ? e * dropout_factor(sizes, place, place.row, j) : 0.0F;
    add_weighted_rows(weight, chunk, last, width, d, values, sums);
  }
  for (int n = 0; n < kColumns; ++n) {
    const int64_t column = lane_of_thread() + n * kWarp;
    if (column < d) y[place.row * width + place.base + column] = sums[n] / total;
  }
  if (lane_of_thread() == 0) log_sums[place.row * sizes.heads + place.head] = largest + std::log(total);
}

/// One pair of query i and key j in backward: m p, and ds.
struct Pair {
  float dropped_probability, dscore;
};
__device__ Pair pair_backward(const AttentionSizes& sizes, const Place& place, const AttentionTensors& t,
                              int64_t i, int64_t j, float dy_y) {
  const int64_t width = sizes.width, d = width / sizes.heads;
  const float scale = 1.0F / std::sqrt(static_cast<float>(d));
  const int64_t at_i = i * width + place.base, at_j = j * width + place.base;
  const float p = std::exp(dot(d, t.q + at_i, t.k + at_j) * scale - t.log_sums[i * sizes.heads + place.head]);
  const float m = dropout_factor(sizes, place, i, j);
  const float dp = m * dot(d, t.dy + at_i, t.v + at_j);
  return {m * p, p * (dp - dy_y) * scale};
}

/// dq_i += sum over its keys of ds_ij k_j.
__global__ void backward_q_kernel(AttentionSizes sizes, const int32_t* offsets, AttentionTensors t,
                                  float* dq) {
  const Place place = place_of_warp(sizes, offsets);
  if (!place.exists) return;
  const int64_t width = sizes.width, d = width / sizes.heads, at = place.row * width + place.base;
  const int64_t last = sizes.causal ? place.row + 1 : place.last;
  const float dy_y = dot(d, t.dy + at, t.y + at);
  float sums[kColumns] = {};
  for (int64_t chunk = place.first; chunk < last; chunk += kWarp) {
    const int64_t j = chunk + lane_of_thread();
    const float ds = j < last ? pair_backward(sizes, place, t, place.row, j, dy_y).dscore : 0.0F;
    add_weighted_rows(ds, chunk, last, width, d, t.k + place.base, sums);
  }
  for (int n = 0; n < kColumns; ++n) {
    const int64_t column = lane_of_thread() + n * kWarp;
    if (column < d) dq[at + column] += sums[n];
  }
}

/// dk_j and dv_j += sums over the queries that see key j.
__global__ void backward_kv_kernel(AttentionSizes sizes, const int32_t* offsets, AttentionTensors t,
                                   float* dk, float* dv) {
  const Place place = place_of_warp(sizes, offsets);
  if (!place.exists) return;
  const int64_t width = sizes.width, d = width / sizes.heads, base = place.base;
  const int64_t first = sizes.causal ? place.row : place.first;
  float k_sums[kColumns] = {}, v_sums[kColumns] = {};
  for (int64_t chunk = first; chunk < place.last; chunk += kWarp) {
    const int64_t i = chunk + lane_of_thread();
    Pair pair{};
    if (i < place.last) {
      const float dy_y = dot(d, t.dy + i * width + base, t.y + i * width + base);
      pair = pair_backward(sizes, place, t, i, place.row, dy_y);
    }
    add_weighted_rows(pair.dscore, chunk, place.last, width, d, t.q + base, k_sums);
    add_weighted_rows(pair.dropped_probability, chunk, place.last, width, d, t.dy + base, v_sums);
  }
  for (int n = 0; n < kColumns; ++n) {
    const int64_t column = lane_of_thread() + n * kWarp;
    if (column >= d) continue;
    const int64_t at = place.row * width + base + column;
    if (dk != nullptr) dk[at] += k_sums[n];
    if (dv != nullptr) dv[at] += v_sums[n];
  }
}

Launch one_warp_each(const char* op, const AttentionSizes& sizes) {
  return {op, pieces(sizes.rows, kWarpsPerBlock), kWarpsPerBlock * kWarp, sizes.heads};
}

}  // namespace

void attention_forward(const AttentionSizes& sizes, const int32_t* offsets, const float* q, const float* k,
                       const float* v, float* y, float* log_sums) {
  launch(one_warp_each("attention", sizes), forward_kernel, sizes, offsets, q, k, v, y, log_sums);
}

void attention_backward(const AttentionSizes& sizes, const int32_t* offsets, const AttentionTensors& tensors,
                        float* dq, float* dk, float* dv) {
  if (dq != nullptr) {
    launch(one_warp_each("attention, backward", sizes), backward_q_kernel, sizes, offsets, tensors, dq);
  }
  if (dk == nullptr && dv == nullptr) return;
  launch(one_warp_each("attention, backward", sizes), backward_kv_kernel, sizes, offsets, tensors, dk, dv);
}

}  // namespace cce::cuda
