#include "data/raw/description_reader.h"

#include <algorithm>
#include <utility>

#include "data/raw/delimited_interactions.h"
#include "data/raw/interaction_fields.h"
#include "data/raw/json_scanner.h"
#include "data/raw/raw_format.h"
#include "data/text.h"
#include "engine/error.h"

namespace cce {
namespace {

/// Columns that describe an item, brands first.
const std::vector<std::string>& usual_attributes() {
  static const std::vector<std::string> names{"brand", "store", "categories", "category", "genres",
                                              "genre", "class", "tags",       "tagID"};
  return names;
}

void add_parts(std::string_view text, std::string_view separator, std::vector<std::string>& attributes) {
  for (const std::string_view part : split_fields(text, separator)) {
    if (const std::string_view clean = trimmed(part); !clean.empty()) attributes.emplace_back(clean);
  }
}

/// What is wrong with the attributes' texts; "" where nothing is.
std::string problem_of(const std::vector<std::string>& attributes) {
  for (const std::string& text : attributes) {
    if (std::string problem = problem_of_attribute(text); !problem.empty()) return problem;
  }
  return "";
}

/// The attributes' columns among the names of a header; throws where there are none.
std::vector<size_t> attribute_columns(std::span<const std::string_view> names, const AttributeChoice& choice,
                                      const std::string& place) {
  std::vector<size_t> columns;
  for (const std::string& name : choice.columns.empty() ? usual_attributes() : choice.columns) {
    const auto column = find_column(names, std::vector{name});
    if (column) columns.push_back(*column);
    if (!column && !choice.columns.empty())
      fail_usage("--attribute-columns {}: {} has no such column", printable(name), place);
  }
  if (columns.empty()) fail_usage("{}: which columns are attributes? Say it with --attribute-columns", place);
  return columns;
}

/// The column of the name that was chosen, which may be the log's alone, or else of a usual one.
size_t item_column(std::span<const std::string_view> names, const AttributeChoice& choice,
                   std::vector<std::string> usual, const std::string& place) {
  if (!choice.item.empty()) usual.insert(usual.begin(), choice.item);
  if (const auto column = find_column(names, usual)) return *column;
  const std::string chosen =
      choice.item.empty() ? "" : fmt::format("\"{}\" (--item-column) or ", printable(choice.item));
  fail_usage("{}: which column is the item? None is called {}as usual; rename it, for example to {}", place,
             chosen, usual_column_names().item.front());
}

class DelimitedDescriptions : public DescriptionReader {
 public:
  DelimitedDescriptions(RawLines lines, const RawFormat& format, const AttributeChoice& choice,
                        const OnFault& on_fault)
      : on_fault_(on_fault) {
    const FieldForm form = form_of_header(first_line(lines), format);
    records_ = std::make_unique<DelimitedLines>(std::move(lines), form, on_fault);
    if (format.header) {
      read_header(choice);
    } else {  // MovieLens: item::title::genres
      if (!choice.columns.empty())
        fail_usage("--attribute-columns: {} is read as {}, whose columns have no names", records_->name(),
                   format.name);
      width_ = 3;
      columns_ = {{2, "|"}};
    }
  }

  bool next(Description& description) override {
    while (records_->next(fields_)) {
      if (fields_.size() != width_) {
        on_fault_(fmt::format("{}: has {} fields, expected {}", records_->place(), fields_.size(), width_));
        continue;
      }
      description.item = fields_[item_];
      description.attributes.clear();
      for (const auto& [column, separator] : columns_)
        add_parts(fields_[column], separator, description.attributes);
      const std::string problem = problem_of(description.attributes);
      if (problem.empty()) return true;
      on_fault_(fmt::format("{}: {}", records_->place(), problem));
    }
    return false;
  }

 private:
  void read_header(const AttributeChoice& choice) {
    require(records_->next(fields_), "{}: is empty, expected a header", records_->name());
    std::vector<std::string_view> names;
    for (const std::string_view field : fields_) names.push_back(without_type(trimmed(field)));
    width_ = fields_.size();
    item_ = item_column(names, choice, usual_column_names().item, records_->place());
    for (const size_t column : attribute_columns(names, choice, records_->place()))
      columns_.emplace_back(column, trimmed(fields_[column]).ends_with(":token_seq") ? " " : "|");
  }

  OnFault on_fault_;
  std::unique_ptr<DelimitedLines> records_;
  std::vector<std::string_view> fields_;
  size_t width_ = 0, item_ = 0;
  std::vector<std::pair<size_t, const char*>>
      columns_;  // of attributes, and what separates several in a field
};

class JsonDescriptions : public DescriptionReader {
 public:
  JsonDescriptions(RawLines lines, const AttributeChoice& choice, const OnFault& on_fault)
      : lines_(std::move(lines)), choice_(choice), on_fault_(on_fault) {}

