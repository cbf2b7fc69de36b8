#include "models/model_table.h"

#include <fmt/ranges.h>

#include <vector>

#include "engine/error.h"
#include "models/bert4rec.h"
#include "models/gru4rec.h"
#include "models/s3rec.h"
#include "models/sasrec.h"

namespace cce {
namespace {

template <class M>
std::unique_ptr<Model> make(const ModelOptions& options, uint64_t seed, DType dtype) {
  return std::make_unique<M>(options, seed, dtype);
}

constexpr KnownModel kModels[] = {
    {.name = "gru4rec",
     .architecture = Architecture::recurrent,
     .bidirectional = false,
     .pretrained = false,
     .hidden_size = 128,
     .layers = 0,
     .heads = 0,
     .dropout = 0.5,
     .attention_dropout = 0,
     .make = make<Gru4Rec>},
    {.name = "sasrec",
     .architecture = Architecture::transformer,
     .bidirectional = false,
     .pretrained = false,
     .hidden_size = 64,
     .layers = 2,
     .heads = 2,
     .dropout = 0.5,
     .attention_dropout = 0.5,
     .make = make<SasRec>},
    {.name = "s3rec",
     .architecture = Architecture::transformer,
     .bidirectional = false,
     .pretrained = true,
     .hidden_size = 64,
     .layers = 2,
     .heads = 2,
     .dropout = 0.5,
     .attention_dropout = 0.5,
     .make = make<S3Rec>},
    {.name = "bert4rec",
     .architecture = Architecture::transformer,
     .bidirectional = true,
     .pretrained = false,
     .hidden_size = 64,
     .layers = 2,
     .heads = 2,
     .dropout = 0.2,
     .attention_dropout = 0.2,
     .make = make<Bert4Rec>},
};

}  // namespace

std::span<const KnownModel> known_models() {
  return kModels;
}

const KnownModel& model_named(const std::string& name) {
  std::vector<const char*> names;
  for (const KnownModel& model : kModels) {
    if (name == model.name) return model;
    names.push_back(model.name);
  }
  fail_usage("there is no model \"{}\" (there are: {})", name, fmt::join(names, ", "));
}

std::unique_ptr<Model> make_model(const std::string& name, const ModelOptions& options, uint64_t seed,
                                  DType dtype) {
  return model_named(name).make(options, seed, dtype);
}

}  // namespace cce
