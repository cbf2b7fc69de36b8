// Streams packed by gzip.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "data/raw/byte_source.h"

namespace cce {

/// The bytes by which a gzip is known.
inline constexpr std::string_view kGzipBegins = "\x1F\x8B";

/// Whether this program was built with zlib.
bool can_gunzip();

/// What is packed in `packed`, which `name` stands for in messages; of several gzips one after another, all
/// of it. A few bytes are held at a time, however far they expand. Reading throws where the gzip ends early
/// or is damaged; this throws where the program was built without zlib.
std::unique_ptr<ByteSource> gunzipped(std::unique_ptr<ByteSource> packed, const std::string& name);

}  // namespace cce
