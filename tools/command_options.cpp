#include "tools/command_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "data/catalog.h"
#include "models/model_table.h"
#include "tools/loss_options.h"
#include "tools/metrics.h"
#include "tools/named_choices.h"
#include "tools/option_rows.h"

namespace cce {
namespace {

/// "150, on sports and yelp 100": the passes of most data sets, and of those that have others.
std::string pretrain_epochs_text() {
  std::map<int, std::string> others;
  for (const NamedData& data : named_data()) {
    if (data.pretrain_epochs == kPretrainEpochs) continue;
    std::string& names = others[data.pretrain_epochs];
    names += names.empty() ? data.name : fmt::format(" and {}", data.name);
  }
  std::string text = fmt::format("{}", kPretrainEpochs);
  for (const auto& [epochs, names] : others) text += fmt::format(", on {} {}", names, epochs);
  return text;
}

using Models = std::vector<KnownModel>;

/// The known models for which `is` holds.
template <class Is>
Models models_that(Is is) {
  Models models;
  std::ranges::copy_if(known_models(), std::back_inserter(models), is);
  return models;
}

std::vector<std::string> names_of(const Models& models) {
  std::vector<std::string> names;
  for (const KnownModel& model : models) names.push_back(model.name);
  return names;
}

/// "gru4rec 128, sasrec 64": the default that each of the models has for something; "64" where there is one.
template <class Value>
std::string defaults_of(const Models& models, Value KnownModel::*value) {
  if (models.size() == 1) return fmt::format("{}", models.front().*value);
  std::string text;
  for (const KnownModel& model : models) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", model.name, model.*value);
  }
  return text;
}

Option precision_option(std::string& variable) {
  return {"precision", "Machine", choice(variable, choice_names(kPrecisionChoices)),
          "how a GPU rounds the factors of products (sums are float32)"};
}

std::vector<Option> shared_model_rows(CommonOptions& o, const Models& models) {
  return {
      {"model", "Model", choice(o.model, names_of(models)), "what to train"},
      {"embedding-size", "Model", integer(o.embedding_size, 1, kMany), "width of the item embeddings"},
      {"hidden-size", "Model", integer(o.hidden_size, 1, kMany), "width of the hidden layers",
       defaults_of(models, &KnownModel::hidden_size)},
      {"dropout", "Model", number(o.dropout, 0, 0.99), "share of activations dropped in training",
       defaults_of(models, &KnownModel::dropout)},
  };
}

std::vector<Option> transformer_rows(CommonOptions& o, const Models& models) {
  return {
      {"layers", "Model", integer(o.layers, 0, 1000), "transformer blocks",
       defaults_of(models, &KnownModel::layers)},
      {"heads", "Model", integer(o.heads, 0, kMany), "attention heads of a block",
       defaults_of(models, &KnownModel::heads)},
      {"attention-dropout", "Model", number(o.attention_dropout, 0, 0.99),
       "share of attention probabilities dropped in training",
       defaults_of(models, &KnownModel::attention_dropout)},
      {"activation", "Model", choice(o.activation, choice_names(kActivationChoices)),
       "of a transformer's feed-forward network (the paper: relu)"},
      {"norm", "Model", choice(o.norm, choice_names(kNormFirstChoices)),
       "normalise what a transformer block adds up, or what goes into it (the paper: pre)"},
  };
}

std::vector<Option> recurrent_rows(CommonOptions& o) {
  return {
      {"reset-gate", "Model", choice(o.reset_gate, choice_names(kResetGateChoices)),
       "side of the matrix on which gru4rec's reset gate stands (the paper: before)"},
      {"padding", "Model", choice(o.padding, choice_names(kLeftPaddingChoices)),
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
      {"augment", "Data", choice(o.augment, choice_names(kAugmentChoices)),
       "prefix: make every prefix of a sequence a sample of its own"},
      {"init", "Training", text(o.init, "RUN|FILE"), "a run folder or a file with the weights to begin with",
       "drawn from --seed"},
      {"epochs", "Training", integer(o.epochs, 1, kMany), "most passes over the data"},
      {"patience", "Training", integer(o.patience, 0, kMany),
       "epochs without a gain before training stops; 0: never stop early"},
      {"stop-on", "Training", choice(o.stop_on, {kMetricNames.begin(), kMetricNames.end()}),
       "the validation metric that must gain"},
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
       "passes over all prefixes that S3-Rec is pre-trained with", pretrain_epochs_text()},
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
      precision_option(o.precision),
      threads_option(o.threads),

      {"out", "Run folder", text(o.out, "DIR"), "where the run is kept", default_folder},
      {"resume", "Run folder", flag(o.resume), "go on with the run in the folder", "", false},
      {"overwrite", "Run folder", flag(o.overwrite), "replace the run in the folder", "", false},
      {"tensorboard", "Run folder", flag(o.tensorboard), "write its metrics for TensorBoard, too"},
      {"quiet", "Run folder", flag(o.quiet),
       "show no bar or lines of steps while an epoch lasts; its result is printed all the same", "", false},
  };
}

std::vector<Option> joined(std::initializer_list<std::vector<Option>> parts) {
  std::vector<Option> all;
  for (const std::vector<Option>& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

OptionTable table_of(TrainOptions& o) {
  return {
      .command = "train",
      .description = "Trains a model, evaluates it after every epoch, and keeps the best in a run folder.",
      .options = joined({shared_model_rows(o, models_that([](const KnownModel&) { return true; })),
                         transformer_rows(o, models_that(std::mem_fn(&KnownModel::is_transformer))),
                         recurrent_rows(o), data_rows(o), loss_option_rows(o), training_rows(o),
                         optimizer_rows(o), evaluation_rows(o), run_rows(o, "runs/MODEL-LOSS-DATA-SEED")}),
      .configurable = true,
  };
}

OptionTable table_of(PretrainOptions& o) {
  const Models models = models_that(std::mem_fn(&KnownModel::pretrained));
  return {
      .command = "pretrain",
      .description =
          "Pre-trains S3-Rec with the attributes of the items. The run folder is what train --init takes.",
      .options =
          joined({shared_model_rows(o, models), transformer_rows(o, models), data_rows(o),
                  pretraining_rows(o), optimizer_rows(o), run_rows(o, "runs/MODEL-pretrain-DATA-SEED")}),
      .configurable = true,
  };
}

OptionTable table_of(BenchOptions& o) {
  return {
      .command = "bench",
      .description = "Measures how fast the program is, and how hard losses pull.",
      .options =
          {
              {"model", "Epoch", choice(o.model, model_names()), "what to train"},
              {"loss", "Epoch", choice(o.loss, loss_names()), "what to minimise"},
              data_option(o.data),
              {"repeats", "Machine", integer(o.repeats, 1, kMany), "samples that a median is taken of"},
              device_option(o.device),
              threads_option(o.threads),
              {"picture", "Gradients", text(o.picture, "FILE.svg"), "draw them, too, into this file",
               "no picture"},
          },
      .positional = "ops | epoch | pretraining | gradients",
      .footer =
          "For example:\n"
          "  cce_rec bench ops                  single operations, beside the processor's peak\n"
          "  cce_rec bench epoch --data toys    an epoch of training, and an evaluation\n"
          "  cce_rec bench pretraining --data toys --repeats 1\n"
          "                                     an epoch of S3-Rec's pre-training\n"
          "  cce_rec bench gradients            how hard each loss pulls at the right item's score, by the\n"
          "                                     number of negatives and by the right item's lead"};
}

OptionTable table_of(CompareOptions&) {
  return {.command = "compare",
          .description =
              "Tells whether one run ranks the test items better than another by more than chance: per "
              "metric the difference,\nits 95 % bootstrap interval, and a t-test paired by user.",
          .options = {},
          .positional = "RUN RUN",
          .footer =
              "For example:\n"
              "  cce_rec compare runs/sasrec-bce-toys-42 runs/sasrec-cce-toys-42"};
}

OptionTable table_of(DevicesOptions& o) {
  return {.command = "devices",
          .description = "Shows what this machine has to compute with, and what would be used.",
          .options = {threads_option(o.threads)}};
}

OptionTable table_of(CompletionOptions&) {
  return {.command = "completion",
          .description = "Prints what makes a shell complete commands, options and values.",
          .options = {},
          .positional = "bash | fish | zsh",
          .footer =
              "For example, in a shell's start-up file:\n"
              "  source <(cce_rec completion bash)\n"
              "  cce_rec completion fish | source"};
}

OptionTable table_of(ManualOptions&) {
  return {.command = "manual",
          .description = "Prints the manual page.",
          .options = {},
          .footer = "To read it: cce_rec manual | man -l -"};
}

void for_each_table(const std::function<void(const OptionTable&)>& use) {
  const auto show = [&]<class Options>(Options options) {
    std::string config;
    bool print = false;
    use(with_config(table_of(options), config, print));
  };
  show(TrainOptions()), show(PretrainOptions()), show(EvaluateOptions()), show(RecommendOptions());
  show(SimilarOptions()), show(DataOptions()), show(BenchOptions()), show(CompareOptions());
  show(ReportOptions()), show(ReproduceOptions()), show(DevicesOptions());
  show(CompletionOptions()), show(ManualOptions());
}

std::vector<std::string> option_names() {
  std::set<std::string> names;
  for_each_table([&](const OptionTable& table) {
    for (const Option& option : table.options) names.insert(option.name);
  });
  names.erase("print-config");
  return {names.begin(), names.end()};
}

}  // namespace cce
