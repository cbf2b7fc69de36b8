// What the command line says about a model and how it is trained, as the engine understands it.
#pragma once

#include "data/dataset.h"
#include "engine/optim.h"
#include "models/model.h"
#include "tools/options.h"

namespace cce {

/// `attribute_rows` is for S3-Rec; see ModelOptions.
ModelOptions model_options(const CommonOptions& options, const Dataset& dataset, int64_t attribute_rows);

/// Rows of the attribute table of a model that is to be trained on `dataset`: for S3-Rec what the attributes
/// of the items, which it reads, need; 0 for all others.
int64_t attribute_rows(const CommonOptions& options, const Dataset& dataset);

AdamOptions adam_options(const CommonOptions& options);

}  // namespace cce
