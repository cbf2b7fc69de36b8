// Strict reading of the small JSON objects that the program wrote itself. For source files only: nlohmann's
// header is heavy.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>

#include "engine/error.h"

namespace cce {

/// The members of a JSON object, each to be taken once and all to be taken.
class StrictObject {
 public:
  /// Throws unless `json` is an object. Errors begin with `place`.
  StrictObject(const nlohmann::json& json, std::string place);

  bool has(const char* key) const { return json_.contains(key); }
  /// The member, which must be there; StrictObject(take(...)) for an object within.
  const nlohmann::json& take(const char* key);
  /// A string, a finite number (double), or a whole number in range (integers).
  template <class T>
  T take_as(const char* key) {
    const nlohmann::json& value = take(key);
    if constexpr (std::is_same_v<T, std::string>) {
      if (value.is_string()) return value.get<std::string>();
      fail("{}: {:?} is not a string", place_, key);
    } else if constexpr (std::is_floating_point_v<T>) {
      if (value.is_number()) return value.get<T>();
      fail("{}: {:?} is not a number", place_, key);
    } else {
      if (value.is_number_unsigned() && value.get<uint64_t>() <= uint64_t{std::numeric_limits<T>::max()})
        return value.get<T>();
      fail("{}: {:?} is not a whole number of this program's range", place_, key);
    }
  }
  /// Throws if a member was not taken.
  void finish() const;
  const std::string& place() const { return place_; }

 private:
  const nlohmann::json& json_;
  std::string place_;
  std::set<std::string> taken_;
};

/// Parses JSON nested at most four deep in which no object has a key twice.
nlohmann::json parse_strict_json(std::string_view text, const std::string& place);

}  // namespace cce
