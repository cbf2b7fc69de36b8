#include "tools/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "engine/error.h"
#include "losses/loss.h"
#include "tools/loss_options.h"
#include "tools/machine.h"

namespace cce {
namespace {

struct KnownModel {
  const char* name;
  int hidden_size;
  int layers, heads;  // 0: it has none, and the option is refused
  double dropout, attention_dropout;
};
constexpr KnownModel kModels[] = {
    {"gru4rec", 128, 0, 0, 0.5, 0},
    {"sasrec", 64, 2, 2, 0.5, 0.5},
    {"s3rec", 64, 2, 2, 0.5, 0.5},
    {"bert4rec", 64, 2, 2, 0.2, 0.2},
};

const std::vector<std::string> kMetrics = {"HR@5", "HR@10", "HR@20", "NDCG@5", "NDCG@10", "NDCG@20", "MRR"};
const std::vector<std::string> kResetGates = {"after", "before"};
const std::vector<std::string> kPaddings = {"none", "left"};
const std::vector<std::string> kPretrainedModels = {"s3rec"};
constexpr const char* kPretrainEpochsText = "150, on sports and yelp 100";
constexpr int kMany = 1'000'000;

const KnownModel& model_named(const std::string& name) {
  return *std::ranges::find(kModels, name, [](const KnownModel& model) { return std::string(model.name); });
}

/// "gru4rec 128, ...": the default that each of the models, or losses, has for something, where `has` it.
template <class Known, class Of>
std::string for_each(const Known& known, Of of,
                     bool (*has)(const std::decay_t<decltype(*std::begin(known))>&) = nullptr) {
  std::string text;
  for (const auto& entry : known) {
    if (has != nullptr && !has(entry)) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", entry.name, of(entry));
  }
  return text;
}

bool is_transformer(const KnownModel& model) {
  return model.layers > 0;
}

template <class Known>
std::vector<std::string> names_of(const Known& known) {
  std::vector<std::string> names;
  for (const auto& entry : known) names.push_back(entry.name);
  return names;
}

Option data_option(std::string& variable) {
  return {"data", "Data", text(variable, "NAME|PATH"),
          "a known name (see: cce_rec data list) or a file of sequences"};
}

Option seen_option(std::string& variable) {
  return {"seen", "Evaluation", choice(variable, {"exclude", "zero", "keep"}),
          "items the user already had: leave them out of the ranking, score them 0, or keep them"};
}

Option device_option(std::string& variable) {
  return {"device", "Machine", choice(variable, {"auto", "cpu", "cuda"}), "where to compute"};
}

Option threads_option(int& variable) {
  return {"threads", "Machine", integer(variable, 1, 1024), "threads to compute with", "the cores there are"};
}

std::vector<Option> model_rows(CommonOptions& o, const std::vector<std::string>& models) {
  return {
      {"model", "Model", choice(o.model, models), "what to train"},
      {"embedding-size", "Model", integer(o.embedding_size, 1, kMany), "width of the item embeddings"},
      {"hidden-size", "Model", integer(o.hidden_size, 1, kMany), "width of the hidden layers",
       for_each(kModels, std::mem_fn(&KnownModel::hidden_size))},
      {"dropout", "Model", number(o.dropout, 0, 0.99), "share of activations dropped in training",
       for_each(kModels, std::mem_fn(&KnownModel::dropout))},
      {"layers", "Model", integer(o.layers, 0, 1000), "transformer blocks",
       for_each(kModels, std::mem_fn(&KnownModel::layers), is_transformer)},
      {"heads", "Model", integer(o.heads, 0, kMany), "attention heads of a block",
       for_each(kModels, std::mem_fn(&KnownModel::heads), is_transformer)},
      {"attention-dropout", "Model", number(o.attention_dropout, 0, 0.99),
       "share of attention probabilities dropped in training",
       for_each(kModels, std::mem_fn(&KnownModel::attention_dropout), is_transformer)},
      {"activation", "Model", choice(o.activation, {"gelu", "relu"}),
       "of a transformer's feed-forward network (the paper: relu)"},
      {"norm", "Model", choice(o.norm, {"post", "pre"}),
       "normalise what a transformer block adds up, or what goes into it (the paper: pre)"},
      {"reset-gate", "Model", choice(o.reset_gate, kResetGates),
       "side of the matrix on which gru4rec's reset gate stands (the paper: before)"},
      {"padding", "Model", choice(o.padding, kPaddings),
       "left: gru4rec reads the padding before a sequence, too, as the authors' code does"},
  };
}

std::vector<Option> data_rows(CommonOptions& o) {
  return {
      data_option(o.data),
      {"attributes", "Data", text(o.attributes, "FILE"), "attributes of the items",
       "X_item2attributes.json beside X"},
      {"max-length", "Data", integer(o.max_length, 1, kMany),
       "positions of a sequence that are used, the last"},
  };
}

std::vector<Option> training_rows(TrainOptions& o) {
  return {
      {"augment", "Data", choice(o.augment, {"none", "prefix"}),
       "prefix: make every prefix of a sequence a sample of its own"},
      {"init", "Training", text(o.init, "RUN|FILE"), "a run folder or a file with the weights to begin with",
       "drawn from --seed"},
      {"epochs", "Training", integer(o.epochs, 1, kMany), "most passes over the data"},
      {"patience", "Training", integer(o.patience, 0, kMany),
       "epochs without a gain before training stops; 0: never stop early"},
      {"stop-on", "Training", choice(o.stop_on, kMetrics), "the validation metric that must gain"},
      {"batch-size", "Training", integer(o.batch_size, 1, kMany), "sequences in a step"},
      {"warmup", "Training", integer(o.warmup, 0, kMany),
       "steps in which the learning rate rises, to fall until the last epoch; 0: it is constant"},
  };
}

std::vector<Option> pretraining_rows(PretrainOptions& o) {
  return {
      {"batch-size", "Training", integer(o.batch_size, 1, kMany), "prefixes of sequences in a step"},
      {"mask-probability", "Training", number(o.mask_probability, 0, 1),
       "share of items hidden, the last of a prefix always being so"},
  };
}

std::vector<Option> optimizer_rows(CommonOptions& o) {
  return {
      {"pretrain-epochs", "Training", integer(o.pretrain_epochs, 0, kMany),
       "passes over all prefixes that S3-Rec is pre-trained with", kPretrainEpochsText},
      {"optimizer", "Training", choice(o.optimizer, {"adam", "adamw"}), "how weights are moved"},
      {"lr", "Training", number(o.lr, 0, 100), "learning rate"},
      {"weight-decay", "Training", number(o.weight_decay, 0, 100), "pull of the weights towards 0"},
      {"clip-norm", "Training", number(o.clip_norm, 0, 1e9), "largest norm of the gradient; 0: any"},
      {"seed", "Training", integer(o.seed), "what every random number follows from"},
  };
}

std::vector<Option> evaluation_rows(TrainOptions& o) {
  return {
      seen_option(o.seen),
      {"test-every-epoch", "Evaluation", flag(o.test_every_epoch), "measure the test split after each epoch"},
  };
}

std::vector<Option> run_rows(CommonOptions& o, const std::string& default_folder) {
  return {
      device_option(o.device),
      threads_option(o.threads),

      {"out", "Run folder", text(o.out, "DIR"), "where the run is kept", default_folder},
      {"resume", "Run folder", flag(o.resume), "go on with the run in the folder", "", false},
      {"overwrite", "Run folder", flag(o.overwrite), "replace the run in the folder", "", false},
      {"quiet", "Run folder", flag(o.quiet), "show no progress", "", false},
  };
}

std::vector<Option> joined(std::initializer_list<std::vector<Option>> parts) {
  std::vector<Option> all;
  for (const std::vector<Option>& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

OptionTable table_of(TrainOptions& o) {
  return {
      .command = "train",
      .description = "Trains a model, evaluates it after every epoch, and keeps the best in a run folder.",
      .options = joined({model_rows(o, known_models()), data_rows(o), loss_option_rows(o), training_rows(o),
                         optimizer_rows(o), evaluation_rows(o), run_rows(o, "runs/MODEL-LOSS-DATA-SEED")}),
      .configurable = true,
  };
}

OptionTable table_of(PretrainOptions& o) {
  return {
      .command = "pretrain",
      .description =
          "Pre-trains S3-Rec with the attributes of the items. The run folder is what train --init takes.",
      .options = joined({model_rows(o, kPretrainedModels), data_rows(o), pretraining_rows(o),
                         optimizer_rows(o), run_rows(o, "runs/MODEL-pretrain-DATA-SEED")}),
      .configurable = true,
  };
}

OptionTable table_of(EvaluateOptions& o) {
  const std::string as_saved = "as the checkpoint says";
  return {
      .command = "evaluate",
      .description = "Ranks all items for every user of a data set and prints HR, NDCG and MRR.",
      .options =
          {
              {"checkpoint", "Model", text(o.checkpoint, "RUN|FILE"), "a run folder, or a file of weights"},
              {"model", "Model", choice(o.model, known_models()), "what the weights belong to", as_saved},
              {"max-length", "Model", integer(o.max_length, 1, kMany),
               "positions of a sequence that are used, the last", as_saved},
              {"heads", "Model", integer(o.heads, 1, kMany), "attention heads of a block", as_saved},
              {"padding", "Model", choice(o.padding, kPaddings),
               "left: gru4rec reads the padding before a sequence, too", as_saved},
              {"reset-gate", "Model", choice(o.reset_gate, kResetGates),
               "side of the matrix on which gru4rec's reset gate stands", as_saved},
              data_option(o.data),
              {"split", "Evaluation", choice(o.split, {"valid", "test"}),
               "the item to find: last but one, or last"},
              seen_option(o.seen),
              {"json", "Evaluation", flag(o.json), "print one JSON object and nothing else"},
              device_option(o.device),
              threads_option(o.threads),
          },
      .configurable = true,
  };
}

OptionTable table_of(DataOptions&) {
  return {
      .command = "data",
      .description =
          "Lists the known data sets, downloads them, describes data sets, or finds what is wrong with them.",
      .options = {},
      .positional = "list | get NAME... | stats NAME|PATH... | validate NAME|PATH..."};
}

OptionTable table_of(BenchOptions& o) {
  return {
      .command = "bench",
      .description =
          "gradients: shows how hard each loss pulls at the right item's score, by the number of "
          "negatives and by the right item's lead.",
      .options = {{"out", "Bench", text(o.out, "FILE.svg"), "draw it, too, into this file", "no picture"}},
      .positional = "gradients"};
}

OptionTable table_of(DevicesOptions& o) {
  return {.command = "devices",
          .description = "Shows what this machine has to compute with, and what would be used.",
          .options = {threads_option(o.threads)}};
}

/// The options of all commands: what may stand in the environment whichever command runs.
std::vector<std::string> all_names() {
  TrainOptions train;
  EvaluateOptions evaluate;
  DevicesOptions devices;
  std::vector<std::string> names = {"config"};
  for (const OptionTable& table : {table_of(train), table_of(evaluate), table_of(devices)}) {
    for (const Option& option : table.options) names.push_back(option.name);
  }
  return names;
}

void require_option(const std::string& value, const char* option, const char* example) {
  if (value.empty()) fail_usage("{} is required, for example {} {}", option, option, example);
}

void resolve_machine(std::string& device, int& threads) {
  if (device == "cuda") fail_usage("--device cuda: this program was built without CUDA (use --device cpu)");
  device = "cpu";
  if (threads == 0) threads = available_cores();
}

void resolve_model(CommonOptions& options, const KnownModel& model) {
  if (options.dropout == kUnset) options.dropout = model.dropout;
  if (is_transformer(model)) {
    if (options.padding != "none" || options.reset_gate != "after") {
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
    return;
  }
  if (options.layers > 0 || options.heads > 0 || options.attention_dropout > 0) {
    fail_usage("--layers, --heads and --attention-dropout are for transformers; {} is none", model.name);
  }
  if (options.hidden_size == kUnset) options.hidden_size = model.hidden_size;
  options.layers = 0, options.heads = 0, options.attention_dropout = 0;
}

bool is_pretrained(const std::string& model) {
  return std::ranges::find(kPretrainedModels, model) != kPretrainedModels.end();
}

int default_pretrain_epochs(const std::string& data) {
  return data == "sports" || data == "yelp" ? 100 : 150;
}

void resolve_pretraining(TrainOptions& options) {
  if (!is_pretrained(options.model)) {
    if (options.pretrain_epochs > 0) fail_usage("--pretrain-epochs: {} is not pre-trained", options.model);
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

/// The options that decide what comes out of a run.
template <class Options>
std::map<std::string, std::string> decisive_options(Options options) {
  const std::vector<std::string> other = {"data",   "attributes", "init", "test-every-epoch",
                                          "device", "threads",    "out"};
  std::map<std::string, std::string> decisive;
  for (const Option& option : table_of(options).options) {
    const bool decides = option.saved && std::ranges::find(other, option.name) == other.end();
    if (decides) decisive[option.name] = option.value.get();
  }
  return decisive;
}

/// Reads the options; the text to print where the command is not to run. `resolve` checks and completes what
/// was read.
template <class Options, class Resolve>
std::optional<std::string> parse(Options& options, const OptionSources& sources, Resolve resolve) {
  const OptionTable table = table_of(options);
  const ReadOptions read = read_options(table, sources, all_names());
  if (read.help) return help_text(table);
  resolve(read);
  if (read.print_config) return to_toml(table);
  return std::nullopt;
}

}  // namespace

const std::vector<std::string>& known_models() {
  static const std::vector<std::string> models = names_of(kModels);
  return models;
}

const std::vector<std::string>& known_losses() {
  static const std::vector<std::string> names = names_of(losses());
  return names;
}

void resolve_defaults(TrainOptions& options) {
  require_option(options.model, "--model", "gru4rec");
  require_option(options.loss, "--loss", "cce");
  require_option(options.data, "--data", "demo");
  if (options.resume && options.overwrite)
    fail_usage("--resume and --overwrite contradict each other: give one");
  resolve_model(options, model_named(options.model));
  resolve_pretraining(options);
  resolve_loss(options);
  resolve_machine(options.device, options.threads);
}

void resolve_defaults(PretrainOptions& options) {
  require_option(options.model, "--model", "s3rec");
  require_option(options.data, "--data", "demo");
  if (options.resume && options.overwrite)
    fail_usage("--resume and --overwrite contradict each other: give one");
  resolve_model(options, model_named(options.model));
  if (options.pretrain_epochs == kUnset) options.pretrain_epochs = default_pretrain_epochs(options.data);
  if (options.pretrain_epochs == 0) fail_usage("--pretrain-epochs 0: give at least 1");
  resolve_machine(options.device, options.threads);
}

std::optional<std::string> parse_options(TrainOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions&) { resolve_defaults(options); });
}

std::optional<std::string> parse_options(PretrainOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions&) { resolve_defaults(options); });
}

std::optional<std::string> parse_options(EvaluateOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions&) {
    require_option(options.checkpoint, "--checkpoint", "runs/gru4rec-cce-demo-42");
    require_option(options.data, "--data", "demo");
    resolve_machine(options.device, options.threads);
  });
}

