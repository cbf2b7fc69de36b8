#include "tools/artefact_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "engine/error.h"

namespace cce {
namespace {

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    const std::string word = list.substr(begin, end - begin);
    if (std::ranges::find(words, word) == words.end()) words.push_back(word);
    begin = end + 1;
  }
  return words;
}

}  // namespace

std::vector<std::string> chosen_names(const std::string& option, const std::string& list,
                                      const std::vector<std::string>& known,
                                      const std::vector<std::string>& defaults) {
  if (list.empty()) return defaults;
  for (const std::string& word : words_of(list)) {
    if (std::ranges::find(known, word) == known.end()) {
      fail_usage("--{} {}: expected names out of {}, with commas between them", option, word,
                 fmt::join(known, ", "));
    }
  }
  return words_of(list);
}

std::vector<uint64_t> chosen_numbers(const std::string& option, const std::string& list) {
  std::vector<uint64_t> numbers;
  for (const std::string& word : words_of(list)) {
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size() || word.empty()) {
      fail_usage("--{} {}: expected whole numbers with commas between them", option, list);
    }
    if (std::ranges::find(numbers, number) == numbers.end()) numbers.push_back(number);
  }
  return numbers;
}

const std::vector<std::string>& paper_data() {
  static const std::vector<std::string> names = {"beauty", "sports", "toys", "yelp", "lastfm"};
  return names;
}

const std::vector<std::string>& paper_models() {
  static const std::vector<std::string> names = {"gru4rec", "sasrec", "s3rec"};
  return names;
}

const std::vector<std::string>& paper_losses() {
  static const std::vector<std::string> names = {"bce", "ce", "cce"};
  return names;
}

std::vector<PlannedRun> chosen_runs(const ReproduceOptions& options, const DefaultChoice& defaults) {
  std::vector<std::string> known_data = paper_data();
  known_data.emplace_back("demo");
  std::vector<PlannedRun> runs;
  const auto data_sets = chosen_names("data", options.data, known_data, defaults.data),
             models = chosen_names("model", options.model, paper_models(), defaults.models),
             losses = chosen_names("loss", options.loss, paper_losses(), defaults.losses);
  for (const uint64_t seed : chosen_numbers("seeds", options.seeds)) {
    for (const std::string& data : data_sets) {
      for (const std::string& model : models) {
        for (const std::string& loss : losses)
          runs.push_back({.cell = {data, model, loss},
                          .seed = seed,
                          .epochs = options.epochs,
                          .device = options.device});
      }
    }
  }
  return runs;
}

}  // namespace cce
