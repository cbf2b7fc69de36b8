#include "data/raw/sequence_interactions.h"

#include "data/raw/interaction_fields.h"
#include "data/text.h"
#include "engine/error.h"

namespace cce {
namespace {

constexpr std::string_view kBlanks = " \t";

/// Takes the word at the front of `line` off, and the blanks before it; "" where there is none.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

/// The option that asks for what this text has not; null where there is none.
const char* needless_option(const ColumnChoice& choice) {
  if (!choice.user.empty()) return "--user-column";
  if (!choice.item.empty()) return "--item-column";
  if (!choice.time.empty() && choice.time != kNoColumn) return "--time-column";
  if (!choice.rating.empty()) return "--rating-column";
  if (choice.wants_rating) return "--min-rating";
  if (choice.no_header) return "--no-header";
  return choice.unit == TimeUnit::automatic ? nullptr : "--time-unit";
}

class SequenceInteractions : public InteractionReader {
 public:
  SequenceInteractions(RawLines lines, OnFault on_fault)
      : lines_(std::move(lines)), on_fault_(std::move(on_fault)) {}

  bool next(Interaction& interaction) override {
    for (;;) {
      interaction = {user_, take_word(rest_)};
      if (interaction.item.empty()) {
        if (!next_line()) return false;
        continue;
      }
      const std::string problem = problem_of_ids(interaction);
      if (problem.empty()) return true;
      on_fault_(fmt::format("{}: {}", lines_.place(), problem));
    }
  }

  bool has_times() const override { return false; }

 private:
  bool next_line() {
    if (!lines_.next(rest_)) return false;
    user_ = take_word(rest_);
    const bool alone = !user_.empty() && trimmed(rest_).empty();
    if (alone) on_fault_(fmt::format("{}: user \"{}\" has no items", lines_.place(), printable(user_)));
    return true;
  }

  RawLines lines_;
  OnFault on_fault_;
  std::string_view user_, rest_;
};

}  // namespace

std::unique_ptr<InteractionReader> read_sequences(RawLines lines, const ColumnChoice& choice,
                                                  OnFault on_fault) {
  if (const char* const option = needless_option(choice))
    fail_usage("{}: {} is read as s3rec, which has users and items only; leave the option out", option,
               lines.name());
  return std::make_unique<SequenceInteractions>(std::move(lines), std::move(on_fault));
}

}  // namespace cce
