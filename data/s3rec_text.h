// The S3-Rec text format: one line per user, `user item item ...`, separated by blanks, oldest item first.
//
// The user is any word without control characters; items are whole numbers from 1 to kMaxItem. CRLF line ends
// and a UTF-8 byte order mark are read. The file's name has to be UTF-8, as the data set is called by it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace cce {

/// The largest item id that is believed: an item table has a row for every id up to the largest.
constexpr int32_t kMaxItem = 100'000'000;

/// The longest line that is read, in bytes: more than two million items of a user.
constexpr size_t kLongestLine = size_t{16} << 20;

/// Reads a file strictly. Throws one line, `toys.txt:812: item id "-3" is not positive (see: ...)`, for the
/// first thing that is wrong. Users with fewer than kFewestItems items are left out and counted; a file of
/// only such users is an error.
Dataset read_s3rec_text(const std::string& path);

/// Everything that is wrong with a file, one line each in the order of the file, at most `limit` of them.
std::vector<std::string> faults_of_s3rec_text(const std::string& path, size_t limit = 1000);

}  // namespace cce
