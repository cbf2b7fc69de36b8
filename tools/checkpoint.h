// Checkpoints: what a model's parameters, by name, have to do with a safetensors file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/safetensors.h"

namespace cce {

/// What a checkpoint says of itself in its metadata.
struct CheckpointInfo {
  std::string model;  ///< "gru4rec"
  std::map<std::string, std::string>
      options;                   ///< those that decide the result, without dashes: {"hidden-size", "128"}
  std::string data_fingerprint;  ///< see Dataset::fingerprint
  std::string attributes_fingerprint;  ///< of the attributes it was trained on; empty: on none
  std::string init_checksum;           ///< of the file of weights it began with; empty: with random ones
};

/// A file of these tensors. Its metadata: `format_version`, `model`, `data`, `attributes` if it was trained
/// on some, `init` if it began with a file of weights, and `option.NAME` for every option.
TensorFile make_checkpoint(const CheckpointInfo& info, const NamedTensors& tensors);

/// What `file` says of itself; nothing for a file of another program. Throws if a newer version wrote it, or
/// with control characters, which this program never does: what it returns may be shown.
std::optional<CheckpointInfo> checkpoint_info(const TensorFile& file, const std::string& path);

/// An option that a run was made with and that is another now.
struct OtherOption {
  std::string option, before, now;
};
/// The first option in which `now` is not what was `saved`; nothing where all are the same. One that is
/// missing on either side, as a later option may be (Option::later), is shown as "the default".
std::optional<OtherOption> first_difference(const std::map<std::string, std::string>& saved,
                                            const std::map<std::string, std::string>& now);

/// The file's tensor called `name`. Throws, naming `path`, the tensor and the likely cause, unless there is
/// one that can be read and has this shape.
const Tensor& tensor_of_shape(const TensorFile& file, const std::string& name, const Shape& shape,
                              const std::string& path);

/// Copies the file's numbers into the tensors of the same names, all or, when it throws, none. Every tensor
/// must be in the file with the same shape and finite numbers; reals are converted to the tensor's dtype.
/// Errors name `path`, the tensor and the likely cause. Returns the names that only the file has, in its
/// order: to be reported, and left.
std::vector<std::string> load_parameters(const TensorFile& file, const NamedTensors& parameters,
                                         const std::string& path);

/// The same tensors under names that begin with `prefix`: how one file holds weights and an optimizer's
/// moments.
NamedTensors with_prefix(const std::string& prefix, const NamedTensors& tensors);

}  // namespace cce
