// A text table must be read or refused with a perennial::Error, whatever its bytes and whatever the
// study says about it. All bytes are read as a file without a study; then the first bytes choose
// what a study says, and the rest is the file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "table/csv.h"
#include "table/read.h"

namespace perennial {
namespace {

constexpr size_t kOptionBytes = 4;

ReadOptions options_from(const uint8_t* bytes) {
  ReadOptions options;
  constexpr char kSeparators[] = {',', ';', '\t', '|', 'x', '\0', '\n'};
  constexpr const char* kEncodings[] = {"utf-8",        "utf-16le", "utf-16be",
                                        "windows-1251", "latin-1",  "koi8"};
  constexpr const char* kTypes[] = {"number", "text", "date", "colour"};
  if ((bytes[0] & 1) != 0) options.separator = kSeparators[(bytes[0] >> 1) % 7];
  if ((bytes[0] & 16) != 0) options.header = (bytes[0] & 32) != 0;
  if ((bytes[0] & 64) != 0) options.decimal = (bytes[0] & 128) != 0 ? ',' : '.';
  if ((bytes[1] & 1) != 0) options.encoding = kEncodings[(bytes[1] >> 1) % 6];
  if ((bytes[1] & 16) != 0) options.quote = "\"'\0z"[(bytes[1] >> 5) & 3];
  if ((bytes[2] & 1) != 0) options.types["column_1"] = kTypes[(bytes[2] >> 1) & 3];
  if ((bytes[2] & 8) != 0) options.missing = {"-", "?", " ", ""};
  if ((bytes[2] & 16) != 0) options.names = {"a", "b"};
  options.keep_markers = (bytes[2] & 32) != 0;
  return options;
}

[[noreturn]] void fail() { __builtin_trap(); }

// A table that was read is whole: every column has a value or a missing one for every row.
void check_table(const Table& table) {
  for (const Column& column : table.columns) {
    if (column.size() != table.rows()) fail();
    for (const int32_t code : column.codes) {
      if (code < -1 || code >= static_cast<int32_t>(column.dictionary.size())) fail();
    }
  }
  if (table.row_line.size() != table.rows() || table.readings.size() != table.columns.size())
    fail();
  if (!std::is_sorted(table.row_line.begin(), table.row_line.end())) fail();
}

void try_read(const std::string& bytes, const ReadOptions& options, const Workers& workers) {
  try {
    check_table(read_csv_bytes("t", "fuzz", bytes, options, workers));
  } catch (const Error& e) {
    if (e.code() == ErrorCode::kInternal) throw;
  }
}

// Chunk borders must change nothing.
void check_chunks(const std::string& text, size_t chunk, const Workers& workers) {
  CsvRows whole, cut;
  std::string whole_error, cut_error;
  try {
    whole = cut_csv("fuzz", text, {}, workers);
  } catch (const Error& e) {
    whole_error = e.what();
  }
  try {
    cut = cut_csv("fuzz", text, {}, workers, nullptr, chunk);
  } catch (const Error& e) {
    cut_error = e.what();
  }
  if (whole_error != cut_error || whole.rows() != cut.rows()) fail();
}

void try_all(const uint8_t* data, size_t size) {
  if (size < kOptionBytes) return;
  static const Workers workers(1);
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try_read(bytes, {}, workers);
  try_read(bytes.substr(kOptionBytes), options_from(data), workers);
  check_chunks(bytes, 1 + data[3] % 32, workers);
}

}  // namespace
}  // namespace perennial

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  perennial::try_all(data, size);
  return 0;
}
