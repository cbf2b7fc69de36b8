#include "tools/data_validation.h"

#include <fmt/core.h>

#include <filesystem>

#include "data/catalog.h"
#include "data/raw/raw_format.h"
#include "data/s3rec_text.h"
#include "tools/counted.h"
#include "tools/data_options.h"
#include "tools/item_map_file.h"
#include "tools/memory_advice.h"
#include "tools/raw_input.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

/// Of a file that is read into memory.
constexpr size_t kMostFaults = 1'000'000;

/// Prints faults, and counts them.
class FaultPrinter {
 public:
  void operator()(const std::string& fault) {
    fmt::print("{}\n", fault);
    ++count_;
  }
  /// Does `work`; the error that ends it is a fault like any other.
  template <class Work>
  void guard(Work&& work) {
    try {
      work();
    } catch (const Error& error) {
      if (error.code() != ExitCode::failed) throw;
      (*this)(error.what());
    }
  }
  int64_t count() const { return count_; }

 private:
  int64_t count_ = 0;
};

/// Whether a path is read as `data prepare` reads it, and not as sequences to train on.
bool is_raw(const std::string& path, const DataOptions& options) {
  std::error_code ignored;
  if (options.format != "auto" || !fs::is_regular_file(path, ignored)) return true;  // a pipe is read once
  if (fs::path(path).extension() == ".txt") return false;
  RawLines lines = open_raw_lines(path);
  const std::string_view line = first_line(lines);
  return !line.empty() && sniff_raw_format(line, lines.name()).name != "s3rec";
}

/// Refuses options about raw files where sequences are read, which are so in one way only.
void refuse_reading_options(const DataOptions& options, const std::string& name, const char* why) {
  const std::string option = changed_reading_option(options);
  if (!option.empty()) fail_usage("--{}: {} {}", option, name, why);
}

/// Refuses what is seen to be wrong use before anything is read.
void require_sense(const std::string& name, const DataOptions& options) {
  if (name != "-") require_known_or_there(name);
  if (find_named_data(name) != nullptr)
    refuse_reading_options(options, name, "is a known data set; leave the option out");
}

/// What to say of a file without faults.
std::string validate_raw(const std::string& path, const DataOptions& options, FaultPrinter& faults) {
  const RawInput input = open_raw_input(path, options, std::ref(faults));
  int64_t count = 0;
  for (Interaction interaction; input.reader->next(interaction);) ++count;
  if (count == 0 && faults.count() == 0) faults(path + ": has no interactions");
  return fmt::format("nothing is wrong with it: {}, {}", input.format->name, counted(count, "interaction"));
}

std::string validate_sequences(const std::string& name, const std::string& path, FaultPrinter& faults) {
  const std::vector<std::string> found = faults_of_s3rec_text(path, kMostFaults);
  for (const std::string& fault : found) faults(fault);
  if (found.size() == kMostFaults)
    faults(fmt::format("{}: there may be more than these {} faults", path, kMostFaults));
  if (faults.count() > 0) return "";
  const Dataset dataset = read_s3rec_text(path);
  if (has_attributes(name)) faults.guard([&] { load_attributes(name, dataset); });
  faults.guard([&] { item_map_of(name, dataset); });
  const std::string advice = advice_on_ids(dataset);
  return advice.empty() ? "nothing is wrong with it" : "can be read, but " + advice;
}

/// Whether there were no faults.
bool validate(const std::string& name, const DataOptions& options) {
  const NamedData* data = find_named_data(name);
  if (data != nullptr && data->built_in()) {
    fmt::print("{} is built in\n", name);
    return true;
  }
  const std::string path = data == nullptr ? name : get_public_file(data->sequences).string();
  FaultPrinter faults;
  std::string good;
  faults.guard([&] {
    const bool raw = data == nullptr && is_raw(path, options);
    if (!raw) {
      refuse_reading_options(options, path,
                             "is checked as sequences to train on; leave the option out, or say with "
                             "--format what raw file it is");
    }
    good = raw ? validate_raw(path, options, faults) : validate_sequences(name, path, faults);
  });
  if (faults.count() == 0) fmt::print("{}: {}\n", path, good);
  return faults.count() == 0;
}

}  // namespace

ExitCode validate_data(const DataOptions& options) {
  for (const std::string& name : options.names) require_sense(name, options);
  bool good = true;
  for (const std::string& name : options.names) good &= validate(name, options);
  return good ? ExitCode::done : ExitCode::failed;
}

}  // namespace cce
