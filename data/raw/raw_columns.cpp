#include "data/raw/raw_columns.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "data/text.h"
#include "engine/error.h"

namespace cce {
namespace {

/// As names are compared: "User_ID" is "userid".
std::string plain(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c != '_' && c != '-' && c != ' ')
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

std::string shown(std::span<const std::string_view> header) {
  constexpr size_t kShown = 20;
  std::vector<std::string> names;
  for (const std::string_view name : header.first(std::min(header.size(), kShown)))
    names.push_back(printable(name));
  return fmt::format("{}{}", fmt::join(names, ", "), header.size() > kShown ? ", ..." : "");
}

/// The column that the option names.
size_t chosen_column(std::span<const std::string_view> header, const std::string& name, const char* what,
                     const std::string& place) {
  const auto found = std::ranges::find(header, std::string_view(name));
  if (found != header.end()) return static_cast<size_t>(found - header.begin());
  if (const auto alike = find_column(header, std::vector{name})) return *alike;
  fail_usage("--{}-column {}: {} has no such column, only {}", what, printable(name), place, shown(header));
}

std::optional<size_t> column(std::span<const std::string_view> header, const std::string& chosen,
                             const std::vector<std::string>& names, const char* what,
                             const std::string& place) {
  return chosen.empty() ? find_column(header, names) : chosen_column(header, chosen, what, place);
}

size_t needed(std::optional<size_t> column, std::span<const std::string_view> header, const char* what,
              const std::string& place) {
  if (column) return *column;
  fail_usage("{}: which column is the {}? Say it with --{}-column; there are {}", place, what, what,
             shown(header));
}

/// The number, from 1, that the option gives for a column.
size_t numbered(const std::string& text, const char* what) {
  size_t number = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && stopped == text.data() + text.size();
  if (!whole || number == 0) {
    fail_usage("--{}-column {}: without a header, columns have numbers, from 1", what,
               text.empty() ? "is missing" : printable(text));
  }
  return number - 1;
}

void require_two(const Columns& columns, const std::string& place) {
  if (columns.user == columns.item)
    fail_usage("{}: the user and the item are in one column; name two", place);
}

}  // namespace

const ColumnNames& usual_column_names() {
  static const ColumnNames names{
      {"user", "userid", "uid", "customer", "customerid", "reviewerid", "visitorid", "session", "sessionid",
       "member", "memberid", "clientid", "accountid"},
      {"item", "itemid", "iid", "product", "productid", "movieid", "articleid", "asin", "sku", "artistid",
       "businessid", "bookid", "songid", "trackid", "videoid", "contentid"},
      {"time", "timestamp", "datetime", "date", "ts", "eventtime", "unixtime", "unixreviewtime", "createdat",
       "purchasedat", "orderdate"},
      {"rating", "stars", "score", "overall"}};
  return names;
}

std::optional<size_t> find_column(std::span<const std::string_view> header,
                                  std::span<const std::string> names) {
  for (const std::string& name : names) {
    const std::string wanted = plain(name);
    for (size_t i = 0; i < header.size(); ++i) {
      if (plain(header[i]) == wanted) return i;
    }
  }
  return std::nullopt;
}

Columns find_columns(std::span<const std::string_view> header, const ColumnChoice& choice,
                     const ColumnNames& names, const std::string& place) {
  Columns columns;
  columns.user = needed(column(header, choice.user, names.user, "user", place), header, "user", place);
  columns.item = needed(column(header, choice.item, names.item, "item", place), header, "item", place);
  require_two(columns, place);
  if (choice.time != kNoColumn) columns.time = column(header, choice.time, names.time, "time", place);
  if (choice.wants_rating) {
    columns.rating =
        needed(column(header, choice.rating, names.rating, "rating", place), header, "rating", place);
  }
  return columns;
}

Columns numbered_columns(const ColumnChoice& choice, const std::string& place) {
  if (choice.user.empty() || choice.item.empty()) {
    fail_usage("{}: without a header, say which columns there are, from 1: --user-column 1 --item-column 2",
               place);
  }
  Columns columns{numbered(choice.user, "user"), numbered(choice.item, "item"), {}, {}};
  require_two(columns, place);
  if (!choice.time.empty() && choice.time != kNoColumn) columns.time = numbered(choice.time, "time");
  if (choice.wants_rating) columns.rating = numbered(choice.rating, "rating");
  return columns;
}

}  // namespace cce
