#include "tools/history_line.h"

#include <fmt/format.h>

#include <charconv>

#include "tools/strict_json.h"
#include "tools/written_id.h"

namespace cce {
namespace {

using Json = nlohmann::ordered_json;

void add_item(GivenHistory& given, std::string name, const ItemIds& ids) {
  if (const auto number = ids.find(name)) {
    given.items.push_back(*number);
  } else {
    given.unknown.push_back(std::move(name));
  }
}

std::string id_of(const nlohmann::json& item, const std::string& place) {
  require(item.is_string() || item.is_number_integer(),
          "{}: an item id is neither a string nor a whole number", place);
  return item.is_string() ? item.get<std::string>() : item.dump();
}

void add_items(GivenHistory& given, const nlohmann::json& history, const ItemIds& ids,
               const std::string& place) {
  require(history.is_array(), "{}: \"history\" is not a list of item ids", place);
  for (const nlohmann::json& item : history) add_item(given, id_of(item, place), ids);
}

GivenHistory parse_object(const nlohmann::json& json, const ItemIds& ids, const std::string& place) {
  GivenHistory given;
  StrictObject object(json, place);
  if (object.has("user")) {
    const nlohmann::json& user = object.take("user");
    require(user.is_string() || user.is_number(), "{}: \"user\" is neither a string nor a number", place);
    given.user_json = user.dump();
  }
  add_items(given, object.take("history"), ids, place);
  object.finish();
  return given;
}

GivenHistory parse_plain(std::string_view line, const ItemIds& ids, const std::string& place) {
  GivenHistory given;
  for (size_t at; (at = line.find_first_not_of(kIdSeparators)) != std::string_view::npos;) {
    line.remove_prefix(at);
    add_item(given, take_written_id(line, place), ids);
  }
  return given;
}

/// The number with the fewest digits that stands for the same float, so that JSON has no more of them.
double rounded_as_float(double score) {
  const std::string digits = fmt::format("{}", static_cast<float>(score));
  double number = score;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

/// Text that is no UTF-8 is mended, as JSON can hold no other.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

GivenHistory parse_history(std::string_view line, const ItemIds& ids, const std::string& place) {
  const size_t first = line.find_first_not_of(" \t");
  const char begins = first == std::string_view::npos ? '\0' : line[first];
  if (begins == '{') return parse_object(parse_strict_json(line, place), ids, place);
  GivenHistory given;
  if (begins == '[') {
    add_items(given, parse_strict_json(line, place), ids, place);
  } else {
    given = parse_plain(line, ids, place);
  }
  return given;
}

std::string parse_item(std::string_view text, const std::string& place) {
  if (text.starts_with('[')) {
    const nlohmann::json list = parse_strict_json(text, place);
    require(list.size() == 1, "{}: expected a list of one id, got {}", place, list.size());
    return id_of(list.front(), place);
  }
  if (!text.starts_with('"')) return std::string(text);
  const std::string id = take_written_id(text, place);
  require(text.empty(), "{}: expected one id, but something follows {}", place, written_id(id));
  return id;
}

std::string to_json(const GivenHistory& given, std::span<const ScoredItem> best, const ItemIds& ids) {
  Json items = Json::array(), scores = Json::array();
  for (const auto& [item, score] : best) {
    const std::string name = ids.name(item);
    items.push_back(ids.numeric() ? Json(std::stoll(name)) : Json(name));
    scores.push_back(rounded_as_float(score));
  }
  Json answer;
  if (!given.user_json.empty()) answer["user"] = Json::parse(given.user_json);
  answer["items"] = std::move(items);
  answer["scores"] = std::move(scores);
  if (!given.unknown.empty()) answer["unknown"] = given.unknown;
  return dump(answer);
}

std::string error_json(size_t line, const std::string& message) {
  return dump(Json{{"line", line}, {"error", message}});
}

}  // namespace cce
