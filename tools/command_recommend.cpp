// cce_rec recommend and similar: what comes next, and what is alike.
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "data/utf8.h"
#include "tools/chosen_device.h"
#include "tools/command.h"
#include "tools/counted.h"
#include "tools/evaluator.h"
#include "tools/history_line.h"
#include "tools/item_map_file.h"
#include "tools/line_reader.h"
#include "tools/recommender.h"
#include "tools/written_id.h"

namespace cce {
namespace {

/// Histories that go through the model together.
constexpr size_t kHistoriesPerBatch = 512;

LoadedModel load(const CheckpointOptions& options) {
  LoadedModel loaded = load_model(options);
  for (const std::string& note : loaded.notes) fmt::print(stderr, "{}\n", note);
  print_device_note(options.device_note);
  loaded.model->move_to(chosen_device(options.device, "fp32"));
  return loaded;
}

std::string written_ids(const std::vector<std::string>& names) {
  std::vector<std::string> texts;
  for (const std::string& name : names) texts.push_back(written_id(name));
  return fmt::format("{}", fmt::join(texts, ", "));
}

void print_table(std::span<const ScoredItem> best, const ItemIds& ids, const char* score_name) {
  size_t width = 4;
  std::vector<std::string> names;
  for (const ScoredItem& entry : best) names.push_back(written_id(ids.name(entry.item)));
  for (const std::string& name : names) width = std::max(width, character_count(name));
  fmt::print("{:>4}  {:<{}}  {}\n", "", "item", width, score_name);
  for (size_t place = 0; place < best.size(); ++place) {
    const std::string padding(width - character_count(names[place]), ' ');
    fmt::print("{:>4}  {}{}  {:.4f}\n", place + 1, names[place], padding, best[place].score);
  }
}

/// The answer to the history of the command line.
ExitCode answer_one(const Context& ctx, const LoadedModel& loaded, const RecommendOptions& options) {
  const ItemIds ids = item_ids_of(options.checkpoint, options.items, loaded);
  const GivenHistory given = parse_history(options.history, ids, "--history");
  if (!given.unknown.empty()) {
    fmt::print(stderr, "left out of the history, as the model does not know them: {}\n",
               written_ids(given.unknown));
  }
  require(!given.items.empty(),
          "--history: the model knows none of its items, so it cannot say what comes next");
  const std::vector<std::vector<int32_t>> histories{given.items};
  const auto best = recommend(ctx, loaded, histories, options.top, seen_named(options.seen)).front();
  if (options.json) {
    fmt::print("{}\n", to_json(given, best, ids));
  } else {
    print_table(best, ids, "score");
  }
  return ExitCode::done;
}

/// Answers lines of histories as they come.
class LineAnswers {
 public:
  LineAnswers(const Context& ctx, const LoadedModel& loaded, const RecommendOptions& options)
      : ctx_(ctx),
        loaded_(loaded),
        options_(options),
        ids_(item_ids_of(options.checkpoint, options.items, loaded)) {}

  void answer(const std::vector<std::string>& lines) {
    std::vector<GivenHistory> given(lines.size());
    std::vector<std::string> errors(lines.size());
    std::vector<std::vector<int32_t>> known;  // the histories of which the model knows something
    for (size_t i = 0; i < lines.size(); ++i) {
      try {
        given[i] = parse_history(lines[i], ids_, fmt::format("line {}", lines_ + i + 1));
        unknown_ += std::ssize(given[i].unknown);
        if (!given[i].items.empty()) known.push_back(given[i].items);
        nothing_known_ += given[i].items.empty();
      } catch (const Error& error) {
        errors[i] = error.what();
        ++unreadable_;
      }
    }
    const auto best = recommend(ctx_, loaded_, known, options_.top, seen_named(options_.seen));
    auto next = best.begin();
    for (size_t i = 0; i < lines.size(); ++i) {
      const std::vector<ScoredItem> answer = given[i].items.empty() ? std::vector<ScoredItem>{} : *next++;
      fmt::print("{}\n", errors[i].empty() ? to_json(given[i], answer, ids_)
                                           : error_json(static_cast<size_t>(lines_) + i + 1, errors[i]));
    }
    lines_ += lines.size();
  }

  /// Says on standard error what was out of the ordinary.
  ExitCode finish() const {
    if (unknown_ > 0)
      fmt::print(stderr, "left out: {} that the model does not know\n", counted(unknown_, "item"));
    if (nothing_known_ > 0)
      fmt::print(stderr, "without an answer: {} of which the model knows no item\n",
                 counted_histories(nothing_known_));
    if (unreadable_ == 0) return ExitCode::done;
    fmt::print(stderr, "cce_rec: error: {} could not be read; what stands for their answers says why\n",
               counted(unreadable_, "line"));
    return ExitCode::failed;
  }

 private:
  static std::string counted_histories(int64_t count) {
    return count == 1 ? "1 history" : fmt::format("{} histories", count);
  }

  const Context& ctx_;
  const LoadedModel& loaded_;
  const RecommendOptions& options_;
  ItemIds ids_;
  size_t lines_ = 0;
  int64_t unknown_ = 0, nothing_known_ = 0, unreadable_ = 0;
};

ExitCode answer_lines(const Context& ctx, const LoadedModel& loaded, const RecommendOptions& options) {
  if (::isatty(STDIN_FILENO) != 0)
    fmt::print(stderr, "reading histories from standard input, one a line (see: cce_rec recommend --help)\n");
  LineReader reader(STDIN_FILENO, "standard input");
  LineAnswers answers(ctx, loaded, options);
  for (;;) {
    const std::vector<std::string> lines = reader.next(kHistoriesPerBatch);
    if (lines.empty()) return answers.finish();
    answers.answer(lines);
    if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category());
  }
}

}  // namespace

ExitCode command_recommend(const RecommendOptions& options) {
  const LoadedModel loaded = load(options);
  Parallel parallel(options.threads);
  const Context ctx{.parallel = parallel, .device = loaded.model->parameters().device()};
  return options.history.empty() ? answer_lines(ctx, loaded, options) : answer_one(ctx, loaded, options);
}

ExitCode command_similar(const SimilarOptions& options) {
  const LoadedModel loaded = load(options);
  const ItemIds ids = item_ids_of(options.checkpoint, options.items, loaded);
  const std::string id = parse_item(options.item, "--item");
  const auto item = ids.find(id);
  require(item.has_value(), "--item {}: the model knows no such item", written_id(id));
  Parallel parallel(options.threads);
  const Context ctx{.parallel = parallel, .device = loaded.model->parameters().device()};
  const auto best = similar(ctx, loaded.model->item_table(), *item, options.top);
  if (options.json) {
    fmt::print("{}\n", to_json({}, best, ids));
  } else {
    print_table(best, ids, "cosine");
  }
  return ExitCode::done;
}

}  // namespace cce
