// What of a training is saved besides tensors: its place in the run, as strings for a checkpoint's metadata.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/optim.h"
#include "layers/parameters.h"
#include "tools/checkpoint.h"
#include "tools/run_folder.h"

namespace cce {

/// Where a training stands: with the weights and the optimizer's moments, all that the rest of the run
/// depends on.
struct TrainingState {
  int64_t epoch = 1;              ///< the one being trained, from 1
  int64_t step_in_epoch = 0;      ///< batches of it that are done
  double loss_sum = 0;            ///< over the rows of those batches
  int64_t loss_rows = 0;          ///< how many rows that were
  std::vector<double> part_sums;  ///< likewise of each objective the loss is made of; empty where it is one
  double seconds_in_epoch = 0;    ///< spent on them
  int64_t best_epoch = 0;         ///< 0: none evaluated yet
  double best_metric = 0;
  double seconds_total = 0;  ///< of the whole run, evaluation included
  std::vector<double> seconds_per_epoch;
};

/// Makes it stand at the begin of the next epoch. The one that ends took `seconds` beside its steps.
void end_epoch(TrainingState& state, double seconds);

/// Numbers are written so that reading them back gives the same bits.
std::map<std::string, std::string> to_metadata(const TrainingState& state);
/// From metadata with keys "state.NAME"; throws, naming `path`, where one is missing or is no number.
TrainingState training_state_from(const std::map<std::string, std::string>& metadata,
                                  const std::string& path);

/// Throws a usage error, naming the option and both values, unless the run saved in `file` had the same
/// options, data, attributes and first weights.
void require_same_run(const TensorFile& file, const CheckpointInfo& now, const std::string& path);
/// The same for a finished run, by whichever of its weights are still there.
void require_same_run(const RunFolder& folder, const CheckpointInfo& now);

/// What resume.safetensors holds of every run: weights, the optimizer's moments, and where the run stands.
TensorFile make_progress(const CheckpointInfo& info, const Parameters& parameters, const Adam& optimizer,
                         const TrainingState& state);
/// Puts back what make_progress() saved of the same run, for steps of `per_epoch` to an epoch; throws, naming
/// `path`, if it was another.
TrainingState restore_progress(const TensorFile& file, const CheckpointInfo& now,
                               const Parameters& parameters, Adam& optimizer, int64_t per_epoch,
                               const std::string& path);

/// Fails because the loss of a step (from 0) is no number, with the likely culprit among the weights and what
/// to do about it.
[[noreturn]] void stop_at_bad_number(double loss, int64_t epoch, int64_t step_in_epoch,
                                     const Parameters& parameters, const std::string& folder);
/// Fails likewise if a weight or a moment is none, which the last step may have made of it without that a
/// loss shows it yet: to be asked before they are saved.
void require_good_numbers(const TrainingState& state, const Parameters& parameters, const Adam& optimizer,
                          const std::string& folder);

/// Tensors of the same names, with numbers of their own, on the CPU.
NamedTensors copy_of(const NamedTensors& tensors);
/// Copies the numbers of `from` into `to`; both name the same tensors in the same order.
void load_values(const NamedTensors& from, const NamedTensors& to);

}  // namespace cce
