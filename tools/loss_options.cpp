#include "tools/loss_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "engine/error.h"
#include "losses/loss.h"
#include "models/model_table.h"
#include "tools/named_choices.h"
#include "tools/option_rows.h"

namespace cce {
namespace {

/// An option that only some losses take.
struct OwnOption {
  const char* name;
  double LossOptions::*member;
  double most;
  const char* help;
  bool later = false;  ///< see Option::later
};
constexpr OwnOption kOwnOptions[] = {
    {"logq", &LossOptions::logq, 1, "share of the logQ correction that is applied"},
    {"gbce-t", &LossOptions::calibration, 1, "calibration of gBCE, from 0 (as bce) to 1 (as a full softmax)"},
    {"score-elu", &LossOptions::score_elu, 100,
     "alpha of an ELU on the scores (official GRU4Rec: 0.5); 0: none"},
    {"score-regularization", &LossOptions::score_regularization, 1e6,
     "weight of the scores' own size (official GRU4Rec: 1)"},
};

/// "bpr-max, top1": the losses of which `is_one` is true.
template <class IsOne>
std::string names_where(IsOne is_one) {
  std::vector<std::string> names;
  for (const Loss& loss : losses()) {
    if (is_one(loss)) names.emplace_back(loss.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string takers(double LossOptions::*option) {
  return names_where([&](const Loss& loss) { return loss.takes(option); });
}

std::string with_pair_forms() {
  return names_where([](const Loss& loss) { return loss.has_pair_forms; });
}

/// "1: bce; 100: bpr, top1": the losses, grouped by the default that each has for something.
template <class Of>
std::string defaults(Of of) {
  std::map<decltype(of(losses()[0])), std::vector<std::string>> groups;
  for (const Loss& loss : losses()) groups[of(loss)].push_back(loss.name);
  std::vector<std::string> texts;
  for (const auto& [value, names] : groups)
    texts.push_back(fmt::format("{}: {}", value, fmt::join(names, ", ")));
  return fmt::format("{}", fmt::join(texts, "; "));
}

void resolve_timestamps(TrainOptions& options, const Loss& loss) {
  const std::string own = name(loss.timestamps);
  if (options.timestamps.empty()) options.timestamps = own;
  const Loss* other = counterpart(loss, timestamps_named(options.timestamps));
  if (other == nullptr) return;
  fail_usage("--loss {} means --timestamps {}; with --timestamps {} it is called --loss {}", loss.name, own,
             options.timestamps, other->name);
}

/// A model that sees the next item cannot be trained to predict it.
void require_hidden_targets(const TrainOptions& options, const Loss& loss) {
  if (!model_named(options.model).bidirectional || options.timestamps == "masked") return;
  const Loss* hidden = counterpart(loss, Timestamps::masked);
  fail_usage(
      "--loss {} over --timestamps {}: {} reads the sequence in both directions and would see its own "
      "answer; {} looks at hidden items",
      loss.name, options.timestamps, options.model,
      hidden != nullptr ? fmt::format("--loss {}", hidden->name)
                        : fmt::format("--loss {} --timestamps masked", loss.name));
}

/// Refuses an option that was set although nothing would look at it.
template <class Value>
void require_use(bool used, const char* option, const Value& value, const Value& otherwise,
                 const std::string& user) {
  if (!used && value != otherwise) fail_usage("{} {}: only {} looks at it", option, value, user);
}

void resolve_negatives(TrainOptions& options, const Loss& loss) {
  const TrainOptions otherwise;
  if (options.negatives == kUnset) options.negatives = loss.negatives;
  if (loss.negatives > 0 && options.negatives == 0) {
    fail_usage("--negatives 0: {} needs at least 1", loss.name);
  }
  if (loss.negatives == 0 && options.negatives > 0) {
    fail_usage("--negatives {}: {} scores every item and draws none", options.negatives, loss.name);
  }
  const bool in_batch = options.sampler == "in-batch";
  require_use(loss.negatives > 0, "--sampler", options.sampler, otherwise.sampler,
              "a loss that draws negatives");
  require_use(in_batch, "--extra-negatives", options.extra_negatives, otherwise.extra_negatives,
              "--sampler in-batch");
  require_use(options.sampler == "popularity" || options.extra_negatives > 0, "--popularity-alpha",
              options.popularity_alpha, otherwise.popularity_alpha,
              "--sampler popularity or in-batch with --extra-negatives");
}

}  // namespace

std::vector<std::string> loss_names() {
  std::vector<std::string> names;
  for (const Loss& loss : losses()) names.emplace_back(loss.name);
  return names;
}

std::vector<Option> loss_option_rows(TrainOptions& o) {
  std::vector<Option> rows = {
      {"loss", "Loss", choice(o.loss, loss_names()), "what to minimise"},
      {"timestamps", "Loss", choice(o.timestamps, {"last", "all", "masked"}), "positions that have a target",
       defaults([](const Loss& loss) { return std::string(name(loss.timestamps)); })},
      {"negatives", "Loss", integer(o.negatives, 0, kMany), "wrong items drawn for each target",
       defaults([](const Loss& loss) { return loss.negatives; })},
      {"sampler", "Loss", choice(o.sampler, {"uniform", "popularity", "in-batch"}),
       "how they are drawn; in-batch: other targets of the batch, shared by all rows"},
      {"popularity-alpha", "Loss", number(o.popularity_alpha, 0, 10),
       "exponent of the popularity by which they are drawn"},
      {"extra-negatives", "Loss", integer(o.extra_negatives, 0, kMany),
       "items by popularity that in-batch adds, also shared"},
      {"mask-probability", "Loss", number(o.mask_probability, 1e-6, 1),
       "share of items hidden at --timestamps masked"},
  };
  for (const OwnOption& own : kOwnOptions) {
    rows.push_back({own.name, "Loss", number(o.loss_options.*own.member, 0, own.most),
                    fmt::format("{} ({})", own.help, takers(own.member))});
    rows.back().later = own.later;
  }
  rows.push_back(
      {"pair-form", "Loss", choice(o.pair_form, choice_names(kPairFormChoices)),
       fmt::format("equations: the paper's, or those of its authors' code ({})", with_pair_forms())});
  rows.back().later = true;
  return rows;
}

void resolve_loss(TrainOptions& options) {
  const Loss& loss = loss_named(options.loss);
  resolve_timestamps(options, loss);
  require_hidden_targets(options, loss);
  resolve_negatives(options, loss);
  require_use(options.timestamps == "masked", "--mask-probability", options.mask_probability,
              TrainOptions{}.mask_probability, "--timestamps masked");
  for (const OwnOption& own : kOwnOptions) {
    require_use(loss.takes(own.member), fmt::format("--{}", own.name).c_str(),
                options.loss_options.*own.member, LossOptions{}.*own.member, takers(own.member));
  }
  require_use(loss.has_pair_forms, "--pair-form", options.pair_form, TrainOptions{}.pair_form,
              with_pair_forms());
  options.loss_options.pair_form = choice_named(kPairFormChoices, options.pair_form);
}

std::optional<NegativeOptions> negative_options(const TrainOptions& options) {
  if (options.negatives <= 0) return std::nullopt;
  const Loss& loss = loss_named(options.loss);
  return NegativeOptions{
      .sampling = options.sampler == "in-batch"     ? Sampling::in_batch
                  : options.sampler == "popularity" ? Sampling::popularity
                                                    : Sampling::uniform,
      .count = options.negatives,
      .extra = options.extra_negatives,
      .alpha = options.popularity_alpha,
      .log_expected = loss.takes(&LossOptions::logq) && options.loss_options.logq != 0,
  };
}

std::optional<MaskingOptions> masking_options(const TrainOptions& options, const Dataset& dataset) {
  if (options.timestamps != "masked") return std::nullopt;
  return MaskingOptions{.probability = options.mask_probability,
                        .token = model_named(options.model).bidirectional ? dataset.mask_item() : 0,
                        .max_length = options.max_length};
}

}  // namespace cce
