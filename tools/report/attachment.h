// Files that a report shows beside its runs: pictures (.svg) and tables (.tsv), such as `reproduce` writes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cce {

/// Whether a report can show the file, by its name.
bool is_attachment(const std::filesystem::path& path);
/// Those that lie directly in the folder, by name.
std::vector<std::filesystem::path> attachments_in(const std::filesystem::path& folder);

/// The file as HTML. A picture cannot bring scripts or references of its own to life: it is an <img>. Throws
/// where it cannot be read, is too large to be shown (4 MB), or is no table.
std::string attachment_html(const std::filesystem::path& path);

}  // namespace cce
