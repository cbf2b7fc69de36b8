#include "tools/safetensors_header.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <tuple>

#include "data/text.h"
#include "engine/error.h"

namespace cce {
namespace {

constexpr size_t kMaxNameBytes = 512;
constexpr size_t kMaxKeys = 100'000;
constexpr size_t kMaxRank = 32;

/// Bytes of one number; 0 for what is no dtype of the format.
int64_t width(std::string_view dtype) {
  using namespace std::string_view_literals;
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, dtype) != names.end();
  };
  if (is_one_of({"BOOL"sv, "U8"sv, "I8"sv, "F8_E5M2"sv, "F8_E4M3"sv, "F8_E8M0"sv})) return 1;
  if (is_one_of({"U16"sv, "I16"sv, "F16"sv, "BF16"sv})) return 2;
  if (is_one_of({"U32"sv, "I32"sv, "F32"sv})) return 4;
  if (is_one_of({"U64"sv, "I64"sv, "F64"sv, "C64"sv})) return 8;
  return 0;
}

/// Collects the header while nlohmann's parser reads it: a SAX handler sees every key, the repeated ones too,
/// and refuses what is nested too deep or too long before it costs memory.
class HeaderReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReader(const std::string& place) : place_(place) {}

  SafetensorsHeader take() { return std::move(header_); }

  bool start_object(size_t) override {
    if (inside_ == Inside::nothing) {
      inside_ = Inside::header;
    } else if (inside_ == Inside::header) {
      inside_ = key_ == kMetadataKey ? Inside::metadata : Inside::tensor;
      has_dtype_ = has_shape_ = has_offsets_ = false;
      offsets_.clear();
      if (inside_ == Inside::tensor) header_.tensors.push_back({key_, {}, {}, 0, 0});
    } else {
      refuse("an object");
    }
    return true;
  }

  bool end_object() override {
    if (inside_ == Inside::tensor) finish_tensor();
    inside_ = inside_ == Inside::header ? Inside::nothing : Inside::header;
    return true;
  }

  bool key(std::string& name) override {
    require(name.size() <= kMaxNameBytes, "{}: the header has a name of {} bytes", place_, name.size());
    // Names are shown to people, whose terminals obey control characters.
    require(!has_control_characters(name), "{}: the header has a name with control characters: {:?}", place_,
            name);
    require(++keys_ <= kMaxKeys, "{}: the header has more than {} keys", place_, kMaxKeys);
    key_ = std::move(name);
    if (inside_ == Inside::header && key_ == kMetadataKey) claim(has_metadata_);
    if (inside_ == Inside::tensor) {
      if (key_ == "dtype") {
        claim(has_dtype_);
      } else if (key_ == "shape") {
        claim(has_shape_);
      } else if (key_ == "data_offsets") {
        claim(has_offsets_);
      } else {
        fail("{}: tensor {:?}: unknown key {:?}", place_, tensor().name, key_);
      }
    }
    return true;
  }

  bool start_array(size_t) override {
    if (inside_ != Inside::tensor || key_ == "dtype") refuse("an array");
    inside_ = key_ == "shape" ? Inside::shape : Inside::offsets;
    return true;
  }

  bool end_array() override {
    inside_ = Inside::tensor;
    return true;
  }

  bool string(std::string& value) override {
    if (inside_ == Inside::metadata) {
      require(header_.metadata.emplace(key_, std::move(value)).second, "{}: the metadata has {:?} twice",
              place_, key_);
    } else if (inside_ == Inside::tensor && key_ == "dtype") {
      require(width(value) > 0, "{}: tensor {:?}: unknown dtype {:?}", place_, tensor().name,
              value.substr(0, 32));
      tensor().dtype = std::move(value);
    } else {
      refuse("a string");
    }
    return true;
  }

  bool number_unsigned(uint64_t value) override {
    if (inside_ == Inside::shape) {
      require(value <= std::numeric_limits<int64_t>::max() && tensor().shape.size() < kMaxRank,
              "{}: tensor {:?}: its shape is too large", place_, tensor().name);
      tensor().shape.push_back(static_cast<int64_t>(value));
    } else if (inside_ == Inside::offsets && offsets_.size() < 2) {
      offsets_.push_back(value);
    } else {
      refuse("a number");
    }
    return true;
  }

  bool null() override { return refuse("null"); }
  bool boolean(bool) override { return refuse("true or false"); }
  bool number_integer(int64_t) override { return refuse("a negative number"); }
  bool number_float(double, const std::string&) override { return refuse("a number that is not whole"); }
  bool binary(binary_t&) override { return refuse("binary data"); }
  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    fail("{}: the header is not JSON at its byte {}", place_, position);
  }

 private:
  enum class Inside { nothing, header, metadata, tensor, shape, offsets };

  TensorEntry& tensor() { return header_.tensors.back(); }

  [[noreturn]] bool refuse(const char* what) const {
    fail("{}: the header has {} where none belongs, at key {:?}", place_, what, key_);
  }

  void claim(bool& claimed) const {
    require(!claimed, "{}: the header has the key {:?} twice", place_, key_);
    claimed = true;
  }

  void finish_tensor() {
    require(!tensor().dtype.empty() && has_shape_ && offsets_.size() == 2,
            "{}: tensor {:?}: needs dtype, shape, and two data_offsets", place_, tensor().name);
    tensor().begin = offsets_[0];
    tensor().end = offsets_[1];
  }

  const std::string& place_;
  SafetensorsHeader header_;
  Inside inside_ = Inside::nothing;
  std::string key_;  // the last one read
  size_t keys_ = 0;
  bool has_metadata_ = false, has_dtype_ = false, has_shape_ = false, has_offsets_ = false;
  std::vector<uint64_t> offsets_;
};

