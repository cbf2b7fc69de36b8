#include "engine/tensor.h"

#include <utility>

namespace cce {

const char* name(DType dtype) {
  return dtype == DType::f32 ? "float32" : dtype == DType::f64 ? "float64" : "int32";
}

int64_t bytes_of(DType dtype) {
  return dtype == DType::f64 ? 8 : 4;
}

struct Tensor::Impl {
  Shape shape;
  DType dtype;
  Device device;
  std::shared_ptr<void> storage;
  bool needs_grad = false;
  Tensor grad;
};

Tensor Tensor::empty(const Shape& shape, DType dtype, Device device) {
  int64_t bytes = 0;
  require(device == Device::cpu || dtype != DType::f64, "[tensor] float64 is for the CPU");
  require(!__builtin_mul_overflow(shape.size(), bytes_of(dtype), &bytes), "[tensor] shape {} is too large",
          shape);
  return Tensor(std::make_shared<Impl>(Impl{shape, dtype, device, allocate(device, bytes), false, {}}));
}

Tensor Tensor::zeros(const Shape& shape, DType dtype, Device device) {
  Tensor tensor = empty(shape, dtype, device);
  zero_bytes(device, tensor.impl_->storage.get(), shape.size() * bytes_of(dtype));
  return tensor;
}

Tensor Tensor::ones(const Shape& shape, DType dtype, Device device) {
  const Tensor tensor = empty(shape, dtype, device);
  if (device == Device::cuda) {
    fill_on_gpu(tensor.data<float>(), tensor.size(), 1);
    return tensor;
  }
  visit_real(dtype, "ones", [&]<class T>() { std::fill_n(tensor.data<T>(), tensor.size(), T{1}); });
  return tensor;
}

Tensor Tensor::over(std::shared_ptr<void> memory, const Shape& shape, DType dtype, Device device) {
  return Tensor(std::make_shared<Impl>(Impl{shape, dtype, device, std::move(memory), false, {}}));
}

const Shape& Tensor::shape() const {
  require(defined(), "[tensor] an undefined tensor has no shape");
  return impl_->shape;
}

DType Tensor::dtype() const {
  require(defined(), "[tensor] an undefined tensor has no dtype");
  return impl_->dtype;
}

Device Tensor::device() const {
  require(defined(), "[tensor] an undefined tensor is on no device");
  return impl_->device;
}

void* Tensor::raw(DType expected) const {
  require(defined(), "[tensor] an undefined tensor has no data");
  require(impl_->dtype == expected, "[tensor] expected {}, got {}", name(expected), name(impl_->dtype));
  return impl_->storage.get();
}

double Tensor::item() const {
  require(size() == 1, "[tensor] item() needs one element, got shape {}", shape());
  if (device() != Device::cpu) return to(Device::cpu).item();
  if (dtype() == DType::i32) return *data<int32_t>();
  return visit_real(dtype(), "item", [&]<class T>() { return static_cast<double>(*data<T>()); });
}

Tensor Tensor::to(DType target) const {
  require(device() == Device::cpu, "[tensor] numbers are converted on the CPU");
  Tensor result = empty(shape(), target);
  const auto convert = [&]<class From, class To>() {
    for (int64_t i = 0; i < size(); ++i) result.data<To>()[i] = static_cast<To>(data<From>()[i]);
  };
  const auto with_source = [&]<class To>() {
    if (dtype() == DType::f32) convert.template operator()<float, To>();
    if (dtype() == DType::f64) convert.template operator()<double, To>();
    if (dtype() == DType::i32) convert.template operator()<int32_t, To>();
  };
  if (target == DType::f32) with_source.template operator()<float>();
  if (target == DType::f64) with_source.template operator()<double>();
  if (target == DType::i32) with_source.template operator()<int32_t>();
  return result;
}

Tensor Tensor::to(Device device) const {
  if (!impl_ || impl_->device == device) return *this;
  const Tensor copy = empty(impl_->shape, impl_->dtype, device);
  copy.copy_from(*this);
  return copy;
}

void Tensor::copy_from(const Tensor& other) const {
  require(shape() == other.shape() && dtype() == other.dtype(), "[tensor] cannot take {} {} over into {} {}",
          name(other.dtype()), other.shape(), name(dtype()), shape());
  copy_bytes(impl_->device, impl_->storage.get(), other.impl_->device, other.impl_->storage.get(),
             size() * bytes_of(dtype()));
}

void Tensor::move_to(Device device) const {
  require(defined() && !impl_->grad.defined(), "[tensor] only a tensor without a gradient can move");
  if (impl_->device == device) return;
  const Tensor moved = to(device);
  impl_->storage = moved.impl_->storage;
  impl_->device = device;
}

Tensor Tensor::reshaped(const Shape& shape) const {
  require(shape.size() == size(), "[tensor] cannot see shape {} as {}", this->shape(), shape);
  return Tensor(std::make_shared<Impl>(Impl{shape, impl_->dtype, impl_->device, impl_->storage, false, {}}));
}

bool Tensor::needs_grad() const {
  return impl_ && impl_->needs_grad;
}

Tensor& Tensor::set_needs_grad(bool needs) {
  require(defined() && dtype() != DType::i32, "[tensor] only a real tensor can have a gradient");
  impl_->needs_grad = needs;
  return *this;
}

Tensor Tensor::grad() const {
  return impl_ ? impl_->grad : Tensor();
}

Tensor Tensor::grad_to_add() const {
  require(needs_grad(), "[tensor] no gradient flows to this tensor");
  if (!impl_->grad.defined()) impl_->grad = zeros(impl_->shape, impl_->dtype, impl_->device);
  return impl_->grad;
}

Tensor::GradSink Tensor::grad_sink() const {
  require(needs_grad(), "[tensor] no gradient flows to this tensor");
  const bool add = impl_->grad.defined();
  if (!add) impl_->grad = empty(impl_->shape, impl_->dtype, impl_->device);
  return {impl_->grad, add};
}

void Tensor::set_grad(const Tensor& grad) const {
  require(needs_grad() && !impl_->grad.defined(), "[tensor] no gradient is awaited by this tensor");
  require(grad.shape() == impl_->shape && grad.dtype() == impl_->dtype,
          "[tensor] expected a gradient of shape {}, got {}", impl_->shape, grad.shape());
  impl_->grad = grad;
}

void Tensor::clear_grad() const {
  if (impl_) impl_->grad = Tensor();
}

}  // namespace cce
