#include "tests/tools/well_formed.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <vector>

namespace cce::testing {
namespace {

bool has_stray_ampersand(const std::string& text) {
  static const std::regex reference("&(amp|lt|gt|quot|#39);");
  return std::regex_replace(text, reference, "").find('&') != std::string::npos;
}

/// The end of the tag that begins at `begin`, past quoted ">".
size_t end_of_tag(std::string_view markup, size_t begin) {
  char quote = 0;
  for (size_t i = begin; i < markup.size(); ++i) {
    if (quote != 0) {
      if (markup[i] == quote) quote = 0;
    } else if (markup[i] == '"') {
      quote = '"';
    } else if (markup[i] == '>') {
      return i;
    }
  }
  return markup.npos;
}

/// The name of the tag, if it is one: a name, attributes in double quotes, and nothing else.
std::string name_of_tag(const std::string& tag) {
  static const std::regex name("^/?([a-zA-Z][a-zA-Z0-9-]*)");
  static const std::regex attribute("\\s+[a-zA-Z][a-zA-Z0-9:-]*=\"[^\"<]*\"");
  std::smatch found;
  if (!std::regex_search(tag, found, name)) return "";
  std::string rest = tag.substr(static_cast<size_t>(found.length(0)));
  if (!rest.empty() && rest.back() == '/') rest.pop_back();
  // One after another: a single expression for all of a long tag would recurse too deep.
  std::smatch next;
  while (std::regex_search(rest, next, attribute, std::regex_constants::match_continuous))
    rest = next.suffix();
  return rest.find_first_not_of(" \n") == std::string::npos ? found.str(1) : "";
}

}  // namespace

std::string markup_fault(std::string_view markup) {
  std::vector<std::string> open;
  if (markup.starts_with("<!doctype html>")) markup.remove_prefix(15);
  for (size_t at = 0; at < markup.size();) {
    const size_t begin = std::min(markup.find('<', at), markup.size());
    const std::string text(markup.substr(at, begin - at));
    if (has_stray_ampersand(text)) return "a stray & in: " + text;
    if (begin == markup.size()) break;
    const size_t end = end_of_tag(markup, begin);
    if (end == markup.npos) return "a tag without an end";
    const std::string tag(markup.substr(begin + 1, end - begin - 1)), name = name_of_tag(tag);
    if (name.empty() || has_stray_ampersand(tag)) return "no tag: " + tag.substr(0, 200);
    at = end + 1;
    if (tag.front() == '/') {
      if (open.empty() || open.back() != name) return "</" + name + "> closes nothing";
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
      if (name == "style" || name == "script")
        at = std::min(markup.find("</" + name + ">", at), markup.size());
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is not closed";
}

TEST_CASE("markup_fault finds what is not well-formed") {
  CHECK(markup_fault("<a b=\"1 > 0\"><c/>&amp;</a>") == "");
  CHECK(markup_fault("<!doctype html><style>a > b & c</style>") == "");
  for (const char* const wrong : {"<a>", "</a>", "<a></b>", "<a b=1/>", "<a b/>", "a & b", "<a b=\"&\"/>",
                                  "< a/>", "a < b", "<a b=\"<\"/>", "<a"}) {
    CAPTURE(wrong);
    CHECK(markup_fault(wrong) != "");
  }
}

}  // namespace cce::testing
