#include "engine/optim.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/cuda/built.h"
#include "engine/ops/cuda_ops.h"

namespace cce {
namespace {

constexpr int64_t kGrain = 1 << 14;

template <class T>
void adam_step(const AdamNumbers<T>& step, T gradient_scale, int64_t begin, int64_t end, const T* grad, T* m,
               T* v, T* w) {
  for (int64_t i = begin; i < end; ++i) {
    const T g = grad[i] * gradient_scale + step.decay * w[i];
    m[i] += (g - m[i]) * step.one_minus_beta1;
    v[i] = v[i] * step.beta2 + g * g * step.one_minus_beta2;
    w[i] = w[i] * step.shrink - step.lr * m[i] / (std::sqrt(v[i]) * step.inverse_root_correction2 + step.eps);
  }
}

}  // namespace

double warmup_factor(int64_t step, int64_t warmup, int64_t steps) {
  if (warmup == 0) return 1;
  if (step < warmup) return static_cast<double>(step + 1) / static_cast<double>(warmup);
  return static_cast<double>(steps - step) / static_cast<double>(steps - warmup);
}

Adam::Adam(const Named& parameters, const AdamOptions& options) : options_(options), parameters_(parameters) {
  for (const auto& [name, tensor] : parameters_) {
    m_.push_back(Tensor::zeros(tensor.shape(), tensor.dtype(), tensor.device()));
    v_.push_back(Tensor::zeros(tensor.shape(), tensor.dtype(), tensor.device()));
  }
}

double Adam::clip_factor() const {
  if (options_.clip_norm <= 0) return 1;
  double square = 0;
  for (const auto& parameter : parameters_) {
    const Tensor grad = parameter.second.grad();
    if (!grad.defined()) continue;
    visit_real(grad.dtype(), "adam", [&]<class T>() {
      for (const T g : grad.span<T>()) square += static_cast<double>(g) * static_cast<double>(g);
    });
  }
  // PyTorch's clip_grad_norm_ has the 1e-6, too.
  return std::min(1.0, options_.clip_norm / (std::sqrt(square) + 1e-6));
}

Adam::Rates Adam::next(double lr_factor) {
  ++steps_;
  const double t = static_cast<double>(steps_), lr = options_.lr * lr_factor;
  // Differences are taken in double: 1 - 0.999f is 5e-5 of itself away from 0.001.
  const double correction1 = 1 - std::pow(options_.beta1, t), correction2 = 1 - std::pow(options_.beta2, t);
  const double decoupled = options_.decoupled_decay ? options_.weight_decay : 0;
  return {.lr = lr / correction1,
          .inverse_root_correction2 = 1 / std::sqrt(correction2),
          .shrink = 1 - lr * decoupled};
}

template <class T>
AdamNumbers<T> Adam::numbers_of(const Rates& rates) const {
  return {.lr = static_cast<T>(rates.lr),
          .one_minus_beta1 = static_cast<T>(1 - options_.beta1),
          .beta2 = static_cast<T>(options_.beta2),
          .one_minus_beta2 = static_cast<T>(1 - options_.beta2),
          .inverse_root_correction2 = static_cast<T>(rates.inverse_root_correction2),
          .eps = static_cast<T>(options_.eps),
          .decay = static_cast<T>(options_.decoupled_decay ? 0 : options_.weight_decay),
          .shrink = static_cast<T>(rates.shrink)};
}

void Adam::update(Parallel& parallel, const Rates& rates, [[maybe_unused]] const StepNumbers* now) {
  if constexpr (kCudaBuilt) {
    if (!parameters_.empty() && parameters_.front().second.device() == Device::cuda)
      return update_on_gpu(rates, now);
  }
  update_on_cpu(parallel, rates);
}

void Adam::update_on_cpu(Parallel& parallel, const Rates& rates) {
  const double clip = clip_factor();
  for (size_t p = 0; p < parameters_.size(); ++p) {
    const Tensor& w = parameters_[p].second;
    const Tensor grad = w.grad();
    if (!grad.defined()) continue;
    visit_real(w.dtype(), "adam", [&]<class T>() {
      const AdamNumbers<T> step = numbers_of<T>(rates);
      parallel.ranges(w.size(), kGrain, [&](int64_t begin, int64_t end) {
        adam_step(step, static_cast<T>(clip), begin, end, grad.data<T>(), m_[p].data<T>(), v_[p].data<T>(),
                  w.data<T>());
      });
    });
    w.clear_grad();
  }
}

/// The norm never leaves the GPU: what gradients are scaled with is computed and read there.
void Adam::update_on_gpu([[maybe_unused]] const Rates& rates, [[maybe_unused]] const StepNumbers* now) {
  if constexpr (kCudaBuilt) {
    std::shared_ptr<void> scale;
    if (options_.clip_norm > 0) {
      scale = allocate(Device::cuda, sizeof(float));
      const std::shared_ptr<void> squares = allocate(Device::cuda, (cuda::kSquareParts + 1) * 8);
      auto* const parts = static_cast<double*>(squares.get());
      double* const total = parts + cuda::kSquareParts;
      zero_bytes(Device::cuda, total, sizeof(double));
      for (const auto& [name, w] : parameters_) {
        if (w.grad().defined()) cuda::add_squares(w.size(), w.grad().data<float>(), parts, total);
      }
      cuda::clip_scale(total, options_.clip_norm, static_cast<float*>(scale.get()));
    }
    std::vector<cuda::AdamTensor> tensors;
    for (size_t p = 0; p < parameters_.size(); ++p) {
      const Tensor& w = parameters_[p].second;
      if (!w.grad().defined()) continue;
      tensors.push_back(
          {w.size(), w.grad().data<float>(), m_[p].data<float>(), v_[p].data<float>(), w.data<float>()});
    }
    cuda::adam_step(numbers_of<float>(rates), now, static_cast<const float*>(scale.get()),
                    frozen_.defined() ? frozen_.data<int32_t>() : nullptr, tensors);
    for (const auto& [name, w] : parameters_) w.clear_grad();
  }
}

Adam::Named Adam::state() const {
  Named state;
  for (size_t p = 0; p < parameters_.size(); ++p) {
    state.emplace_back("m." + parameters_[p].first, m_[p]);
    state.emplace_back("v." + parameters_[p].first, v_[p]);
  }
  return state;
}

}  // namespace cce
