// A few numbers find their places by counting who stands before them, each for itself, in one kernel. Many
// are put in order by a radix sort: one pass for every four bits of the keys, the lowest first. A pass is a
// stable counting sort by one digit: count how often each digit occurs in each run of numbers, find out where
// each run's share of each digit begins, and move the numbers there.
#include "engine/cuda/sort.h"

#include <utility>

#include "engine/cuda/for_each.h"
#include "engine/cuda/scratch.h"

namespace cce::cuda {
namespace {

constexpr int kBits = 4, kDigits = 1 << kBits;
constexpr int64_t kRun = 32;  // numbers that one thread counts and moves
constexpr int kScanThreads = 1024;
constexpr int64_t kFew =
    4096;  // up to here, count^2 comparisons take less time than a radix sort's many kernels

__device__ int digit_of(int32_t key, int shift) {
  return static_cast<int>((static_cast<uint32_t>(key) >> shift) & (kDigits - 1));
}

/// order[place] = i, where place is the number of smaller keys, and of equal ones before i. One thread, one
/// i.
struct Place {
  int64_t count;
  const int32_t* keys;
  int32_t* order;
  __device__ void operator()(int64_t i) const {
    const int32_t key = keys[i];
    int32_t place = 0;
    for (int64_t j = 0; j < count; ++j) place += keys[j] < key || (keys[j] == key && j < i) ? 1 : 0;
    order[place] = static_cast<int32_t>(i);
  }
};

struct Number {
  int32_t* order;
  __device__ void operator()(int64_t i) const { order[i] = static_cast<int32_t>(i); }
};

/// counts[digit, run] = how many of the run's numbers have the digit. One thread, one run.
struct Count {
  int64_t count, runs;
  int shift;
  const int32_t *keys, *order;
  int32_t* counts;

  __device__ void operator()(int64_t run) const {
    int32_t mine[kDigits] = {};
    for (int64_t i = run * kRun; i < count && i < (run + 1) * kRun; ++i)
      ++mine[digit_of(keys[order[i]], shift)];
    for (int digit = 0; digit < kDigits; ++digit) counts[digit * runs + run] = mine[digit];
  }
};

/// counts[i] becomes the sum of those before it. One block: each thread sums up a stretch, the stretches'
/// sums are summed up, and each thread goes through its stretch again.
__global__ void scan_kernel(int64_t size, int32_t* counts) {
  __shared__ int32_t before[kScanThreads];
  const int64_t stretch = (size + kScanThreads - 1) / kScanThreads;
  const int64_t first = threadIdx.x * stretch, last = first + stretch < size ? first + stretch : size;
  int32_t total = 0;
  for (int64_t i = first; i < last; ++i) total += counts[i];
  before[threadIdx.x] = total;
  __syncthreads();
  for (unsigned distance = 1; distance < kScanThreads; distance *= 2) {
    const int32_t left = threadIdx.x >= distance ? before[threadIdx.x - distance] : 0;
    __syncthreads();
    before[threadIdx.x] += left;
    __syncthreads();
  }
  int32_t at = before[threadIdx.x] - total;
  for (int64_t i = first; i < last; ++i) {
    const int32_t here = counts[i];
    counts[i] = at;
    at += here;
  }
}

/// Moves each number of a run to where its digit's share begins, and further by those of the run that went
/// before.
struct Move {
  int64_t count, runs;
  int shift;
  const int32_t *keys, *order, *begins;
  int32_t* moved;

  __device__ void operator()(int64_t run) const {
    int32_t next[kDigits];
    for (int digit = 0; digit < kDigits; ++digit) next[digit] = begins[digit * runs + run];
    for (int64_t i = run * kRun; i < count && i < (run + 1) * kRun; ++i) {
      moved[next[digit_of(keys[order[i]], shift)]++] = order[i];
    }
  }
};

}  // namespace

void stable_order(int64_t count, const int32_t* keys, int64_t bound, int32_t* order) {
  if (count <= kFew) return for_each("sort", count, Place{count, keys, order});
  const int64_t runs = pieces(count, kRun);
  const Scratch<int32_t> other(count), counts(kDigits * runs);
  int passes = 0;
  while (bound > 1 && (bound - 1) >> (passes * kBits) > 0) ++passes;
  // Numbers go back and forth between two buffers; the last pass must write to `order`.
  int32_t *from = passes % 2 == 0 ? order : other.data(), *to = passes % 2 == 0 ? other.data() : order;
  for_each("sort", count, Number{from});
  for (int pass = 0; pass < passes; ++pass, std::swap(from, to)) {
    const int shift = pass * kBits;
    for_each("sort", runs, Count{count, runs, shift, keys, from, counts.data()});
    launch({"sort", 1, kScanThreads}, scan_kernel, kDigits * runs, counts.data());
    for_each("sort", runs, Move{count, runs, shift, keys, from, counts.data(), to});
  }
}

}  // namespace cce::cuda
