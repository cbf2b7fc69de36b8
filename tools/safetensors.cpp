#include "tools/safetensors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <tuple>
#include <utility>

#include "engine/error.h"
#include "tools/durable_file.h"
#include "tools/safetensors_header.h"

namespace cce {
namespace {

static_assert(std::endian::native == std::endian::little, "the format's numbers are little-endian");

constexpr uint64_t kMaxFileBytes = uint64_t{16} << 30;

/// Copies bytes from an offset of the file.
using ReadAt = std::function<void(uint64_t offset, std::span<std::byte> into)>;

float float_from_bfloat16(uint16_t bits) {
  return std::bit_cast<float>(uint32_t{bits} << 16);
}

float float_from_float16(uint16_t bits) {
  const uint32_t sign = uint32_t{bits & 0x8000u} << 16, exponent = bits >> 10 & 0x1Fu,
                 fraction = bits & 0x3FFu;
  if (exponent == 0) {  // zero, or below the normal range: fraction * 2^-24 is exact
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  // Infinity and NaN keep the largest exponent, all others move from bias 15 to bias 127.
  const uint32_t wide_exponent = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide_exponent << 23 | fraction << 13);
}

/// Reads numbers of type Stored into a new tensor of type T, converting each.
template <class Stored, class T, class Convert>
Tensor read_converted(const Shape& shape, uint64_t offset, const ReadAt& read_at, Convert convert) {
  std::vector<Stored> stored(static_cast<size_t>(shape.size()));
  read_at(offset, std::as_writable_bytes(std::span(stored)));
  Tensor tensor = Tensor::empty(shape, dtype_of<T>());
  std::ranges::transform(stored, tensor.data<T>(), convert);
  return tensor;
}

Tensor read_tensor(const Shape& shape, DType dtype, uint64_t offset, const ReadAt& read_at) {
  Tensor tensor = Tensor::empty(shape, dtype);
  read_at(offset, bytes_in(tensor));
  return tensor;
}

/// Undefined, and `reason` set, if no Tensor can hold it.
Tensor decode(const TensorEntry& entry, uint64_t offset, const ReadAt& read_at, std::string& reason) {
  if (entry.shape.size() > Shape::kMaxRank) {
    reason = fmt::format("it has {} dimensions, more than {}", entry.shape.size(), Shape::kMaxRank);
    return {};
  }
  const Shape shape(entry.shape.data(), static_cast<int>(entry.shape.size()));
  if (entry.dtype == "F32") return read_tensor(shape, DType::f32, offset, read_at);
  if (entry.dtype == "F64") return read_tensor(shape, DType::f64, offset, read_at);
  if (entry.dtype == "I32") return read_tensor(shape, DType::i32, offset, read_at);
  if (entry.dtype == "F16")
    return read_converted<uint16_t, float>(shape, offset, read_at, float_from_float16);
  if (entry.dtype == "BF16")
    return read_converted<uint16_t, float>(shape, offset, read_at, float_from_bfloat16);
  if (entry.dtype == "I64") {
    bool fits = true;
    Tensor tensor = read_converted<int64_t, int32_t>(shape, offset, read_at, [&](int64_t value) {
      fits = fits && std::in_range<int32_t>(value);
      return static_cast<int32_t>(value);
    });
    if (fits) return tensor;
    reason = "its dtype is I64 and its numbers need it";
    return {};
  }
  reason = "its dtype is " + entry.dtype;
  return {};
}

TensorFile parse(uint64_t file_bytes, const ReadAt& read_at, const std::string& place) {
  uint64_t header_bytes = 0;
  require(file_bytes >= sizeof header_bytes, "{}: {} bytes are too few for a safetensors file", place,
          file_bytes);
  read_at(0, std::as_writable_bytes(std::span(&header_bytes, 1)));
  const uint64_t limit = std::min(kMaxHeaderBytes, file_bytes - sizeof header_bytes);
  require(header_bytes <= limit,
          "{}: says that its header has {} bytes, but {} are the most it can have; is this a "
          "safetensors file, and whole?",
          place, header_bytes, limit);
  std::string json(header_bytes, '\0');
  read_at(sizeof header_bytes, std::as_writable_bytes(std::span(json)));
  const uint64_t data_begin = sizeof header_bytes + header_bytes;
  SafetensorsHeader header = parse_safetensors_header(json, file_bytes - data_begin, place);

  TensorFile file;
  file.metadata = std::move(header.metadata);
  for (TensorEntry& entry : header.tensors) {
    std::string reason;
    Tensor tensor = decode(entry, data_begin + entry.begin, read_at, reason);
    if (tensor.defined()) {
      file.tensors.emplace_back(std::move(entry.name), std::move(tensor));
    } else {
      file.unreadable.emplace_back(std::move(entry.name), std::move(reason));
    }
  }
  return file;
}

const char* format_name(DType dtype) {
  return dtype == DType::f64 ? "F64" : dtype == DType::f32 ? "F32" : "I32";
}

/// The order in the file: as the reference implementation sorts dtypes (F64, F32, I32), then names.
std::vector<const std::pair<std::string, Tensor>*> file_order(const TensorFile& file,
                                                              const std::string& place) {
  std::vector<const std::pair<std::string, Tensor>*> order;
  for (const auto& named : file.tensors) order.push_back(&named);
  const auto key = [](const auto* named) {
    const DType dtype = named->second.dtype();
    return std::tuple(dtype == DType::f64 ? 0 : dtype == DType::f32 ? 1 : 2, std::string_view(named->first));
  };
  std::ranges::sort(order, {}, key);
  std::vector<std::string_view> names;
  for (const auto* named : order) names.push_back(named->first);
  std::ranges::sort(names);
  const auto repeated = std::ranges::adjacent_find(names);
  if (repeated != names.end()) fail("{}: two tensors are called {:?}", place, *repeated);
  require(!std::ranges::binary_search(names, kMetadataKey), "{}: no tensor may be called {}", place,
          kMetadataKey);
  return order;
}

/// The file's first bytes, its header with its size, and then every tensor's.
struct Layout {
  std::string head;
  FileParts data;
};

Layout lay_out(const TensorFile& file, const std::string& place) {
  SafetensorsHeader header{file.metadata, {}};
  FileParts data;
  uint64_t offset = 0;
  for (const auto* named : file_order(file, place)) {
    const auto& [name, tensor] = *named;
    TensorEntry entry{name, format_name(tensor.dtype()), {}, offset, offset + bytes_in(tensor).size()};
    for (int axis = 0; axis < tensor.shape().rank(); ++axis) entry.shape.push_back(tensor.shape()[axis]);
    offset = entry.end;
    header.tensors.push_back(std::move(entry));
    data.push_back(bytes_in(tensor));
  }
  const std::string json = safetensors_header(header, place);
  const uint64_t header_bytes = json.size();
  std::string head(sizeof header_bytes, '\0');
  std::memcpy(head.data(), &header_bytes, sizeof header_bytes);
  return {head + json, std::move(data)};
}

}  // namespace

std::span<std::byte> bytes_in(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case DType::f32:
      return std::as_writable_bytes(tensor.span<float>());
    case DType::f64:
      return std::as_writable_bytes(tensor.span<double>());
    case DType::i32:
      break;
  }
  return std::as_writable_bytes(tensor.span<int32_t>());
}

