#include "table/zip.h"

#include <zlib.h>

#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
constexpr uint16_t kVersion = 20, kNewYear1980 = 0x21;
constexpr size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22;
constexpr size_t kMost = std::numeric_limits<uint32_t>::max();
// Deflate packs at most 1,032 bytes into one.
constexpr size_t kMostUnpacked = 1032;

[[noreturn]] void fail(const std::string& file, const std::string& what) {
  throw Error(ErrorCode::kData, file, what, "Copy or write the file again");
}

void put(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

uint32_t checksum(std::string_view bytes) {
  uLong crc = crc32(0, nullptr, 0);
  constexpr size_t kBlock = size_t{1} << 30;
  for (size_t at = 0; at < bytes.size(); at += kBlock) {
    const std::string_view part = bytes.substr(at, kBlock);
    crc = crc32(crc, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size()));
  }
  return static_cast<uint32_t>(crc);
}

// What the local and the central header have in common, from the version needed on.
void put_facts(std::string& out, const ZipFile& file, uint32_t crc) {
  put(out, kVersion, 2);
  put(out, 0, 2);  // flags
  put(out, 0, 2);  // stored
  put(out, 0, 2);  // midnight
  put(out, kNewYear1980, 2);
  put(out, crc, 4);
  put(out, file.bytes.size(), 4);
  put(out, file.bytes.size(), 4);
  put(out, file.name.size(), 2);
  put(out, 0, 2);  // extra fields
}

uint64_t number(std::string_view bytes, size_t at, int size) {
  uint64_t out = 0;
  for (int i = 0; i < size; ++i) {
    out |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[at + static_cast<size_t>(i)]))
           << (8 * i);
  }
  return out;
}

struct InflateEnd {
  z_stream* stream;
  ~InflateEnd() { inflateEnd(stream); }
};

std::string inflated(const std::string& file, std::string_view packed, size_t size) {
  if (size > packed.size() * kMostUnpacked + 64) fail(file, "holds an impossible length");
  std::string out(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) fail(file, "could not be unpacked");
  const InflateEnd end{&stream};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  const bool whole = status == Z_STREAM_END || (status == Z_BUF_ERROR && size == 0);
  if (!whole || stream.avail_out != 0) fail(file, "is damaged: an array cannot be unpacked");
  return out;
}

// Sizes and place of one file, from its record in the central directory.
struct Record {
  std::string name;
  uint64_t method = 0, crc = 0, packed = 0, size = 0, local = 0, length = 0;
};

// Extra field 1: sizes that do not fit into 32 bits, in this order.
void read_zip64(std::string_view extra, Record& record) {
  for (size_t at = 0; at + 4 <= extra.size();) {
    const uint64_t id = number(extra, at, 2), length = number(extra, at + 2, 2);
    size_t field = at + 4;
    at = field + length;
    if (id != 1 || at > extra.size()) continue;
    for (uint64_t* value : {&record.size, &record.packed, &record.local}) {
      if (*value != kMost || field + 8 > at) continue;
      *value = number(extra, field, 8);
      field += 8;
    }
  }
}

Record read_record(const std::string& file, std::string_view bytes, size_t at) {
  if (at + kCentralSize > bytes.size() || number(bytes, at, 4) != kCentral) {
    fail(file, "is damaged: its list of arrays cannot be read");
  }
  Record out{.name = "",
             .method = number(bytes, at + 10, 2),
             .crc = number(bytes, at + 16, 4),
             .packed = number(bytes, at + 20, 4),
             .size = number(bytes, at + 24, 4),
             .local = number(bytes, at + 42, 4)};
  const uint64_t name = number(bytes, at + 28, 2), extra = number(bytes, at + 30, 2);
  out.length = kCentralSize + name + extra + number(bytes, at + 32, 2);
  if (out.length > bytes.size() - at) fail(file, "is damaged: it ends early");
  if ((number(bytes, at + 8, 2) & 1) != 0) fail(file, "is encrypted");
  out.name = std::string(bytes.substr(at + kCentralSize, name));
  read_zip64(bytes.substr(at + kCentralSize + name, extra), out);
  return out;
}

std::string contents(const std::string& file, std::string_view bytes, const Record& record) {
  const auto damaged = [&](const std::string& what) {
    fail(file, "is damaged: " + perennial::quoted(record.name) + " " + what);
  };
  if (record.local > bytes.size() || bytes.size() - record.local < kLocalSize ||
      number(bytes, record.local, 4) != kLocal) {
    damaged("cannot be found");
  }
  const uint64_t names = number(bytes, record.local + 26, 2) + number(bytes, record.local + 28, 2);
  const uint64_t begin = record.local + kLocalSize + names;
  if (begin > bytes.size() || record.packed > bytes.size() - begin) damaged("ends early");
  const std::string_view packed = bytes.substr(begin, record.packed);
  if (record.method != 0 && record.method != 8) damaged("is packed in an unknown way");
  if (record.method == 0 && record.packed != record.size) damaged("has two lengths");
  std::string out = record.method == 0 ? std::string(packed) : inflated(file, packed, record.size);
  if (checksum(out) != record.crc) damaged("has a wrong checksum");
  return out;
}

// Place of the end record: the last one whose comment reaches the end of the file.
size_t end_record(const std::string& file, std::string_view bytes) {
  for (size_t back = kEndSize; back <= bytes.size() && back <= kEndSize + 65535; ++back) {
    const size_t at = bytes.size() - back;
    if (number(bytes, at, 4) == kEnd && number(bytes, at + 20, 2) == back - kEndSize) return at;
  }
  fail(file, "is no .npz file (a ZIP archive of arrays), or ends early");
}

}  // namespace

std::string zip_bytes(const std::vector<ZipFile>& files, const std::string& where) {
  size_t total = 0;
  for (const ZipFile& f : files) total += f.bytes.size() + 2 * f.name.size() + 128;
  if (total > kMost) {
    throw Error(ErrorCode::kData, where,
                "needs more than 4 GiB, the most that a file of this kind can hold",
                "Save with save = \"float32\", or do not save the parts of such a table");
  }
  std::string out, central;
  out.reserve(total);
  for (const ZipFile& file : files) {
    const uint32_t crc = checksum(file.bytes);
    put(central, kCentral, 4);
    put(central, kVersion, 2);
    put_facts(central, file, crc);
    put(central, 0, 2);  // comment
    put(central, 0, 2);  // disk
    put(central, 0, 2);  // internal attributes
    put(central, 0, 4);  // external attributes
    put(central, out.size(), 4);
    central += file.name;
    put(out, kLocal, 4);
    put_facts(out, file, crc);
    out += file.name;
    out += file.bytes;
  }
  const size_t begin = out.size();
  out += central;
  put(out, kEnd, 4);
  put(out, 0, 4);  // disks
  put(out, files.size(), 2);
  put(out, files.size(), 2);
  put(out, central.size(), 4);
  put(out, begin, 4);
  put(out, 0, 2);  // comment
  return out;
}

std::vector<ZipFile> unzip(const std::string& file, std::string_view bytes) {
  const size_t end = end_record(file, bytes);
  const uint64_t count = number(bytes, end + 10, 2);
  size_t at = number(bytes, end + 16, 4);
  std::vector<ZipFile> out;
  for (uint64_t i = 0; i < count; ++i) {
    const Record record = read_record(file, bytes, at);
    out.push_back({.name = record.name, .bytes = contents(file, bytes, record)});
    at += record.length;
  }
  return out;
}

}  // namespace perennial
