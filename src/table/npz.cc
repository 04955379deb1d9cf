#include "table/npz.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/text.h"
#include "table/zip.h"

namespace perennial {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are written as they lie");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kAlign = 64;  // where NumPy's data begin

// UTF-8 to code points; what is no UTF-8 becomes the replacement character.
std::vector<uint32_t> code_points(std::string_view text) {
  std::vector<uint32_t> out;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t point = length == 1 ? lead : lead & (0xffU >> (length + 1));
    bool sound = lead < 0x80 || (lead >= 0xc2 && lead < 0xf5 && i + length <= text.size());
    for (size_t k = 1; sound && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      sound = (next & 0xc0) == 0x80;
      point = (point << 6) | (next & 0x3fU);
    }
    out.push_back(sound ? point : 0xfffd);
    i += sound ? length : 1;
  }
  return out;
}

void append_utf8(std::string& out, uint32_t point) {
  if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) point = 0xfffd;
  const auto put = [&](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0 | (point >> 6));
  } else if (point < 0x10000) {
    put(0xe0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3f));
  } else {
    put(0xf0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3f));
    put(0x80 | ((point >> 6) & 0x3f));
  }
  put(0x80 | (point & 0x3f));
}

template <typename T>
void append_raw(std::string& out, const std::vector<T>& values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

// The data of an array after its header, and its type.
std::string raw_bytes(const NpzArray& array, std::string& type) {
  std::string out;
  if (array.kind == NpzArray::Kind::kInt) {
    type = "<i8";
    append_raw(out, array.ints);
  } else if (array.kind == NpzArray::Kind::kText) {
    std::vector<std::vector<uint32_t>> texts;
    size_t width = 1;
    for (const std::string& text : array.texts) {
      texts.push_back(code_points(text));
      width = std::max(width, texts.back().size());
    }
    type = fmt::format("<U{}", width);
    for (std::vector<uint32_t>& text : texts) {
      text.resize(width, 0);
      append_raw(out, text);
    }
  } else if (array.single) {
    type = "<f4";
    const std::vector<float> values(array.reals.begin(), array.reals.end());
    append_raw(out, values);
  } else {
    type = "<f8";
    append_raw(out, array.reals);
  }
  return out;
}

std::string npy_bytes(const NpzArray& array) {
  std::string type;
  const std::string data = raw_bytes(array, type);
  std::string shape;
  for (const size_t n : array.shape) shape += fmt::format("{}{}", shape.empty() ? "" : ", ", n);
  if (array.shape.size() == 1) shape += ",";
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, shape);
  header.append((kAlign - (kMagic.size() + 5 + header.size()) % kAlign) % kAlign, ' ');
  header += '\n';
  std::string out(kMagic);
  out += {'\x01', '\x00', static_cast<char>(header.size() & 0xff),
          static_cast<char>(header.size() >> 8)};
  return out + header + data;
}

// Reading.

class NpyReader {
 public:
  NpyReader(std::string where, std::string name, std::string_view bytes)
      : where_(std::move(where)), bytes_(bytes) {
    array_.name = std::move(name);
  }

  NpzArray read() {
    read_header();
    size_t elements = 1;
    for (const size_t n : array_.shape) {
      if (n != 0 && elements > (size_t{1} << 40) / n) fail("has an impossible shape");
      elements *= n;
    }
    if (width_ == 0 || elements > bytes_.size() / width_ || bytes_.size() != elements * width_) {
      fail("does not hold as many elements as it says");
    }
    for (size_t i = 0; i < elements; ++i) take(bytes_.substr(place(i) * width_, width_));
    return std::move(array_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::kData, where_, fmt::format("the array {} {}", quoted(array_.name), what),
                "Save it with numpy.savez from arrays of numbers or text");
  }

  // The value of a key in the header's dictionary, from its first character on.
  std::string_view value(std::string_view header, std::string_view key) const {
    const size_t at = header.find(fmt::format("'{}'", key));
    const size_t colon = at == std::string_view::npos ? at : header.find(':', at);
    if (colon == std::string_view::npos) fail(fmt::format("has no {} in its header", key));
    const size_t begin = header.find_first_not_of(' ', colon + 1);
    if (begin == std::string_view::npos) fail("has a header that ends early");
    return header.substr(begin);
  }

  void read_header() {
    if (!bytes_.starts_with(kMagic) || bytes_.size() < 12) fail("is no NumPy array");
    const int major = static_cast<unsigned char>(bytes_[kMagic.size()]);
    if (major < 1 || major > 3) fail("is of an unknown version");
    const size_t counts = major == 1 ? 2 : 4, begin = kMagic.size() + 2;
    size_t length = 0;
    for (size_t i = counts; i-- > 0;) {
      length = length * 256 + static_cast<unsigned char>(bytes_[begin + i]);
    }
    if (length > bytes_.size() - begin - counts) fail("has a header that ends early");
    const std::string_view header = bytes_.substr(begin + counts, length);
    read_type(value(header, "descr"));
    fortran_ = value(header, "fortran_order").starts_with("True");
    read_shape(value(header, "shape"));
    bytes_.remove_prefix(begin + counts + length);
  }

