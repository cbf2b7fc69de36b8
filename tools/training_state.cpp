#include "tools/training_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

namespace cce {
namespace {

/// Above what --epochs takes; the number of steps up to there can be counted.
constexpr int64_t kLastEpoch = 10'000'000;

template <class T>
T number(const std::map<std::string, std::string>& metadata, const std::string& key,
         const std::string& path) {
  const auto entry = metadata.find("state." + key);
  require(entry != metadata.end(), "{}: no \"state.{}\" in the metadata; this file cannot be resumed from",
          path, key);
  const std::string& text = entry->second;
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  require(error == std::errc() && end == text.data() + text.size(),
          "{}: state.{} is \"{}\", which is no number", path, key, text);
  return value;
}

std::vector<double> numbers(const std::map<std::string, std::string>& metadata, const std::string& key,
                            const std::string& path) {
  std::vector<double> values;
  const auto entry = metadata.find("state." + key);
  require(entry != metadata.end(), "{}: no \"state.{}\" in the metadata; this file cannot be resumed from",
          path, key);
  std::istringstream words(entry->second);
  for (std::string word; words >> word;)
    values.push_back(number<double>({{"state." + key, word}}, key, path));
  return values;
}

constexpr const char* kRemedy = "lower --lr or set --clip-norm. What was saved before stays in";

/// The name of the first tensor with a number that is NaN or infinite; "" where there is none.
std::string first_bad_tensor(const NamedTensors& tensors) {
  const auto is_finite = [](float number) { return std::isfinite(number); };
  for (const auto& [name, tensor] : tensors) {
    if (!std::ranges::all_of(tensor.to(Device::cpu).span<float>(), is_finite)) return name;
  }
  return "";
}

}  // namespace

void end_epoch(TrainingState& state, double seconds) {
  state.seconds_per_epoch.push_back(state.seconds_in_epoch);
  state.seconds_total += state.seconds_in_epoch + seconds;
  ++state.epoch;
  state.step_in_epoch = 0, state.loss_sum = 0, state.loss_rows = 0, state.seconds_in_epoch = 0;
  std::ranges::fill(state.part_sums, 0.0);
}

std::map<std::string, std::string> to_metadata(const TrainingState& state) {
  // fmt's {} gives the shortest text that reads back as the same number.
  return {{"epoch", fmt::format("{}", state.epoch)},
          {"step_in_epoch", fmt::format("{}", state.step_in_epoch)},
          {"loss_sum", fmt::format("{}", state.loss_sum)},
          {"loss_rows", fmt::format("{}", state.loss_rows)},
          {"part_sums", fmt::format("{}", fmt::join(state.part_sums, " "))},
          {"seconds_in_epoch", fmt::format("{}", state.seconds_in_epoch)},
          {"best_epoch", fmt::format("{}", state.best_epoch)},
          {"best_metric", fmt::format("{}", state.best_metric)},
          {"seconds_total", fmt::format("{}", state.seconds_total)},
          {"seconds_per_epoch", fmt::format("{}", fmt::join(state.seconds_per_epoch, " "))}};
}

TrainingState training_state_from(const std::map<std::string, std::string>& metadata,
                                  const std::string& path) {
  TrainingState state{.epoch = number<int64_t>(metadata, "epoch", path),
                      .step_in_epoch = number<int64_t>(metadata, "step_in_epoch", path),
                      .loss_sum = number<double>(metadata, "loss_sum", path),
                      .loss_rows = number<int64_t>(metadata, "loss_rows", path),
                      .part_sums = numbers(metadata, "part_sums", path),
                      .seconds_in_epoch = number<double>(metadata, "seconds_in_epoch", path),
                      .best_epoch = number<int64_t>(metadata, "best_epoch", path),
                      .best_metric = number<double>(metadata, "best_metric", path),
                      .seconds_total = number<double>(metadata, "seconds_total", path),
                      .seconds_per_epoch = numbers(metadata, "seconds_per_epoch", path)};
  require(state.epoch >= 1 && state.epoch <= kLastEpoch && state.step_in_epoch >= 0 && state.loss_rows >= 0 &&
              state.best_epoch >= 0 && state.best_epoch < state.epoch,
          "{}: epoch {}, step {} and best epoch {} do not fit together", path, state.epoch,
          state.step_in_epoch, state.best_epoch);
  return state;
}

void require_same_run(const TensorFile& file, const CheckpointInfo& now, const std::string& path) {
  const std::optional<CheckpointInfo> saved = checkpoint_info(file, path);
  require(saved.has_value(), "{}: no run of this program; start anew with --overwrite", path);
  if (saved->model != now.model) {
    fail_usage("{}: the run to resume trains {}, not {}", path, saved->model, now.model);
  }
  if (saved->data_fingerprint != now.data_fingerprint) {
    fail_usage(
        "{}: the run to resume was trained on other data; give the same --data, or start anew with "
        "--overwrite",
        path);
  }
  if (saved->attributes_fingerprint != now.attributes_fingerprint) {
    fail_usage(
        "{}: the run to resume was trained with other attributes; give the same --attributes, or start "
        "anew with --overwrite",
        path);
  }
  if (saved->init_checksum != now.init_checksum) {
    fail_usage(
        "{}: the run to resume began with other weights; give the same --init, or start anew with "
        "--overwrite",
        path);
  }
  if (const auto other = first_difference(saved->options, now.options)) {
    fail_usage("{}: the run to resume has --{} {}, not {}; give the same, or start anew with --overwrite",
               path, other->option, other->before, other->now);
  }
}

void require_same_run(const RunFolder& folder, const CheckpointInfo& now) {
  if (const auto weights = weights_in(folder.path()))
    require_same_run(read_safetensors(*weights), now, weights->string());
}

TensorFile make_progress(const CheckpointInfo& info, const Parameters& parameters, const Adam& optimizer,
                         const TrainingState& state) {
  TensorFile file = make_checkpoint(info, parameters.named());
  for (const auto& entry : with_prefix("adam.", on_cpu(optimizer.state()))) file.tensors.push_back(entry);
  for (const auto& [key, value] : to_metadata(state)) file.metadata["state." + key] = value;
  return file;
}

TrainingState restore_progress(const TensorFile& file, const CheckpointInfo& now,
                               const Parameters& parameters, Adam& optimizer, int64_t per_epoch,
                               const std::string& path) {
  require_same_run(file, now, path);
  TrainingState state = training_state_from(file.metadata, path);
  require(state.step_in_epoch <= per_epoch, "{}: it is in epoch {} after step {}, but an epoch has {} steps",
          path, state.epoch, state.step_in_epoch, per_epoch);
  load_parameters(file, parameters.named(), path);
  load_parameters(file, with_prefix("adam.", optimizer.state()), path);
  optimizer.set_steps((state.epoch - 1) * per_epoch + state.step_in_epoch);
  return state;
}

void stop_at_bad_number(double loss, int64_t epoch, int64_t step_in_epoch, const Parameters& parameters,
                        const std::string& folder) {
  const std::string bad = first_bad_tensor(parameters.named());
  // A CPU's NaN mostly has a sign, a GPU's never.
  fail("the loss is {} in epoch {}, step {} ({}); {} {}", std::isnan(loss) ? "nan" : fmt::format("{}", loss),
       epoch, step_in_epoch + 1,
       bad.empty() ? "no weight is: the activations overflowed" : "the first bad tensor is " + bad, kRemedy,
       folder);
}

void require_good_numbers(const TrainingState& state, const Parameters& parameters, const Adam& optimizer,
                          const std::string& folder) {
  std::string bad = first_bad_tensor(parameters.named());
  if (bad.empty()) bad = first_bad_tensor(with_prefix("adam.", optimizer.state()));
  require(bad.empty(), "after epoch {}, step {}, numbers of {} are not finite; {} {}", state.epoch,
          state.step_in_epoch, bad, kRemedy, folder);
}

NamedTensors copy_of(const NamedTensors& tensors) {
  NamedTensors copies;
  for (const auto& [name, tensor] : tensors) {
    copies.emplace_back(name, Tensor::empty(tensor.shape(), tensor.dtype()));
    copies.back().second.copy_from(tensor);
  }
  return copies;
}

void load_values(const NamedTensors& from, const NamedTensors& to) {
  require(from.size() == to.size(), "[load_values] {} tensors for {}", from.size(), to.size());
  for (size_t i = 0; i < from.size(); ++i) {
    require(from[i].second.shape() == to[i].second.shape(), "[load_values] {} has another shape",
            from[i].first);
    to[i].second.copy_from(from[i].second);
  }
}

}  // namespace cce