void check_size(const TensorEntry& tensor, uint64_t data_bytes, const std::string& place) {
  require(tensor.begin <= tensor.end && tensor.end <= data_bytes,
          "{}: tensor {:?}: its bytes {} .. {} are not within the file's {} bytes of data; is the file cut "
          "short?",
          place, tensor.name, tensor.begin, tensor.end, data_bytes);
  int64_t bytes = width(tensor.dtype);
  for (const int64_t extent : tensor.shape) {
    require(!__builtin_mul_overflow(bytes, extent, &bytes), "{}: tensor {:?}: its shape is too large", place,
            tensor.name);
  }
  require(static_cast<uint64_t>(bytes) == tensor.end - tensor.begin,
          "{}: tensor {:?}: its shape and dtype {} make {} bytes, its offsets {}", place, tensor.name,
          tensor.dtype, bytes, tensor.end - tensor.begin);
}

void check_unique_names(const std::vector<TensorEntry>& tensors, const std::string& place) {
  std::vector<std::string_view> names;
  for (const TensorEntry& tensor : tensors) names.push_back(tensor.name);
  std::ranges::sort(names);
  const auto repeated = std::ranges::adjacent_find(names);
  if (repeated != names.end()) fail("{}: the header has the key {:?} twice", place, *repeated);
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, uint64_t data_bytes,
                                           const std::string& place) {
  require(json.starts_with('{'), "{}: the header does not begin with a brace; is this a safetensors file?",
          place);
  HeaderReader reader(place);
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  SafetensorsHeader header = reader.take();

  check_unique_names(header.tensors, place);
  std::ranges::stable_sort(header.tensors, {},
                           [](const TensorEntry& t) { return std::tuple(t.begin, t.end); });
  uint64_t covered = 0;
  for (const TensorEntry& tensor : header.tensors) {
    check_size(tensor, data_bytes, place);
    require(tensor.begin >= covered, "{}: tensor {:?}: its bytes overlap those of another", place,
            tensor.name);
    require(tensor.begin == covered, "{}: tensor {:?}: there is a hole of {} bytes before it", place,
            tensor.name, tensor.begin - covered);
    covered = tensor.end;
  }
  require(covered == data_bytes, "{}: {} bytes after the last tensor belong to none", place,
          data_bytes - covered);
  return header;
}

std::string safetensors_header(const SafetensorsHeader& header, const std::string& place) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (!header.metadata.empty()) json[kMetadataKey] = header.metadata;
  for (const TensorEntry& tensor : header.tensors) {
    json[tensor.name] = {
        {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {tensor.begin, tensor.end}}};
  }
  try {
    std::string text = json.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
  } catch (const nlohmann::json::type_error&) {
    fail("{}: a tensor's name or the metadata is not UTF-8", place);
  }
}

}  // namespace cce
