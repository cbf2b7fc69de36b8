// Pre-training of S3-Rec: the loop over all prefixes, and everything that is saved on the way.
#pragma once

#include "data/attributes.h"
#include "data/dataset.h"
#include "data/pretraining.h"
#include "models/s3rec.h"
#include "tools/options.h"
#include "tools/run_folder.h"
#include "tools/training_loop.h"
#include "tools/training_state.h"

namespace cce {

/// What the checkpoints of a pre-training say of themselves.
CheckpointInfo pretraining_info(const PretrainOptions& options, const Dataset& dataset,
                                const Attributes& attributes);

class Pretrainer {
 public:
  /// `folder` is where the run is saved; where it holds a run that was interrupted, that one goes on.
  Pretrainer(const PretrainOptions& options, const Dataset& dataset, const Attributes& attributes,
             RunFolder& folder);

  /// Trains to the last epoch, whose weights are last.safetensors: ExitCode::done. When a signal asks to
  /// stop, saves, says `how_to_go_on`, and returns that signal's code.
  ExitCode run(const char* how_to_go_on = "go on with --resume");

  /// Of the finished run.
  const PretrainingResult& result() const { return result_; }
  int64_t samples() const { return batches_.samples(); }
  int64_t parameter_count() const { return model_.parameters().count(); }

 private:
  /// Trains until the end of the epoch; throws Stopped where a signal asks for it.
  void train_epoch();
  void train_step(const PretrainingPlan& plan, uint32_t step);
  void save_epoch();
  void finish();

  void save_progress();
  void restore();

  const PretrainOptions& options_;
  RunFolder& folder_;
  Device device_;
  S3Rec model_;  // on device_
  TrainingLoop loop_;
  PretrainingBatches batches_;
  CheckpointInfo info_;
  TrainingState state_;
  PretrainingResult result_;
};

}  // namespace cce
