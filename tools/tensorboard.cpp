#include "tools/tensorboard.h"

#include <array>
#include <bit>

#include "tools/strict_json.h"

namespace cce {
namespace {

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
    table[byte] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = make_crc_table();

/// The lowest `bytes` bytes of a number, lowest first.
std::string little_endian(uint64_t number, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(number >> (8 * i) & 0xFF);
  return text;
}

std::string varint(uint64_t number) {
  std::string text;
  for (; number >= 0x80; number >>= 7) text += static_cast<char>(0x80 | (number & 0x7F));
  return text + static_cast<char>(number);
}

/// The fields of a protocol buffer: number and type in a byte, then the value.
std::string key(int field, int type) {
  return std::string(1, static_cast<char>(field << 3 | type));
}
std::string double_field(int field, double value) {
  return key(field, 1) + little_endian(std::bit_cast<uint64_t>(value), 8);
}
std::string float_field(int field, float value) {
  return key(field, 5) + little_endian(std::bit_cast<uint32_t>(value), 4);
}
std::string whole_field(int field, uint64_t value) {
  return key(field, 0) + varint(value);
}
std::string bytes_field(int field, std::string_view value) {
  return key(field, 2) + varint(value.size()) + std::string(value);
}

/// TensorFlow's way to keep checksums of bytes that hold checksums from going wrong.
std::string masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return little_endian((crc >> 15 | crc << 17) + 0xA282EAD8U, 4);
}

std::string record(const std::string& bytes) {
  const std::string length = little_endian(bytes.size(), 8);
  return length + masked_crc(length) + bytes + masked_crc(bytes);
}

/// Summary.Value messages of all numbers below `json`.
std::string scalars(const nlohmann::json& json, const std::string& tag) {
  if (json.is_number()) return bytes_field(1, bytes_field(1, tag) + float_field(2, json.get<float>()));
  std::string values;
  if (!json.is_object()) return values;
  for (const auto& [name, value] : json.items()) {
    if (tag.empty() && name == "epoch") continue;
    values += scalars(value, tag.empty() ? name : tag + "/" + name);
  }
  return values;
}

double seconds_of(const nlohmann::json& line, const std::string& place) {
  StrictObject object(line, place);
  double seconds = 0;
  for (const char* key : {"seconds_train", "seconds_valid"}) {
    if (object.has(key)) seconds += object.take_as<double>(key);
  }
  return seconds;
}

std::string event_of(const nlohmann::json& line, double time, const std::string& place) {
  StrictObject object(line, place);
  const auto epoch = object.take_as<uint32_t>("epoch");
  return record(double_field(1, time) + whole_field(2, epoch) + bytes_field(5, scalars(line, "")));
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = ~0U;
  for (const char c : bytes) crc = crc >> 8 ^ kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

std::string events_begin(double time) {
  return record(double_field(1, time) + bytes_field(3, "brain.Event:2"));
}

std::string epoch_event(std::string_view metrics_line, double time, const std::string& place) {
  return event_of(parse_strict_json(metrics_line, place), time, place);
}

std::string events_of(std::string_view metrics, double time, const std::string& place) {
  std::string events = events_begin(time);
  for (size_t end; (end = metrics.find('\n')) != std::string_view::npos; metrics.remove_prefix(end + 1)) {
    const nlohmann::json line = parse_strict_json(metrics.substr(0, end), place);
    time += seconds_of(line, place);
    events += event_of(line, time, place);
  }
  return events;
}

double begin_of_events(std::string_view events, double otherwise) {
  constexpr size_t kTime = 8 + 4 + 1;  // behind the length, its checksum, and the key of the field
  const bool begins = events.size() >= kTime + 8 && events.starts_with(events_begin(0).substr(0, kTime));
  if (!begins) return otherwise;
  uint64_t bits = 0;
  for (size_t i = 0; i < 8; ++i) bits |= uint64_t{static_cast<unsigned char>(events[kTime + i])} << (8 * i);
  return std::bit_cast<double>(bits);
}

}  // namespace cce
