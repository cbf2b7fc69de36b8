// The safetensors format: named tensors and a map of strings in one file, which Python's `safetensors` reads
// and writes.
//
//   8 bytes   N, the header's size, little-endian
//   N bytes   JSON: {"__metadata__": {"key": "value", ...}, "name": {"dtype": "F32", "shape": [2, 3],
//             "data_offsets": [0, 24]}, ...}, spaces at the end
//   the rest  the numbers, little-endian, row-major; offsets count from here
//
// The reader trusts nothing. A header is at most 100 MB and lies within the file; a tensor's byte range is
// exactly its shape times its dtype; the ranges follow each other from the first byte to the last without
// hole or overlap; no key comes twice.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/tensor.h"

namespace cce {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;
/// The same names with the numbers on the CPU, where they can be written from.
NamedTensors on_cpu(const NamedTensors& tensors);

struct TensorFile {
  std::map<std::string, std::string> metadata;
  NamedTensors tensors;
  /// Only from the reader: tensors that are well-formed, but that no Tensor can hold: name and why.
  std::vector<std::pair<std::string, std::string>> unreadable;

  /// Null if there is none of that name.
  const Tensor* find(const std::string& name) const;
};

/// Reads `path`, of at most 16 GiB. Tensors come in the order of their bytes. F32, F64 and I32 are taken as
/// they are, F16 and BF16 become float32, I64 becomes int32 if every value fits; other dtypes and more than
/// four dimensions are `unreadable`. Values may be NaN: see require_finite. Throws an Error that names the
/// file, and the tensor where it is one's fault.
TensorFile read_safetensors(const std::filesystem::path& path);
/// The same from bytes in memory; `name` stands for the path in messages.
TensorFile parse_safetensors(std::span<const std::byte> bytes, const std::string& name);

/// Writes `path` durably (see durable_file.h), without a copy of the tensors. As the reference implementation
/// does, tensors are sorted by dtype, the widest first, then by name, and the header is padded to a multiple
/// of 8 bytes: the same tensors and metadata give the same bytes, and every tensor is aligned.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);
/// The bytes that write_safetensors writes.
std::vector<std::byte> safetensors_bytes(const TensorFile& file);

/// The tensor's numbers, as they stand in a file.
std::span<std::byte> bytes_in(const Tensor& tensor);

/// Throws, naming `place` and the tensor, if a value is NaN or infinite. Integers are always finite.
void require_finite(const Tensor& tensor, const std::string& name, const std::string& place);

}  // namespace cce
