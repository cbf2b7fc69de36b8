#include "tools/command_data_prepare.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <limits>

#include "data/raw/interaction_log.h"
#include "data/raw/item_attributes.h"
#include "data/raw/prepared_data.h"
#include "tools/counted.h"
#include "tools/data_figures.h"
#include "tools/data_options.h"
#include "tools/prepared_files.h"
#include "tools/raw_input.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

/// Where the files go, and how their names begin: "Beauty" of Beauty.txt.
struct Target {
  fs::path folder;
  std::string name;

  std::string file(const char* ending) const { return name + ending; }
};

/// The raw file's name without its endings: "reviews" of reviews.json.gz.
std::string name_of(const fs::path& input) {
  if (input == "-") return "data";
  const fs::path unpacked = input.extension() == ".gz" ? input.stem() : input.filename();
  return unpacked.stem().string();
}

constexpr const char* kDataFiles[] = {".txt", "_users.tsv", "_items.tsv"};
constexpr const char* kAttributeFiles[] = {"_attributes.tsv", "_item2attributes.json"};

Target target_of(const DataOptions& options) {
  const fs::path out = fs::path(options.out).lexically_normal();
  if (out.extension() == ".txt") return {out.parent_path(), out.stem().string()};
  return {out, name_of(options.names.front())};
}

/// Refuses to touch what is there: the files that will be written, and those of attributes, which must not
/// stay where there are none.
void require_untouched(const Target& target, bool has_attributes) {
  const auto refuse = [&](const char* ending, const char* what) {
    const fs::path path = target.folder / target.file(ending);
    if (fs::exists(fs::symlink_status(path)))
      fail_usage("{}: exists; --overwrite {} it", path.string(), what);
  };
  for (const char* ending : kDataFiles) refuse(ending, "replaces");
  for (const char* ending : kAttributeFiles) refuse(ending, has_attributes ? "replaces" : "removes");
}

/// Refuses to replace or remove what is read.
void require_other_than_inputs(const Target& target, const DataOptions& options) {
  std::vector<std::string> inputs = options.names;
  inputs.push_back(options.metadata);
  const auto refuse = [&](const char* ending) {
    const fs::path path = target.folder / target.file(ending);
    for (const std::string& input : inputs) {
      std::error_code ignored;  // one of the two is not there
      if (fs::equivalent(path, input, ignored))
        fail_usage("{}: is read here, and would be replaced or removed; choose another --out", path.string());
    }
  };
  for (const char* ending : kDataFiles) refuse(ending);
  for (const char* ending : kAttributeFiles) refuse(ending);
}

/// Lines at fault: the first one ends it, or all are passed over and the first few told.
class Faults {
 public:
  explicit Faults(bool skip) : skip_(skip) {}

  void operator()(const std::string& fault) {
    if (!skip_) fail("{} (--skip-bad leaves such lines out)", fault);
    if (++count_ <= kTold) fmt::print(stderr, "left out: {}\n", fault);
    if (count_ == kTold + 1) fmt::print(stderr, "left out: more such lines, which are only counted\n");
  }
  int64_t count() const { return count_; }

 private:
  static constexpr int64_t kTold = 10;
  bool skip_;
  int64_t count_ = 0;
};

/// What is left out as it is read.
struct Filter {
  double min_rating = -std::numeric_limits<double>::infinity();
  int64_t since = std::numeric_limits<int64_t>::min(), until = std::numeric_limits<int64_t>::max();
  int64_t rated_below = 0, outside = 0;

  explicit Filter(const DataOptions& options) {
    if (options.min_rating > DataOptions::kAnyRating) min_rating = options.min_rating;
    if (!options.since.empty()) since = time_span(options.since)->first;
    if (!options.until.empty()) until = time_span(options.until)->last;
  }

  bool takes(const Interaction& interaction) {
    const bool in_time = interaction.time >= since && interaction.time <= until;
    const bool liked = interaction.rating >= min_rating;
    rated_below += !liked;
    outside += liked && !in_time;
    return in_time && liked;
  }
};

