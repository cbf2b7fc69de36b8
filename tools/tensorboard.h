// Event files as TensorBoard reads them: records of a length, bytes, and checksums of both (TFRecord), where
// the bytes are a protocol buffer `Event` (https://github.com/tensorflow/tensorflow, event.proto and
// summary.proto). Only what scalars need is here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cce {

/// CRC-32C (Castagnoli) of the bytes, as in RFC 3720.
uint32_t crc32c(std::string_view bytes);

/// What an event file begins with. Times are in seconds since 1970.
std::string events_begin(double time);

/// A line of metrics.jsonl as an event: every number in it, but the epoch, is a scalar of that epoch, named
/// by its keys ("loss", "valid/NDCG@10").
std::string epoch_event(std::string_view metrics_line, double time, const std::string& place);

/// The whole event file for these lines of metrics.jsonl, of a run that began at `time` and took the seconds
/// that the lines say.
std::string events_of(std::string_view metrics, double time, const std::string& place);

/// The time in the beginning of an event file, `otherwise` where there is none.
double begin_of_events(std::string_view events, double otherwise);

}  // namespace cce
