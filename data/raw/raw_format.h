// The raw formats that are known: how each is told by its first line, and read.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/raw/delimited_lines.h"
#include "data/raw/interaction.h"
#include "data/raw/raw_columns.h"

namespace cce {

/// How often a user may have an item. first: of all times the earliest counts; first-read: the one that
/// comes first in the file; collapse: of those that follow one another in time the earliest.
enum class Repeats { keep, first, first_read, collapse };

struct RawFormat {
  enum class Kind { delimited, json, sequences };

  std::string name;         ///< "movielens"
  std::string description;  ///< "user::item::rating::time"
  Kind kind;
  FieldForm fields = {};      ///< delimited; an empty separator: the one that the header has most of
  bool header = true;         ///< delimited
  bool typed_header = false;  ///< RecBole's: "user_id:token"
  ColumnNames columns = {};   ///< those of the format; empty: what they are usually called
  TimeUnit unit = TimeUnit::automatic;
  Repeats repeats = Repeats::keep;
};

std::span<const RawFormat> raw_formats();
/// Null if there is no such format.
const RawFormat* find_raw_format(const std::string& name);

/// The format of a file by its first line that is not empty. Throws a line that names `name` where the line
/// is that of none, or of a file that describes items.
const RawFormat& sniff_raw_format(std::string_view first_line, const std::string& name);

/// The format of a header with tabs in it; of these, only tsv has quotes.
const RawFormat& sniff_tabs(std::string_view header);

/// The file as a stream of interactions.
std::unique_ptr<InteractionReader> read_interactions(RawLines lines, const RawFormat& format,
                                                     const ColumnChoice& choice, OnFault on_fault);

/// The first line of a file that is not empty, which stays to be read; "" where there is none. Empty ones
/// before it are taken.
std::string_view first_line(RawLines& lines);

/// How this format's fields are told apart; where it leaves the separator open, it is that one of , ; and |
/// which the header has most of.
FieldForm form_of_header(std::string_view header, const RawFormat& format);
/// "user_id:token" without the type; as it is where it has none.
std::string_view without_type(std::string_view name);

}  // namespace cce
