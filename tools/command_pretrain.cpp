// cce_rec pretrain: from options to a run folder that train --init takes.
#include "data/catalog.h"
#include "tools/command.h"
#include "tools/pretraining_stage.h"
#include "tools/signals.h"

namespace cce {

ExitCode command_pretrain(const PretrainOptions& options) {
  const StopSignals signals;
  const Dataset dataset = load_dataset(options.data);
  RunFolder folder(pretraining_folder(options, dataset));
  return pretrain(options, dataset, folder);
}

}  // namespace cce
