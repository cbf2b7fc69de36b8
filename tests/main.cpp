// Runs the tests. Some need what not every machine has; their names begin with what that is, and where it is
// missing they are left out visibly: asked for by name (as ctest does), the program ends with the exit code
// for "skipped".
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int kSkipped = 77;

struct Requirement {
  std::string prefix;  // of the names of the tests that need it
  bool present;
  const char* remedy;
};

}  // namespace

int main(int argc, char** argv) {
  const Requirement requirements[] = {
      {"real data:", std::getenv("CCE_REC_DATA") != nullptr,
       "set CCE_REC_DATA to the folder of the datasets"},
  };
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  bool lists = false;
  for (std::string_view argument : arguments) lists = lists || argument == "--list-test-cases";

  doctest::Context context(argc, argv);
  for (const Requirement& requirement : requirements) {
    if (requirement.present || lists) continue;
    for (std::string_view argument : arguments) {
      if (argument.starts_with("--test-case=" + requirement.prefix)) {
        std::printf("skipped: %s\n", requirement.remedy);
        return kSkipped;
      }
    }
    context.addFilter("test-case-exclude", (requirement.prefix + "*").c_str());
  }
  return context.run();
}
