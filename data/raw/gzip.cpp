#include "data/raw/gzip.h"

#include "engine/error.h"

#if CCE_HAVE_ZLIB

#include <zlib.h>

#include <algorithm>
#include <array>

namespace cce {
namespace {

/// Tells zlib to expect a gzip with a window of any size.
constexpr int kGzipWindow = 15 + 16;

class GzipBytes : public ByteSource {
 public:
  GzipBytes(std::unique_ptr<ByteSource> packed, std::string name)
      : packed_(std::move(packed)), name_(std::move(name)) {
    if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  ~GzipBytes() override { inflateEnd(&stream_); }
  GzipBytes(const GzipBytes&) = delete;
  GzipBytes& operator=(const GzipBytes&) = delete;

  size_t read(std::span<char> bytes) override {
    constexpr size_t kAtOnce = size_t{1} << 30;  // zlib counts in unsigned int
    const size_t wanted = std::min(bytes.size(), kAtOnce);
    stream_.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream_.avail_out = static_cast<uInt>(wanted);
    while (stream_.avail_out == wanted && !finished_) inflate_some();
    return wanted - stream_.avail_out;
  }

 private:
  /// True where there is packed data to go on with.
  bool refill() {
    if (stream_.avail_in > 0) return true;
    stream_.avail_in = static_cast<uInt>(packed_->read(in_));
    stream_.next_in = reinterpret_cast<Bytef*>(in_.data());
    return stream_.avail_in > 0;
  }

  void inflate_some() {
    const bool has_input = refill();
    if (between_ && pass_over_padding()) return;
    between_ = false;
    const int status = inflate(&stream_, Z_NO_FLUSH);  // may have something to give without input, too
    require(has_input || status != Z_BUF_ERROR, "{}: ends early: the gzip is cut off", name_);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    require(status == Z_OK || status == Z_BUF_ERROR || status == Z_STREAM_END,
            "{}: is damaged: the gzip cannot be unpacked ({})", name_,
            stream_.msg == nullptr ? "it needs a dictionary" : stream_.msg);
    if (status == Z_STREAM_END) {
      between_ = true;
      inflateReset(&stream_);
    }
  }

  /// Behind a gzip: passes over the zeros that tapes leave there. False where another gzip follows.
  bool pass_over_padding() {
    while (stream_.avail_in > 0 && *stream_.next_in == 0) ++stream_.next_in, --stream_.avail_in;
    if (stream_.avail_in > 0) {
      require(*stream_.next_in == static_cast<unsigned char>(kGzipBegins.front()),
              "{}: has something behind the end of the gzip", name_);
      return false;
    }
    finished_ = !refill();
    return true;
  }

  std::unique_ptr<ByteSource> packed_;
  std::string name_;
  z_stream stream_{};
  std::array<char, 1 << 16> in_;
  bool between_ = false;   // behind the end of a gzip
  bool finished_ = false;  // and nothing follows
};

}  // namespace

bool can_gunzip() {
  return true;
}

std::unique_ptr<ByteSource> gunzipped(std::unique_ptr<ByteSource> packed, const std::string& name) {
  return std::make_unique<GzipBytes>(std::move(packed), name);
}

}  // namespace cce

#else

namespace cce {

bool can_gunzip() {
  return false;
}

std::unique_ptr<ByteSource> gunzipped(std::unique_ptr<ByteSource>, const std::string& name) {
  fail("{}: is packed by gzip, and this program was built without zlib; unpack it first: gunzip", name);
}

}  // namespace cce

#endif