std::optional<std::string> parse_options(DataOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions& read) {
    if (read.positional.empty())
      fail_usage("data: say what to do: list, get NAME..., stats NAME|PATH... or validate NAME|PATH...");
    const std::string complaint =
        choice(options.action, {"list", "get", "stats", "validate"}).set(read.positional.front());
    if (!complaint.empty()) fail_usage("data: {}", complaint);
    options.names.assign(read.positional.begin() + 1, read.positional.end());
    if (options.action == "list" && !options.names.empty()) fail_usage("data list takes no names");
    if (options.action != "list" && options.names.empty()) {
      fail_usage("data {}: name a data set, for example: cce_rec data {} toys", options.action,
                 options.action);
    }
  });
}

std::optional<std::string> parse_options(BenchOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions& read) {
    if (read.positional.size() != 1) fail_usage("bench: say what to show: cce_rec bench gradients");
    const std::string complaint = choice(options.action, {"gradients"}).set(read.positional.front());
    if (!complaint.empty()) fail_usage("bench: {}", complaint);
  });
}

std::optional<std::string> parse_options(DevicesOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions&) {
    if (options.threads == 0) options.threads = available_cores();
  });
}

std::map<std::string, std::string> result_options(const TrainOptions& options) {
  return decisive_options(options);
}

std::map<std::string, std::string> result_options(const PretrainOptions& options) {
  return decisive_options(options);
}

void set_result_options(TrainOptions& options, const std::map<std::string, std::string>& saved) {
  const OptionTable table = table_of(options);
  for (const Option& option : table.options) {
    const auto entry = saved.find(option.name);
    if (entry == saved.end()) continue;
    std::string text = entry->second;  // a TOML value: words stand in quotes
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    const std::string complaint = option.value.set(text);
    require(complaint.empty(), "the checkpoint's option {} is {}: {}", option.name, entry->second, complaint);
  }
}

std::string to_toml(const TrainOptions& options) {
  TrainOptions copy = options;
  return to_toml(table_of(copy));
}

std::string to_toml(const PretrainOptions& options) {
  PretrainOptions copy = options;
  return to_toml(table_of(copy));
}

}  // namespace cce
