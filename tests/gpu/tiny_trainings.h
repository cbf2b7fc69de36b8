// Trainings that are small enough for a GPU that is emulated.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "tools/options.h"

namespace cce::test {

/// A training takes many small kernels, between which guards cost more than the kernels themselves. As long
/// as this lives there are none. Some tests keep them.
struct Unguarded {
  Unguarded();
  ~Unguarded();
};

/// A few users of the demo.
const Dataset& tiny_data();

/// Two epochs on them.
TrainOptions tiny_options(const std::string& device, const std::string& model, const std::string& loss,
                          const std::string& folder);

/// Trains on `device`, and returns the losses of the epochs.
std::vector<double> train_on(const std::string& device, TrainOptions options, const std::string& folder);
/// Pre-training of a narrow S3-Rec on the 30 prefixes of two users.
struct TinyPretraining {
  int epochs = 2, batch_size = 8;
  double mask_probability = 0.2;
  int max_length = 50;
};
/// Pre-trains on `device`, and returns the loss of each epoch, each with its objectives.
std::vector<double> pretrain_on(const std::string& device, const TinyPretraining& tiny,
                                const std::string& folder);
/// As train_with_stops_on_gpu().
void pretrain_with_stops_on_gpu(const TinyPretraining& tiny, const std::string& folder);
/// Trains to the end, but is stopped again and again, and resumed.
void train_with_stops_on_gpu(TrainOptions options);
/// What a training says that does not come to its end.
std::string message_of_divergence(TrainOptions options);

}  // namespace cce::test
