#include "tools/trainer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/catalog.h"
#include "engine/ops/ops.h"
#include "models/model_table.h"
#include "tools/checksum.h"
#include "tools/chosen_device.h"
#include "tools/counted.h"
#include "tools/loss_options.h"
#include "tools/machine.h"
#include "tools/model_options.h"
#include "tools/named_choices.h"
#include "tools/signals.h"
#include "tools/stopwatch.h"
#include "tools/training_state.h"
#include "tools/version.h"

namespace cce {
namespace {

std::string metrics_line(const Metrics& metrics) {
  return fmt::format("HR@10 {:.4f}  NDCG@10 {:.4f}  NDCG@20 {:.4f}", metrics[Metric::hr10],
                     metrics[Metric::ndcg10], metrics[Metric::ndcg20]);
}

/// Of the questions of a split, which are asked in every epoch, so much stays in a GPU's memory.
constexpr int64_t kQuestionBytesOnGpu = int64_t{256} << 20;

SplitQuestions::Options split_questions(const TrainOptions& options, const Dataset& dataset, Device device,
                                        int64_t kept) {
  SplitQuestions::Options asked{.max_length = options.max_length, .device = device, .kept = kept};
  if (const auto masking = masking_options(options, dataset)) asked.blank = masking->token;
  return asked;
}

/// Whether the first weights follow from the options and the attributes, whatever file they are taken from.
bool is_pretrained(const TrainOptions& options) {
  return options.pretrain_epochs > 0;
}

/// What training_info() says but for the weights that --init gives.
CheckpointInfo info_without_init(const TrainOptions& options, const Dataset& dataset) {
  CheckpointInfo info{options.model, result_options(options), dataset.fingerprint, "", ""};
  if (is_pretrained(options)) {
    info.attributes_fingerprint =
        content_fingerprint(load_attributes(options.data, dataset, options.attributes));
  }
  return info;
}

}  // namespace

CheckpointInfo training_info(const TrainOptions& options, const Dataset& dataset) {
  CheckpointInfo info = info_without_init(options, dataset);
  if (!is_pretrained(options) && !options.init.empty())
    info.init_checksum = checksum(read_safetensors(find_checkpoint(options.init).string()));
  return info;
}

StepBatches::Options step_batch_options(const TrainOptions& options, const Dataset& dataset) {
  return {.batches = {.batch_size = options.batch_size,
                      .max_length = options.max_length,
                      .augment = choice_named(kAugmentChoices, options.augment),
                      .seed = options.seed},
          .timestamps = timestamps_named(options.timestamps),
          .masking = masking_options(options, dataset),
          .negatives = negative_options(options)};
}

Trainer::Trainer(const TrainOptions& options, const Dataset& dataset, RunFolder& folder)
    : options_(options),
      dataset_(dataset),
      folder_(folder),
      device_(chosen_device(options.device, options.precision)),
      model_(make_model(options.model, model_options(options, dataset, attribute_rows(options, dataset)),
                        options.seed)),
      loss_(loss_named(options.loss)),
      loop_(options, device_, moved(*model_, device_).parameters(), TrainingLoop::LossOver::mean, 1,
            folder.path().string()),
      batches_(dataset, step_batch_options(options, dataset), device_),
      valid_(dataset, Split::valid, split_questions(options, dataset, device_, kQuestionBytesOnGpu)),
      test_(dataset, Split::test,
            split_questions(options, dataset, device_, options.test_every_epoch ? kQuestionBytesOnGpu : 0)),
      info_(folder.state() == RunFolder::State::resuming ? training_info(options, dataset)
                                                         : info_without_init(options, dataset)) {
  if (options.warmup > 0 && options.warmup >= steps_at_most()) {
    fail_usage("--warmup {}: {} have only {}", options.warmup, counted(options.epochs, "epoch"),
               counted(steps_at_most(), "step"));
  }
  if (folder.state() == RunFolder::State::resuming) {
    restore();
  } else if (!options.init.empty()) {
    load_first_weights();
  }
}

void Trainer::load_first_weights() {
  const std::string path = find_checkpoint(options_.init).string();
  const TensorFile file = read_safetensors(path);
  // Of what was read here: by another time, the file may have become another.
  if (!is_pretrained(options_)) info_.init_checksum = checksum(file);
  const std::vector<std::string> left = load_parameters(file, model_->parameters().named(), path);
  if (!left.empty()) fmt::print("left alone in {}: {}\n", path, fmt::join(left, ", "));
}

ExitCode Trainer::run() {
  try {
    while (!finished()) {
      train_epoch();
      loop_.require_good(state_);
      evaluate_epoch();
    }
  } catch (const Stopped&) {
    return loop_.stop(state_, folder_, "", "go on with --resume", [&] { save_progress(); });
  }
  try {
    finish();
  } catch (const Stopped&) {  // the last epoch has saved all there is
    fmt::print("stopped while ranking at the end; go on with --resume\n");
    return exit_code_of(stop_requested());
  }
  return ExitCode::done;
}

bool Trainer::finished() const {
  const int64_t done = state_.epoch - 1;
  if (state_.step_in_epoch > 0) return false;
  return done >= options_.epochs || (options_.patience > 0 && done - state_.best_epoch >= options_.patience);
}

void Trainer::train_epoch() {
  loop_.epoch(state_, batches_.per_epoch(), fmt::format("epoch {}", state_.epoch),
              [&](int64_t batch, uint32_t step) {
                train_step(batches_.plan(static_cast<uint32_t>(state_.epoch), batch, step), step);
              });
}

void Trainer::train_step(const StepPlan& plan, uint32_t step) {
  loop_.step(state_, step, plan, plan.rows, warmup_factor(step, options_.warmup, steps_at_most()),
             [&](const Context& ctx, const StepPlan& plan_on_device) -> std::vector<Tensor> {
               const StepBatch step_batch = batches_.batch(ctx, plan_on_device);
               const Tensor hidden_TD = model_->encode(ctx, step_batch.batch);
               const Tensor& rows_P = step_batch.rows_P;
               const LossInput in{
                   .hidden_PD = rows_P.defined() ? select_rows(ctx, hidden_TD, rows_P) : hidden_TD,
                   .table_ID = model_->output_table(ctx),
                   .targets_P = step_batch.targets_P,
                   .negatives = step_batch.negatives,
                   .items = dataset_.max_item};
               return {loss_.criterion(ctx, in, options_.loss_options)};
             });
}

Evaluation Trainer::evaluate_on(SplitQuestions& questions) {
  return evaluate(loop_.parallel(), *model_, questions, {.seen = seen_named(options_.seen)});
}

void Trainer::evaluate_epoch() {
  const Stopwatch watch;
  EpochRecord record;
  record.epoch = state_.epoch;
  record.loss = state_.loss_sum / static_cast<double>(state_.loss_rows);
  record.seconds_train = state_.seconds_in_epoch;
  record.valid = evaluate_on(valid_).metrics;
  record.seconds_valid = watch.seconds();
  if (options_.test_every_epoch) {
    record.test = evaluate_on(test_).metrics;
  }

  const double metric = record.valid[metric_named(options_.stop_on)];
  const bool improved = state_.best_epoch == 0 || metric > state_.best_metric;
  if (improved) {
    state_.best_epoch = state_.epoch, state_.best_metric = metric;
    best_weights_ = copy_of(model_->parameters().named());
    folder_.write_tensors(RunFile::best, make_checkpoint(info_, best_weights_));
  }
  fmt::print("epoch {:3}  loss {:.4f}  {:.2f} s + {:.2f} s  valid {}{}\n", record.epoch, record.loss,
             record.seconds_train, record.seconds_valid, metrics_line(record.valid), improved ? "  *" : "");
  std::fflush(stdout);

  end_epoch(state_, watch.seconds());
  folder_.write_tensors(RunFile::last, make_checkpoint(info_, model_->parameters().named()));
  folder_.append_metrics(record);
  save_progress();
}

void Trainer::finish() {
  // Once more: what became of these files before a run was resumed is not known.
  folder_.write_tensors(RunFile::last, make_checkpoint(info_, model_->parameters().named()));
  folder_.write_tensors(RunFile::best, make_checkpoint(info_, best_weights_));
  load_values(best_weights_, model_->parameters().named());
  const Stopwatch watch;
  const Evaluation valid = evaluate_on(valid_);
  const Evaluation test = evaluate_on(test_);
  std::vector<UserRanks> ranks;
  for (size_t user = 0; user < dataset_.users.size(); ++user) {
    ranks.push_back({dataset_.users[user], valid.ranks[user], test.ranks[user]});
  }
  folder_.write_ranks(ranks);
  result_ = {.model = options_.model,
             .loss = options_.loss,
             .timestamps = options_.timestamps,
             .data = dataset_.name,
             .seed = options_.seed,
             .device = options_.device,
             .threads = options_.threads,
             .version = version(),
             .machine = machine_text(device_),
             .epochs = state_.epoch - 1,
             .best_epoch = state_.best_epoch,
             .parameters = parameter_count(),
             .items = dataset_.max_item,
             .seconds_per_epoch = median(state_.seconds_per_epoch),
             .seconds_total = state_.seconds_total + watch.seconds(),
             .peak_rss_bytes = peak_resident_bytes(),
             .peak_device_bytes = device_ == Device::cuda ? peak_device_bytes() : 0,
             .valid = valid.metrics,
             .test = test.metrics};
  folder_.write_result(result_);
  if (test.excluded > 0) {
    fmt::print("{} had their test item before; with --seen exclude they count as misses\n",
               counted(test.excluded, "user"));
  }
  if (test.tied > 0)
    fmt::print("{} tied with another item; half of those rank before them\n",
               counted(test.tied, "test item"));
}

void Trainer::save_progress() {
  TensorFile file = make_progress(info_, model_->parameters(), loop_.optimizer(), state_);
  for (const auto& entry : with_prefix("best.", best_weights_)) file.tensors.push_back(entry);
  folder_.write_tensors(RunFile::resume, file);
}

void Trainer::restore() {
  const std::string path = folder_.path(RunFile::resume).string();
  const TensorFile file = folder_.read_resume();
  state_ = restore_progress(file, info_, model_->parameters(), loop_.optimizer(), batches_.per_epoch(), path);
  require(state_.best_epoch > 0 || state_.epoch == 1, "{}: epoch {} without a best one before it", path,
          state_.epoch);
  if (state_.best_epoch > 0) {
    best_weights_ = copy_of(model_->parameters().named());
    load_parameters(file, with_prefix("best.", best_weights_), path);
  }
  folder_.cut_back_metrics(state_.epoch - 1);
}

}  // namespace cce
