// Whether a file of tensors still holds what was written: a checksum in its metadata, over all that is in it.
#pragma once

#include <string>

#include "tools/safetensors.h"

namespace cce {

/// 16 hex digits that change with any tensor's name, type, shape or bits, and with the metadata (but for the
/// checksum within). The order of the tensors does not matter.
std::string checksum(const TensorFile& file);

/// The same file with its checksum in the metadata, under "checksum".
TensorFile with_checksum(TensorFile file);

/// Throws, naming `path`, unless `file` has a checksum and is what it was made of.
void require_checksum(const TensorFile& file, const std::string& path);

}  // namespace cce
