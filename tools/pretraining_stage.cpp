#include "tools/pretraining_stage.h"

#include <fmt/core.h>

#include "tools/chosen_device.h"
#include "tools/counted.h"
#include "tools/item_map_file.h"
#include "tools/pretrainer.h"

namespace cce {
namespace {

std::string default_name(const PretrainOptions& options, const Dataset& dataset) {
  return fmt::format("{}-pretrain-{}-{}", options.model, dataset.name, options.seed);
}

}  // namespace

RunFolderRequest pretraining_folder(const PretrainOptions& options, const Dataset& dataset) {
  return {.out = options.out,
          .default_name = default_name(options, dataset),
          .resume = options.resume,
          .overwrite = options.overwrite,
          .tensorboard = options.tensorboard};
}

ExitCode pretrain(const PretrainOptions& options, const Dataset& dataset, const Attributes& attributes,
                  RunFolder& folder, const char* how_to_go_on) {
  if (folder.state() == RunFolder::State::finished) {
    require_same_run(folder, pretraining_info(options, dataset, attributes));
  }
  if (!folder.notice().empty()) fmt::print("{}\n", folder.notice());
  if (folder.state() == RunFolder::State::finished) return ExitCode::done;
  Pretrainer pretrainer(options, dataset, attributes, folder);
  folder.write_config(to_toml(options));
  keep_item_map(folder, options.data, dataset);
  print_device_note(options.device_note);
  fmt::print("pre-training {} on {}: {} of {}, {}, {}, {}, {}\n", options.model, dataset.name,
             counted(pretrainer.samples(), "sample"), counted(dataset.user_count(), "user"),
             counted(dataset.max_item, "item"), counted(attributes.count - 1, "attribute"),
             counted(pretrainer.parameter_count(), "parameter"),
             device_text(options.device, options.threads));
  std::fflush(stdout);
  const ExitCode code = pretrainer.run(how_to_go_on);
  if (code != ExitCode::done) return code;
  const PretrainingResult& result = pretrainer.result();
  fmt::print("pre-trained for {}, {:.2f} s an epoch, {:.0f} s in all, at most {} MB\nsaved in {}\n",
             counted(result.epochs, "epoch"), result.seconds_per_epoch, result.seconds_total,
             megabytes(result.peak_rss_bytes), folder.path().string());
  return code;
}

}  // namespace cce
