// Which of a raw file's columns (or JSON keys) is the user, which the item, and so on.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/raw/timestamp.h"

namespace cce {

/// What the user says about the columns. Names are as in the header; where there is none, numbers from 1.
struct ColumnChoice {
  std::string user, item, time, rating;  ///< empty: those that the format has, or that are usually so named
  bool no_header = false;
  bool wants_rating = false;
  TimeUnit unit = TimeUnit::automatic;
};

/// Says "no column" for the time: the order of the file is taken.
inline constexpr std::string_view kNoColumn = "none";

/// The names that a column may have, the best first; upper case, "_", "-" and blanks do not matter.
struct ColumnNames {
  std::vector<std::string> user, item, time, rating;
};
/// What columns are usually called.
const ColumnNames& usual_column_names();

/// Numbers of columns, from 0.
struct Columns {
  size_t user = 0, item = 0;
  std::optional<size_t> time, rating;
};

/// Finds the columns among the names in a header (`place`, for messages). A time is not needed, a rating only
/// where the choice wants one. Throws a usage error that names what there is, and the option to say it with.
Columns find_columns(std::span<const std::string_view> header, const ColumnChoice& choice,
                     const ColumnNames& names, const std::string& place);
/// The columns by their numbers, of a file without a header.
Columns numbered_columns(const ColumnChoice& choice, const std::string& place);

/// The column that one of `names` stands for.
std::optional<size_t> find_column(std::span<const std::string_view> header,
                                  std::span<const std::string> names);

}  // namespace cce