  bool next(Description& description) override {
    std::string_view line;
    while (lines_.next(line)) {
      if (trimmed(line).empty()) continue;
      try {
        if (attributes_.empty()) find_keys(line);
        scan(line, description);
        const std::string problem = description.item.empty() ? fmt::format("has no \"{}\"", printable(item_))
                                                             : problem_of(description.attributes);
        if (problem.empty()) return true;
        on_fault_(fmt::format("{}: {}", lines_.place(), problem));
      } catch (const JsonFault& fault) {
        on_fault_(fmt::format("{}: {}", lines_.place(), message_of(fault)));
      }
    }
    return false;
  }

 private:
  void find_keys(std::string_view line) {
    const std::vector<std::string> keys = json_keys(line);
    std::vector<std::string_view> names(keys.begin(), keys.end());
    const auto has = [&](const char* key) { return std::ranges::find(keys, key) != keys.end(); };
    is_yelp_ = has("business_id");
    is_amazon_ = has("asin") || has("parent_asin");
    const auto usual =
        has("parent_asin") ? std::vector<std::string>{"parent_asin"} : usual_column_names().item;
    item_ = keys[item_column(names, choice_, usual, lines_.place())];
    if (choice_.columns.empty()) {  // one line may lack what the next one has
      attributes_ = usual_attributes();
    } else {
      attributes_ = choice_.columns;
    }
  }

  /// In Amazon's files a brand comes before the categories wherever it stands, as in the public data sets.
  void scan(std::string_view line, Description& description) {
    description = {};
    std::vector<std::vector<std::string>> values(attributes_.size());
    JsonScanner scanner(line);
    std::string_view key;
    scanner.begin_object();
    for (bool first = true; scanner.next_member(key, key_buffer_, first);) {
      const auto attribute = std::ranges::find(attributes_, key);
      if (key == item_) {
        description.item = scanner.string_or_number(buffer_);
      } else if (attribute == attributes_.end()) {
        scanner.skip();
      } else {
        const bool path = is_amazon_ && (key == "categories" || key == "category");
        add_value(scanner, path, 0, values[static_cast<size_t>(attribute - attributes_.begin())]);
      }
    }
    scanner.end();
    for (const auto& list : values)
      description.attributes.insert(description.attributes.end(), list.begin(), list.end());
  }

  /// Takes text, a number, or a list of these or of lists. Of a `path` of categories the first, which all
  /// products share, is passed over.
  void add_value(JsonScanner& scanner, bool path, int depth, std::vector<std::string>& attributes) {
    constexpr int kDeepest = 8;
    if (scanner.peek() != '[' || depth == kDeepest) return add_scalar(scanner, attributes);
    scanner.begin_array();
    int64_t index = 0;
    for (bool first = true; scanner.next_element(first); ++index) {
      const bool is_root = path && index == 0 && scanner.peek() != '[';
      is_root ? scanner.skip() : add_value(scanner, path, depth + 1, attributes);
    }
  }

  void add_scalar(JsonScanner& scanner, std::vector<std::string>& attributes) {
    const char kind = scanner.peek();
    const bool is_text = kind == '"' || kind == '\'' || kind == '-' || (kind >= '0' && kind <= '9');
    if (!is_text) return scanner.skip();  // null, an object
    add_parts(scanner.string_or_number(buffer_), is_yelp_ ? "," : is_amazon_ ? "\n" : "|", attributes);
  }

  RawLines lines_;
  AttributeChoice choice_;
  OnFault on_fault_;
  bool is_yelp_ = false, is_amazon_ = false;
  std::string item_;
  std::vector<std::string> attributes_;  // keys
  std::string key_buffer_, buffer_;
};

}  // namespace

std::unique_ptr<DescriptionReader> read_descriptions(RawLines lines, const AttributeChoice& choice,
                                                     const OnFault& on_fault) {
  const std::string_view line = first_line(lines);
  require(!line.empty(), "{}: is empty", lines.name());
  if (line.starts_with('{')) return std::make_unique<JsonDescriptions>(std::move(lines), choice, on_fault);
  const bool movielens = line.find("::") != std::string_view::npos;
  const bool tabs = !movielens && line.find('\t') != std::string_view::npos;
  const RawFormat& format = tabs ? sniff_tabs(line) : *find_raw_format(movielens ? "movielens" : "csv");
  return std::make_unique<DelimitedDescriptions>(std::move(lines), format, choice, on_fault);
}

}  // namespace cce
