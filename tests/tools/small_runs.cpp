#include "tests/tools/small_runs.h"

#include "data/demo.h"

namespace cce::test {

Dataset first_users(const std::string& name, int64_t count) {
  const Dataset demo = demo_dataset();
  std::vector<std::vector<int32_t>> sequences;
  for (int64_t user = 0; user < count; ++user) {
    const auto sequence = demo.sequence(user);
    sequences.emplace_back(sequence.begin(), sequence.end());
  }
  return dataset_from(name, sequences);
}

const Dataset& small_data() {
  static const Dataset data = first_users("small", 400);
  return data;
}

TrainOptions small_options(const std::string& model, const std::string& loss, const std::string& timestamps,
                           const std::filesystem::path& out) {
  TrainOptions options;
  options.timestamps = timestamps;
  options.model = model, options.loss = loss, options.data = "demo", options.out = out.string();
  options.epochs = 3, options.batch_size = 64, options.embedding_size = 16, options.threads = 2,
  options.quiet = true, options.device = "cpu";
  resolve_defaults(options);
  return options;
}

TrainOptions small_options(const std::string& model, const std::string& loss,
                           const std::filesystem::path& out) {
  return small_options(model, loss, "", out);
}

}  // namespace cce::test
