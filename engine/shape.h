// The extents of a tensor: up to four dimensions, row-major, the last one contiguous.
#pragma once

#include <fmt/core.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace cce {

class Shape {
 public:
  static constexpr int kMaxRank = 4;

  Shape() = default;
  /// Throws when there are more than four dimensions, one is negative, or their product overflows.
  Shape(std::initializer_list<int64_t> extents);
  Shape(const int64_t* extents, int rank);

  int rank() const { return rank_; }
  /// Extent of dimension `axis`; negative counts from the end. Throws where there is no such dimension.
  int64_t operator[](int axis) const;
  /// Number of elements; 1 for a scalar (rank 0).
  int64_t size() const { return size_; }
  /// Everything but the last dimension as one: a tensor seen as a [rows, cols] matrix.
  int64_t rows() const {
    int64_t count = 1;
    for (int i = 0; i + 1 < rank_; ++i) count *= extents_[i];
    return count;
  }
  int64_t cols() const { return rank_ == 0 ? 1 : extents_[rank_ - 1]; }

  bool operator==(const Shape& other) const;
  /// "(1402, 64)"
  std::string str() const;

 private:
  std::array<int64_t, kMaxRank> extents_{};
  int rank_ = 0;
  int64_t size_ = 1;
};

}  // namespace cce

/// So that messages take shapes as they are, and nothing is formatted unless it is shown.
template <>
struct fmt::formatter<cce::Shape> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  template <class FormatContext>
  auto format(const cce::Shape& shape, FormatContext& context) const {
    return fmt::format_to(context.out(), "{}", shape.str());
  }
};
