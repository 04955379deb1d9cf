// Little-endian bytes for saved models.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perennial {

class ByteWriter {
 public:
  void u8(uint8_t v);
  void u32(uint32_t v);
  void u64(uint64_t v);
  void i64(int64_t v) { u64(static_cast<uint64_t>(v)); }
  void f64(double v);
  void text(std::string_view v);         // length, then bytes
  void f64s(std::span<const double> v);  // count, then values
  void i32s(std::span<const int32_t> v);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Reads what ByteWriter wrote. Every read checks what is left and throws Error{kData} ("the model
// file ends early" / "… holds an impossible length") with `where`; it never allocates more than the
// bytes that are there could fill.
class ByteReader {
 public:
  ByteReader(std::string_view bytes, std::string where);
  uint8_t u8();
  uint32_t u32();
  uint64_t u64();
  int64_t i64() { return static_cast<int64_t>(u64()); }
  double f64();
  std::string text();
  std::vector<double> f64s();
  std::vector<int32_t> i32s();
  size_t left() const { return bytes_.size() - at_; }
  const std::string& where() const { return where_; }
  // Throws the Error{kData} for contents that cannot be: "the model file is damaged: <what>".
  [[noreturn]] void damaged(const std::string& what) const;

 private:
  std::string_view take(size_t n);
  std::string_view bytes_;
  std::string where_;
  size_t at_ = 0;
};

}  // namespace perennial
