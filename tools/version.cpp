#include "tools/version.h"

namespace cce {
namespace {

/// Written by cmake/commit.cmake at each build.
constexpr const char* kCommit =
#include "commit.inc"
    ;

}  // namespace

std::string version() {
  const std::string commit = kCommit;
  return commit.empty() ? CCE_VERSION : std::string(CCE_VERSION) + " (" + commit + ")";
}

}  // namespace cce
