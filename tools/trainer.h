// Training: the loop from the first batch to the early stop, and everything that is saved on the way.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "losses/loss.h"
#include "models/model.h"
#include "tools/evaluator.h"
#include "tools/options.h"
#include "tools/run_folder.h"
#include "tools/step_batch.h"
#include "tools/training_loop.h"
#include "tools/training_state.h"

namespace cce {

/// What the checkpoints of a training say of themselves: also which attributes it was pre-trained on, or
/// which weights --init gave it.
CheckpointInfo training_info(const TrainOptions& options, const Dataset& dataset);

/// What `train` with these options, resolved, takes its batches from.
StepBatches::Options step_batch_options(const TrainOptions& options, const Dataset& dataset);

class Trainer {
 public:
  /// `folder` is where the run is saved; where it holds a run that was interrupted, that one goes on. A new
  /// one begins with the weights that options.init names, if it does.
  Trainer(const TrainOptions& options, const Dataset& dataset, RunFolder& folder);

  /// Trains to the early stop or the last epoch, and tests the best weights: ExitCode::done. When a signal
  /// asks to stop, saves and returns that signal's code.
  ExitCode run();

  /// Of the finished run.
  const RunResult& result() const { return result_; }
  int64_t parameter_count() const { return model_->parameters().count(); }

 private:
  int64_t steps_at_most() const { return options_.epochs * batches_.per_epoch(); }
  bool finished() const;
  /// Trains until the end of the epoch; throws Stopped where a signal asks for it.
  void train_epoch();
  void train_step(const StepPlan& plan, uint32_t step);
  Evaluation evaluate_on(SplitQuestions& questions);
  /// Ranks, and saves the epoch; throws Stopped where a signal asks for it, having changed nothing.
  void evaluate_epoch();
  void finish();

  void save_progress();
  void restore();
  void load_first_weights();

  const TrainOptions& options_;
  const Dataset& dataset_;
  RunFolder& folder_;
  Device device_;
  std::unique_ptr<Model> model_;  // on device_
  const Loss& loss_;
  TrainingLoop loop_;
  StepBatches batches_;
  SplitQuestions valid_, test_;
  CheckpointInfo info_;
  NamedTensors best_weights_;  // a copy; empty before the first evaluation
  TrainingState state_;
  RunResult result_;
};

}  // namespace cce
