#include "tools/data_options.h"

#include <fmt/ranges.h>

#include <set>
#include <utility>

#include "data/raw/delimited_interactions.h"
#include "data/raw/interaction_fields.h"
#include "data/text.h"
#include "engine/error.h"
#include "tools/command_options.h"
#include "tools/named_choices.h"
#include "tools/option_rows.h"

namespace cce {
namespace {

constexpr NamedChoices<Repeats, 4> kRepeats{{{"keep", Repeats::keep},
                                             {"first", Repeats::first},
                                             {"first-read", Repeats::first_read},
                                             {"collapse", Repeats::collapse}}};
constexpr NamedChoices<TimeUnit, 5> kUnits{{{"auto", TimeUnit::automatic},
                                            {"s", TimeUnit::seconds},
                                            {"ms", TimeUnit::milliseconds},
                                            {"us", TimeUnit::microseconds},
                                            {"ns", TimeUnit::nanoseconds}}};

std::vector<std::string> format_names() {
  std::vector<std::string> names{"auto"};
  for (const RawFormat& format : raw_formats()) names.push_back(format.name);
  return names;
}

std::vector<Option> reading_rows(DataOptions& o) {
  return {
      {"format", "Raw files", choice(o.format, format_names()), "what the file is", "told by its first line"},
      {"user-column", "Raw files", text(o.user_column, "COLUMN"),
       "name of the column (or JSON key) with the user", "as usually named"},
      {"item-column", "Raw files", text(o.item_column, "COLUMN"), "likewise with the item", "likewise"},
      {"time-column", "Raw files", text(o.time_column, "COLUMN"),
       "likewise with the time; none: the lines are in the order of time", "likewise"},
      {"rating-column", "Raw files", text(o.rating_column, "COLUMN"), "likewise with the rating", "likewise"},
      {"no-header", "Raw files", flag(o.no_header), "the first line is data; columns have numbers, from 1"},
      {"time-unit", "Raw files", choice(o.time_unit, choice_names(kUnits)),
       "of times that are numbers since 1970", "told by the first one's size"},
  };
}

std::vector<Option> preparing_rows(DataOptions& o) {
  return {
      {"skip-bad", "Prepare", flag(o.skip_bad), "leave lines that are at fault out, and count them"},
      {"min-rating", "Prepare", number(o.min_rating, DataOptions::kAnyRating, -DataOptions::kAnyRating),
       "leave lower ratings out", "any rating"},
      {"since", "Prepare", text(o.since, "TIME"), "leave out what was before, for example 2019-01-01",
       "any time"},
      {"until", "Prepare", text(o.until, "TIME"), "leave out what was after; a date means its whole day",
       "any time"},
      {"repeats", "Prepare", choice(o.repeats, choice_names(kRepeats)),
       "of an item with the same user: keep all, the first in time, the first in the file, or one of those "
       "that follow one another",
       "keep; lastfm: first-read"},
      {"user-core", "Prepare", integer(o.user_core, 0, kMany), "fewest interactions of a user"},
      {"item-core", "Prepare", integer(o.item_core, 0, kMany), "fewest interactions of an item"},
      {"metadata", "Prepare", text(o.metadata, "FILE"), "a file that describes the items, for attributes",
       "no attributes"},
      {"attribute-columns", "Prepare", text(o.attribute_columns, "COLUMNS"),
       "its columns (or JSON keys) that are attributes, with commas between them",
       "brand, categories, genres, tagID, ..."},
      {"attribute-core", "Prepare", integer(o.attribute_core, 0, kMany),
       "fewest items that have an attribute"},
      {"out", "Prepare", text(o.out, "DIR|FILE.txt"), "where to: a folder, or the file of sequences"},
      {"overwrite", "Prepare", flag(o.overwrite), "replace what is there", "", false},
  };
}

std::vector<Option> all_rows(DataOptions& o) {
  std::vector<Option> rows = reading_rows(o);
  for (Option& option : preparing_rows(o)) rows.push_back(std::move(option));
  return rows;
}

/// The first option of the rows that was set and is not among `taken`; "" where there is none.
std::string changed_option(DataOptions options, std::vector<Option> rows_of(DataOptions&),
                           const std::set<std::string>& taken) {
  DataOptions otherwise;
  const std::vector<Option> given = rows_of(options), untouched = rows_of(otherwise);
  for (size_t i = 0; i < given.size(); ++i) {
    const bool changed = given[i].value.get() != untouched[i].value.get();
    if (changed && !taken.contains(given[i].name)) return given[i].name;
  }
  return "";
}

/// Refuses options that the action would not look at (but for those that other commands have, too, and that
/// may be set for all).
void require_only_its_options(const DataOptions& options) {
  if (options.action == "prepare") return;
  DataOptions otherwise;
  std::set<std::string> taken{"out", "overwrite"};
  if (options.action == "validate") {
    for (const Option& option : reading_rows(otherwise)) taken.insert(option.name);
  }
  const std::string option = changed_option(options, all_rows, taken);
  if (!option.empty()) fail_usage("data {}: takes no --{}; data prepare does", options.action, option);
}

/// Refuses what is said about metadata where there are none.
void require_metadata(const DataOptions& options) {
  if (!options.metadata.empty()) return;
  const char* const option = !options.attribute_columns.empty()                       ? "attribute-columns"
                             : options.attribute_core != DataOptions{}.attribute_core ? "attribute-core"
                                                                                      : nullptr;
  if (option != nullptr)
    fail_usage("--{}: is about a file that describes the items; name it with --metadata", option);
}

}  // namespace

OptionTable table_of(DataOptions& o) {
  return {.command = "data",
          .description = "Lists, downloads, describes, checks and prepares data sets.",
          .options = all_rows(o),
          .positional =
              "list | get NAME... | stats NAME|PATH... | validate NAME|PATH... | prepare PATH... --out DIR",
          .footer =
              "For example:\n"
              "  cce_rec data list                  the known data sets, and where their files are\n"
              "  cce_rec data get toys beauty       downloads known data sets\n"
              "  cce_rec data stats demo my.txt     counts users, items and lengths, side by side\n"
              "  cce_rec data validate my.txt       tells everything that is wrong with a file\n"
              "  cce_rec data prepare log.csv --out shop --user-column customer --item-column sku\n"
              "                                     makes shop/log.txt, to train on, of a log of purchases\n"
              "  cce_rec data prepare reviews_Beauty_5.json.gz --metadata meta_Beauty.json.gz --out "
              "amazon/Beauty.txt"};
}

void resolve_data_options(DataOptions& options) {
  require_only_its_options(options);
  if (options.action == "list" && !options.names.empty()) fail_usage("data list takes no names");
  if (options.action == "prepare") {
    if (options.names.empty()) {
      fail_usage(
          "data prepare: name a raw file, for example: cce_rec data prepare ratings.csv --out ratings");
    }
    if (options.out.empty()) fail_usage("data prepare: --out is required, for example --out ratings");
    require_metadata(options);
  } else if (options.action != "list" && options.names.empty()) {
    fail_usage("data {}: name a data set, for example: cce_rec data {} toys", options.action, options.action);
  }
  for (const auto& [option, value] : {std::pair{"since", &options.since}, {"until", &options.until}}) {
    if (!value->empty() && !time_span(*value))
      fail_usage("--{}: expected {}, got \"{}\"", option, kTimeForms, printable(*value));
  }
}

std::string changed_reading_option(const DataOptions& options) {
  return changed_option(options, reading_rows, {});
}

ColumnChoice column_choice(const DataOptions& options) {
  return {options.user_column,
          options.item_column,
          options.time_column,
          options.rating_column,
          options.no_header,
          options.min_rating > DataOptions::kAnyRating || !options.rating_column.empty(),
          choice_named(kUnits, options.time_unit)};
}

AttributeChoice attribute_choice(const DataOptions& options) {
  AttributeChoice attributes{options.item_column, {}, options.attribute_core};
  for (const std::string_view name : split_fields(options.attribute_columns, ",")) {
    if (!trimmed(name).empty()) attributes.columns.emplace_back(trimmed(name));
  }
  return attributes;
}

Repeats repeats_of(const DataOptions& options, const RawFormat& format) {
  return options.repeats.empty() ? format.repeats : choice_named(kRepeats, options.repeats);
}

}  // namespace cce
