// Rows of the option table that several commands have.
#pragma once

#include <string>
#include <vector>

#include "tools/option_table.h"

namespace cce {

/// The most of anything that is counted.
inline constexpr int kMany = 1'000'000;

std::vector<std::string> model_names();

Option data_option(std::string& variable);
Option seen_option(std::string& variable);
Option device_option(std::string& variable);
Option threads_option(int& variable);

}  // namespace cce
