// Item attributes.
#include <algorithm>

#include "data/attributes.h"
#include "tests/fuzz/fuzz.h"

using namespace cce;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr int32_t kMaxItem = 20;
  const fuzz::InputFile file(fuzz::text_of(data, size));
  fuzz::succeeds([&] {
    const Attributes attributes = read_attributes(file.path(), kMaxItem);
    fuzz::expect(attributes.item_rows() == kMaxItem + 2, "every row of the item table has its attributes");
    fuzz::expect(std::ranges::is_sorted(attributes.offsets), "no item has fewer than none");
    fuzz::expect(attributes.offsets.back() == std::ssize(attributes.ids), "the rows hold all attributes");
    fuzz::expect(
        std::ranges::all_of(attributes.ids, [&](int32_t id) { return id >= 0 && id < attributes.count; }),
        "every attribute has a row of its own");
  });
  return 0;
}
