// What an option is where it is not given, and what does not go together.
#include <filesystem>

#include "data/catalog.h"
#include "engine/device.h"
#include "engine/error.h"
#include "engine/ops/cuda_ops.h"
#include "models/model_table.h"
#include "tools/loss_options.h"
#include "tools/machine.h"
#include "tools/options.h"

namespace cce {
namespace {

void require_option(const std::string& value, const char* option, const char* example) {
  if (value.empty()) fail_usage("{} is required, for example {} {}", option, option, example);
}

void require_one_way(const CommonOptions& options) {
  if (options.resume && options.overwrite)
    fail_usage("--resume goes on with a run, --overwrite replaces it: choose one of them");
}

/// "auto" becomes the GPU where one can be used, and where this program could have used one, the note says
/// why not.
void resolve_machine(std::string& device, std::string& note, int& threads) {
  if (device == "cuda" && !gpu().usable()) fail_usage("--device cuda: {} (use --device cpu)", gpu().problem);
  if (device == "auto") {
    device = gpu().usable() ? "cuda" : "cpu";
    if (cuda_built() && !gpu().usable()) note = fmt::format("computing on the CPU: {}", gpu().problem);
  }
  if (threads == 0) threads = available_cores();
}

/// What of the model is too wide for a GPU's kernels; empty: nothing.
std::string too_wide_for_gpu(const CommonOptions& options) {
  if (options.heads > 0) {
    const int64_t head = options.hidden_size / options.heads;
    if (head <= cuda::kWidestHead) return "";
    return fmt::format("a head of {} columns is too wide for a GPU, where it has at most {}", head,
                       cuda::kWidestHead);
  }
  if (options.hidden_size <= cuda::kWidestGru) return "";
  return fmt::format("a hidden size of {} is too wide for a GPU, where it is at most {}", options.hidden_size,
                     cuda::kWidestGru);
}

void resolve_machine(CommonOptions& options) {
  const bool automatic = options.device == "auto";
  resolve_machine(options.device, options.device_note, options.threads);
  if (const std::string limit = too_wide_for_gpu(options); options.device == "cuda" && !limit.empty()) {
    if (!automatic) fail_usage("--device cuda: {} (use --device cpu)", limit);
    options.device = "cpu", options.device_note = "computing on the CPU: " + limit;
  }
  if (options.device == "cpu" && options.precision != "fp32") {
    fail_usage("--precision {}: that is for GPUs; the CPU computes in fp32{}", options.precision,
               options.device_note.empty() ? "" : fmt::format(" ({})", options.device_note));
  }
}

void resolve_transformer(CommonOptions& options, const KnownModel& model) {
  const CommonOptions otherwise;
  if (options.padding != otherwise.padding || options.reset_gate != otherwise.reset_gate) {
    fail_usage("--padding left and --reset-gate before are for recurrent models; {} is none", model.name);
  }
  if (options.hidden_size == kUnset) options.hidden_size = options.embedding_size;
  if (options.hidden_size != options.embedding_size) {
    fail_usage("--hidden-size {}: {} has one width, that of --embedding-size {}", options.hidden_size,
               model.name, options.embedding_size);
  }
  if (options.layers == kUnset) options.layers = model.layers;
  if (options.heads == kUnset) options.heads = model.heads;
  if (options.attention_dropout == kUnset) options.attention_dropout = model.attention_dropout;
  if (options.layers == 0 || options.heads == 0)
    fail_usage("--layers and --heads of {} are at least 1", model.name);
  if (options.hidden_size % options.heads != 0) {
    fail_usage("--heads {}: a hidden size of {} cannot be split into so many; a divisor of {} can",
               options.heads, options.hidden_size, options.hidden_size);
  }
}

void resolve_recurrent(CommonOptions& options, const KnownModel& model) {
  const CommonOptions otherwise;
  if (options.layers > 0 || options.heads > 0 || options.attention_dropout > 0) {
    fail_usage("--layers, --heads and --attention-dropout are for transformers; {} is none", model.name);
  }
  if (options.norm != otherwise.norm || options.activation != otherwise.activation) {
    fail_usage("--norm pre and --activation relu are for transformers; {} is none", model.name);
  }
  if (options.hidden_size == kUnset) options.hidden_size = model.hidden_size;
  options.layers = 0, options.heads = 0, options.attention_dropout = 0;
}

void resolve_model(CommonOptions& options, const KnownModel& model) {
  if (options.dropout == kUnset) options.dropout = model.dropout;
  if (model.is_transformer()) {
    resolve_transformer(options, model);
  } else {
    resolve_recurrent(options, model);
  }
}

int default_pretrain_epochs(const std::string& data) {
  const NamedData* const named = find_named_data(data);
  return named == nullptr ? kPretrainEpochs : named->pretrain_epochs;
}

void resolve_pretraining(TrainOptions& options) {
  if (!model_named(options.model).pretrained) {
    if (options.pretrain_epochs > 0) fail_usage("--pretrain-epochs: {} is not pre-trained", options.model);
    if (!options.attributes.empty()) {
      fail_usage("--attributes {}: {} does not look at the attributes of items", options.attributes,
                 options.model);
    }
    options.pretrain_epochs = 0;
  } else if (!options.init.empty()) {
    if (options.pretrain_epochs > 0) {
      fail_usage("--pretrain-epochs {}: --init takes the place of pre-training; give one of them",
                 options.pretrain_epochs);
    }
    options.pretrain_epochs = 0;
  } else if (options.pretrain_epochs == kUnset) {
    options.pretrain_epochs = default_pretrain_epochs(options.data);
  }
}

}  // namespace

void resolve_defaults(TrainOptions& options) {
  require_option(options.model, "--model", "gru4rec");
  require_option(options.loss, "--loss", "cce");
  require_option(options.data, "--data", "demo");
  require_one_way(options);
  resolve_model(options, model_named(options.model));
  resolve_pretraining(options);
  resolve_loss(options);
  resolve_machine(options);
}

void resolve_defaults(PretrainOptions& options) {
  require_option(options.data, "--data", "demo");
  require_one_way(options);
  resolve_model(options, model_named(options.model));
  if (options.pretrain_epochs == kUnset) options.pretrain_epochs = default_pretrain_epochs(options.data);
  if (options.pretrain_epochs == 0) fail_usage("--pretrain-epochs 0: give at least 1");
  resolve_machine(options);
}

void resolve_defaults(EvaluateOptions& options) {
  require_option(options.checkpoint, "--checkpoint", "runs/gru4rec-cce-demo-42");
  require_option(options.data, "--data", "demo");
  if (!options.save.empty() && std::filesystem::exists(options.save)) {
    fail_usage("--save {}: exists; name another file, or remove that one", options.save);
  }
  if (options.by_timestamp && options.split != "test") {
    fail_usage("--split {}: --by-timestamp ranks at the timestamps of all splits; leave one of them out",
               options.split);
  }
  resolve_machine(options.device, options.device_note, options.threads);
}

void resolve_defaults(RecommendOptions& options) {
  require_option(options.checkpoint, "--checkpoint", "runs/gru4rec-cce-demo-42");
  if (options.history.empty() && options.json) {
    fail_usage("--json is for --history; what answers standard input is JSON anyway");
  }
  resolve_machine(options.device, options.device_note, options.threads);
}

void resolve_defaults(SimilarOptions& options) {
  require_option(options.checkpoint, "--checkpoint", "runs/gru4rec-cce-demo-42");
  require_option(options.item, "--item", "17");
  resolve_machine(options.device, options.device_note, options.threads);
}

void resolve_defaults(BenchOptions& options) {
  if (options.threads == 0) options.threads = available_cores();
}

void resolve_defaults(ReproduceOptions& options) {
  constexpr int kAtOnceOnGpu = 4;  // while one plans its next step, the GPU has another's
  int cores = 0;
  resolve_machine(options.device, options.device_note, cores);
  if (options.at_once == 0)
    options.at_once = options.device == "cuda" ? std::min(cores, kAtOnceOnGpu) : cores;
}

void resolve_defaults(DevicesOptions& options) {
  if (options.threads == 0) options.threads = available_cores();
}

}  // namespace cce
