// The one tensor type: a handle on a typed, contiguous, row-major block of numbers, and on its gradient.
//
// Copying a Tensor copies the handle, not the numbers. A tensor is float32 in training, float64 where
// gradients are checked (on the CPU only), and int32 for ids. Operations live in engine/ops/ops.h; the tape
// that differentiates them in autograd.h.
#pragma once

#include <algorithm>
#include <concepts>
#include <memory>
#include <span>
#include <vector>

#include "engine/device.h"
#include "engine/error.h"
#include "engine/shape.h"

namespace cce {

enum class DType { f32, f64, i32 };
const char* name(DType dtype);
int64_t bytes_of(DType dtype);

template <class T>
constexpr DType dtype_of() {
  static_assert(std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, int32_t>);
  return std::same_as<T, float> ? DType::f32 : std::same_as<T, double> ? DType::f64 : DType::i32;
}

class Tensor {
 public:
  /// Undefined: no shape, no numbers. Stands for "absent", such as a missing bias.
  Tensor() = default;
  /// Numbers left as they are in memory. Like zeros() and ones(), throws for float64 on another device than
  /// the CPU, and where the shape has more bytes than can be counted.
  static Tensor empty(const Shape& shape, DType dtype = DType::f32, Device device = Device::cpu);
  static Tensor zeros(const Shape& shape, DType dtype = DType::f32, Device device = Device::cpu);
  /// Of a real dtype; throws for int32.
  static Tensor ones(const Shape& shape, DType dtype = DType::f32, Device device = Device::cpu);
  /// Over memory that is there already, with all numbers that the shape needs.
  static Tensor over(std::shared_ptr<void> memory, const Shape& shape, DType dtype, Device device);
  /// On the CPU, to begin with. Throws unless there are as many values as the shape has.
  template <class T>
  static Tensor from(const Shape& shape, std::span<const T> values) {
    require(static_cast<int64_t>(values.size()) == shape.size(), "[tensor] {} values for shape {}",
            values.size(), shape);
    Tensor tensor = empty(shape, dtype_of<T>());
    std::copy(values.begin(), values.end(), tensor.data<T>());
    return tensor;
  }
  template <class T>
  static Tensor from(const Shape& shape, const std::vector<T>& values) {
    return from(shape, std::span<const T>(values));
  }

  bool defined() const { return impl_ != nullptr; }
  // These throw for an undefined tensor, and so does all below that asks them.
  const Shape& shape() const;
  DType dtype() const;
  Device device() const;
  int64_t size() const { return shape().size(); }
  int64_t rows() const { return shape().rows(); }
  int64_t cols() const { return shape().cols(); }

  /// Where the numbers are, in the memory of the tensor's device; throws when T is not the tensor's dtype.
  template <class T>
  T* data() const {
    return static_cast<T*>(raw(dtype_of<T>()));
  }
  /// The numbers themselves, to be read and written here; throws when they are on another device than the
  /// CPU.
  template <class T>
  std::span<T> span() const {
    require(!defined() || device() == Device::cpu, "[tensor] the numbers are on another device: {}",
            name(device()));
    return {data<T>(), static_cast<size_t>(size())};
  }
  /// The only number of a tensor, as double; throws unless it has just one. Waits for it if it is being
  /// computed elsewhere.
  double item() const;
  /// A copy of the numbers with the given dtype, on the CPU, without gradient; throws where they are
  /// elsewhere.
  Tensor to(DType dtype) const;
  /// This tensor if it is on `device` (or undefined), else a copy of the numbers there, without gradient.
  Tensor to(Device device) const;
  /// Takes over the numbers of a tensor of the same shape and dtype, wherever that is; throws for another.
  void copy_from(const Tensor& other) const;
  /// Takes the numbers to `device`, for everyone who holds this tensor; throws where it has a gradient.
  void move_to(Device device) const;
  /// The same numbers under another shape of the same size; throws for another size. Does not take part in
  /// differentiation.
  Tensor reshaped(const Shape& shape) const;

  /// Whether gradients flow to this tensor: set on parameters, inherited by what is computed from them.
  bool needs_grad() const;
  /// Throws for an undefined tensor, and for int32.
  Tensor& set_needs_grad(bool needs);
  /// d(loss)/d(this), undefined where nothing arrived yet.
  Tensor grad() const;
  /// The gradient to add to; starts as zeros. Throws where no gradient flows to this tensor.
  Tensor grad_to_add() const;
  /// The gradient, for who can as well write as add, so that nobody fills memory with zeros first. Throws as
  /// grad_to_add() does.
  struct GradSink;
  GradSink grad_sink() const;
  /// Makes `grad` the gradient. Throws where no gradient flows to this tensor or one arrived already, and for
  /// another shape or dtype.
  void set_grad(const Tensor& grad) const;
  void clear_grad() const;

  /// Whether both are handles on the same block, or on none.
  bool is(const Tensor& other) const { return impl_ == other.impl_; }

 private:
  struct Impl;
  explicit Tensor(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  void* raw(DType expected) const;
  std::shared_ptr<Impl> impl_;
};

struct Tensor::GradSink {
  Tensor grad;
  bool add;  ///< onto the numbers there; otherwise they may be anything, and each must be written
};

/// Calls f.template operator()<T>() with T = float or double, as `dtype` says; int32 throws, naming `op`.
template <class F>
decltype(auto) visit_real(DType dtype, const char* op, F&& f) {
  require(dtype != DType::i32, "[{}] expected float32 or float64, got int32", op);
  return dtype == DType::f32 ? f.template operator()<float>() : f.template operator()<double>();
}

}  // namespace cce
