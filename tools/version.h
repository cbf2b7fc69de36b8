// Which program this is.
#pragma once

#include <string>

namespace cce {

/// "0.1.0", and behind it in parentheses the commit it was built of, if that is known: "0.1.0 (44fb00a)";
/// with "-dirty" where what the program is made of differed from it.
std::string version();

}  // namespace cce
