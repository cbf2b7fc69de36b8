// Options that are a word out of a few, and what each word means: one table for the option's choice() and for
// whoever looks at the option afterwards.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "data/batch.h"
#include "engine/device.h"
#include "engine/error.h"
#include "engine/ops/ops.h"
#include "engine/ops/target_ranks.h"
#include "layers/transformer_options.h"
#include "losses/loss.h"

namespace cce {

template <class Value, size_t N>
using NamedChoices = std::array<std::pair<const char*, Value>, N>;

inline constexpr NamedChoices<Seen, 3> kSeenChoices{
    {{"exclude", Seen::exclude}, {"zero", Seen::zero}, {"keep", Seen::keep}}};
inline constexpr NamedChoices<Ties, 3> kTiesChoices{
    {{"half", Ties::half}, {"none", Ties::none}, {"all", Ties::all}}};
inline constexpr NamedChoices<Augment, 2> kAugmentChoices{
    {{"none", Augment::none}, {"prefix", Augment::prefix}}};
inline constexpr NamedChoices<ResetGate, 2> kResetGateChoices{
    {{"after", ResetGate::after}, {"before", ResetGate::before}}};
inline constexpr NamedChoices<Activation, 2> kActivationChoices{
    {{"gelu", Activation::gelu}, {"relu", Activation::relu}}};
inline constexpr NamedChoices<bool, 2> kLeftPaddingChoices{{{"none", false}, {"left", true}}};
inline constexpr NamedChoices<bool, 2> kNormFirstChoices{{{"post", false}, {"pre", true}}};
inline constexpr NamedChoices<PairForm, 2> kPairFormChoices{
    {{"paper", PairForm::paper}, {"authors", PairForm::authors}}};
inline constexpr NamedChoices<Precision, 3> kPrecisionChoices{
    {{"fp32", Precision::fp32}, {"tf32", Precision::tf32}, {"bf16", Precision::bf16}}};

/// The words, as choice() takes them.
template <class Value, size_t N>
std::vector<std::string> choice_names(const NamedChoices<Value, N>& choices) {
  std::vector<std::string> names;
  for (const auto& [name, value] : choices) names.emplace_back(name);
  return names;
}

/// What a word means that choice() let pass; throws for any other.
template <class Value, size_t N>
Value choice_named(const NamedChoices<Value, N>& choices, const std::string& wanted) {
  for (const auto& [name, value] : choices) {
    if (wanted == name) return value;
  }
  fail("[options] \"{}\" is none of the words that this option can be", wanted);
}

}  // namespace cce