/// Reads all files into one log, and tells what they are.
InteractionLog read_inputs(const DataOptions& options, Faults& faults, Filter& filter, Repeats& repeats) {
  InteractionLog log;
  std::string first;  // file that has interactions
  bool timed = false;
  for (const std::string& path : options.names) {
    const RawInput input = open_raw_input(path, options, std::ref(faults));
    int64_t count = 0;
    for (Interaction interaction; input.reader->next(interaction); ++count) {
      if (!filter.takes(interaction)) continue;
      log.add(interaction);
    }
    const bool has_times = input.reader->has_times();
    fmt::print("{}: {}, {}{}\n", path, input.format->name, counted(count, "interaction"),
               has_times || count == 0 ? "" : " without times, taken to be in their order");
    const bool has_columns = input.format->kind != RawFormat::Kind::sequences;
    if (count > 0 && !has_times && has_columns && options.time_column.empty())
      fmt::print("{}: if a column has times, name it with --time-column\n", path);
    if (count > 0 && !has_times && !(options.since.empty() && options.until.empty()))
      fail_usage("--since and --until: {} has no times", path);
    if (count == 0) continue;
    if (first.empty()) {
      first = path;
      timed = has_times;
      repeats = repeats_of(options, *input.format);
    }
    if (timed != has_times) fail("{}: {} times, unlike {}", path, has_times ? "has" : "has no", first);
  }
  return log;
}

void tell(int64_t count, const std::string& what) {
  if (count > 0) fmt::print("left out: {}\n", what);
}

void tell_what_was_left_out(const Faults& faults, const Filter& filter, const PreparedData& prepared,
                            const DataOptions& options) {
  tell(faults.count(), counted(faults.count(), "line") + " at fault");
  tell(filter.rated_below,
       fmt::format("{} rated below {}", counted(filter.rated_below, "interaction"), filter.min_rating));
  tell(filter.outside, counted(filter.outside, "interaction") + " outside the time asked for");
  tell(prepared.repeats_left_out, counted(prepared.repeats_left_out, "repeat"));
  tell(prepared.core_left_out,
       fmt::format("{}, {} and {} until every user had {} and every item {}",
                   counted(prepared.core_left_out, "interaction"), counted(prepared.users_left_out, "user"),
                   counted(prepared.items_left_out, "item"), options.user_core, options.item_core));
}

/// The files but for the sequences.
std::vector<NamedText> maps_and_attributes(const DataOptions& options, const PreparedData& prepared,
                                           const Target& target, Faults& faults) {
  std::vector<NamedText> files{{target.file("_users.tsv"), to_tsv(prepared.users)},
                               {target.file("_items.tsv"), to_tsv(prepared.items)}};
  if (options.metadata.empty()) return files;
  const ItemAttributes attributes = read_item_attributes(
      open_raw_lines(options.metadata), attribute_choice(options), prepared.items, std::ref(faults));
  fmt::print("{}: {} for {} of {}\n", options.metadata, counted(attributes.attributes.size(), "attribute"),
             attributes.items.size(), counted(prepared.items.size(), "item"));
  files.emplace_back(target.file(kAttributeFiles[0]), to_tsv(attributes.attributes));
  files.emplace_back(target.file(kAttributeFiles[1]), to_json(attributes));
  return files;
}

}  // namespace

ExitCode prepare_data(const DataOptions& options) {
  const Target target = target_of(options);
  require_other_than_inputs(target, options);
  const auto require_room = [&] {
    if (!options.overwrite) require_untouched(target, !options.metadata.empty());
  };
  require_room();
  PreparedFiles output(target.folder, target.file(".txt"));
  require_room();  // another process may have ended between the two
  Faults faults(options.skip_bad);
  Filter filter(options);
  PrepareRules rules{.user_core = options.user_core, .item_core = options.item_core};
  InteractionLog log = read_inputs(options, faults, filter, rules.repeats);
  const PreparedData prepared = prepare(log, rules);
  std::vector<NamedText> files = maps_and_attributes(options, prepared, target, faults);
  files.emplace_back(target.file(".txt"), s3rec_text(prepared.sequences));
  tell_what_was_left_out(faults, filter, prepared, options);
  DataFigures figures;
  figures.add(dataset_of(prepared, target.name));
  figures.print();
  std::vector<std::string> stale;
  for (const char* ending : kAttributeFiles) stale.push_back(target.file(ending));
  output.write(files, stale);
  std::vector<std::string> names;
  for (const auto& [name, text] : files) names.push_back((target.folder / name).string());
  fmt::print("saved: {}\n", fmt::join(names, ", "));
  return ExitCode::done;
}

}  // namespace cce
