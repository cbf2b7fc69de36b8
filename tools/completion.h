// What shells and `man` know of the program, made from the tables of options, so that it is never behind
// them.
#pragma once

#include <string>
#include <vector>

namespace cce {

/// "bash", "fish", "zsh".
std::vector<std::string> completion_shells();
/// The script that makes this shell complete commands, options and values.
std::string completion_script(const std::string& shell);

/// The manual page, for section 1.
std::string manual_page(const std::string& version);

}  // namespace cce
