// What `recommend` and `similar` read and write: histories, items, and answers in JSON.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ops/top_items.h"
#include "tools/item_ids.h"

namespace cce {

/// A history as it was given.
struct GivenHistory {
  std::string user_json;             ///< the user as it stood in a line of JSON; empty: none was named
  std::vector<int32_t> items;        ///< the model's numbers
  std::vector<std::string> unknown;  ///< items that the model does not know, which were left out
};

/// Reads a line: item ids with blanks or commas between them (as take_written_id() takes them), a JSON array
/// of them, or a JSON object {"user": ..., "history": [...]} whose user (a string or a number) may be
/// missing. In JSON, ids are strings or whole numbers. Throws, naming `place`, where the line is none of
/// these.
GivenHistory parse_history(std::string_view line, const ItemIds& ids, const std::string& place);

/// Reads one id: text in JSON where it begins with a quote, a JSON array with nothing else in it where it
/// begins with a bracket, and otherwise all of `text` as it stands. Throws, naming `place`.
std::string parse_item(std::string_view text, const std::string& place);

/// {"user": ..., "items": [...], "scores": [...], "unknown": [...]}, the first and the last where there is
/// something to say. No line feed.
std::string to_json(const GivenHistory& given, std::span<const ScoredItem> best, const ItemIds& ids);

/// {"line": 3, "error": "..."}: what stands for the answer to a line that could not be read.
std::string error_json(size_t line, const std::string& message);

}  // namespace cce
