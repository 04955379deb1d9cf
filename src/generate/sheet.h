// Inside the room: rows of a CSV file, written cell by cell.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <string>
#include <string_view>

#include "base/text.h"

namespace perennial {

// How one file is written.
struct Form {
  char separator = ',';
  char decimal = '.';
  bool crlf = false;
  bool shortest = false;  // 4 where others write 4.0
};

// Rows of one file. Nothing that the generators write needs quotes.
class Sheet {
 public:
  Sheet(Form form, std::span<const std::string_view> header, bool regular_names) : form_(form) {
    for (const std::string_view name : header) text(regular_names ? regular_name(name) : name);
    end_row();
  }
  void text(std::string_view value) {
    if (!at_start_) bytes_ += form_.separator;
    at_start_ = false;
    bytes_ += value;
  }
  void whole(int64_t value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    text({digits.data(), static_cast<size_t>(end - digits.data())});
  }
  // At least one decimal and no needless ones, as pandas writes: 0.75, 0.0 (or 0 in the short
  // form).
  void number(double value, int decimals) {
    if (decimals == 0) return whole(std::llround(value));
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                   std::chars_format::fixed, decimals)
                         .ptr;
    std::string_view shown(digits.data(), static_cast<size_t>(end - digits.data()));
    while (shown.back() == '0' && shown[shown.size() - 2] != '.') shown.remove_suffix(1);
    if (form_.shortest && shown.ends_with(".0")) shown.remove_suffix(2);
    const size_t mark = shown.find('.');
    if (mark != std::string_view::npos) digits[mark] = form_.decimal;
    text(shown);
  }
  void end_row() {
    bytes_ += form_.crlf ? "\r\n" : "\n";
    at_start_ = true;
  }
  std::string take() { return std::move(bytes_); }

 private:
  Form form_;
  std::string bytes_;
  bool at_start_ = true;
};

}  // namespace perennial
