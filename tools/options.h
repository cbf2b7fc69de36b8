// What the user can choose, per command. One table (command_options.h) makes command line, environment, TOML
// file, validation, help and the saved config.toml out of these structures; option_defaults.cpp says what is
// chosen where the user does not.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "losses/loss.h"
#include "tools/option_table.h"

namespace cce {

/// What `train` and `pretrain` have in common. Every field is an option of the same name (max_length:
/// --max-length).
struct CommonOptions {
  std::string model;
  std::string data;        ///< known name or path
  std::string attributes;  ///< S3-Rec only: path of the item attributes; empty: beside the data
  int max_length = 50;

  int embedding_size = 64;
  int hidden_size = kUnset;
  int layers = kUnset, heads = kUnset;  ///< transformers only
  double dropout = kUnset, attention_dropout = kUnset;
  std::string activation = "gelu";   ///< transformers: "gelu" or "relu"
  std::string norm = "post";         ///< transformers: "post" or "pre"
  std::string reset_gate = "after";  ///< GRU4Rec only: "after" or "before"
  std::string padding = "none";      ///< GRU4Rec only: "none" or "left"

  int pretrain_epochs = kUnset;  ///< S3-Rec only; 0: not pre-trained
  std::string optimizer = "adam";
  double lr = 1e-3;
  double weight_decay = 0;
  double clip_norm = 0;  ///< greatest norm of the gradient; 0: not clipped
  double mask_probability = 0.2;

  std::string device = "auto";
  std::string device_note;         ///< why "auto" became the CPU; empty where there is nothing to say
  std::string precision = "fp32";  ///< of the GPU's products: "fp32", "tf32" or "bf16"
  int threads = 0;                 ///< 0: every core there is for this process
  uint64_t seed = 42;

  std::string out;  ///< run folder; empty: a default under runs/, with a suffix where taken
  bool resume = false;
  bool overwrite = false;
  bool quiet = false;
  bool tensorboard = false;
};

/// `cce_rec train`.
struct TrainOptions : CommonOptions {
  std::string init;  ///< run folder or file to take the first weights from
  std::string loss;
  std::string timestamps;  ///< "last", "all" or "masked"; empty: as the loss says
  std::string augment = "none";

  int epochs = 150;
  int patience = 10;  ///< epochs without a gain before training stops; 0: never
  std::string stop_on = "NDCG@20";
  int batch_size = 256;
  int warmup = 0;  ///< steps until the learning rate is reached, from where it falls; 0: it is constant
  int negatives = kUnset;
  std::string sampler = "uniform";
  double popularity_alpha = 0.75;
  int extra_negatives = 0;
  std::string pair_form = "paper";  ///< "paper" or "authors": loss_options.pair_form
  LossOptions loss_options;

  std::string seen = "exclude";
  bool test_every_epoch = false;
};

/// `cce_rec pretrain`.
struct PretrainOptions : CommonOptions {
  PretrainOptions() { model = "s3rec"; }
  int batch_size = 100;
};

/// What the commands that use a trained model have in common.
struct CheckpointOptions {
  std::string checkpoint;   ///< run folder or safetensors file
  std::string model;        ///< for a file that does not say; empty: as it says
  int max_length = kUnset;  ///< likewise
  int heads = kUnset;       ///< likewise; transformers only
  std::string padding;      ///< likewise; GRU4Rec only
  std::string reset_gate;   ///< likewise; GRU4Rec only
  std::string device = "auto";
  std::string device_note;  ///< as above
  int threads = 0;
};

/// `cce_rec evaluate`.
struct EvaluateOptions : CheckpointOptions {
  std::string data;
  std::string split = "test";
  std::string seen = "exclude";
  std::string ties = "half";
  bool by_timestamp = false;
  bool json = false;
  std::string save;  ///< file for the JSON; empty: none
};

/// `cce_rec recommend`. For a few histories a GPU takes longer to start than a CPU to answer.
struct RecommendOptions : CheckpointOptions {
  RecommendOptions() { device = "cpu"; }
  std::string history;  ///< ids with commas between them; empty: many histories, on standard input
  std::string items;    ///< map of item ids; empty: the one beside the checkpoint, if there is one
  int top = 10;
  std::string seen = "exclude";
  bool json = false;
};

/// `cce_rec similar`.
struct SimilarOptions : CheckpointOptions {
  SimilarOptions() { device = "cpu"; }
  std::string item;
  std::string items;  ///< likewise
  int top = 10;
  bool json = false;
};

/// `cce_rec data ACTION [NAME...]`. All but the first two are for `prepare`, and those that say how a file is
/// to be read for `validate`, too.
struct DataOptions {
  std::string action;
  std::vector<std::string> names;

  std::string format = "auto";
  std::string user_column, item_column, time_column, rating_column;  ///< empty: as usually named
  bool no_header = false;
  std::string time_unit = "auto";
  double min_rating = kAnyRating;
  std::string since, until;  ///< times; empty: any
  std::string repeats;       ///< "keep", "first", "first-read" or "collapse"; empty: as the format has it
  int user_core = 5, item_core = 5;
  bool skip_bad = false;
  std::string metadata;           ///< file that describes the items; empty: none
  std::string attribute_columns;  ///< names with commas between them; empty: those that are known
  int attribute_core = 1;
  std::string out;
  bool overwrite = false;

