#include "losses/loss.h"

#include <algorithm>
#include <array>

#include "losses/criteria.h"

namespace cce {
namespace {

using O = LossOptions;

constexpr std::array kLosses = {
    Loss{"cce", Timestamps::all, softmax_cross_entropy, 0},
    Loss{"ce", Timestamps::last, softmax_cross_entropy, 0},
    Loss{"mlm", Timestamps::masked, softmax_cross_entropy, 0},
    Loss{"sampled-softmax", Timestamps::all, sampled_softmax, 256, {&O::logq}},
    Loss{"bce", Timestamps::all, binary_cross_entropy, 1},
    Loss{"gbce", Timestamps::all, generalised_binary_cross_entropy, 256, {&O::calibration}},
    Loss{"bpr", Timestamps::last, bpr, 100, {&O::score_elu}},
    Loss{"bpr-max", Timestamps::last, bpr_max, 100, {&O::score_elu, &O::score_regularization}, true},
    Loss{"top1", Timestamps::last, top1, 100, {&O::score_elu, &O::score_regularization}, true},
    Loss{"top1-max", Timestamps::last, top1_max, 100, {&O::score_elu, &O::score_regularization}, true},
    Loss{"lambdarank", Timestamps::last, lambdarank, 100},
};

constexpr std::array kTimestamps = {Timestamps::last, Timestamps::all, Timestamps::masked};

}  // namespace

const char* name(Timestamps timestamps) {
  switch (timestamps) {
    case Timestamps::last:
      return "last";
    case Timestamps::all:
      return "all";
    default:
      return "masked";
  }
}

Timestamps timestamps_named(const std::string& text) {
  for (const Timestamps timestamps : kTimestamps) {
    if (text == name(timestamps)) return timestamps;
  }
  fail_usage("timestamps \"{}\": expected last, all or masked", text);
}

bool Loss::takes(double LossOptions::*option) const {
  return std::ranges::find(options, option) != options.end();
}

std::span<const Loss> losses() {
  return kLosses;
}

const Loss& loss_named(const std::string& name) {
  std::string known;
  for (const Loss& loss : kLosses) {
    if (name == loss.name) return loss;
    known += known.empty() ? loss.name : std::string(", ") + loss.name;
  }
  fail_usage("there is no loss \"{}\" (there are: {})", name, known);
}

const Loss* counterpart(const Loss& loss, Timestamps timestamps) {
  for (const Loss& other : kLosses) {
    if (other.criterion == loss.criterion && other.timestamps == timestamps && &other != &loss) return &other;
  }
  return nullptr;
}

}  // namespace cce
