// Fetching a file whose content is known beforehand.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace cce {

/// False where the program was built without libcurl or OpenSSL.
bool can_download();

/// Downloads `url` to `path`, whose folder must exist. The file gets its name only when it has exactly
/// `bytes` bytes and this SHA-256 (lower-case hex), and is safe on disk; otherwise nothing is left behind and
/// one line is thrown.
void download(const std::string& url, const std::filesystem::path& path, const std::string& sha256,
              int64_t bytes);

}  // namespace cce