  static constexpr double kAnyRating = -1e9;
};

/// `cce_rec bench ACTION`.
struct BenchOptions {
  std::string action;                           ///< "gradients", "ops", "epoch" or "pretraining"
  std::string model = "gru4rec", loss = "cce";  ///< of epoch
  std::string data = "demo";                    ///< of epoch and pretraining
  std::string picture;                          ///< of gradients: file for it; empty: none
  int repeats = 5;                              ///< of all but gradients
  std::string device = "cpu";                   ///< of ops, epoch and pretraining
  int threads = 0;                              ///< likewise; 0: every core there is for this process
};

/// `cce_rec report RUN...`.
struct ReportOptions {
  std::vector<std::string> runs;  ///< run folders, folders of runs, pictures and tables
  std::string out = "report.html";
  bool overwrite = false;
  std::string title;  ///< of the page; empty: made up
};

/// `cce_rec compare RUN RUN`.
struct CompareOptions {
  std::string first, second;  ///< folders of finished runs
};

/// `cce_rec reproduce ARTEFACT`. The lists are names or numbers with commas between them; empty: those of the
/// artefact.
struct ReproduceOptions {
  std::string artefact;  ///< a name out of artefacts()
  std::string data, model, loss, negatives;
  std::string seeds = "42";
  int epochs = kUnset;  ///< most of a run, for a quick look; kUnset: the protocol's
  std::string out = "runs/paper";
  int at_once = 0;  ///< runs side by side; 0: as many as there are cores for this process, on a GPU at most 4
  std::string device = "cpu";
  std::string device_note;   ///< as above
  bool no_training = false;  ///< make the pages of what is there
  std::string markdown;      ///< file for the page; empty: ARTEFACT.md in `out`
};

/// `cce_rec devices`.
struct DevicesOptions {
  int threads = 0;
};

/// `cce_rec completion SHELL`.
struct CompletionOptions {
  std::string shell;
};

/// `cce_rec manual`.
struct ManualOptions {};

/// Fills `options` from the sources, command line over environment over file, checks them and resolves
/// defaults. Returns a text to print instead of running the command (--help, --print-config), if one was
/// asked for. Throws a usage error that names the option, where it came from and what would fit.
std::optional<std::string> parse_options(TrainOptions& options, const OptionSources& sources);
std::optional<std::string> parse_options(PretrainOptions& options, const OptionSources& sources);
std::optional<std::string> parse_options(EvaluateOptions& options, const OptionSources& sources);
std::optional<std::string> parse_options(RecommendOptions& options, const OptionSources& sources);
std::optional<std::string> parse_options(SimilarOptions& options, const OptionSources& sources);
std::optional<std::string> parse_options(DataOptions& options, const OptionSources& sources);
std::optional<std::string> parse_options(BenchOptions& options, const OptionSources& sources);
std::optional<std::string> parse_options(ReportOptions& options, const OptionSources& sources);
std::optional<std::string> parse_options(CompareOptions& options, const OptionSources& sources);
std::optional<std::string> parse_options(ReproduceOptions& options, const OptionSources& sources);
std::optional<std::string> parse_options(DevicesOptions& options, const OptionSources& sources);
std::optional<std::string> parse_options(CompletionOptions& options, const OptionSources& sources);
std::optional<std::string> parse_options(ManualOptions& options, const OptionSources& sources);

/// Puts a value for everything left to the model, the loss or the machine, and refuses choices that
/// contradict each other. parse_options() has done so already.
void resolve_defaults(TrainOptions& options);
void resolve_defaults(PretrainOptions& options);
void resolve_defaults(EvaluateOptions& options);
void resolve_defaults(RecommendOptions& options);
void resolve_defaults(SimilarOptions& options);
void resolve_defaults(BenchOptions& options);
void resolve_defaults(ReproduceOptions& options);
void resolve_defaults(DevicesOptions& options);

/// The options that decide what comes out of a run, by name without dashes: all that are part of it but where
/// it computes, what it is called and what it reports.
std::map<std::string, std::string> result_options(const TrainOptions& options);
std::map<std::string, std::string> result_options(const PretrainOptions& options);

/// The defaults of those that came later (Option::later), as a configuration says them without quotes: what a
/// run from before them was made with.
std::map<std::string, std::string> defaults_of_later_options();

/// Sets what result_options() gave for another run; names that this program does not know are passed over.
/// Throws, naming `path`, the file that they are from, where a value is none of the option's.
void set_result_options(TrainOptions& options, const std::map<std::string, std::string>& saved,
                        const std::string& path);

/// Every option that is part of a run, as resolved: the content of config.toml, and a valid --config.
std::string to_toml(const TrainOptions& options);
std::string to_toml(const PretrainOptions& options);

}  // namespace cce
