// Numbers of things and bytes, as people write them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace cce {

/// "1 user", "2 users".
inline std::string counted(int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// Whole MB (10^6 bytes), rounded.
constexpr int64_t megabytes(int64_t bytes) {
  return (bytes + 500'000) / 1'000'000;
}

}  // namespace cce
