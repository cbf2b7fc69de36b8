#include "tools/strict_json.h"

#include <vector>

namespace cce {

constexpr int kMaxDepth = 4;

StrictObject::StrictObject(const nlohmann::json& json, std::string place)
    : json_(json), place_(std::move(place)) {
  require(json_.is_object(), "{}: is not a JSON object", place_);
}

const nlohmann::json& StrictObject::take(const char* key) {
  const auto member = json_.find(key);
  if (member == json_.end()) fail("{}: {:?} is missing", place_, key);
  taken_.insert(key);
  return *member;
}

void StrictObject::finish() const {
  for (const auto& [key, value] : json_.items()) {
    if (!taken_.contains(key)) fail("{}: unknown key {:?}", place_, key.substr(0, 64));
  }
}

nlohmann::json parse_strict_json(std::string_view text, const std::string& place) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  const auto check = [&](int depth, Event event, nlohmann::json& parsed) {
    require(depth <= kMaxDepth, "{}: JSON is nested too deep", place);
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(parsed.get<std::string>()).second) {
      fail("{}: the key {:?} comes twice", place, parsed.get<std::string>().substr(0, 64));
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text, check);
  } catch (const nlohmann::json::parse_error& error) {
    fail("{}: is not JSON at byte {}", place, error.byte);
  } catch (const nlohmann::json::out_of_range&) {
    fail("{}: a number is out of range", place);
  }
}

}  // namespace cce
