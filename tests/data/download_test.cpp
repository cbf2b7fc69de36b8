#include "data/download.h"

#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

// printf abc | sha256sum
const std::string kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

int files_in(const TemporaryFolder& folder) {
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) ++files;
  return files;
}

TEST_CASE("curl: a download arrives whole or not at all") {
  const TemporaryFolder source, target;
  const std::string url = "file://" + source.write("abc", "abc");
  const std::string path = target / "abc.txt";

  CHECK(message_of([&] { download(url, path, std::string(64, '0'), 3); }) ==
        url + " is not the expected file: its SHA-256 is " + kAbc + ", expected " + std::string(64, '0'));
  CHECK(message_of([&] { download(url, path, kAbc, 2); }) ==
        url + " could not be downloaded: more bytes than expected");
  CHECK(message_of([&] {
          download(url + "d", path, kAbc, 3);
        }).starts_with(url + "d could not be downloaded: "));
  CHECK(files_in(target) == 0);

  download(url, path, kAbc, 3);
  CHECK(files_in(target) == 1);
  std::string content;
  std::ifstream(path) >> content;
  CHECK(content == "abc");
}

TEST_CASE("curl: a download into a folder that is not there is refused") {
  const TemporaryFolder folder;
  const std::string path = folder / "none/abc";
  CHECK(message_of([&] { download("file:///dev/null", path, kAbc, 3); }) ==
        path + ": cannot be written: No such file or directory");
}

TEST_CASE("no curl: a program built without libcurl says so") {
  CHECK(message_of([] { download("https://example.org/x", "x", kAbc, 3); }) ==
        "https://example.org/x cannot be downloaded: this program was built without libcurl or OpenSSL");
}

}  // namespace
}  // namespace cce
