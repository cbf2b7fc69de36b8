#include "models/model.h"

#include "models/bert4rec.h"
#include "models/gru4rec.h"
#include "models/s3rec.h"
#include "models/sasrec.h"

namespace cce {

bool is_bidirectional(const std::string& name) {
  return name == "bert4rec";
}

std::unique_ptr<Model> make_model(const std::string& name, const ModelOptions& options, uint64_t seed,
                                  DType dtype) {
  if (name == "gru4rec") return std::make_unique<Gru4Rec>(options, seed, dtype);
  if (name == "sasrec") return std::make_unique<SasRec>(options, seed, dtype);
  if (name == "s3rec") return std::make_unique<S3Rec>(options, seed, dtype);
  if (name == "bert4rec") return std::make_unique<Bert4Rec>(options, seed, dtype);
  fail_usage("there is no model \"{}\" (there are: gru4rec, sasrec, s3rec, bert4rec)", name);
}

}  // namespace cce
