// The known name that someone who misspelt one most likely meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cce {

/// Number of letters to insert, delete, replace or swap with their neighbour that turns `a` into `b`.
size_t edit_distance(std::string_view a, std::string_view b);

/// The one of `names` (the first of several) with the least edit distance to `word`; `names` must not be
/// empty.
std::string nearest(std::string_view word, const std::vector<std::string>& names);

}  // namespace cce
