#include "data/s3rec_text.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string_view>
#include <unordered_map>

#include "data/text.h"
#include "data/utf8.h"
#include "engine/error.h"

namespace cce {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

void skip_blanks(std::string_view& line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
}

/// Takes the word at the front of `line` off.
std::string_view take_word(std::string_view& line) {
  const auto end = static_cast<size_t>(std::ranges::find_if(line, is_blank) - line.begin());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

/// The item that the digits at the front of `line` name, and takes them off; 0 if that is no item. One pass
/// over the characters, because reading is most of the time before the first batch.
int32_t take_item(std::string_view& line) {
  int64_t item = 0;
  size_t end = 0;
  for (; end < line.size() && line[end] >= '0' && line[end] <= '9'; ++end) {
    item = std::min<int64_t>(item * 10 + (line[end] - '0'), kMaxItem + 1);
  }
  const bool is_word = end == line.size() || is_blank(line[end]);
  if (!is_word || item > kMaxItem) return 0;
  line.remove_prefix(end);
  return static_cast<int32_t>(item);
}

/// Why take_item() did not take a word.
std::string why_no_item(std::string_view word) {
  const bool negative = word.front() == '-';
  const std::string_view digits = word.substr(negative);
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) return "is not a whole number";
  if (negative || digits.find_first_not_of('0') == digits.npos) return "is not positive";
  return fmt::format("is above {}, the largest that is read", kMaxItem);
}

/// "; ..." where a word looks like several that something other than blanks separates; else "".
std::string separator_hint(std::string_view word) {
  const size_t at = word.find_first_of(",;|:");
  return at == word.npos
             ? ""
             : fmt::format(
                   "; ids are separated by blanks, not by \"{}\" (of a table, data prepare makes sequences)",
                   word[at]);
}

/// Reads the text line by line into a data set. Whatever is wrong with a line is handed to `on_fault`, which
/// throws or takes note; a line with a fault adds nothing.
class Reader {
 public:
  using OnFault = std::function<void(std::string)>;
  Reader(const std::string& path, OnFault on_fault) : path_(path), on_fault_(std::move(on_fault)) {}

  Dataset read() {
    const std::string text = read_text_file(path_, {.line = kLongestLine});
    take_name();
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      ++line_;
      read_line(std::string_view(text).substr(begin, end - begin));
      begin = end + 1;
    }
    check_whole(text.empty());
    dataset_.fingerprint = content_fingerprint(dataset_);
    line_of_user_.clear();  // it refers to the text
    return std::move(dataset_);
  }

 private:
  template <class... Args>
  void fault(fmt::format_string<Args...> format, Args&&... args) {
    on_fault_(fmt::format("{}:{}: {}", path_, line_, fmt::format(format, std::forward<Args>(args)...)));
  }

  /// The name goes into a run's records, which are JSON, and JSON is UTF-8.
  void take_name() {
    const std::filesystem::path path(path_);
    dataset_.name = path.stem().string();
    if (is_utf8(dataset_.name)) return;
    const std::filesystem::path shown = path.parent_path() / printable(path.filename().string());
    on_fault_(fmt::format("{}: its name is not UTF-8; rename it", shown.string()));
  }

  void read_line(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    skip_blanks(line);
    const std::string_view user = take_word(line);
    if (user.empty()) return fault("empty line, expected: user item item ...");
    // Users are shown to people, whose terminals obey such characters, and stand in a run's table of ranks.
    if (has_control_characters(user)) {
      return fault("user \"{}\" has control characters in its name; take them out", printable(user));
    }
    const auto [first, is_new] = line_of_user_.try_emplace(user, line_);
    if (!is_new) {
      return fault("user \"{}\" was already on line {}; join the two lines", printable(user), first->second);
    }
    const size_t begin = dataset_.items.size();
    if (!read_items(line)) return dataset_.items.resize(begin);
    const auto count = static_cast<int64_t>(dataset_.items.size() - begin);
    if (count == 0) return fault("user \"{}\" has no items{}", printable(user), separator_hint(user));
    dataset_.max_item = std::max(
        dataset_.max_item,
        *std::max_element(dataset_.items.begin() + static_cast<ptrdiff_t>(begin), dataset_.items.end()));
    if (count < kFewestItems) {
      ++dataset_.users_left_out;
      return dataset_.items.resize(begin);
    }
    dataset_.users.emplace_back(user);
    dataset_.offsets.push_back(dataset_.interactions());
  }

  /// Appends the items of the rest of a line; false after a fault.
  bool read_items(std::string_view line) {
    for (skip_blanks(line); !line.empty(); skip_blanks(line)) {
      std::string_view rest = line;
      const int32_t item = take_item(line);
      if (item == 0) {
        const std::string_view word = take_word(rest);
        fault("item id \"{}\" {}{}", printable(word), why_no_item(word), separator_hint(word));
        return false;
      }
      dataset_.items.push_back(item);
    }
    return true;
  }

  /// What can only be told at the end of the file.
  void check_whole(bool empty) {
    if (empty) return on_fault_(fmt::format("{}: is empty, expected lines of: user item item ...", path_));
    if (dataset_.users.empty() && dataset_.users_left_out > 0) {
      on_fault_(
          fmt::format("{}: no user has the {} items that training, validation and test need (of {} read)",
                      path_, kFewestItems, dataset_.users_left_out));
    }
  }

  std::string path_;
  OnFault on_fault_;
  int64_t line_ = 0;
  std::unordered_map<std::string_view, int64_t> line_of_user_;
  Dataset dataset_;
};

}  // namespace

Dataset read_s3rec_text(const std::string& path) {
  return Reader(path, [](const std::string& message) { fail("{} (see: cce_rec data validate)", message); })
      .read();
}

std::vector<std::string> faults_of_s3rec_text(const std::string& path, size_t limit) {
  struct Enough {};
  std::vector<std::string> faults;
  try {
    Reader(path, [&](std::string message) {
      faults.push_back(std::move(message));
      if (faults.size() == limit) throw Enough();
    }).read();
  } catch (const Enough&) {
  }
  return faults;
}

}  // namespace cce
