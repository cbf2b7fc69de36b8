#include "tools/markup.h"

#include <doctest/doctest.h>

namespace cce {

TEST_CASE("markup: what means something in HTML and XML is escaped") {
  CHECK(escaped_markup("a <b> & \"c\" 'd'") == "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  CHECK(escaped_markup("</script><!--&amp;") == "&lt;/script&gt;&lt;!--&amp;amp;");
  CHECK(escaped_markup("") == "");
}

TEST_CASE("markup: UTF-8 stays, and what is none is replaced") {
  CHECK(escaped_markup("Zoë – 日本 😀\n\t") == "Zoë – 日本 😀\n\t");
  const std::string replaced = "\xEF\xBF\xBD";
  CHECK(escaped_markup("a\xFFz") == "a" + replaced + "z");
  CHECK(escaped_markup("\xC3") == replaced);                                // cut short
  CHECK(escaped_markup("\xC3<") == replaced + "&lt;");                      // what follows is not swallowed
  CHECK(escaped_markup("\xC0\xBC") == replaced + replaced);                 // an overlong "<"
  CHECK(escaped_markup("\xED\xA0\x80") == replaced + replaced + replaced);  // a surrogate
  CHECK(escaped_markup(std::string_view("\0\x1B\x7F", 3)) == replaced + replaced + replaced);
}

}  // namespace cce
