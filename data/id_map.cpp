#include "data/id_map.h"

#include <charconv>
#include <filesystem>

#include "data/text.h"
#include "data/utf8.h"
#include "engine/error.h"

namespace cce {
namespace {

constexpr std::string_view kEscaped = "\t\n\r\\";
constexpr std::string_view kLetters = "tnr\\";
constexpr std::string_view kFingerprint = "data:";

/// The raw id that the text of a file stands for; nothing where it has an unknown escape.
std::optional<std::string> unescaped(std::string_view text) {
  std::string raw;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      raw += text[i];
      continue;
    }
    const size_t letter = ++i < text.size() ? kLetters.find(text[i]) : std::string_view::npos;
    if (letter == std::string_view::npos) return std::nullopt;
    raw += kEscaped[letter];
  }
  return raw;
}

/// Takes what stands before the next `end` off the front of `text`, with the end.
std::string_view take_until(std::string_view& text, char end) {
  const std::string_view front = text.substr(0, text.find(end));
  text.remove_prefix(std::min(front.size() + 1, text.size()));
  return front;
}

std::string_view take_line(std::string_view& text) {
  std::string_view line = take_until(text, '\n');
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void read_header(std::string_view header, IdMap& map, const std::string& name) {
  map.kind = take_until(header, '\t');
  const std::string_view raw = take_until(header, '\t');
  const bool known = map.kind == "item" || map.kind == "user" || map.kind == "attribute";
  const bool right = known && raw == "raw" && (header.empty() || header.starts_with(kFingerprint));
  require(right,
          "{}:1: is not the header of a map of ids: item, raw, data:FINGERPRINT, with tabs between them",
          name);
  if (!header.empty()) map.fingerprint = header.substr(kFingerprint.size());
}

void read_row(std::string_view row, IdMap& map, const std::string& place) {
  const std::string_view number_text = take_until(row, '\t');
  int32_t number = 0;
  const char* const end = number_text.data() + number_text.size();
  const auto [stopped, error] = std::from_chars(number_text.data(), end, number);
  require(error == std::errc() && stopped == end && number == map.size() + 1,
          "{}: begins with \"{}\", expected the number {}", place, printable(number_text), map.size() + 1);
  const auto raw = unescaped(row);
  require(raw && row.find('\t') == std::string_view::npos,
          "{}: the raw id \"{}\" has a tab or a backslash that is not written \\t or \\\\", place,
          printable(row));
  require(!raw->empty(), "{}: has no raw id", place);
  require(map.kind == "attribute" || is_utf8(*raw),
          "{}: the raw id \"{}\" is not UTF-8; convert the map: iconv -f latin1 -t utf-8", place,
          printable(*raw));
  require(map.ids.add(*raw) + 1 == number, "{}: the raw id \"{}\" was there before", place, printable(*raw));
}

}  // namespace

std::optional<int32_t> IdMap::find(std::string_view raw) const {
  const auto number = ids.find(raw);
  return number ? std::optional(*number + 1) : std::nullopt;
}

std::string escaped_id(std::string_view raw) {
  std::string text;
  for (const char c : raw) {
    const size_t letter = kEscaped.find(c);
    if (letter == std::string_view::npos) {
      text += c;
    } else {
      text += '\\';
      text += kLetters[letter];
    }
  }
  return text;
}

std::string to_tsv(const IdMap& map) {
  std::string tsv = map.kind + "\traw";
  if (!map.fingerprint.empty()) tsv += fmt::format("\t{}{}", kFingerprint, map.fingerprint);
  tsv += '\n';
  for (int32_t number = 1; number <= map.size(); ++number) {
    fmt::format_to(std::back_inserter(tsv), "{}\t{}\n", number, escaped_id(map.raw(number)));
  }
  return tsv;
}

IdMap parse_id_map(std::string_view tsv, const std::string& name) {
  IdMap map;
  read_header(take_line(tsv), map, name);
  for (int64_t line = 2; !tsv.empty(); ++line) {
    const std::string_view row = take_line(tsv);
    read_row(row, map, fmt::format("{}:{}", name, line));
  }
  return map;
}

IdMap read_id_map(const std::string& path) {
  return parse_id_map(read_text_file(path), path);
}

std::string item_map_beside(const std::string& sequences) {
  std::filesystem::path path(sequences);
  path.replace_filename(path.stem().string() + "_items.tsv");
  return path.string();
}

}  // namespace cce
