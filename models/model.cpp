#include "models/model.h"

#include "models/gru4rec.h"

namespace cce {

std::unique_ptr<Model> make_model(const std::string& name, const ModelOptions& options, uint64_t seed,
                                  DType dtype) {
  if (name == "gru4rec") return std::make_unique<Gru4Rec>(options, seed, dtype);
  fail_usage("there is no model \"{}\" (there are: gru4rec)", name);
}

}  // namespace cce
