#include "data/download.h"

#include "engine/error.h"

#if CCE_HAVE_DOWNLOAD

#include <curl/curl.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace cce {
namespace {

/// A file beside the wanted one that takes its name at the end, or disappears.
class PendingFile {
 public:
  explicit PendingFile(const std::filesystem::path& path)
      : path_(path), temporary_(path.string() + ".XXXXXX"), descriptor_(::mkstemp(temporary_.data())) {
    require(descriptor_ >= 0, "{}: cannot be written: {}", path_.string(), std::strerror(errno));
  }
  ~PendingFile() {
    if (descriptor_ >= 0) ::close(descriptor_), ::unlink(temporary_.c_str());
  }
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  /// False when the disk does not take all of it; errno says why.
  bool write(const char* data, size_t size) {
    while (size > 0) {
      const ssize_t count = ::write(descriptor_, data, size);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      data += count;
      size -= static_cast<size_t>(count);
    }
    return true;
  }

  void commit() {
    const bool safe = ::fchmod(descriptor_, 0644) == 0 && ::fsync(descriptor_) == 0 &&
                      ::rename(temporary_.c_str(), path_.c_str()) == 0;
    require(safe, "{}: cannot be written: {}", path_.string(), std::strerror(errno));
    ::close(std::exchange(descriptor_, -1));
    // The name is only safe when the folder is. Where that cannot be asked for, the next download mends it.
    const int folder = ::open(path_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) ::fsync(folder), ::close(folder);
  }

 private:
  std::filesystem::path path_;
  std::string temporary_;
  int descriptor_;
};

/// Where the bytes go as they arrive: to the file and through the hash.
struct Sink {
  PendingFile& file;
  EVP_MD_CTX* hash;
  int64_t room;  ///< bytes that may still come
  std::string trouble;

  static size_t receive(char* data, size_t, size_t size, void* self) {
    Sink& sink = *static_cast<Sink*>(self);
    sink.room -= static_cast<int64_t>(size);
    if (sink.room < 0) {
      sink.trouble = "more bytes than expected";
    } else if (!sink.file.write(data, size)) {
      sink.trouble = std::strerror(errno);
    } else if (EVP_DigestUpdate(sink.hash, data, size) == 1) {
      return size;
    }
    return 0;  // ends the transfer
  }
};

std::string hex_digest(EVP_MD_CTX* hash) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(hash, digest.data(), &size) == 1, "OpenSSL cannot compute a SHA-256");
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

/// Runs the transfer; returns what went wrong, or "".
std::string transfer(const std::string& url, Sink& sink) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (curl == nullptr) return "libcurl cannot be started";
  std::array<char, CURL_ERROR_SIZE> detail{};
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, detail.data());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &Sink::receive);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &sink);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 20L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 100L);  // bytes a second, for
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, 30L);    // this many seconds: given up
  const CURLcode code = curl_easy_perform(curl.get());
  if (code == CURLE_OK) return "";
  if (!sink.trouble.empty()) return sink.trouble;
  return detail.front() != '\0' ? detail.data() : curl_easy_strerror(code);
}

}  // namespace

bool can_download() {
  return true;
}

void download(const std::string& url, const std::filesystem::path& path, const std::string& sha256,
              int64_t bytes) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  require(started == CURLE_OK && hash != nullptr && EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1,
          "libcurl or OpenSSL cannot be started");
  PendingFile file(path);
  Sink sink{file, hash.get(), bytes, {}};
  const std::string trouble = transfer(url, sink);
  require(trouble.empty(), "{} could not be downloaded: {}", url, trouble);
  const std::string found = hex_digest(hash.get());
  require(found == sha256, "{} is not the expected file: its SHA-256 is {}, expected {}", url, found, sha256);
  file.commit();
}

}  // namespace cce

#else

namespace cce {

bool can_download() {
  return false;
}

void download(const std::string& url, const std::filesystem::path&, const std::string&, int64_t) {
  fail("{} cannot be downloaded: this program was built without libcurl or OpenSSL", url);
}

}  // namespace cce

#endif
