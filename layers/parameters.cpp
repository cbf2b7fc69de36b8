#include "layers/parameters.h"

#include <cmath>

#include "engine/random.h"

namespace cce {
namespace {

constexpr uint32_t kStreams = 1U << 24;

/// 24 bits of FNV-1a: which stream of random numbers a parameter's first values come from.
uint32_t stream_of(const std::string& name) {
  uint32_t hash = 2166136261u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return (hash ^ hash >> 24) % kStreams;
}

double scale_of(const Init& init, const Shape& shape) {
  const double fans = static_cast<double>(shape.rows() + shape.cols());
  switch (init.kind) {
    case Init::Kind::xavier_normal:
      return std::sqrt(2 / fans);
    case Init::Kind::xavier_uniform:
      return std::sqrt(6 / fans);
    default:
      return init.value;
  }
}

double draw(const Init& init, double scale, RandomStream& random) {
  switch (init.kind) {
    case Init::Kind::constant:
      return scale;
    case Init::Kind::normal:
    case Init::Kind::xavier_normal:
      return scale * random.normal();
    default:
      return scale * (2 * random.uniform() - 1);
  }
}

}  // namespace

Tensor Parameters::add(const std::string& name, const Shape& shape, const Init& init) {
  for (const auto& [taken, tensor] : named_) require(taken != name, "[parameters] two are called {}", name);
  Tensor tensor = Tensor::empty(shape, dtype_);
  uint32_t stream = stream_of(name);
  while (!streams_.insert(stream).second) stream = (stream + 1) % kStreams;
  RandomStream random(seed_, Purpose::weights, 0, stream);
  const double scale = scale_of(init, shape);
  visit_real(dtype_, "parameters", [&]<class T>() {
    // Through float, so that a model in double begins with the weights of the same model in float.
    for (T& value : tensor.span<T>()) value = static_cast<T>(static_cast<float>(draw(init, scale, random)));
  });
  tensor.set_needs_grad(true);
  named_.emplace_back(name, tensor);
  return tensor;
}

void Parameters::move_to(Device device) {
  for (const auto& [name, tensor] : named_) tensor.move_to(device);
  for (const Tensor& constant : constants_) constant.move_to(device);
  device_ = device;
}

int64_t Parameters::count() const {
  int64_t total = 0;
  for (const auto& [name, tensor] : named_) total += tensor.size();
  return total;
}

}  // namespace cce
