// The JSON header of a safetensors file, read without trust: safetensors.h has the format and the rules.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cce {

inline constexpr const char* kMetadataKey = "__metadata__";
inline constexpr uint64_t kMaxHeaderBytes = 100'000'000;

/// Where a tensor's numbers are: bytes [begin, end) after the header.
struct TensorEntry {
  std::string name;
  std::string dtype;           ///< "F32", ...: one of the format's
  std::vector<int64_t> shape;  ///< up to 32 dimensions
  uint64_t begin = 0, end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  /// In the order of their bytes, which they cover from the first to the last: sizes, shapes and dtypes
  /// agree.
  std::vector<TensorEntry> tensors;
};

/// Parses and checks the header of a file that has `data_bytes` bytes after it. Errors begin with `place`.
/// Memory stays within a few times the header's size: there are at most 100,000 keys, of at most 512 bytes,
/// which have no control characters, so that they may be shown.
SafetensorsHeader parse_safetensors_header(std::string_view json, uint64_t data_bytes,
                                           const std::string& place);

/// "{"__metadata__": ...}" padded with spaces to a multiple of 8 bytes, tensors in the order given.
std::string safetensors_header(const SafetensorsHeader& header, const std::string& place);

}  // namespace cce
