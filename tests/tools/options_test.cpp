#include "tools/options.h"

#include <algorithm>

#include "engine/device.h"
#include "losses/loss.h"
#include "models/model_table.h"
#include "tests/data/files.h"
#include "tools/machine.h"

namespace cce {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

using Arguments = std::vector<std::string>;

const Arguments kSmallest = {"--model", "gru4rec", "--loss", "cce", "--data", "demo"};

/// The arguments, but for those that `more` has another value for, and `more`.
Arguments operator+(Arguments arguments, const Arguments& more) {
  for (const std::string& word : more) {
    const auto given = std::ranges::find(arguments, word);
    if (given != arguments.end() && word.starts_with("--")) arguments.erase(given, given + 2);
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TrainOptions train_options(const Arguments& arguments) {
  TrainOptions options;
  CHECK(!parse_options(options, {arguments, {}}));
  return options;
}

template <class Options>
std::string refusal(const Arguments& arguments) {
  Options options;
  return message_of([&] { parse_options(options, {arguments, {}}); }, ExitCode::usage);
}

TEST_CASE("train has the defaults of the reference") {
  const TrainOptions options = train_options(kSmallest);
  CHECK(options.embedding_size == 64);
  CHECK(options.hidden_size == 128);
  CHECK(options.dropout == 0.5);
  CHECK(options.max_length == 50);
  CHECK(options.epochs == 150);
  CHECK(options.patience == 10);
  CHECK(options.stop_on == "NDCG@20");
  CHECK(options.batch_size == 256);
  CHECK(options.optimizer == "adam");
  CHECK(options.lr == 1e-3);
  CHECK(options.weight_decay == 0);
  CHECK(options.clip_norm == 0);
  CHECK(options.seed == 42);
  CHECK(options.seen == "exclude");
  CHECK(options.timestamps == "all");
  CHECK(options.device == (gpu().usable() ? "cuda" : "cpu"));
  CHECK(options.threads == available_cores());
}

TEST_CASE("train needs a model, a loss and data") {
  CHECK(refusal<TrainOptions>({}).starts_with("--model is required"));
  CHECK(refusal<TrainOptions>({"--model", "gru4rec"}).starts_with("--loss is required"));
  CHECK(refusal<TrainOptions>({"--model", "gru4rec", "--loss", "ce"}).starts_with("--data is required"));
}

TEST_CASE("a loss decides its timestamps unless told otherwise") {
  for (const Loss& loss : losses()) {
    CAPTURE(loss.name);
    CHECK(train_options(kSmallest + Arguments{"--loss", loss.name}).timestamps == name(loss.timestamps));
  }
  CHECK(train_options(kSmallest + Arguments{"--loss", "bce", "--timestamps", "last"}).timestamps == "last");
}

TEST_CASE("a loss whose name says its timestamps refuses others and names the loss that has them") {
  CHECK(refusal<TrainOptions>(kSmallest + Arguments{"--timestamps", "last"})
            .ends_with("it is called --loss ce"));
  CHECK(refusal<TrainOptions>(kSmallest + Arguments{"--loss", "ce", "--timestamps", "all"})
            .ends_with("it is called --loss cce"));
}

TEST_CASE("negatives are refused where none are drawn, and needed where some are") {
  CHECK(train_options(kSmallest).negatives == 0);
  CHECK(train_options(kSmallest + Arguments{"--loss", "bce"}).negatives == 1);
  CHECK(refusal<TrainOptions>(kSmallest + Arguments{"--negatives", "5"}).find("draws none") !=
        std::string::npos);
  CHECK(refusal<TrainOptions>(kSmallest + Arguments{"--loss", "bce", "--negatives", "0"})
            .starts_with("--negatives 0"));
}

TEST_CASE("bert4rec has the defaults of its paper, and of all models where the optimizer is concerned") {
  const TrainOptions options = train_options({"--model", "bert4rec", "--loss", "mlm", "--data", "demo"});
  CHECK(options.hidden_size == 64);
  CHECK(options.layers == 2);
  CHECK(options.heads == 2);
  CHECK(options.dropout == 0.2);
  CHECK(options.attention_dropout == 0.2);
  CHECK(options.mask_probability == 0.2);
  CHECK(options.optimizer == "adam");
  CHECK(options.lr == 1e-3);
  CHECK(options.warmup == 0);
}

TEST_CASE("padding on the left and the side of the reset gate are for gru4rec") {
  const Arguments left = {"--padding", "left"}, before = {"--reset-gate", "before"};
  CHECK(result_options(train_options(kSmallest + left)).at("padding") == "\"left\"");
  CHECK(result_options(train_options(kSmallest + before)).at("reset-gate") == "\"before\"");
  for (const Arguments& option : {left, before}) {
    CHECK(refusal<TrainOptions>(kSmallest + option + Arguments{"--model", "sasrec"}) ==
          "--padding left and --reset-gate before are for recurrent models; sasrec is none");
  }
}

TEST_CASE("where to normalise and the activation are for transformers") {
  const Arguments pre = {"--norm", "pre"}, relu = {"--activation", "relu"};
  const Arguments sasrec = kSmallest + Arguments{"--model", "sasrec"};
  CHECK(result_options(train_options(sasrec + pre)).at("norm") == "\"pre\"");
  CHECK(result_options(train_options(sasrec + relu)).at("activation") == "\"relu\"");
  for (const Arguments& option : {pre, relu, pre + relu}) {
    CHECK(refusal<TrainOptions>(kSmallest + option) ==
          "--norm pre and --activation relu are for transformers; gru4rec is none");
  }
}

TEST_CASE("what makes no model, and what does not go together, is refused by name") {
  const TemporaryFolder folder;
  const std::string there = folder.write("there.json", "");
  struct Case {
    std::string (*refuse)(const Arguments&);
    Arguments arguments;
    std::string message;
  };
  const Arguments sasrec = kSmallest + Arguments{"--model", "sasrec"};
  const Arguments evaluate = {"--checkpoint", "run", "--data", "demo"};
  const std::string for_transformers =
      "--layers, --heads and --attention-dropout are for transformers; gru4rec is none";
  for (const auto& [refuse, arguments, message] : {
           Case{refusal<TrainOptions>, kSmallest + Arguments{"--embedding-size", "0"},
                "--embedding-size: expected a whole number from 1 to 1000000, got \"0\""},
           {refusal<TrainOptions>, kSmallest + Arguments{"--hidden-size", "0"},
            "--hidden-size: expected a whole number from 1 to 1000000, got \"0\""},
           {refusal<TrainOptions>, kSmallest + Arguments{"--layers", "2"}, for_transformers},
           {refusal<TrainOptions>, kSmallest + Arguments{"--heads", "2"}, for_transformers},
           {refusal<TrainOptions>, kSmallest + Arguments{"--attention-dropout", "0.1"}, for_transformers},
           {refusal<TrainOptions>, sasrec + Arguments{"--layers", "0"},
            "--layers and --heads of sasrec are at least 1"},
           {refusal<TrainOptions>, sasrec + Arguments{"--heads", "0"},
            "--layers and --heads of sasrec are at least 1"},
           {refusal<TrainOptions>, sasrec + Arguments{"--heads", "3"},
            "--heads 3: a hidden size of 64 cannot be split into so many; a divisor of 64 can"},
           {refusal<TrainOptions>, sasrec + Arguments{"--hidden-size", "32"},
            "--hidden-size 32: sasrec has one width, that of --embedding-size 64"},
           {refusal<EvaluateOptions>, evaluate + Arguments{"--save", there},
            "--save " + there + ": exists; name another file, or remove that one"},
           {refusal<EvaluateOptions>, evaluate + Arguments{"--by-timestamp", "--split", "valid"},
            "--split valid: --by-timestamp ranks at the timestamps of all splits; leave one of them out"},
           {refusal<RecommendOptions>,
            {"--checkpoint", "run", "--json"},
            "--json is for --history; what answers standard input is JSON anyway"},
       }) {
    CAPTURE(message);
    CHECK(refuse(arguments) == message);
  }
}

TEST_CASE("attributes are for models that look at them") {
  const Arguments attributes = {"--attributes", "a.json"};
  for (const KnownModel& model : known_models()) {
    CAPTURE(model.name);
    const Arguments arguments =
        kSmallest + attributes +
        Arguments{"--model", model.name, "--loss", model.bidirectional ? "mlm" : "cce"};
    if (model.pretrained) {
      CHECK(train_options(arguments).attributes == "a.json");
    } else {
      CHECK(refusal<TrainOptions>(arguments) ==
            fmt::format("--attributes a.json: {} does not look at the attributes of items", model.name));
    }
  }
}

TEST_CASE("resume and overwrite contradict each other") {
  CHECK(refusal<TrainOptions>(kSmallest + Arguments{"--resume", "--overwrite"}).find("choose one of them") !=
        std::string::npos);
}

TEST_CASE("no gpu: a device that is not there is refused, saying why") {
  CHECK(refusal<TrainOptions>(kSmallest + Arguments{"--device", "cuda"}) ==
        "--device cuda: " + gpu().problem + " (use --device cpu)");
  const std::string precision = refusal<TrainOptions>(kSmallest + Arguments{"--precision", "tf32"});
  CHECK(precision == "--precision tf32: that is for GPUs; the CPU computes in fp32" +
                         (cuda_built() ? " (computing on the CPU: " + gpu().problem + ")" : ""));
}

TEST_CASE("the resolved options of every model and loss are a valid configuration that changes nothing") {
  for (const KnownModel& model : known_models()) {
    for (const Loss& loss : losses()) {
      CAPTURE(model.name);
      CAPTURE(loss.name);
      Arguments arguments = {"--model", model.name, "--loss", loss.name, "--data",
                             "demo",    "--out",    "a run",  "--lr",    "0.01"};
      if (model.bidirectional) {
        if (counterpart(loss, Timestamps::masked) != nullptr) continue;  // refused
        arguments = arguments + Arguments{"--timestamps", "masked"};
      }
      const std::string toml = to_toml(train_options(arguments));
      const TemporaryFolder folder;
      const std::string config = folder.write("config.toml", toml);
      CHECK(to_toml(train_options({"--config", config})) == toml);
      TrainOptions options;
      CHECK(parse_options(options, {{"--config", config, "--print-config"}, {}}) == toml);
    }
  }
}

TEST_CASE("what recommend prints as its configuration can be read again, though nothing was chosen") {
  RecommendOptions options;
  const auto toml = parse_options(options, {{"--checkpoint", "run", "--print-config"}, {}});
  REQUIRE(toml.has_value());
  CHECK(toml->find("-1") == toml->npos);
  const TemporaryFolder folder;
  RecommendOptions again;
  CHECK(parse_options(again, {{"--config", folder.write("c.toml", *toml), "--print-config"}, {}}) == toml);
}

TEST_CASE("evaluate needs a checkpoint and data") {
  CHECK(refusal<EvaluateOptions>({}).starts_with("--checkpoint is required"));
  CHECK(refusal<EvaluateOptions>({"--checkpoint", "run"}).starts_with("--data is required"));
  EvaluateOptions options;
  CHECK(
      !parse_options(options, {{"--checkpoint", "run", "--data", "demo", "--split", "valid", "--json"}, {}}));
  CHECK(options.split == "valid");
  CHECK(options.json);
}

TEST_CASE("data takes an action and names") {
  DataOptions options;
  CHECK(!parse_options(options, {{"stats", "demo", "toys"}, {}}));
  CHECK(options.action == "stats");
  CHECK(options.names == std::vector<std::string>{"demo", "toys"});
  CHECK(refusal<DataOptions>({}).starts_with("data: say what to do"));
  CHECK(refusal<DataOptions>({"stat"}).ends_with("(did you mean stats?)"));
  CHECK(refusal<DataOptions>({"get"}).find("name a data set") != std::string::npos);
  CHECK(refusal<DataOptions>({"list", "demo"}).find("takes no names") != std::string::npos);
}

TEST_CASE("pretrain pre-trains S3-Rec, and its help shows no other model") {
  PretrainOptions options;
  CHECK(!parse_options(options, {{"--data", "demo"}, {}}));
  CHECK(options.model == "s3rec");
  CHECK(options.hidden_size == 64);
  const auto help = parse_options(options, {{"--help"}, {}});
  REQUIRE(help);
  CHECK(help->find("hidden layers [64]") != std::string::npos);
  for (const char* word : {"gru4rec", "sasrec", "bert4rec"}) CHECK(help->find(word) == std::string::npos);
}

TEST_CASE("a variable for another command's option is no error") {
  for (const char* variable : {"CCE_REC_PRETRAIN_EPOCHS", "CCE_REC_SPLIT", "CCE_REC_OUT"}) {
    DevicesOptions options;
    CHECK_NOTHROW(parse_options(options, {{}, {{variable, "5"}}}));
  }
}

TEST_CASE("a model that there is not is refused where options did not come from the command line, too") {
  TrainOptions options;
  options.model = "lstm", options.loss = "cce", options.data = "demo";
  CHECK(message_of([&] { resolve_defaults(options); }, ExitCode::usage)
            .starts_with("there is no model \"lstm\""));
}

TEST_CASE("the help of data shows an example of each action") {
  DataOptions options;
  const auto help = parse_options(options, {{"--help"}, {}});
  REQUIRE(help);
  for (const char* example : {"data list ", "data get toys", "data stats demo", "data validate my.txt"}) {
    CAPTURE(example);
    CHECK(help->find(std::string("\n  cce_rec ") + example) != std::string::npos);
  }
}

TEST_CASE("the help of a command is printed instead of running it") {
  TrainOptions options;
  const auto help = parse_options(options, {{"--help"}, {}});
  REQUIRE(help);
  CHECK(help->find("Usage: cce_rec train") != std::string::npos);
}

}  // namespace
}  // namespace cce
