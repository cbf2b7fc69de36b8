// Small safetensors files, well-formed and hostile, for the tests of the reader.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace cce::testing {

/// A file with this header and data, whatever they are.
inline std::string safetensors_file(std::string_view header, std::string_view data = "") {
  const uint64_t size = header.size();
  std::string file(sizeof size, '\0');
  std::memcpy(file.data(), &size, sizeof size);
  return file.append(header).append(data);
}

/// The header's entry for one tensor.
inline std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                         const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets +
         "}";
}

struct SampleFile {
  std::string bytes;
  std::string complaint;  // the end of the reader's message without the place; empty: well-formed
};

inline std::vector<SampleFile> well_formed_safetensors() {
  const std::string zeros(64, '\0');
  const auto data = [&](size_t size) { return std::string_view(zeros).substr(0, size); };
  return {
      {safetensors_file("{}"), ""},
      {safetensors_file("{\"__metadata__\":{\"a\":\"b\",\"c\":\"\"}}    "), ""},
      {safetensors_file("{" + entry("a", "F32", "[2,3]", "[0,24]") + "}", data(24)), ""},
      {safetensors_file(
           "{" + entry("s", "F64", "[]", "[0,8]") + "," + entry("e", "I32", "[0,7]", "[8,8]") + "}", data(8)),
       ""},
      {safetensors_file(
           "{" + entry("b", "F16", "[2]", "[4,8]") + "," + entry("a", "BF16", "[2]", "[0,4]") + "}", data(8)),
       ""},
      {safetensors_file(
           "{" + entry("i", "I64", "[2]", "[0,16]") + "," + entry("m", "BOOL", "[3]", "[16,19]") + "}",
           data(19)),
       ""},
      {safetensors_file("{" + entry("d5", "U8", "[1,1,2,1,1]", "[0,2]") + "}", data(2)), ""},
  };
}

