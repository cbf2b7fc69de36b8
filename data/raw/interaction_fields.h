// What the texts of an interaction must be, in any format.
#pragma once

#include <string>
#include <string_view>

#include "data/raw/interaction.h"
#include "data/raw/timestamp.h"

namespace cce {

/// The longest id, or text of an attribute, that is believed, in bytes.
inline constexpr size_t kLongestId = 4096;

/// Without blanks at the ends.
std::string_view trimmed(std::string_view text);

/// Each of these tells what is wrong; "" where nothing is.
std::string problem_of_attribute(std::string_view text);
std::string problem_of_ids(const Interaction& interaction);
std::string take_time(std::string_view text, TimeReader& times, Interaction& interaction);
std::string take_rating(std::string_view text, Interaction& interaction);

}  // namespace cce
