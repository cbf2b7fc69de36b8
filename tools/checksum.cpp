#include "tools/checksum.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>

#include "engine/error.h"

namespace cce {
namespace {

constexpr const char* kKey = "checksum";

/// A 64-bit hash, taken word by word. Each step is one-to-one, so that no change of a single word is missed;
/// the rotation carries changes of the upper bits down, where the product would lose them.
class Hash {
 public:
  void add(uint64_t word) { hash_ = std::rotl((hash_ ^ word) * 0x9E3779B97F4A7C15u, 31); }
  void add(std::span<const std::byte> bytes) {
    add(bytes.size());
    for (size_t at = 0; at < bytes.size(); at += sizeof(uint64_t)) {
      uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
      add(word);
    }
  }
  void add(const std::string& text) { add(std::as_bytes(std::span(text))); }
  std::string str() const { return fmt::format("{:016x}", hash_); }

 private:
  uint64_t hash_ = 0xCBF29CE484222325u;
};

/// What to do where `path` cannot be resumed from. The weights of finished epochs are in files of their own.
std::string advice(const std::filesystem::path& path) {
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  return fmt::format(
      "take it from a backup, train a new run from the weights beside it (--init {} with another --out), or "
      "start anew with --overwrite",
      folder);
}

}  // namespace

std::string checksum(const TensorFile& file) {
  Hash hash;
  for (const auto& [key, value] : file.metadata) {
    if (key != kKey) hash.add(key), hash.add(value);
  }
  NamedTensors tensors = file.tensors;
  std::ranges::sort(tensors, {}, &NamedTensors::value_type::first);
  for (const auto& [name, tensor] : tensors) {
    hash.add(name);
    hash.add(static_cast<uint64_t>(tensor.dtype()));
    hash.add(tensor.shape().str());
    hash.add(bytes_in(tensor));
  }
  return hash.str();
}

TensorFile with_checksum(TensorFile file) {
  file.metadata[kKey] = checksum(file);
  return file;
}

void require_checksum(const TensorFile& file, const std::string& path) {
  const auto saved = file.metadata.find(kKey);
  require(saved != file.metadata.end(), "{}: has no checksum, so nothing can be resumed from it; {}", path,
          advice(path));
  require(saved->second == checksum(file), "{}: is damaged: its content does not match its checksum; {}",
          path, advice(path));
}

}  // namespace cce
