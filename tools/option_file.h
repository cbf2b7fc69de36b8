// A configuration file: lines of `option = value`, as TOML writes them, and nothing else of TOML.
#pragma once

#include <string>
#include <vector>

namespace cce {

/// One option of the file.
struct ConfigLine {
  std::string key;    ///< "batch-size"
  std::string value;  ///< without quotes
  std::string place;  ///< "c.toml:3", for messages
};

/// The options in the file at `path`, in its order. Throws a usage error that names the line where one is no
/// `option = value`.
std::vector<ConfigLine> read_config(const std::string& path);

}  // namespace cce