inline std::vector<SampleFile> hostile_safetensors() {
  const std::string eight(8, '\0');
  const std::string a8 = entry("a", "F32", "[2]", "[0,8]");
  const std::string deep(100'000, '['), deep_objects = [] {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "{\"a\":";
    return text;
  }();
  const auto with = [&](const std::string& members) { return safetensors_file("{" + members + "}", eight); };
  return {
      {"", "0 bytes are too few for a safetensors file"},
      {"1234567", "7 bytes are too few for a safetensors file"},
      {std::string(8, '\xff'),
       "says that its header has 18446744073709551615 bytes, but 0 are the most it can have; is this a "
       "safetensors file, and whole?"},
      {safetensors_file("{}").substr(0, 9),
       "says that its header has 2 bytes, but 1 are the most it can have; is this a "
       "safetensors file, and whole?"},
      {safetensors_file(""), "the header does not begin with a brace; is this a safetensors file?"},
      {safetensors_file(" {}"), "the header does not begin with a brace; is this a safetensors file?"},
      {safetensors_file("{"), "the header is not JSON at its byte 2"},
      {safetensors_file("{}x"), "the header is not JSON at its byte 3"},
      {safetensors_file("{\"a\xff\":1}"), "the header is not JSON at its byte 4"},
      {safetensors_file("{}", "12345678"), "8 bytes after the last tensor belong to none"},
      {with(a8 + "," + a8), "the header has the key \"a\" twice"},
      {with(a8 + "," + entry("\\u0061", "F32", "[0]", "[8,8]")), "the header has the key \"a\" twice"},
      {with("\"__metadata__\":{},\"__metadata__\":{}," + a8),
       "the header has the key \"__metadata__\" twice"},
      {with("\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}," + a8), "the metadata has \"k\" twice"},
      {with("\"__metadata__\":{\"k\":1}," + a8), "the header has a number where none belongs, at key \"k\""},
      {with("\"__metadata__\":null," + a8),
       "the header has null where none belongs, at key \"__metadata__\""},
      {with("\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"),
       "the header has the key \"dtype\" twice"},
      {with("\"a\":{\"dtype\":\"F32\",\"shape\":[2]}"),
       "tensor \"a\": needs dtype, shape, and two data_offsets"},
      {with("\"a\":{}"), "tensor \"a\": needs dtype, shape, and two data_offsets"},
      {with("\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}"),
       "tensor \"a\": unknown key \"x\""},
      {with("\"a\":[1]"), "the header has an array where none belongs, at key \"a\""},
      {with("\"a\":\"F32\""), "the header has a string where none belongs, at key \"a\""},
      {with("\"\\u001b[2J\":true"), "the header has a name with control characters: \"\\x1b[2J\""},
      {with("\"a\":true"), "the header has true or false where none belongs, at key \"a\""},
      {with(entry("a", "F33", "[2]", "[0,8]")), "tensor \"a\": unknown dtype \"F33\""},
      {with(entry("a", "F32", "[-2]", "[0,8]")),
       "the header has a negative number where none belongs, at key \"shape\""},
      {with(entry("a", "F32", "[2.0]", "[0,8]")),
       "the header has a number that is not whole where none belongs, at key \"shape\""},
      {with(entry("a", "F32", "[[2]]", "[0,8]")),
       "the header has an array where none belongs, at key \"shape\""},
      {with(entry("a", "F32", "[2]", "[0,8,8]")),
       "the header has a number where none belongs, at key \"data_offsets\""},
      {with(entry("a", "F32", "[2]", "[0]")), "tensor \"a\": needs dtype, shape, and two data_offsets"},
      {with(entry("a", "F32", "[2]", "[8,0]")),
       "tensor \"a\": its bytes 8 .. 0 are not within the file's 8 bytes of data; is the file cut short?"},
      {with(entry("a", "F32", "[2]", "[0,9]")),
       "tensor \"a\": its bytes 0 .. 9 are not within the file's 8 bytes of data; is the file cut short?"},
      {with(entry("a", "F32", "[2]", "[18446744073709551608,18446744073709551615]")),
       "tensor \"a\": its bytes 18446744073709551608 .. 18446744073709551615 are not within the file's 8 "
       "bytes of data; is "
       "the file cut short?"},
      {with(entry("a", "F32", "[2]", "[0,18446744073709551616]")),
       "the header has a number that is not whole where none belongs, at key \"data_offsets\""},
      {with(entry("a", "F32", "[3]", "[0,8]")),
       "tensor \"a\": its shape and dtype F32 make 12 bytes, its offsets 8"},
      {with(entry("a", "F32", "[4294967296,4294967296]", "[0,8]")), "tensor \"a\": its shape is too large"},
      {with(entry("a", "F32", "[9223372036854775808,0]", "[0,0]")), "tensor \"a\": its shape is too large"},
      {with(entry("a", "F32", "[4611686018427387904,0]", "[0,0]")), "tensor \"a\": its shape is too large"},
      {with(entry("a", "U8", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,8]", "[0,8]")),
       "tensor \"a\": its shape is too large"},
      {with(entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "U16", "[3]", "[2,8]")),
       "tensor \"b\": its bytes overlap those of another"},
      {with(entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "U8", "[3]", "[5,8]")),
       "tensor \"b\": there is a hole of 1 bytes before it"},
      {with(entry("b", "U8", "[4]", "[4,8]")), "tensor \"b\": there is a hole of 4 bytes before it"},
      {with(entry("a", "F32", "[1]", "[0,4]")), "4 bytes after the last tensor belong to none"},
      {with(entry(std::string(513, 'n'), "F32", "[2]", "[0,8]")), "the header has a name of 513 bytes"},
      {with("\"a\":" + deep), "the header has an array where none belongs, at key \"a\""},
      {safetensors_file(deep_objects), "tensor \"a\": unknown key \"a\""},
      {safetensors_file(deep), "the header does not begin with a brace; is this a safetensors file?"},
  };
}

}  // namespace cce::testing
