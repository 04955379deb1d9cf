// The CSV path must refuse or read whatever bytes it gets, and a table that was read holds
// together. The first byte chooses what the study said about the file.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/workers.h"
#include "table/read.h"

namespace {

perennial::ReadOptions options_from(uint8_t choice) {
  perennial::ReadOptions options;
  if (choice & 1) options.header = (choice & 2) != 0;
  if (choice & 4) options.decimal = ',';
  if (choice & 8) options.separator = ';';
  if (choice & 16) options.encoding = (choice & 32) != 0 ? "windows-1251" : "utf-16le";
  if (choice & 64) options.keep_markers = true;
  if (choice & 128) options.missing = {"-"};
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const perennial::Workers workers(1);
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  // As it is with nothing said, and without its first byte as that byte says.
  for (const bool told : {false, true}) {
    try {
      const perennial::Table table = perennial::read_csv_bytes(
          "t", "fuzz.csv", told ? bytes.substr(1) : bytes,
          told ? options_from(data[0]) : perennial::ReadOptions{}, workers);
      if (table.columns.empty()) __builtin_trap();
      for (const auto& column : table.columns) {
        if (column.size() != table.rows()) __builtin_trap();
      }
    } catch (const perennial::Error& e) {
      if (e.code() == perennial::ErrorCode::kInternal) throw;
    }
  }
  return 0;
}
