// NumPy's .npz files: a ZIP archive of .npy arrays (NumPy Enhancement Proposal 1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace perennial {

// One array, in row-major order; of the three vectors the one of its kind is filled.
struct NpzArray {
  enum class Kind { kReal, kInt, kText };
  std::string name;
  std::vector<size_t> shape;
  Kind kind = Kind::kReal;
  bool single = false;  // written as float32
  std::vector<double> reals;
  std::vector<int64_t> ints;
  std::vector<std::string> texts;  // UTF-8

  static NpzArray of_reals(std::string name, std::vector<size_t> shape, std::vector<double> values,
                           bool single);
  static NpzArray of_ints(std::string name, std::vector<int64_t> values);
  static NpzArray of_texts(std::string name, std::vector<std::string> values);
  size_t size() const;  // number of elements
};

// Reals as <f8 or <f4, integers as <i8, text as <U. The same arrays give the same bytes.
// Error (kData) as zip_bytes; `where` names the file for it.
std::string npz_bytes(const std::vector<NpzArray>& arrays, const std::string& where);

// Reads little-endian float32 and float64, integers and booleans of any size, text (<U, |S), in
// either order of the elements, packed or not. Errors (kData) name file and array: what unzip
// refuses, another type (objects, complex numbers, big-endian), a header that cannot be.
std::vector<NpzArray> read_npz(const std::string& file, std::string_view bytes);

}  // namespace perennial