NamedTensors on_cpu(const NamedTensors& tensors) {
  NamedTensors there = tensors;
  for (auto& [name, tensor] : there) tensor = tensor.to(Device::cpu);
  return there;
}

const Tensor* TensorFile::find(const std::string& name) const {
  const auto found = std::ranges::find(tensors, name, &NamedTensors::value_type::first);
  return found == tensors.end() ? nullptr : &found->second;
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  const InputFile file(path);
  require(file.size() <= kMaxFileBytes, "{}: has {} bytes, more than the {} that are read at most",
          path.string(), file.size(), kMaxFileBytes);
  return parse(
      file.size(), [&](uint64_t offset, std::span<std::byte> into) { file.read(offset, into); },
      path.string());
}

TensorFile parse_safetensors(std::span<const std::byte> bytes, const std::string& name) {
  const auto read_at = [&](uint64_t offset, std::span<std::byte> into) {
    std::ranges::copy(bytes.subspan(offset, into.size()), into.begin());
  };
  return parse(bytes.size(), read_at, name);
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  Layout layout = lay_out(file, path.string());
  layout.data.insert(layout.data.begin(), std::as_bytes(std::span(layout.head)));
  write_durably(path, layout.data);
}

std::vector<std::byte> safetensors_bytes(const TensorFile& file) {
  const Layout layout = lay_out(file, "safetensors");
  const auto head = std::as_bytes(std::span(layout.head));
  std::vector<std::byte> bytes(head.begin(), head.end());
  for (const auto& part : layout.data) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

void require_finite(const Tensor& tensor, const std::string& name, const std::string& place) {
  if (tensor.dtype() == DType::i32) return;
  visit_real(tensor.dtype(), "require_finite", [&]<class T>() {
    const auto values = tensor.span<T>();
    const auto bad = std::ranges::find_if_not(values, [](T value) { return std::isfinite(value); });
    if (bad != values.end()) {
      fail("{}: tensor {:?}: number {} of {} is {}; the weights are of no use", place, name,
           bad - values.begin() + 1, values.size(), *bad);
    }
  });
}

}  // namespace cce
