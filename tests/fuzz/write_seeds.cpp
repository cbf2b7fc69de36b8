// Writes the fuzzers' first inputs: write_seeds FOLDER makes FOLDER/safetensors and FOLDER/run_records.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/tools/hostile_safetensors.h"
#include "tools/run_records.h"
#include "tools/safetensors.h"

namespace {

void write_all(const std::filesystem::path& folder, const std::vector<std::string>& seeds) {
  std::filesystem::create_directories(folder);
  for (size_t i = 0; i < seeds.size(); ++i)
    std::ofstream(folder / std::to_string(i), std::ios::binary) << seeds[i];
}

std::vector<std::string> safetensors_seeds() {
  constexpr size_t kLargest = 4096;  // a fuzzer learns little from a large input, slowly
  std::vector<std::string> seeds;
  for (const auto& samples : {cce::testing::well_formed_safetensors(), cce::testing::hostile_safetensors()}) {
    for (const auto& sample : samples) {
      if (sample.bytes.size() <= kLargest) seeds.push_back(sample.bytes);
    }
  }
  return seeds;
}

std::vector<std::string> record_seeds() {
  cce::EpochRecord epoch;
  epoch.test = epoch.valid;
  return {cce::to_json(cce::RunResult{}), cce::to_json(epoch),
          cce::to_tsv(std::vector<cce::UserRanks>{{"1", 0, 2}, {"a", 30, 4}})};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_seeds FOLDER\n");
    return 2;
  }
  write_all(std::filesystem::path(argv[1]) / "safetensors", safetensors_seeds());
  write_all(std::filesystem::path(argv[1]) / "run_records", record_seeds());
  return 0;
}
