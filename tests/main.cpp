// Runs the tests. Some need what not every machine has; their names begin with what that is, and where it is
// missing they are left out visibly: asked for by name (as ctest does), the program ends with the exit code
// for "skipped".
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "data/download.h"
#include "engine/device.h"
#include "engine/kernels/kernels.h"

namespace {

constexpr int kSkipped = 77;

struct Requirement {
  std::string prefix;  // of the names of the tests that need it
  bool (*present)();
  const char* remedy;
};

bool installed(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null").c_str()) == 0;
}

const Requirement kRequirements[] = {
    {"real data:", [] { return std::getenv("CCE_REC_DATA") != nullptr; },
     "set CCE_REC_DATA to the folder of the datasets"},
    {"python safetensors:",
     [] { return std::system("python3 -c 'import numpy, safetensors' >/dev/null 2>&1") == 0; },
     "pip install numpy safetensors"},
    {"python tensorboard:",
     [] { return std::system("python3 -c 'import tensorboard' >/dev/null 2>&1") == 0; },
     "pip install tensorboard"},
    {"bash:", [] { return installed("bash"); }, "apt-get install bash"},
    {"zsh:", [] { return installed("zsh"); }, "apt-get install zsh"},
    {"fish:", [] { return installed("fish"); }, "apt-get install fish"},
    {"chromium:", [] { return installed("chromium"); }, "apt-get install chromium"},
    {"avx512:", [] { return cce::cpu::use_avx512(); },
     "a processor with AVX-512, and CCE_INSTRUCTIONS not set to baseline"},
    {"curand:", cce::cuda_built, "a build with CUDA, whose headers it takes"},
    {"gpu:", [] { return cce::gpu().usable(); }, "a GPU that cce_rec devices finds usable"},
    {"no gpu:", [] { return !cce::gpu().usable(); }, "CUDA_VISIBLE_DEVICES set to nothing"},
    {"curl:", cce::can_download, "a build with libcurl and OpenSSL"},
    {"no curl:", [] { return !cce::can_download(); }, "a build without libcurl or OpenSSL"},
    {"not root:", [] { return ::geteuid() != 0; }, "another user than root, who may read everything"},
};

/// How many test cases ran.
int cases_run = 0;

struct CountCases : doctest::IReporter {
  explicit CountCases(const doctest::ContextOptions&) {}
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_start(const doctest::TestCaseData&) override { ++cases_run; }
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("count", 1, CountCases);

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  const auto any_argument = [&](auto is) { return std::ranges::any_of(arguments, is); };
  const bool lists = any_argument([](std::string_view text) { return text == "--list-test-cases"; });
  const bool one_case = any_argument(
      [](std::string_view text) { return text.starts_with("--test-case=") && text.find('*') == text.npos; });

  doctest::Context context(argc, argv);
  for (const Requirement& requirement : kRequirements) {
    const bool asked = any_argument(
        [&](std::string_view text) { return text.starts_with("--test-case=" + requirement.prefix); });
    if (lists || (one_case && !asked) || requirement.present()) continue;
    if (asked) {
      std::printf("skipped: %s\n", requirement.remedy);
      return kSkipped;
    }
    context.addFilter("test-case-exclude", (requirement.prefix + "*").c_str());
  }
  const int code = context.run();
  const bool one_place =
      any_argument([](std::string_view text) { return text.starts_with("--source-file="); });
  if ((one_case || one_place) && !lists && cases_run == 0) {  // half a name, say: CMake ends them at a ';'
    std::printf("no test case has this name, or stands there\n");
    return 1;
  }
  return code;
}
