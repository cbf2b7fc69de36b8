#include "engine/shape.h"

#include "engine/error.h"

namespace cce {

Shape::Shape(std::initializer_list<int64_t> extents)
    : Shape(extents.begin(), static_cast<int>(extents.size())) {}

Shape::Shape(const int64_t* extents, int rank) : rank_(rank) {
  require(rank <= kMaxRank, "[shape] expected at most {} dimensions, got {}", kMaxRank, rank);
  for (int axis = 0; axis < rank; ++axis) {
    require(extents[axis] >= 0, "[shape] dimension {} is negative: {}", axis, extents[axis]);
    extents_[axis] = extents[axis];
    require(!__builtin_mul_overflow(size_, extents[axis], &size_), "[shape] the element count overflows");
  }
}

int64_t Shape::operator[](int axis) const {
  const int index = axis < 0 ? axis + rank_ : axis;
  require(index >= 0 && index < rank_, "[shape] no dimension {} in shape {}", axis, str());
  return extents_[index];
}

bool Shape::operator==(const Shape& other) const {
  return rank_ == other.rank_ && extents_ == other.extents_;
}

std::string Shape::str() const {
  std::string text = "(";
  for (int axis = 0; axis < rank_; ++axis) text += (axis ? ", " : "") + std::to_string(extents_[axis]);
  return text + ")";
}

}  // namespace cce
