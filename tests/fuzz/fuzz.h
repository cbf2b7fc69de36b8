// What the fuzz targets share. A target, READER_fuzz.cpp, defines LLVMFuzzerTestOneInput: whatever the bytes,
// the reader returns what it is asked for or throws an Error of one line. libFuzzer calls it with inputs that
// it makes up, run_corpus.cpp with those of corpus/READER.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace cce::fuzz {

inline std::string_view text_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process, which is how a target says that it found something.
inline void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

/// Whether `action` came to its end, and did not throw an Error.
template <class Action>
bool succeeds(Action&& action) {
  try {
    action();
    return true;
  } catch (const Error& error) {
    const std::string_view message = error.what();
    expect(!message.empty() && message.find('\n') == message.npos, "an error is one line");
    return false;
  }
}

/// A file in memory for readers that want a path; there is one at a time, since making one takes longer than
/// reading it.
class InputFile {
 public:
  explicit InputFile(std::string_view bytes) {
    expect(::ftruncate(descriptor(), 0) == 0, "the input file can be emptied");
    const ssize_t written = ::pwrite(descriptor(), bytes.data(), bytes.size(), 0);
    expect(written == static_cast<ssize_t>(bytes.size()), "the input file can be written");
    ::lseek(descriptor(), 0, SEEK_SET);
  }
  static int descriptor() {
    static const int opened = ::memfd_create("input", 0);
    return opened;
  }
  static const std::string& path() {
    static const std::string known = "/proc/self/fd/" + std::to_string(descriptor());
    return known;
  }
};

}  // namespace cce::fuzz
