// Runs on a part of the demo that is small enough for an epoch to take a fraction of a second.
#pragma once

#include <filesystem>
#include <string>

#include "data/dataset.h"
#include "tools/options.h"

namespace cce::test {

/// The demo's first users, as a data set of its own.
Dataset first_users(const std::string& name, int64_t count);

/// 400 of them.
const Dataset& small_data();

/// Three epochs on it, on the CPU, written to `out`. Empty timestamps: those of the loss. Throws as the
/// program does for choices that do not go together.
TrainOptions small_options(const std::string& model, const std::string& loss, const std::string& timestamps,
                           const std::filesystem::path& out);
TrainOptions small_options(const std::string& model, const std::string& loss,
                           const std::filesystem::path& out);

}  // namespace cce::test
