#include "table/compress.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

constexpr size_t kBlock = size_t{1} << 18;

// A few bytes can unpack to all of the memory. Tables pack 3 to 50 times smaller; 2,000 times plus
// some room for tiny files is beyond any of them.
size_t unpacked_limit(size_t packed) { return (size_t{16} << 20) + packed * 2000; }

[[noreturn]] void fail(const std::string& file, const std::string& what) {
  throw Error(ErrorCode::kData, file, what, "Copy or export the file again");
}

void check_size(const std::string& file, size_t unpacked, size_t packed) {
  if (unpacked <= unpacked_limit(packed)) return;
  throw Error(ErrorCode::kData, file,
              "unpacks to more than " + grouped(static_cast<int64_t>(unpacked_limit(packed))) +
                  " bytes from " + grouped(static_cast<int64_t>(packed)),
              "No table packs that small; unpack the file yourself if it really is one");
}

struct InflateEnd {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

std::string gunzip(const std::string& file, std::string_view bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) fail(file, "the gzip reader did not start");
  const std::unique_ptr<z_stream, InflateEnd> end(&stream);
  std::string out, block(kBlock, '\0');
  size_t at = 0;
  while (true) {
    const size_t given = std::min(bytes.size() - at, size_t{1} << 30);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + at));
    stream.avail_in = static_cast<uInt>(given);
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    at += given - stream.avail_in;
    out.append(block.data(), block.size() - stream.avail_out);
    check_size(file, out.size(), bytes.size());
    if (status == Z_STREAM_END) {
      if (at == bytes.size()) return out;
      inflateReset(&stream);
    } else if (status == Z_BUF_ERROR ||
               (status == Z_OK && at == bytes.size() && stream.avail_out == block.size())) {
      fail(file, "the gzip stream ends early");
    } else if (status != Z_OK) {
      fail(file, "the gzip stream is damaged near byte " + grouped(static_cast<int64_t>(at)));
    }
  }
}

struct ZstdFree {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

std::string unzstd(const std::string& file, std::string_view bytes) {
  const std::unique_ptr<ZSTD_DStream, ZstdFree> stream(ZSTD_createDStream());
  if (stream == nullptr) fail(file, "the zstd reader did not start");
  // A window larger than the file could need is refused before it is allocated.
  ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, 27);
  std::string out, block(kBlock, '\0');
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (true) {
    ZSTD_outBuffer piece{block.data(), block.size(), 0};
    const size_t before = in.pos;
    const size_t status = ZSTD_decompressStream(stream.get(), &piece, &in);
    if (ZSTD_isError(status) != 0) {
      fail(file, "the zstd stream is damaged near byte " + grouped(static_cast<int64_t>(in.pos)) +
                     " (" + ZSTD_getErrorName(status) + ")");
    }
    out.append(block.data(), piece.pos);
    check_size(file, out.size(), bytes.size());
    if (status == 0 && in.pos == in.size) return out;
    if (in.pos == in.size && piece.pos == 0 && in.pos == before) {
      fail(file, "the zstd stream ends early");
    }
  }
}

}  // namespace

std::string compression_of(std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b")) return "gzip";
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return "zstd";
  return "";
}

std::string decompress(const std::string& file, std::string_view bytes,
                       const std::string& compression) {
  return compression == "gzip" ? gunzip(file, bytes) : unzstd(file, bytes);
}

}  // namespace perennial
