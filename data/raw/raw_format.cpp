#include "data/raw/raw_format.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "data/raw/delimited_interactions.h"
#include "data/raw/json_interactions.h"
#include "data/raw/json_scanner.h"
#include "data/raw/sequence_interactions.h"
#include "data/text.h"
#include "engine/error.h"

namespace cce {
namespace {

using Kind = RawFormat::Kind;
using Names = std::vector<std::string>;

const std::vector<RawFormat>& formats() {
  static const std::vector<RawFormat> known{
      {.name = "csv",
       .description = "a header, then fields with commas (or ; or |) between them",
       .kind = Kind::delimited,
       .fields = {"", true}},
      {.name = "tsv",
       .description = "a header, then fields with tabs between them",
       .kind = Kind::delimited,
       .fields = {"\t", true}},
      {.name = "jsonl", .description = "a JSON object on each line", .kind = Kind::json},
      {.name = "movielens",
       .description = "user::item::rating::time",
       .kind = Kind::delimited,
       .fields = {"::", false},
       .header = false},
      {.name = "movielens-csv",
       .description = "userId,movieId,rating,timestamp",
       .kind = Kind::delimited,
       .fields = {",", true},
       .columns = {{"userId"}, {"movieId"}, {"timestamp"}, {"rating"}}},
      {.name = "recbole",
       .description = "RecBole's .inter: user_id:token, item_id:token, timestamp:float",
       .kind = Kind::delimited,
       .fields = {"\t", false},
       .typed_header = true},
      {.name = "gru4rec",
       .description = "GRU4Rec's sessions: SessionId, ItemId, Time",
       .kind = Kind::delimited,
       .fields = {"\t", false},
       .columns = {{"SessionId"}, {"ItemId"}, {"Time"}, {}}},
      {.name = "amazon",
       .description = "Amazon reviews as JSON lines, of 2014, 2018 or 2023",
       .kind = Kind::json,
       .columns = {{"reviewerID", "user_id"},
                   {"parent_asin", "asin"},
                   {"unixReviewTime", "timestamp"},
                   {"overall", "rating"}}},
      {.name = "yelp",
       .description = "Yelp's review.json",
       .kind = Kind::json,
       .columns = {{"user_id"}, {"business_id"}, {"date"}, {"stars"}}},
      {.name = "lastfm",
       .description = "HetRec's user_taggedartists-timestamps.dat: userID, artistID, tagID, timestamp",
       .kind = Kind::delimited,
       .fields = {"\t", false},
       .columns = {{"userID"}, {"artistID"}, {"timestamp"}, {"weight"}},
       .unit = TimeUnit::milliseconds,
       .repeats = Repeats::first_read},
      {.name = "s3rec",
       .description = "a user and then the items from old to new, with blanks between them",
       .kind = Kind::sequences},
  };
  return known;
}

const RawFormat& format_named(const std::string& name) {
  return *find_raw_format(name);
}

bool has(std::span<const std::string_view> names, const char* name) {
  return std::ranges::find(names, std::string_view(name)) != names.end();
}

const RawFormat& sniff_json(std::string_view line, const std::string& name) {
  std::vector<std::string> keys;
  try {
    keys = json_keys(line);
  } catch (const JsonFault&) {
    return format_named("jsonl");  // whose reader tells the fault with its line, or passes it over
  }
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  const auto given = [&](const char* key) { return has(views, key); };
  const bool product = given("asin") || given("parent_asin");
  const bool user = given("reviewerID") || given("user_id");
  if (user && product) return format_named("amazon");
  if (given("user_id") && given("business_id")) return format_named("yelp");
  if (!user && (product || given("business_id"))) {
    fail_usage("{}: has no users, but describes items; give it with --metadata, and the file of reviews here",
               name);
  }
  return format_named("jsonl");
}

}  // namespace

std::span<const RawFormat> raw_formats() {
  return formats();
}

const RawFormat* find_raw_format(const std::string& name) {
  const auto found = std::ranges::find(formats(), name, &RawFormat::name);
  return found == formats().end() ? nullptr : &*found;
}

std::string_view without_type(std::string_view name) {
  for (const std::string_view type : {":token", ":token_seq", ":float", ":float_seq"}) {
    if (name.ends_with(type)) return name.substr(0, name.size() - type.size());
  }
  return name;
}

FieldForm form_of_header(std::string_view header, const RawFormat& format) {
  FieldForm form = format.fields;
  if (!form.separator.empty()) return form;
  const std::string_view candidates = ",;|";
  form.separator = *std::ranges::max_element(
      candidates, {}, [&](char candidate) { return std::ranges::count(header, candidate); });
  return form;
}

std::string_view first_line(RawLines& lines) {
  std::string_view line;
  while (lines.peek(line) && line.empty()) lines.next(line);
  return line;
}

const RawFormat& sniff_tabs(std::string_view header) {
  const std::vector<std::string_view> fields = split_fields(header, "\t", DelimitedLines::kMostFields);
  const bool typed = std::ranges::all_of(
      fields, [](std::string_view field) { return without_type(field).size() < field.size(); });
  if (typed) return format_named("recbole");
  if (has(fields, "SessionId") && has(fields, "ItemId")) return format_named("gru4rec");
  if (has(fields, "userID") && has(fields, "artistID")) return format_named("lastfm");
  return format_named("tsv");
}

const RawFormat& sniff_raw_format(std::string_view line, const std::string& name) {
  require(!line.empty(), "{}: is empty", name);
  require(!line.starts_with('['), "{}: is a list in JSON; write an object on each line first: jq -c '.[]'",
          name);
  if (line.starts_with('{')) return sniff_json(line, name);
  if (line.find("::") != std::string_view::npos && split_fields(line, "::", 3).size() == 3)
    return format_named("movielens");
  if (line.find('\t') != std::string_view::npos) return sniff_tabs(line);
  if (line.find_first_of(",;|") != std::string_view::npos) {
    const std::vector<std::string_view> fields = split_fields(line, ",", DelimitedLines::kMostFields);
    return format_named(has(fields, "userId") && has(fields, "movieId") ? "movielens-csv" : "csv");
  }
  if (line.find(' ') != std::string_view::npos) return format_named("s3rec");
  Names names;
  for (const RawFormat& format : formats()) names.push_back(format.name);
  fail_usage("{}: begins with \"{}\", which is the beginning of no known format; say it with --format {}",
             name, printable(line), fmt::join(names, "|"));
}

std::unique_ptr<InteractionReader> read_interactions(RawLines lines, const RawFormat& format,
                                                     const ColumnChoice& choice, OnFault on_fault) {
  ColumnChoice resolved = choice;
  if (choice.unit == TimeUnit::automatic) resolved.unit = format.unit;
  if (format.kind == Kind::json) return read_json(std::move(lines), format, resolved, std::move(on_fault));
  if (format.kind == Kind::delimited)
    return read_delimited(std::move(lines), format, resolved, std::move(on_fault));
  return read_sequences(std::move(lines), resolved, std::move(on_fault));
}

}  // namespace cce
