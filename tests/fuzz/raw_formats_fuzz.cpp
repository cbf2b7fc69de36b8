// Raw files: the first byte chooses the format, the second the options, the rest is the file, which may be a
// gzip. What was read can be prepared, and the maps of its ids are read back the same.
#include "data/raw/item_attributes.h"
#include "data/raw/prepared_data.h"
#include "tests/fuzz/fuzz.h"

using namespace cce;

namespace {

/// The bits of the second byte; two more are what to do about repeats.
enum Flags : uint8_t { kNoHeader = 1, kRating = 2, kNoTime = 4, kSniff = 8 };
constexpr int kRepeatsShift = 4;

constexpr int64_t kMostFaults = 1000;

RawLines lines_of(std::string_view bytes) {
  return {unpacked(std::make_unique<MemoryBytes>(bytes), "input"), "input"};
}

/// Takes note of faults, and gives up where there are many, so that no input takes long.
OnFault counting(int64_t& faults) {
  return [&faults](const std::string& fault) {
    fuzz::expect(fault.starts_with("input:") && fault.find('\n') == fault.npos,
                 "a fault is a line with its place");
    if (++faults > kMostFaults) fail("too many faults");
  };
}

ColumnChoice choice_of(uint8_t flags) {
  ColumnChoice choice{.no_header = (flags & kNoHeader) != 0, .wants_rating = (flags & kRating) != 0};
  if ((flags & kNoTime) != 0) choice.time = kNoColumn;
  if (choice.no_header) choice.user = "1", choice.item = "2", choice.rating = "3";
  return choice;
}

InteractionLog read(std::string_view bytes, const RawFormat& format, uint8_t flags) {
  InteractionLog log;
  int64_t faults = 0;
  fuzz::succeeds([&] {
    const auto reader = read_interactions(lines_of(bytes), format, choice_of(flags), counting(faults));
    for (Interaction interaction; reader->next(interaction); log.add(interaction))
      fuzz::expect(!interaction.user.empty() && !interaction.item.empty(), "no id is empty");
  });
  return log;
}

void expect_same_when_read_back(const IdMap& map) {
  fuzz::expect(to_tsv(parse_id_map(to_tsv(map), "written")) == to_tsv(map), "a map is read back as written");
}

void prepare_and_check(InteractionLog& log, Repeats repeats, std::string_view bytes) {
  const int64_t read = log.size();
  const PreparedData prepared = prepare(log, {repeats, 1, 1});
  fuzz::expect(std::ssize(prepared.sequences.items) + prepared.repeats_left_out == read, "nothing is lost");
  fuzz::expect(prepared.users.size() == prepared.sequences.user_count(), "every user has a sequence");
  expect_same_when_read_back(prepared.users);
  expect_same_when_read_back(prepared.items);
  int64_t faults = 0;
  expect_same_when_read_back(
      read_item_attributes(lines_of(bytes), {}, prepared.items, counting(faults)).attributes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes = fuzz::text_of(data + 2, size - 2);
  const uint8_t flags = data[1];
  const RawFormat* format = &raw_formats()[data[0] % raw_formats().size()];
  const bool known = fuzz::succeeds([&] {
    if ((flags & kSniff) == 0) return;
    RawLines lines = lines_of(bytes);
    format = &sniff_raw_format(first_line(lines), "input");
  });
  if (!known) return 0;
  InteractionLog log = read(bytes, *format, flags);
  fuzz::succeeds([&] { prepare_and_check(log, static_cast<Repeats>(flags >> kRepeatsShift & 3), bytes); });
  fuzz::succeeds([&] { (void)parse_id_map(bytes, "input"); });
  return 0;
}
