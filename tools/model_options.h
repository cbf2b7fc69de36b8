// What the command line says about a model, as the models understand it.
#pragma once

#include "data/dataset.h"
#include "models/model.h"
#include "tools/options.h"

namespace cce {

ModelOptions model_options(const TrainOptions& options, const Dataset& dataset);

}  // namespace cce