  void read_type(std::string_view text) {
    const size_t end = text.find('\'', 1);
    if (text.empty() || text[0] != '\'' || end == std::string_view::npos || end < 4) {
      fail("has an unknown type");
    }
    const std::string type(text.substr(1, end - 1));
    size_t size = 0;
    for (const char c : type.substr(2)) {
      if (c < '0' || c > '9' || size > 100'000'000) fail("has the unknown type " + quoted(type));
      size = size * 10 + static_cast<size_t>(c - '0');
    }
    letter_ = type[1];
    width_ = letter_ == 'U' ? 4 * size : size;
    const bool whole = size == 1 || size == 2 || size == 4 || size == 8;
    const bool known = (letter_ == 'f' && (size == 4 || size == 8)) ||
                       ((letter_ == 'i' || letter_ == 'u') && whole) ||
                       (letter_ == 'b' && size == 1) || letter_ == 'U' || letter_ == 'S';
    if (type[0] == '>' || !known) {
      fail(fmt::format("has the type {}, which is not read here", quoted(type)));
    }
    if (letter_ != 'f') array_.kind = NpzArray::Kind::kInt;
    if (letter_ == 'U' || letter_ == 'S') array_.kind = NpzArray::Kind::kText;
    array_.single = letter_ == 'f' && size == 4;
    if (width_ == 0) width_ = 1;  // |S0 and <U0: only empty texts, only in empty arrays
  }

  void read_shape(std::string_view text) {
    const size_t end = text.find(')');
    if (text.empty() || text[0] != '(' || end == std::string_view::npos) fail("has no shape");
    size_t n = 0;
    bool digits = false;
    for (const char c : text.substr(1, end)) {
      if (c >= '0' && c <= '9') {
        if (n > (size_t{1} << 40)) fail("has an impossible shape");
        n = n * 10 + static_cast<size_t>(c - '0');
        digits = true;
      } else if (c == ',' || c == ')') {
        if (digits) array_.shape.push_back(n);
        n = 0;
        digits = false;
      } else if (c != ' ' && c != 'L') {
        fail("has an impossible shape");
      }
    }
  }

  // Where element i of the row-major order stands in the file.
  size_t place(size_t i) const {
    if (!fortran_ || array_.shape.size() < 2) return i;
    size_t out = 0, rest = i;
    std::vector<size_t> index(array_.shape.size());
    for (size_t d = index.size(); d-- > 0;) {
      index[d] = rest % array_.shape[d];
      rest /= array_.shape[d];
    }
    for (size_t d = index.size(); d-- > 0;) out = out * array_.shape[d] + index[d];
    return out;
  }

  template <typename T>
  static T as(std::string_view element) {
    T out;
    std::memcpy(&out, element.data(), sizeof(T));
    return out;
  }

  void take(std::string_view element) {
    if (letter_ == 'f') {
      array_.reals.push_back(width_ == 4 ? static_cast<double>(as<float>(element))
                                         : as<double>(element));
    } else if (letter_ == 'S') {
      array_.texts.emplace_back(element.substr(0, element.find('\0')));
    } else if (letter_ == 'U') {
      std::string text;
      for (size_t at = 0; at + 4 <= element.size(); at += 4) {
        const auto point = as<uint32_t>(element.substr(at, 4));
        if (point != 0) append_utf8(text, point);
      }
      array_.texts.push_back(std::move(text));
    } else {
      array_.ints.push_back(integer(element));
    }
  }

  int64_t integer(std::string_view element) const {
    uint64_t value = 0;
    for (size_t i = element.size(); i-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(element[i]);
    }
    const size_t unused = 64 - 8 * element.size();
    if (letter_ == 'i') return static_cast<int64_t>(value << unused) >> unused;
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      fail("holds a number that is too large");
    }
    return static_cast<int64_t>(value);
  }

  std::string where_;
  std::string_view bytes_;
  NpzArray array_;
  char letter_ = 'f';
  size_t width_ = 0;
  bool fortran_ = false;
};

}  // namespace

NpzArray NpzArray::of_reals(std::string name, std::vector<size_t> shape, std::vector<double> values,
                            bool single) {
  NpzArray out{.name = std::move(name), .shape = std::move(shape), .single = single};
  out.reals = std::move(values);
  PERENNIAL_CHECK(out.reals.size() == out.size());
  return out;
}

NpzArray NpzArray::of_ints(std::string name, std::vector<int64_t> values) {
  NpzArray out{.name = std::move(name), .shape = {values.size()}, .kind = Kind::kInt};
  out.ints = std::move(values);
  return out;
}

NpzArray NpzArray::of_texts(std::string name, std::vector<std::string> values) {
  NpzArray out{.name = std::move(name), .shape = {values.size()}, .kind = Kind::kText};
  out.texts = std::move(values);
  return out;
}

size_t NpzArray::size() const {
  size_t out = 1;
  for (const size_t n : shape) out *= n;
  return out;
}

std::string npz_bytes(const std::vector<NpzArray>& arrays, const std::string& where) {
  std::vector<ZipFile> files;
  for (const NpzArray& array : arrays) files.push_back({array.name + ".npy", npy_bytes(array)});
  return zip_bytes(files, where);
}

std::vector<NpzArray> read_npz(const std::string& file, std::string_view bytes) {
  std::vector<NpzArray> out;
  for (ZipFile& entry : unzip(file, bytes)) {
    std::string name = entry.name;
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    out.push_back(NpyReader(file, name, entry.bytes).read());
  }
  return out;
}

}  // namespace perennial
