// cce_rec pretrain: from options to a run folder that train --init takes.
#include "data/catalog.h"
#include "tools/command.h"
#include "tools/machine.h"
#include "tools/memory_advice.h"
#include "tools/pretraining_stage.h"
#include "tools/signals.h"

namespace cce {

ExitCode command_pretrain(const PretrainOptions& options) {
  const StopSignals signals;
  const Dataset dataset = load_dataset(options.data);
  return explaining_memory(dataset, [&] {
    const TrainingSize size{.width = options.embedding_size,
                            .copies = options.device == "cpu" ? 4 : 1,  // weights, gradient, two moments
                            .batch_size = options.batch_size,
                            .max_length = options.max_length};
    require_memory(dataset, least_memory(dataset, size), available_memory());
    const Attributes attributes = load_attributes(options.data, dataset, options.attributes);
    RunFolder folder(pretraining_folder(options, dataset));
    return pretrain(options, dataset, attributes, folder);
  });
}

}  // namespace cce
