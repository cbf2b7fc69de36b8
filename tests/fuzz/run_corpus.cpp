// Gives a fuzz target all inputs of a corpus, without libFuzzer: each file whole, cut at every byte, and with
// every bit flipped. What libFuzzer once found stays in the corpus, so that it does not come back.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/fuzz.h"

namespace {

/// What is being tried, for the message where the process ends.
std::string file;
const char* change = "";
size_t place = 0;

void tell(int signal) {
  std::fprintf(stderr, "%s%s %zu: signal %d\n", file.c_str(), change, place, signal);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void try_input(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

void try_all(std::string bytes) {
  change = ", whole", place = bytes.size();
  try_input(bytes);
  change = ", cut at byte";
  for (place = 0; place < bytes.size(); ++place) try_input(bytes.substr(0, place));
  change = ", with a flip of bit";
  for (place = 0; place < 8 * bytes.size(); ++place) {
    const auto mask = static_cast<char>(1 << place % 8);
    bytes[place / 8] ^= mask;
    try_input(bytes);
    bytes[place / 8] ^= mask;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE}) std::signal(signal, tell);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    file = entry.path().string();
    std::ifstream stream(entry.path(), std::ios::binary);
    try_all({std::istreambuf_iterator<char>(stream), {}});
    ++files;
  }
  std::printf("%d files\n", files);
  return files > 0 ? 0 : 1;
}
