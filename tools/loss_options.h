// The options of --loss: what there is to choose about a loss, and what follows from it.
#pragma once

#include <optional>
#include <vector>

#include "data/dataset.h"
#include "data/masking.h"
#include "data/negatives.h"
#include "tools/options.h"

namespace cce {

/// What --loss may be.
std::vector<std::string> loss_names();

/// The rows of the table of options that make the loss; they refer to `options`.
std::vector<Option> loss_option_rows(TrainOptions& options);

/// Puts the chosen loss's own values for what was left to it, and refuses what it cannot take.
void resolve_loss(TrainOptions& options);

/// How the loss's negatives are drawn; nothing for a loss that draws none.
std::optional<NegativeOptions> negative_options(const TrainOptions& options);

/// How batches are masked; nothing where the loss looks at no masked positions. Its token is also what the
/// model is asked with (see data/masking.h): the padding for causal models, the mask token for bidirectional
/// ones.
std::optional<MaskingOptions> masking_options(const TrainOptions& options, const Dataset& dataset);

}  // namespace cce
