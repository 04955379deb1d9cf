#include "base/bytes.h"

#include <fmt/format.h>

#include <bit>
#include <utility>

#include "base/error.h"

namespace perennial {
namespace {

template <typename T>
void append(std::string& bytes, T v) {
  char out[sizeof(T)];
  for (size_t i = 0; i < sizeof(T); ++i) out[i] = static_cast<char>((v >> (8 * i)) & 0xff);
  bytes.append(out, sizeof(T));
}

template <typename T>
T unpack(std::string_view bytes) {
  T v = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    v |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i));
  }
  return v;
}

}  // namespace

void ByteWriter::u8(uint8_t v) { bytes_.push_back(static_cast<char>(v)); }
void ByteWriter::u32(uint32_t v) { append(bytes_, v); }
void ByteWriter::u64(uint64_t v) { append(bytes_, v); }
void ByteWriter::f64(double v) { append(bytes_, std::bit_cast<uint64_t>(v)); }

void ByteWriter::text(std::string_view v) {
  u64(v.size());
  bytes_.append(v);
}

void ByteWriter::f64s(std::span<const double> v) {
  u64(v.size());
  for (const double x : v) f64(x);
}

void ByteWriter::i32s(std::span<const int32_t> v) {
  u64(v.size());
  for (const int32_t x : v) u32(static_cast<uint32_t>(x));
}

ByteReader::ByteReader(std::string_view bytes, std::string where)
    : bytes_(bytes), where_(std::move(where)) {}

void ByteReader::damaged(const std::string& what) const {
  throw Error(ErrorCode::kData, where_, fmt::format("the model file is damaged: {}", what),
              "Save the model again with `perennial run`");
}

std::string_view ByteReader::take(size_t n) {
  if (n > left()) {
    throw Error(ErrorCode::kData, where_,
                fmt::format("the model file ends early: {} bytes wanted at byte {}, {} left", n,
                            at_, left()),
                "Copy the file again, or save the model again with `perennial run`");
  }
  const std::string_view part = bytes_.substr(at_, n);
  at_ += n;
  return part;
}

uint8_t ByteReader::u8() { return unpack<uint8_t>(take(1)); }
uint32_t ByteReader::u32() { return unpack<uint32_t>(take(4)); }
uint64_t ByteReader::u64() { return unpack<uint64_t>(take(8)); }
double ByteReader::f64() { return std::bit_cast<double>(u64()); }

std::string ByteReader::text() {
  const uint64_t n = u64();
  if (n > left()) damaged(fmt::format("it holds an impossible length ({})", n));
  return std::string(take(n));
}

std::vector<double> ByteReader::f64s() {
  const uint64_t n = u64();
  if (n > left() / 8) damaged(fmt::format("it holds an impossible length ({})", n));
  std::vector<double> v(n);
  for (double& x : v) x = f64();
  return v;
}

std::vector<int32_t> ByteReader::i32s() {
  const uint64_t n = u64();
  if (n > left() / 4) damaged(fmt::format("it holds an impossible length ({})", n));
  std::vector<int32_t> v(n);
  for (int32_t& x : v) x = static_cast<int32_t>(u32());
  return v;
}

}  // namespace perennial
