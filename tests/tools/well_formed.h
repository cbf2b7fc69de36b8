// Whether text is well-formed markup: what keeps a forgotten escape from passing unseen.
#pragma once

#include <string>
#include <string_view>

namespace cce::testing {

/// What is wrong with `markup` as XML: tags that do not match, attributes without quotes, a stray "<" or "&".
/// Empty where nothing is. A "<!doctype ...>" may come first, and what is in <style> and <script> is not
/// looked at.
std::string markup_fault(std::string_view markup);

}  // namespace cce::testing
