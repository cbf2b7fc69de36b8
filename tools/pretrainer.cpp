#include "tools/pretrainer.h"

#include <fmt/format.h>

#include "tools/chosen_device.h"
#include "tools/machine.h"
#include "tools/model_options.h"
#include "tools/signals.h"
#include "tools/version.h"

namespace cce {

CheckpointInfo pretraining_info(const PretrainOptions& options, const Dataset& dataset,
                                const Attributes& attributes) {
  return {options.model, result_options(options), dataset.fingerprint, content_fingerprint(attributes)};
}

Pretrainer::Pretrainer(const PretrainOptions& options, const Dataset& dataset, const Attributes& attributes,
                       RunFolder& folder)
    : options_(options),
      folder_(folder),
      device_(chosen_device(options.device, options.precision)),
      model_(model_options(options, dataset, attributes.count), options.seed),
      loop_(options, device_, moved(model_, device_).parameters(), TrainingLoop::LossOver::sum,
            1 + std::ssize(kObjectiveNames), folder.path().string()),
      batches_(dataset, attributes,
               {.batch_size = options.batch_size,
                .max_length = options.max_length,
                .mask_probability = options.mask_probability,
                .seed = options.seed},
               device_),
      info_(pretraining_info(options, dataset, attributes)) {
  state_.part_sums.resize(kObjectiveNames.size());
  result_ = {.model = options.model,
             .data = dataset.name,
             .seed = options.seed,
             .device = options.device,
             .threads = options.threads,
             .version = version(),
             .machine = machine_text(device_),
             .samples = samples(),
             .parameters = parameter_count()};
  if (folder.state() == RunFolder::State::resuming) restore();
}

ExitCode Pretrainer::run(const char* how_to_go_on) {
  try {
    while (state_.epoch <= options_.pretrain_epochs) {
      train_epoch();
      loop_.require_good(state_);
      save_epoch();
    }
  } catch (const Stopped&) {
    return loop_.stop(state_, folder_, " of pre-training", how_to_go_on, [&] { save_progress(); });
  }
  finish();
  return ExitCode::done;
}

void Pretrainer::train_epoch() {
  loop_.epoch(state_, batches_.per_epoch(), fmt::format("pre-training, epoch {}", state_.epoch),
              [&](int64_t batch, uint32_t step) {
                train_step(batches_.plan(static_cast<uint32_t>(state_.epoch), batch, step), step);
              });
}

void Pretrainer::train_step(const PretrainingPlan& plan, uint32_t step) {
  loop_.step(state_, step, plan, plan.samples(), /*lr_factor=*/1,
             [&](const Context& ctx, const PretrainingPlan& plan_on_device) -> std::vector<Tensor> {
               const PretrainingLoss loss = model_.pretraining_loss(ctx, batches_.batch(ctx, plan_on_device));
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
  folder_.write_tensors(RunFile::resume,
                        make_progress(info_, model_.parameters(), loop_.optimizer(), state_));
}

void Pretrainer::restore() {
  const std::string path = folder_.path(RunFile::resume).string();
  state_ = restore_progress(folder_.read_resume(), info_, model_.parameters(), loop_.optimizer(),
                            batches_.per_epoch(), path);
  require(state_.part_sums.size() == kObjectiveNames.size(),
          "{}: no pre-training; start anew with --overwrite", path);
  folder_.cut_back_metrics(state_.epoch - 1);
}

}  // namespace cce
