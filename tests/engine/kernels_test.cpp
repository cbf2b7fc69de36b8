// The kernels of the two instruction sets beside each other. What they compute is tested with the ops.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/random.h"

namespace cce::cpu {
namespace {

#if defined(CCE_HAVE_AVX512)

template <class T>
std::vector<T> numbers(int64_t count, uint32_t stream) {
  std::vector<T> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) {
    const auto word = philox(7, stream, i)[0];
    values[i] = static_cast<T>(static_cast<double>(word) / 4294967296.0 - 0.5);
  }
  return values;
}

TEST_CASE_TEMPLATE("avx512: gemm has the same bits with AVX2 and AVX-512, whatever the shape", T, float,
                   double) {
  for (const int64_t rows : {1, 5, 6, 13}) {
    for (const int64_t cols : {1, 7, 8, 15, 16, 17, 33, 64, 100}) {
      for (const int64_t depth : {1, 3, 64, 131}) {
        CAPTURE(rows);
        CAPTURE(cols);
        CAPTURE(depth);
        const auto a = numbers<T>(rows * depth, 1), b = numbers<T>(depth * cols, 2);
        const auto row = numbers<T>(cols, 4);
        for (const int kind : {0, 1, 2}) {  // from zeros, a row for all, C itself
          auto c2 = numbers<T>(rows * cols + 1, 3), c512 = c2;
          const auto start = [&](const std::vector<T>& c) {
            return kind == 0 ? Start<T>{} : kind == 1 ? Start<T>{row.data(), 0} : Start<T>{c.data(), cols};
          };
          Kernels<Baseline, T>::gemm(rows, cols, depth, {a.data(), depth, 1}, b.data(), cols, c2.data(), cols,
                                     start(c2));
          Kernels<Avx512, T>::gemm(rows, cols, depth, {a.data(), depth, 1}, b.data(), cols, c512.data(), cols,
                                   start(c512));
          CHECK(c2 == c512);
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("avx512: ranks are counted alike with AVX2 and AVX-512", T, float, double) {
  Parallel parallel(2);
  const int64_t rows = 61, width = 24;
  const auto x = numbers<T>(rows * width, 1), targets = numbers<T>(rows, 3);
  for (const int64_t items : {3, 64, 1000, 1025}) {
    CAPTURE(items);
    const auto table = numbers<T>(items * width, 2);
    std::vector<RankCounts> counts2(static_cast<size_t>(rows)), counts512(counts2.size());
    Kernels<Baseline, T>::count_ranks(parallel, x.data(), table.data(), rows, width, items, targets.data(),
                                      counts2.data());
    Kernels<Avx512, T>::count_ranks(parallel, x.data(), table.data(), rows, width, items, targets.data(),
                                    counts512.data());
    for (size_t row = 0; row < counts2.size(); ++row) {
      CHECK(counts2[row].higher == counts512[row].higher);
      CHECK(counts2[row].same == counts512[row].same);
    }
  }
}

TEST_CASE_TEMPLATE("avx512: the softmax cross-entropy agrees between AVX2 and AVX-512", T, float, double) {
  Parallel parallel(2);
  const int64_t rows = 37, width = 20;
  const auto x = numbers<T>(rows * width, 1);
  for (const int64_t items : {1, 3, 63, 512, 700}) {
    for (const T scale : {T{1}, T{1000}}) {  // without and with a shift
      CAPTURE(items);
      CAPTURE(scale);
      auto table = numbers<T>(items * width, 2);
      for (T& w : table) w *= scale;
      std::vector<int32_t> targets(static_cast<size_t>(rows));
      for (size_t row = 0; row < targets.size(); ++row) {
        targets[row] = static_cast<int32_t>(row * 31 % static_cast<size_t>(items));
      }
      const auto run = [&]<class Isa>(std::vector<T>& dx, std::vector<T>& dtable) {
        dx.resize(x.size()), dtable.resize(table.size());
        return Kernels<Isa, T>::softmax_cross_entropy_kept(
            parallel,
            {x.data(), table.data(), targets.data(), rows, width, items, dx.data(), dtable.data(), T{1}});
      };
      std::vector<T> dx2, dtable2, dx512, dtable512;
      const double loss2 = run.template operator()<Baseline>(dx2, dtable2);
      const double loss512 = run.template operator()<Avx512>(dx512, dtable512);
      const double tolerance = sizeof(T) == 4 ? 2e-5 : 1e-12;
      CHECK(loss512 == doctest::Approx(loss2).epsilon(tolerance));
      for (size_t i = 0; i < dx2.size(); ++i) {
        CHECK(std::abs(dx2[i] - dx512[i]) <= tolerance * static_cast<double>(scale));
      }
      for (size_t i = 0; i < dtable2.size(); ++i) CHECK(std::abs(dtable2[i] - dtable512[i]) <= tolerance);
    }
  }
}

#endif

}  // namespace
}  // namespace cce::cpu
