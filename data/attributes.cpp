#include "data/attributes.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "data/fingerprint.h"
#include "data/text.h"
#include "engine/error.h"

namespace cce {
namespace {

/// The largest attribute id that is believed: an attribute table has a row for every id up to the largest.
constexpr int64_t kMaxAttribute = 10'000'000;

/// The largest file that is read, in bytes: all of it may be one line.
constexpr int64_t kMaxAttributesFile = int64_t{256} << 20;

/// Receives the file piece by piece, so that nothing but the wanted form is ever stored.
class Receiver : public nlohmann::json_sax<nlohmann::json> {
 public:
  Receiver(const std::string& path, int32_t max_item)
      : path_(path), max_item_(max_item), seen_(static_cast<size_t>(max_item) + 1) {}

  std::vector<std::pair<int32_t, int32_t>> take() { return std::move(pairs_); }

  bool start_object(size_t) override {
    if (in_object_) wrong("an object");
    return in_object_ = true;
  }
  bool key(string_t& text) override {
    const char* const end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data(), end, item_);
    const bool is_item = parsed == end && error == std::errc() && item_ >= 1 && item_ <= max_item_;
    require(is_item, "{}: item \"{}\" is not in the data, whose items are 1 to {}", path_, printable(text),
            max_item_);
    require(!seen_[item_], "{}: item \"{}\" occurs twice", path_, item_);
    return seen_[item_] = true;
  }
  bool start_array(size_t) override {
    if (!in_object_ || in_array_) wrong("a list");
    return in_array_ = true;
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (!in_array_) wrong("a number");
    require(value <= kMaxAttribute, "{}: item \"{}\" has attribute {}, above {}, the largest that is read",
            path_, item_, value, kMaxAttribute);
    pairs_.emplace_back(item_, static_cast<int32_t>(value));
    return true;
  }
  bool number_integer(number_integer_t value) override {  // only negative ones come here
    if (!in_array_) wrong("a number");
    fail("{}: item \"{}\" has the negative attribute {}", path_, item_, value);
  }
  bool end_array() override {
    in_array_ = false;
    return true;
  }
  bool end_object() override { return true; }
  bool null() override { wrong("null"); }
  bool boolean(bool) override { wrong("true or false"); }
  bool number_float(number_float_t, const string_t&) override { wrong("a fraction"); }
  bool string(string_t&) override { wrong("text"); }
  bool binary(binary_t&) override { wrong("binary"); }
  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception&) override {
    fail("{}: is not JSON from byte {} on, expected {{\"item\": [attribute, ...], ...}}", path_, position);
  }

 private:
  [[noreturn]] void wrong(const char* found) const {
    require(item_ != 0, "{}: found {}, expected {{\"item\": [attribute, ...], ...}}", path_, found);
    fail("{}: item \"{}\" has {} where a list of whole numbers was expected", path_, item_, found);
  }

  std::string path_;
  int32_t max_item_;
  std::vector<bool> seen_;
  bool in_object_ = false, in_array_ = false;
  int32_t item_ = 0;
  std::vector<std::pair<int32_t, int32_t>> pairs_;
};

}  // namespace

Attributes attributes_from(std::vector<std::pair<int32_t, int32_t>> pairs, int32_t max_item) {
  std::ranges::sort(pairs);
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  Attributes attributes;
  attributes.offsets.resize(static_cast<size_t>(max_item) + 3);
  for (const auto& [item, id] : pairs) {
    ++attributes.offsets[static_cast<size_t>(item) + 1];
    attributes.ids.push_back(id);
    attributes.count = std::max(attributes.count, id + 1);
  }
  for (size_t row = 1; row < attributes.offsets.size(); ++row)
    attributes.offsets[row] += attributes.offsets[row - 1];
  return attributes;
}

std::string content_fingerprint(const Attributes& attributes) {
  Fingerprint fingerprint;
  for (int64_t row = 0; row < attributes.item_rows(); ++row) {
    fingerprint.add(static_cast<uint32_t>(attributes.of(row).size()));
    for (const int32_t id : attributes.of(row)) fingerprint.add(static_cast<uint32_t>(id));
  }
  return fingerprint.str();
}

Attributes read_attributes(const std::string& path, int32_t max_item) {
  const std::string text = read_text_file(path, {.file = kMaxAttributesFile});
  Receiver receiver(path, max_item);
  nlohmann::json::sax_parse(text, &receiver);
  std::vector<std::pair<int32_t, int32_t>> pairs = receiver.take();
  require(!pairs.empty(), "{}: gives no item an attribute", path);
  return attributes_from(std::move(pairs), max_item);
}

}  // namespace cce
