// The models there are: the one list of their names, kinds and defaults.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/shape.h"
#include "models/model.h"

namespace cce {

enum class Architecture { recurrent, transformer };

/// Parameters by name, with their shapes.
using NamedShapes = std::vector<std::pair<std::string, Shape>>;

/// A model as --model names it. The defaults are those of the public code that it follows.
struct KnownModel {
  const char* name;
  Architecture architecture;
  bool bidirectional;  ///< sees what comes after a position as well as what comes before
  bool pretrained;     ///< is trained on the attributes of the items before it is on --loss
  int hidden_size;    ///< of a recurrent layer; a transformer has the width of its embeddings (64 by default)
  int layers, heads;  ///< of a transformer; else 0
  double dropout;
  double attention_dropout;  ///< of a transformer; else 0
  std::unique_ptr<Model> (*make)(const ModelOptions& options, uint64_t seed, DType dtype);
  /// Its largest parameters, which have most of its numbers: a file is asked for these before a model of the
  /// size that it says is made, so that a small one cannot cost much memory.
  NamedShapes (*largest)(const ModelOptions& options);

  bool is_transformer() const { return architecture == Architecture::transformer; }
};

std::span<const KnownModel> known_models();
/// Null if there is none of this name.
const KnownModel* find_model(const std::string& name);
/// Throws a usage error, listing the names, if there is none of this name.
const KnownModel& model_named(const std::string& name);

/// The model called `name`, with weights drawn from `seed`. Takes the options as they are: the
/// defaults of its line in the table are for the caller to fill in. Throws as model_named() does.
std::unique_ptr<Model> make_model(const std::string& name, const ModelOptions& options, uint64_t seed,
                                  DType dtype = DType::f32);

}  // namespace cce
