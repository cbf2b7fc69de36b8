#include "tools/pretrainer.h"

#include <fmt/format.h>

#include "tools/chosen_device.h"
#include "tools/epoch_loop.h"
#include "tools/machine.h"
#include "tools/model_options.h"
#include "tools/progress.h"
#include "tools/signals.h"

namespace cce {

CheckpointInfo pretraining_info(const PretrainOptions& options, const Dataset& dataset,
                                const Attributes& attributes) {
  return {options.model, result_options(options), dataset.fingerprint, content_fingerprint(attributes)};
}

Pretrainer::Pretrainer(const PretrainOptions& options, const Dataset& dataset, const Attributes& attributes,
                       RunFolder& folder)
    : options_(options),
      dataset_(dataset),
      folder_(folder),
      parallel_(options.threads),
      device_(chosen_device(options.device, options.precision)),
      model_(model_options(options, dataset, attributes.count), options.seed),
      optimizer_(moved(model_, device_).parameters().named(), adam_options(options)),
      losses_(device_, 1 + static_cast<int64_t>(kObjectiveNames.size())),
      graph_(device_),
      batches_(dataset, attributes,
               {.batch_size = options.batch_size,
                .max_length = options.max_length,
                .mask_probability = options.mask_probability,
                .seed = options.seed},
               device_),
      info_(pretraining_info(options, dataset, attributes)) {
  optimizer_.freeze_when(losses_.failed());
  state_.part_sums.resize(kObjectiveNames.size());
  result_ = {.model = options.model,
             .data = dataset.name,
             .seed = options.seed,
             .device = options.device,
             .threads = options.threads,
             .samples = samples(),
             .parameters = parameter_count()};
  if (folder.state() == RunFolder::State::resuming) restore();
}

ExitCode Pretrainer::run() {
  const auto require_good = [&] {
    require_good_numbers(state_, model_.parameters(), optimizer_, folder_.path().string());
  };
  try {
    while (state_.epoch <= options_.pretrain_epochs) {
      train_epoch();
      require_good();
      save_epoch();
    }
  } catch (const Stopped&) {
    require_good();
    save_progress();
    fmt::print("stopped in epoch {} of pre-training after step {}; go on with --resume\n", state_.epoch,
               state_.step_in_epoch);
    return exit_code_of(stop_requested());
  }
  finish();
  return ExitCode::done;
}

void Pretrainer::train_epoch() {
  Progress progress(fmt::format("pre-training, epoch {}", state_.epoch), batches_.per_epoch(), "steps",
                    options_.quiet);
  run_epoch(
      state_, batches_.per_epoch(), progress, loss_note_,
      [&](int64_t batch, uint32_t step) {
        train_step(batches_.plan(static_cast<uint32_t>(state_.epoch), batch, step), step);
      },
      [&] { take_losses(); });
}

void Pretrainer::take_losses() {
  loss_note_ = cce::take_losses(losses_, LossOver::sum, state_, model_.parameters(), folder_.path().string(),
                                loss_note_);
}

void Pretrainer::train_step(const PretrainingPlan& plan, uint32_t step) {
  run_step(
      {parallel_, device_, options_.seed, optimizer_, losses_, graph_}, plan, plan.samples(),
      options_.max_length, state_.step_in_epoch, step, /*lr_factor=*/1, [&] { take_losses(); },
      [&](const Context& ctx, const PretrainingPlan& there) -> std::vector<Tensor> {
        const PretrainingLoss loss = model_.pretraining_loss(ctx, batches_.batch(ctx, there));
        return {loss.total, loss.aap, loss.mip, loss.map, loss.sp};
      });
}

void Pretrainer::save_epoch() {
  const auto samples_done = static_cast<double>(state_.loss_rows);
  PretrainingRecord record{.epoch = state_.epoch,
                           .loss = state_.loss_sum / samples_done,
                           .seconds_train = state_.seconds_in_epoch};
  for (size_t i = 0; i < kObjectiveNames.size(); ++i) {
    record.objectives[i] = state_.part_sums[i] / samples_done;
  }
  fmt::print("pre-training, epoch {:3}  loss {:.4f}  {:.2f} s ", record.epoch, record.loss,
             record.seconds_train);
  for (size_t i = 0; i < kObjectiveNames.size(); ++i) {
    fmt::print(" {} {:.4f}", kObjectiveNames[i], record.objectives[i]);
  }
  fmt::print("\n");
  std::fflush(stdout);

  end_epoch(state_, 0);
  folder_.write_tensors(RunFile::last, make_checkpoint(info_, model_.parameters().named()));
  folder_.append_metrics(record);
  save_progress();
}

void Pretrainer::finish() {
  result_.epochs = state_.epoch - 1;
  result_.seconds_per_epoch = median(state_.seconds_per_epoch);
  result_.seconds_total = state_.seconds_total;
  result_.peak_rss_bytes = peak_resident_bytes();
  result_.peak_device_bytes = device_ == Device::cuda ? peak_device_bytes() : 0;
  folder_.write_result(result_);
}

void Pretrainer::save_progress() {
  folder_.write_tensors(RunFile::resume, make_progress(info_, model_.parameters(), optimizer_, state_));
}

void Pretrainer::restore() {
  const std::string path = folder_.path(RunFile::resume).string();
  state_ = restore_progress(folder_.read_resume(), info_, model_.parameters(), optimizer_,
                            batches_.per_epoch(), path);
  require(state_.part_sums.size() == kObjectiveNames.size(),
          "{}: no pre-training; start anew with --overwrite", path);
  folder_.cut_back_metrics(state_.epoch - 1);
}

}  // namespace cce
