// What tells contents apart in a few bytes: 64-bit FNV-1a.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace cce {

class Fingerprint {
 public:
  void add(uint32_t word) {
    for (int shift = 0; shift < 32; shift += 8) hash_ = (hash_ ^ (word >> shift & 0xFF)) * 0x100000001B3u;
  }
  /// 16 hex digits.
  std::string str() const { return fmt::format("{:016x}", hash_); }

 private:
  uint64_t hash_ = 0xCBF29CE484222325u;
};

}  // namespace cce
