// What the tests of run folders need: requests for folders, and runs that pretend to train.
#pragma once

#include <filesystem>

#include "tests/data/files.h"
#include "tools/run_folder.h"

namespace cce::testing {

inline RunFolderRequest named(const std::filesystem::path& out) {
  return {out, "gru4rec-cce-demo-42"};
}

inline RunFolderRequest with_default(const TemporaryFolder& folder) {
  return {{}, "gru4rec-cce-demo-42", false, false, folder.path() / "runs"};
}

inline RunFolderRequest resuming(RunFolderRequest request) {
  request.resume = true;
  return request;
}

inline RunFolderRequest overwriting(RunFolderRequest request) {
  request.overwrite = true;
  return request;
}

inline TensorFile weights(float value) {
  return {{}, {{"w", Tensor::from({1}, std::vector<float>{value})}}, {}};
}

inline float weight_in(const std::filesystem::path& file) {
  return read_safetensors(file).find("w")->data<float>()[0];
}

inline EpochRecord epoch(int64_t number) {
  return {number, 1.0 / static_cast<double>(number), 1, 1, {}, std::nullopt};
}

inline void train_epoch(RunFolder& run, int64_t number) {
  const TensorFile tensors = weights(static_cast<float>(number));
  run.write_tensors(RunFile::best, tensors);
  run.write_tensors(RunFile::last, tensors);
  run.append_metrics(epoch(number));
  run.write_tensors(RunFile::resume, tensors);
}

inline void finish(RunFolder& run) {
  run.write_ranks(std::vector<UserRanks>{{"1", 2, 3}});
  run.write_result(RunResult{});
}

/// A run that trained for one epoch, and finished if asked.
inline void make_run(const RunFolderRequest& request, bool finished) {
  RunFolder run(request);
  run.write_config("epochs = 1\n");
  train_epoch(run, 1);
  if (finished) finish(run);
}

}  // namespace cce::testing
