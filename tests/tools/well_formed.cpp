#include "tests/tools/well_formed.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace cce::testing {
namespace {

bool has_stray_ampersand(std::string_view text) {
  constexpr std::string_view kReferences[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  for (size_t at = text.find('&'); at != text.npos; at = text.find('&', at + 1)) {
    const std::string_view from = text.substr(at);
    if (std::ranges::none_of(kReferences, [&](auto reference) { return from.starts_with(reference); }))
      return true;
  }
  return false;
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

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Takes what comes first in `text` off it: a name, in which these signs may be beside letters and digits.
std::string_view take_name(std::string_view& text, std::string_view signs) {
  const auto in_name = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || signs.find(c) != signs.npos;
  };
  const auto end =
      text.empty() || !is_letter(text.front()) ? text.begin() : std::ranges::find_if_not(text, in_name);
  const std::string_view name(text.begin(), end);
  text.remove_prefix(name.size());
  return name;
}

/// Space, and an attribute in double quotes.
bool take_attribute(std::string_view& text) {
  std::string_view rest = text;
  rest.remove_prefix(std::min(rest.find_first_not_of(" \n"), rest.size()));
  if (rest.size() == text.size() || take_name(rest, ":-").empty() || !rest.starts_with("=\"")) return false;
  rest.remove_prefix(2);
  const size_t end = rest.find_first_of("\"<");
  if (end == rest.npos || rest[end] == '<') return false;
  text = rest.substr(end + 1);
  return true;
}

/// The name of the tag, if it is one: a name, attributes in double quotes, and nothing else.
std::string name_of_tag(std::string_view tag) {
  if (tag.starts_with('/')) tag.remove_prefix(1);
  const std::string name(take_name(tag, "-"));
  if (tag.ends_with('/')) tag.remove_suffix(1);
  while (take_attribute(tag)) {
  }
  return tag.find_first_not_of(" \n") == tag.npos ? name : "";
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
