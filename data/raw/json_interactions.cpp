#include "data/raw/json_interactions.h"

#include <array>
#include <optional>
#include <set>

#include "data/raw/interaction_fields.h"
#include "data/raw/json_scanner.h"
#include "data/text.h"
#include "engine/error.h"

namespace cce {
namespace {

/// A value that is wanted: its key, and what the line says.
struct Wanted {
  std::string key;
  std::optional<std::string_view> value = std::nullopt;
  std::string buffer = "";
};

class JsonInteractions : public InteractionReader {
 public:
  JsonInteractions(RawLines lines, const RawFormat& format, const ColumnChoice& choice, OnFault on_fault)
      : lines_(std::move(lines)),
        names_(format.columns.user.empty() ? usual_column_names() : format.columns),
        choice_(choice),
        times_(choice.unit),
        on_fault_(std::move(on_fault)) {
    if (choice.no_header)
      fail_usage("--no-header: {} is JSON, which has none; leave the option out", lines_.name());
  }

  bool next(Interaction& interaction) override {
    std::string_view line;
    while (lines_.next(line)) {
      if (trimmed(line).empty()) continue;
      std::string problem;
      try {
        if (wanted_.empty()) problem = find_keys(line);
        if (problem.empty()) problem = scan(line);
        if (problem.empty()) problem = take(interaction);
      } catch (const JsonFault& fault) {
        problem = message_of(fault);
      }
      if (problem.empty()) return true;
      on_fault_(fmt::format("{}: {}", lines_.place(), problem));
    }
    return false;
  }

  bool has_times() const override { return time_ != nullptr; }

 private:
  /// Chooses the keys among those of the first line. What is wrong with it where it lacks the time that was
  /// named; else "".
  std::string find_keys(std::string_view line) {
    const std::vector<std::string> keys = json_keys(line);
    const std::vector<std::string_view> header(keys.begin(), keys.end());
    const bool names_time = !choice_.time.empty() && choice_.time != kNoColumn;
    if (names_time && !find_column(header, std::vector{choice_.time}))
      return fmt::format("has no \"{}\", which --time-column names", printable(choice_.time));
    const Columns columns = find_columns(header, choice_, names_, lines_.place());
    wanted_.reserve(4);  // pointers into it are kept
    wanted_.push_back({keys[columns.user]});
    wanted_.push_back({keys[columns.item]});
    if (columns.time) time_ = &wanted_.emplace_back(Wanted{keys[*columns.time]});
    if (columns.rating) rating_ = &wanted_.emplace_back(Wanted{keys[*columns.rating]});
    watches_times_ = !columns.time && choice_.time.empty();
    if (watches_times_) timeless_.insert(keys.begin(), keys.end());
    return "";
  }

  /// Whether the key would have been taken for the time, had the first line had it.
  bool is_late_time(std::string_view key) const {
    return watches_times_ && !timeless_.contains(key) && find_column(std::array{key}, names_.time);
  }

  /// Finds the values. What is wrong with the line beyond its JSON; else "".
  std::string scan(std::string_view line) {
    std::string problem;
    for (Wanted& wanted : wanted_) wanted.value.reset();
    JsonScanner scanner(line);
    std::string_view key;
    scanner.begin_object();
    for (bool first = true; scanner.next_member(key, key_buffer_, first);) {
      bool taken = false;
      for (Wanted& wanted : wanted_) {
        if (key != wanted.key || wanted.value || scanner.peek() == 'n' || scanner.peek() == 'N') continue;
        if (!taken) wanted.value = scanner.string_or_number(wanted.buffer);
        taken = true;
      }
      if (taken) continue;
      const bool is_null = scanner.peek() == 'n' || scanner.peek() == 'N';
      if (problem.empty() && !is_null && is_late_time(key)) {
        problem = fmt::format(
            "has a \"{0}\", and the first line has no time; give all lines one, or say --time-column {0} "
            "(lines "
            "without it are at fault) or none (the order of the file)",
            printable(key));
      }
      scanner.skip();
    }
    scanner.end();
    return problem;
  }

  /// What is wrong with the values; "" where they are an interaction.
  std::string take(Interaction& interaction) {
    interaction.user = wanted_[0].value.value_or(""), interaction.item = wanted_[1].value.value_or("");
    for (size_t i = 0; i < 2; ++i) {
      if (!wanted_[i].value) return fmt::format("has no \"{}\"", printable(wanted_[i].key));
    }
    std::string problem = problem_of_ids(interaction);
    if (problem.empty() && time_ != nullptr)
      problem = take_time(time_->value.value_or(""), times_, interaction);
    if (problem.empty() && rating_ != nullptr)
      problem = take_rating(rating_->value.value_or(""), interaction);
    return problem;
  }

  RawLines lines_;
  ColumnNames names_;
  ColumnChoice choice_;
  TimeReader times_;
  OnFault on_fault_;
  std::vector<Wanted> wanted_;  // user, item, and where they are wanted time and rating
  Wanted *time_ = nullptr, *rating_ = nullptr;
  bool watches_times_ = false;                   // where the first line has no time, and none was named
  std::set<std::string, std::less<>> timeless_;  // its keys
  std::string key_buffer_;
};

}  // namespace

std::unique_ptr<InteractionReader> read_json(RawLines lines, const RawFormat& format,
                                             const ColumnChoice& choice, OnFault on_fault) {
  return std::make_unique<JsonInteractions>(std::move(lines), format, choice, std::move(on_fault));
}

}  // namespace cce
