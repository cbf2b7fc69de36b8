// Where the bytes of raw files come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cce {

/// A stream of bytes.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills the front of `bytes`, which is not empty, and returns how many came; 0 at the end. Throws a line
  /// that names the file where it cannot be read.
  virtual size_t read(std::span<char> bytes) = 0;
};

/// Bytes in memory, which must outlive it.
class MemoryBytes : public ByteSource {
 public:
  explicit MemoryBytes(std::string_view bytes) : bytes_(bytes) {}
  size_t read(std::span<char> bytes) override;

 private:
  std::string_view bytes_;
};

/// `first`, and then what `rest` has.
class PrefixedBytes : public ByteSource {
 public:
  PrefixedBytes(std::string first, std::unique_ptr<ByteSource> rest)
      : first_(std::move(first)), rest_(std::move(rest)) {}
  size_t read(std::span<char> bytes) override;

 private:
  std::string first_;
  size_t taken_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

/// Told how many bytes of a file were read so far, before they are unpacked.
using OnBytes = std::function<void(int64_t)>;

/// The bytes of a file, unpacked where they are a gzip, whatever its name. "-" is standard input.
std::unique_ptr<ByteSource> open_bytes(const std::string& path, OnBytes on_bytes = {});
/// The same of any stream, which `name` stands for in messages.
std::unique_ptr<ByteSource> unpacked(std::unique_ptr<ByteSource> bytes, const std::string& name);

}  // namespace cce
