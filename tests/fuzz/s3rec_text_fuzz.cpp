// Sequences in the S3-Rec text.
#include <algorithm>

#include "data/s3rec_text.h"
#include "tests/fuzz/fuzz.h"

using namespace cce;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::InputFile file(fuzz::text_of(data, size));
  std::vector<std::string> faults;
  const bool listed = fuzz::succeeds([&] { faults = faults_of_s3rec_text(file.path()); });
  const bool read = fuzz::succeeds([&] {
    const Dataset dataset = read_s3rec_text(file.path());
    fuzz::expect(std::ranges::all_of(dataset.items,
                                     [&](int32_t item) { return item >= 1 && item <= dataset.max_item; }),
                 "every item is one of the catalogue's");
    fuzz::expect(dataset.offsets.back() == dataset.interactions(), "the sequences hold all items");
    for (int64_t user = 0; user < dataset.user_count(); ++user) {
      fuzz::expect(std::ssize(dataset.sequence(user)) >= kFewestItems, "nobody has too few items");
    }
  });
  fuzz::expect(read == (listed && faults.empty()), "what has no faults is read, and nothing else");
  return 0;
}
