#include "tools/checkpoint.h"

#include <algorithm>
#include <set>

#include "data/text.h"
#include "engine/error.h"

namespace cce {
namespace {

constexpr const char* kFormatVersion = "1";
constexpr std::string_view kOptionPrefix = "option.";

/// What most likely made the file's tensor another shape than the model's.
std::string likely_cause(const std::string& name, const Shape& expected, const Shape& found) {
  const bool only_rows_differ =
      expected.rank() == 2 && found.rank() == 2 && expected[0] != found[0] && expected[1] == found[1];
  if (only_rows_differ && name.ends_with("item_embeddings.weight")) {
    return "was it trained on another data set?";
  }
  if (only_rows_differ && name.ends_with("attribute_embeddings.weight")) {
    return "was it trained with other attributes?";
  }
  if (only_rows_differ && name.ends_with("position_embeddings.weight")) {
    return "was it trained with another --max-length?";
  }
  return "was it trained with another --hidden-size or --embedding-size?";
}

std::string why_missing(const TensorFile& file) {
  const auto model = file.metadata.find("model");
  return model == file.metadata.end()
             ? "is it of another model, or of one with fewer --layers?"
             : fmt::format(
                   "the file holds a \"{}\" model; is --model another one, or were there fewer --layers?",
                   printable(model->second));
}

/// What is taken of the metadata is shown to people, whose terminals obey control characters.
void require_showable(const std::string& key, const std::string& value, const std::string& path) {
  if (has_control_characters(value)) {
    fail("{}: the metadata's {} has control characters: \"{}\"; is the file damaged?", path, printable(key),
         printable(value));
  }
}

/// The file's numbers for one parameter, in its dtype.
Tensor matching(const TensorFile& file, const std::string& name, const Tensor& parameter,
                const std::string& path) {
  const Tensor& stored = tensor_of_shape(file, name, parameter.shape(), path);
  const bool convertible = (stored.dtype() == DType::i32) == (parameter.dtype() == DType::i32);
  require(convertible, "{}: tensor {:?}: the model expects {}, the file has {}", path, name,
          cce::name(parameter.dtype()), cce::name(stored.dtype()));
  const Tensor converted = stored.dtype() == parameter.dtype() ? stored : stored.to(parameter.dtype());
  require_finite(converted, name, path);
  return converted;
}

}  // namespace

TensorFile make_checkpoint(const CheckpointInfo& info, const NamedTensors& tensors) {
  TensorFile file{{}, on_cpu(tensors), {}};
  file.metadata["format_version"] = kFormatVersion;
  file.metadata["model"] = info.model;
  file.metadata["data"] = info.data_fingerprint;
  if (!info.attributes_fingerprint.empty()) file.metadata["attributes"] = info.attributes_fingerprint;
  if (!info.init_checksum.empty()) file.metadata["init"] = info.init_checksum;
  for (const auto& [name, value] : info.options) file.metadata[std::string(kOptionPrefix) + name] = value;
  return file;
}

std::optional<CheckpointInfo> checkpoint_info(const TensorFile& file, const std::string& path) {
  const auto version = file.metadata.find("format_version");
  const auto model = file.metadata.find("model"), data = file.metadata.find("data");
  if (version == file.metadata.end() || model == file.metadata.end() || data == file.metadata.end())
    return std::nullopt;
  require(version->second == kFormatVersion,
          "{}: was written in format version {:?}, this program reads version {}; is there a newer cce_rec?",
          path, version->second.substr(0, 32), kFormatVersion);
  const auto text_of = [&](const std::string& key) {
    const auto entry = file.metadata.find(key);
    if (entry == file.metadata.end()) return std::string();
    require_showable(key, entry->second, path);
    return entry->second;
  };
  CheckpointInfo info{text_of("model"), {}, text_of("data"), text_of("attributes"), text_of("init")};
  for (const auto& [key, value] : file.metadata) {
    if (key.starts_with(kOptionPrefix)) info.options[key.substr(kOptionPrefix.size())] = text_of(key);
  }
  return info;
}

std::optional<OtherOption> first_difference(const std::map<std::string, std::string>& saved,
                                            const std::map<std::string, std::string>& now) {
  constexpr const char* kDefault = "the default";
  for (const auto& [option, value] : now) {
    const auto entry = saved.find(option);
    const std::string before = entry == saved.end() ? kDefault : entry->second;
    if (before != value) return OtherOption{option, before, value};
  }
  for (const auto& [option, before] : saved) {
    if (!now.contains(option)) return OtherOption{option, before, kDefault};
  }
  return std::nullopt;
}

const Tensor& tensor_of_shape(const TensorFile& file, const std::string& name, const Shape& shape,
                              const std::string& path) {
  const Tensor* stored = file.find(name);
  if (stored == nullptr) {
    const auto unreadable =
        std::ranges::find(file.unreadable, name, [](const auto& entry) { return entry.first; });
    if (unreadable != file.unreadable.end())
      fail("{}: tensor {:?} cannot be read: {}", path, name, unreadable->second);
    fail("{}: tensor {:?} is missing: {}", path, name, why_missing(file));
  }
  if (stored->shape() != shape) {
    fail("{}: tensor {:?}: the model expects shape {}, the file has {}; {}", path, name, shape.str(),
         stored->shape().str(), likely_cause(name, shape, stored->shape()));
  }
  return *stored;
}

std::vector<std::string> load_parameters(const TensorFile& file, const NamedTensors& parameters,
                                         const std::string& path) {
  std::vector<Tensor> loaded;
  std::set<std::string_view> wanted;
  for (const auto& [name, parameter] : parameters) {
    loaded.push_back(matching(file, name, parameter, path));
    wanted.insert(name);
  }
  for (size_t i = 0; i < loaded.size(); ++i) parameters[i].second.copy_from(loaded[i]);

  std::vector<std::string> left;
  const auto note = [&](const auto& entry) {
    if (!wanted.contains(entry.first)) left.push_back(entry.first);
  };
  std::ranges::for_each(file.tensors, note);
  std::ranges::for_each(file.unreadable, note);
  return left;
}

NamedTensors with_prefix(const std::string& prefix, const NamedTensors& tensors) {
  NamedTensors renamed = tensors;
  for (auto& [name, tensor] : renamed) name.insert(0, prefix);
  return renamed;
}

}  // namespace cce
