#include "data/raw/delimited_interactions.h"

#include <fmt/format.h>

#include "data/raw/interaction_fields.h"
#include "data/text.h"
#include "engine/error.h"

namespace cce {
namespace {

using Fields = std::vector<std::string_view>;

/// Columns of MovieLens' lines.
constexpr Columns kMovieLens{0, 1, 3, 2};

/// Throws a usage error where a header of one column looks like that of another format.
void require_separator(std::string_view header, const FieldForm& form, const RawFormat& format,
                       const std::string& place) {
  const bool wants_tabs = form.separator == "\t";
  if (header.find_first_of(wants_tabs ? ",;|" : "\t") == std::string_view::npos) return;
  fail_usage("{}: the header has no {}, which {} has between columns, but looks like {}; say --format {}",
             place, wants_tabs ? "tab" : "comma", format.name, wants_tabs ? "csv" : "tsv",
             wants_tabs ? "csv" : "tsv");
}

class DelimitedInteractions : public InteractionReader {
 public:
  DelimitedInteractions(RawLines lines, const RawFormat& format, const ColumnChoice& choice, OnFault on_fault)
      : times_(choice.unit), on_fault_(std::move(on_fault)) {
    const FieldForm form = form_of_header(first_line(lines), format);
    records_ = std::make_unique<DelimitedLines>(std::move(lines), form, on_fault_);
    has_header_ = format.header && !choice.no_header;
    if (has_header_) {
      read_header(form, format, choice);
    } else if (format.header) {
      columns_ = numbered_columns(choice, records_->name());
    } else {
      require_no_names(choice, format);
      columns_ = kMovieLens;
      if (!choice.wants_rating) columns_.rating.reset();
      if (choice.time == kNoColumn) columns_.time.reset();
    }
  }

  bool next(Interaction& interaction) override {
    while (records_->next(fields_)) {
      const std::string problem = take(interaction);
      if (problem.empty()) return true;
      on_fault_(fmt::format("{}: {}", records_->place(), problem));
    }
    return false;
  }

  bool has_times() const override { return columns_.time.has_value(); }

 private:
  void require_no_names(const ColumnChoice& choice, const RawFormat& format) const {
    const bool names_time = !choice.time.empty() && choice.time != kNoColumn;
    const char* const named = !choice.user.empty()     ? "user"
                              : !choice.item.empty()   ? "item"
                              : names_time             ? "time"
                              : !choice.rating.empty() ? "rating"
                                                       : nullptr;
    if (named == nullptr) return;
    fail_usage("--{}-column: {} is read as {}, whose columns are {} and have no names", named,
               records_->name(), format.name, format.description);
  }

  void read_header(const FieldForm& form, const RawFormat& format, const ColumnChoice& choice) {
    require(records_->next(fields_), "{}: is empty, expected a header", records_->name());
    if (fields_.size() == 1) require_separator(fields_.front(), form, format, records_->place());
    for (std::string_view& name : fields_) {
      name = trimmed(name);
      if (format.typed_header) name = without_type(name);
    }
    const bool usual = format.columns.user.empty();
    columns_ =
        find_columns(fields_, choice, usual ? usual_column_names() : format.columns, records_->place());
    width_ = fields_.size();
  }

  /// What is wrong with the fields; "" where they are an interaction.
  std::string take(Interaction& interaction) {
    if (width_ == 0) width_ = fields_.size();  // without a header the first line says
    if (fields_.size() != width_) {
      return fmt::format("has {} fields, where {} has {}", fields_.size(),
                         has_header_ ? "the header" : "the first line", width_);
    }
    const size_t last =
        std::max({columns_.user, columns_.item, columns_.time.value_or(0), columns_.rating.value_or(0)});
    if (last >= width_) return fmt::format("has {} fields, and none with the number {}", width_, last + 1);
    interaction.user = fields_[columns_.user], interaction.item = fields_[columns_.item];
    std::string problem = problem_of_ids(interaction);
    if (problem.empty() && columns_.time) problem = take_time(fields_[*columns_.time], times_, interaction);
    if (problem.empty() && columns_.rating) problem = take_rating(fields_[*columns_.rating], interaction);
    return problem;
  }

  TimeReader times_;
  OnFault on_fault_;
  std::unique_ptr<DelimitedLines> records_;
  bool has_header_ = false;
  Columns columns_;
  size_t width_ = 0;  // fields of every record
  Fields fields_;
};

}  // namespace

std::unique_ptr<InteractionReader> read_delimited(RawLines lines, const RawFormat& format,
                                                  const ColumnChoice& choice, OnFault on_fault) {
  return std::make_unique<DelimitedInteractions>(std::move(lines), format, choice, std::move(on_fault));
}

std::vector<std::string_view> split_fields(std::string_view line, std::string_view separator, size_t most) {
  Fields fields;
  for (size_t end; fields.size() + 1 < most && (end = line.find(separator)) != std::string_view::npos;) {
    fields.push_back(line.substr(0, end));
    line.remove_prefix(end + separator.size());
  }
  fields.push_back(line);
  return fields;
}

}  // namespace cce
