// Delimited text -> where its cells begin. Cells stay in the text; nothing is copied.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/workers.h"

namespace perennial {

// How the lines of a text are cut into cells. A quoted cell begins with the quote, blanks before it
// allowed; a quote inside it is doubled. A quote elsewhere is a letter like any other.
struct CsvDialect {
  char separator = ',';
  char quote = '"';        // 0: no quoting
  int64_t first_line = 1;  // 1-based line of the text's first byte in the file
};

// Outcome of cutting one row.
enum class RowEnd : uint8_t { kLine, kTextEnd, kOpenQuote, kTextAfterQuote };

// Line ends met, for FileReading::line_end.
struct LineEnds {
  int64_t lf = 0, crlf = 0, cr = 0;
};

// Appends the offset (from `base`) of every cell of the row that begins at `at`, and then the
// offset one past the byte that ends the row, so that cell i is [starts[i], starts[i + 1] - 1).
// Adds the lines it passes to `lines`. Returns the begin of the next row, or where the error
// stands.
const char* scan_row(const char* at, const char* end, const char* base, const CsvDialect& dialect,
                     std::vector<uint32_t>& starts, uint32_t& lines, LineEnds& ends,
                     RowEnd& result);

// The value of a raw cell: without its quotes, doubled quotes made one (in `scratch`).
inline std::string_view cell_value(std::string_view raw, char quote, std::string& scratch);
std::string_view unquoted(std::string_view raw, char quote, std::string& scratch);

// A stretch of whole rows.
struct CsvChunk {
  const char* base = nullptr;
  uint32_t rows = 0;               // data rows: blank lines and the header are not among them
  uint32_t lines = 0;              // lines of the file it spans
  int64_t first_line = 1;          // of the file, 1-based
  std::vector<uint32_t> starts;    // rows x (columns + 1)
  std::vector<uint32_t> row_line;  // line of each row, from 0 at the chunk's first
};

// A text cut into cells. Refers to the text's bytes, which must stay where they are.
struct CsvRows {
  std::string file;  // for messages
  CsvDialect dialect;
  size_t columns = 0;
  std::vector<CsvChunk> chunks;
  std::vector<std::string> first_row;  // also the first row of the chunks, see drop_first_row
  int64_t first_row_line = 1;
  int64_t blank_lines = 0;
  LineEnds ends;

  size_t rows() const;
  // Takes the header out of the rows.
  void drop_first_row();

  std::string_view raw(const CsvChunk& chunk, size_t row, size_t column) const {
    const uint32_t* start = chunk.starts.data() + row * (columns + 1) + column;
    return {chunk.base + start[0], start[1] - 1 - start[0]};
  }
  std::string_view cell(const CsvChunk& chunk, size_t row, size_t column,
                        std::string& scratch) const {
    return cell_value(raw(chunk, row, column), dialect.quote, scratch);
  }
  int64_t line(const CsvChunk& chunk, size_t row) const {
    return chunk.first_line + chunk.row_line[row];
  }
};

inline constexpr size_t kCsvChunk = size_t{1} << 18;

// Cuts the whole text, on all workers; `chunk_bytes` changes nothing but speed. `beside` is run on
// one of the workers at the same time. Lines without any character are skipped (and counted).
// Throws Error{kData} with file and line: a row with too many or too few cells, text after a
// closing quote, a quote that is never closed.
CsvRows cut_csv(const std::string& file, std::string_view text, const CsvDialect& dialect,
                const Workers& workers, const std::function<void()>& beside = nullptr,
                size_t chunk_bytes = kCsvChunk);

// The first rows of the text as values, for finding out the dialect: at most `max_rows`, from at
// most about `max_bytes`. Blank lines are left out. Never throws; `broken` says that a row could
// not be cut.
struct CsvSample {
  std::vector<std::vector<std::string>> rows;
  bool broken = false;
  bool whole = false;  // the sample is the whole text
};
CsvSample sample_csv(std::string_view text, const CsvDialect& dialect, size_t max_rows,
                     size_t max_bytes);

inline std::string_view cell_value(std::string_view raw, char quote, std::string& scratch) {
  if (raw.empty() || quote == 0 || (raw.front() != quote && raw.front() != ' ')) return raw;
  return unquoted(raw, quote, scratch);
}

}  // namespace perennial
