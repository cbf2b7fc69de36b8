// The files that `data prepare` makes.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cce {

/// A file's name and what is in it.
using NamedText = std::pair<std::string, std::string>;

/// Writes the files into `folder` (made if need be), the last of which stands for the whole: it is there only
/// while all that belong to it are. They are written in a folder within and moved once they are safe on the
/// disk, so that a full disk or a kill before that leaves what was there; `stale` are names of files of an
/// earlier time that must not stay beside the new ones.
void write_together(const std::filesystem::path& folder, const std::vector<NamedText>& files,
                    const std::vector<std::string>& stale);

}  // namespace cce
