// Parameters and their names. A layer registers what it learns when it is constructed; the name is the path
// to it ("item_encoder.layer.0.attention.query.weight"), and is also its name in a checkpoint.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/tensor.h"

namespace cce {

/// How a parameter's first values are drawn. `value` is the standard deviation, bound or constant.
struct Init {
  enum class Kind { constant, normal, uniform, xavier_normal, xavier_uniform };
  Kind kind;
  double value = 0;

  static Init constant(double value) { return {Kind::constant, value}; }
  /// N(0, deviation^2).
  static Init normal(double deviation) { return {Kind::normal, deviation}; }
  /// U(-bound, bound).
  static Init uniform(double bound) { return {Kind::uniform, bound}; }
  /// N(0, 2 / (rows + cols)) and U(+-sqrt(6 / (rows + cols))) (Glorot and Bengio 2010).
  static Init xavier_normal() { return {Kind::xavier_normal}; }
  static Init xavier_uniform() { return {Kind::xavier_uniform}; }
};

/// Everything a model learns, in the order of registration.
class Parameters {
 public:
  /// The values drawn depend on `seed` and each parameter's name alone (but for names that hash alike, of
  /// which the later one takes another stream of random numbers). float64 is for checking gradients.
  explicit Parameters(uint64_t seed, DType dtype = DType::f32) : seed_(seed), dtype_(dtype) {}

  /// A new parameter with its first values, which needs a gradient. Throws if the name is taken.
  Tensor add(const std::string& name, const Shape& shape, const Init& init);
  /// A tensor that a model needs where its parameters are, and never learns or saves.
  Tensor add_constant(const Tensor& values) { return constants_.emplace_back(values); }
  const std::vector<std::pair<std::string, Tensor>>& named() const { return named_; }
  /// How many numbers there are in all.
  int64_t count() const;
  /// Takes all of them, and the constants, to `device`, where everything is computed from then on.
  void move_to(Device device);
  Device device() const { return device_; }
  /// A number no other dropout layer of the model has.
  uint32_t next_dropout_layer() { return dropout_layers_++; }

 private:
  uint64_t seed_;
  DType dtype_;
  Device device_ = Device::cpu;
  uint32_t dropout_layers_ = 0;
  std::set<uint32_t> streams_;  // of random numbers, each the first values of one parameter
  std::vector<std::pair<std::string, Tensor>> named_;
  std::vector<Tensor> constants_;
};

/// A place in the tree of modules: what a layer's constructor is given to register its parameters in.
class Scope {
 public:
  Scope(Parameters& parameters) : parameters_(parameters) {}  // NOLINT: the root converts silently on purpose

  /// The place of a child: what it registers is called <this place>.<child>.<name>.
  Scope operator/(const std::string& child) const { return {parameters_, prefix_ + child + "."}; }
  Tensor parameter(const std::string& name, const Shape& shape, const Init& init) const {
    return parameters_.add(prefix_ + name, shape, init);
  }
  uint32_t next_dropout_layer() const { return parameters_.next_dropout_layer(); }

 private:
  Scope(Parameters& parameters, std::string prefix) : parameters_(parameters), prefix_(std::move(prefix)) {}
  Parameters& parameters_;
  std::string prefix_;
};

}  // namespace cce
