// The S3-Rec text format: one line per user, `user item item ...`, separated by blanks, oldest item first.
//
// The user is any word; items are whole numbers from 1 to kMaxItem. CRLF line ends and a UTF-8 byte order
// mark are read.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "data/dataset.h"

namespace cce {

/// The largest item id that is believed: an item table has a row for every id up to the largest.
constexpr int32_t kMaxItem = 100'000'000;

/// Reads a file strictly. Throws one line, `toys.txt:812: item id "-3" is not positive (see: ...)`, for the
/// first thing that is wrong. Users with fewer than kFewestItems items are left out and counted; a file of
/// only such users is an error.
Dataset read_s3rec_text(const std::string& path);

/// Hands everything that is wrong with a file to `on_fault`, one line each in the order of the file. Throws
/// where it cannot be read at all.
void check_s3rec_text(const std::string& path, const std::function<void(const std::string&)>& on_fault);

}  // namespace cce
