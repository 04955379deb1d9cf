#include "table/csv.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

// The first separator, line feed or carriage return in [at, end), or end: eight bytes at a time. A
// byte x is zero exactly when the top bit of (x & 0x7F) + 0x7F | x is not set.
const char* find_cell_end(const char* at, const char* end, char separator) {
  constexpr uint64_t kOnes = 0x0101010101010101U, kLow = 0x7F * kOnes;
  const uint64_t separators = kOnes * static_cast<unsigned char>(separator);
  while (end - at >= 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    const auto not_zero = [](uint64_t x) { return ((x & kLow) + kLow) | x; };
    const uint64_t none = not_zero(word ^ separators) & not_zero(word ^ (kOnes * '\n')) &
                          not_zero(word ^ (kOnes * '\r'));
    const uint64_t found = ~(none | kLow);
    if (found == 0) {
      at += 8;
    } else if constexpr (std::endian::native == std::endian::little) {
      return at + std::countr_zero(found) / 8;
    } else {
      return at + std::countl_zero(found) / 8;
    }
  }
  while (at != end && *at != separator && *at != '\n' && *at != '\r') ++at;
  return at;
}

const char* find_char(const char* at, const char* end, char wanted) {
  const void* found = std::memchr(at, wanted, static_cast<size_t>(end - at));
  return found == nullptr ? end : static_cast<const char*>(found);
}

// Lines that end in [at, end); a carriage return counts unless a line feed follows it.
uint32_t lines_in(const char* at, const char* end, const char* text_end) {
  uint32_t lines = 0;
  for (; at != end; ++at) {
    lines += *at == '\n' || (*at == '\r' && (at + 1 == text_end || at[1] != '\n'));
  }
  return lines;
}

// Past the quoted cell that opens at `open`: the byte after its closing quote, or null.
const char* skip_quoted(const char* open, const char* end, char quote) {
  const char* at = open + 1;
  while (true) {
    at = find_char(at, end, quote);
    if (at == end) return nullptr;
    if (at + 1 == end || at[1] != quote) return at + 1;
    at += 2;
  }
}

// The opening quote when the cell that begins at `at` is quoted, else null.
const char* opening_quote(const char* at, const char* end, const CsvDialect& dialect) {
  if (dialect.quote == 0) return nullptr;
  while (at != end && *at == ' ') ++at;
  return at != end && *at == dialect.quote ? at : nullptr;
}

const char* end_line(const char* at, const char* end, uint32_t& lines, LineEnds& ends) {
  ++lines;
  if (*at == '\n') {
    ++ends.lf;
    return at + 1;
  }
  if (at + 1 != end && at[1] == '\n') {
    ++ends.crlf;
    return at + 2;
  }
  ++ends.cr;
  return at + 1;
}

std::string at_line(const std::string& file, int64_t line) {
  return file + ":" + std::to_string(line);
}

// What stopped a chunk; its line is known when the lines of all chunks before are.
struct Trouble {
  RowEnd end = RowEnd::kLine;  // kLine: the number of cells is wrong
  uint32_t line = 0;
  size_t found = 0;
  bool last_row = false;  // of the chunk; report() wants it to be of the text
};

[[noreturn]] void report(const CsvRows& rows, const CsvChunk& chunk, const Trouble& trouble) {
  const std::string where = at_line(rows.file, chunk.first_line + trouble.line);
  if (trouble.end == RowEnd::kOpenQuote) {
    throw Error(ErrorCode::kData, where, "a quote opens here and is never closed",
                "Close it, or double it if it is part of the text");
  }
  if (trouble.end == RowEnd::kTextAfterQuote) {
    throw Error(ErrorCode::kData, where,
                "text follows the closing quote of cell " + std::to_string(trouble.found),
                "Double the quotes that are part of the text");
  }
  const std::string separator = rows.dialect.separator == '\t'
                                    ? "a tab"
                                    : "\"" + std::string(1, rows.dialect.separator) + "\"";
  std::string hint =
      "Correct the line, or say the separator in the study (read with " + separator + ")";
  if (trouble.found > rows.columns) {
    hint = std::string("Quote the cell if it holds ") + separator +
           (rows.dialect.separator == ',' ? " (a decimal comma?)" : "") +
           ", or say the separator in the study";
  } else if (trouble.last_row) {
    hint = "It is the last line: is the file cut off";
  }
  throw Error(ErrorCode::kData, where,
              "expected " + counted(static_cast<int64_t>(rows.columns), "cell") + " as in line " +
                  std::to_string(rows.first_row_line) + ", found " +
                  grouped(static_cast<int64_t>(trouble.found)),
              hint);
}

// Where chunks may begin: after a line end outside quotes, near every multiple of chunk_bytes. One
// pass over the quotes alone, with the rules of scan_row, so that every border is certain. A file
// without line feeds ends its lines with carriage returns. any_quote: set where one stands
// anywhere.
std::vector<size_t> chunk_borders(std::string_view text, const CsvDialect& dialect,
                                  size_t chunk_bytes, bool& any_quote) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char line_end = find_char(begin, end, '\n') == end ? '\r' : '\n';
  std::vector<size_t> borders = {0};
  size_t wanted = chunk_bytes;
  const char* at = begin;  // outside quotes
  // Takes the borders in [at, stop), which is free of quoted cells.
  const auto take_until = [&](const char* stop) {
    while (wanted < static_cast<size_t>(stop - begin)) {
      const char* from = std::max(at, begin + wanted - 1);
      const char* found = find_char(from, stop, line_end);
      if (found == stop) return;
      const auto border = static_cast<size_t>(found + 1 - begin);
      if (border < text.size()) borders.push_back(border);
      wanted = (border / chunk_bytes + 1) * chunk_bytes;
    }
  };
  for (const char* from = begin; dialect.quote != 0 && from != end;) {
    const char* quote = find_char(from, end, dialect.quote);
    if (quote == end) break;
    any_quote = true;
    const char* before = quote;
    while (before != at && before[-1] == ' ') --before;
    const bool opens = before == begin || before[-1] == dialect.separator || before[-1] == '\n' ||
                       before[-1] == '\r';
    if (!opens || before < at) {
      from = quote + 1;
      continue;
    }
    take_until(quote);
    at = skip_quoted(quote, end, dialect.quote);
    if (at == nullptr) return borders;  // the chunk that holds it will say so
    from = at;
  }
  take_until(end);
  borders.push_back(text.size());
  return borders;
}

// A row of one cell [at, end) with nothing in it; blanks are something where there is one column.
bool is_blank(const char* at, const char* end, size_t columns) {
  if (columns > 1) {
    while (at != end && (*at == ' ' || *at == '\t')) ++at;
  }
  return at == end;
}

bool blank_row(const std::vector<uint32_t>& starts, size_t first, const char* base,
               size_t columns) {
  return starts.size() - first == 2 &&
         is_blank(base + starts[first], base + starts[first + 1] - 1, columns);
}

struct ChunkCount {
  int64_t blank_lines = 0;
  LineEnds ends;
  std::optional<Trouble> trouble;
};

// One bit for each of 64 bytes that is the separator, a line feed or a carriage return.
uint64_t marks_in(const char* at, char separator) {
#if defined(__SSE2__)
  const __m128i separators = _mm_set1_epi8(separator), feeds = _mm_set1_epi8('\n'),
                returns = _mm_set1_epi8('\r');
  uint64_t marks = 0;
  for (int part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16 * part));
    const __m128i found =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, separators),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, feeds), _mm_cmpeq_epi8(bytes, returns)));
    marks |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(found))) << (16 * part);
  }
  return marks;
#else
  uint64_t marks = 0;
  for (int i = 0; i < 64; ++i) {
    const bool found = at[i] == separator || at[i] == '\n' || at[i] == '\r';
    marks |= static_cast<uint64_t>(found) << i;
  }
  return marks;
#endif
}

// Cuts a stretch without quoted cells, where every separator and line end counts: what scan_row
// does cell by cell, for all marks of 64 bytes at once.
class PlainCutter {
 public:
  PlainCutter(std::string_view text, const CsvDialect& dialect, size_t columns, CsvChunk& chunk,
              ChunkCount& count)
      : text_(text),
        separator_(dialect.separator),
        columns_(columns),
        chunk_(chunk),
        count_(count),
        row_(columns + 1) {}

  void run() {
    const char* const base = text_.data();
    const auto size = static_cast<uint32_t>(text_.size());
    uint32_t at = 0;
    for (; size - at >= 64; at += 64) {
      for (uint64_t marks = marks_in(base + at, separator_); marks != 0; marks &= marks - 1) {
        if (!mark(at + static_cast<uint32_t>(std::countr_zero(marks)))) return;
      }
    }
    for (; at < size; ++at) {
      const bool found = base[at] == separator_ || base[at] == '\n' || base[at] == '\r';
      if (found && !mark(at)) return;
    }
    if (begin_ == size) return;
    add(size + 1);
    end_row(size);
  }

 private:
  // A separator or the end of a line stands there. False: it is over.
  bool mark(uint32_t at) {
    if (at < begin_) return true;  // the line feed behind a carriage return
    add(at + 1);
    const char c = text_[at];
    if (c == separator_) return true;
    const bool both = c == '\r' && at + 1 < text_.size() && text_[at + 1] == '\n';
    ++(both ? count_.ends.crlf : c == '\n' ? count_.ends.lf : count_.ends.cr);
    return end_row(at + (both ? 2 : 1));
  }

  // One past the byte that ends the next cell; those of a row that is too long are only counted.
  void add(uint32_t end) {
    if (cells_ < columns_) row_[cells_ + 1] = end;
    ++cells_;
  }

  bool end_row(uint32_t next) {
    const uint32_t line = chunk_.lines++;
    row_[0] = begin_;
    const char* const base = text_.data();
    if (cells_ == 1 && is_blank(base + begin_, base + row_[1] - 1, columns_)) {
      ++count_.blank_lines;
    } else if (cells_ != columns_) {
      count_.trouble = Trouble{.line = line, .found = cells_, .last_row = next == text_.size()};
      return false;
    } else {
      chunk_.starts.insert(chunk_.starts.end(), row_.begin(), row_.end());
      chunk_.row_line.push_back(line);
      ++chunk_.rows;
    }
    begin_ = next;
    cells_ = 0;
    return true;
  }

  const std::string_view text_;
  const char separator_;
  const size_t columns_;
  CsvChunk& chunk_;
  ChunkCount& count_;
  std::vector<uint32_t> row_;  // where its cells begin, and one past its end
  uint32_t begin_ = 0;         // of the row
  size_t cells_ = 0;           // of the row so far
};

void cut_chunk(std::string_view text, const CsvDialect& dialect, size_t columns, CsvChunk& chunk,
               ChunkCount& count) {
  const char* at = chunk.base = text.data();
  const char* const end = at + text.size();
  chunk.starts.reserve(text.size() / 6 + columns + 2);
  if (dialect.quote == 0 || find_char(at, end, dialect.quote) == end) {
    PlainCutter(text, dialect, columns, chunk, count).run();
    return;
  }
  while (at != end) {
    const size_t first = chunk.starts.size();
    const uint32_t line = chunk.lines;
    RowEnd result = RowEnd::kLine;
    at = scan_row(at, end, chunk.base, dialect, chunk.starts, chunk.lines, count.ends, result);
    const size_t found = chunk.starts.size() - first - 1;
    if (result == RowEnd::kOpenQuote || result == RowEnd::kTextAfterQuote) {
      count.trouble = Trouble{.end = result, .line = chunk.lines, .found = found + 1};
      return;
    }
    if (blank_row(chunk.starts, first, chunk.base, columns)) {
      ++count.blank_lines;
      chunk.starts.resize(first);
    } else if (found != columns) {
      count.trouble = Trouble{.line = line, .found = found, .last_row = at == end};
      return;
    } else {
      chunk.row_line.push_back(line);
      ++chunk.rows;
    }
  }
}

// The first row that is not blank decides how many cells a row has. Returns its offset.
size_t read_first_row(std::string_view text, CsvRows& rows) {
  const char* at = text.data();
  const char* const end = at + text.size();
  CsvChunk chunk{.first_line = rows.dialect.first_line};
  while (at != end) {
    const char* const row = chunk.base = at;
    const uint32_t line = chunk.lines;
    RowEnd result = RowEnd::kLine;
    chunk.starts.clear();
    at = scan_row(at, end, row, rows.dialect, chunk.starts, chunk.lines, rows.ends, result);
    if (result == RowEnd::kOpenQuote || result == RowEnd::kTextAfterQuote) {
      report(rows, chunk, {.end = result, .line = chunk.lines, .found = chunk.starts.size()});
    }
    if (blank_row(chunk.starts, 0, row, 2)) {
      ++rows.blank_lines;
      continue;
    }
    rows.ends = {};
    rows.columns = chunk.starts.size() - 1;
    rows.first_row_line = chunk.first_line + line;
    std::string scratch;
    for (size_t i = 0; i < rows.columns; ++i) {
      rows.first_row.emplace_back(rows.cell(chunk, 0, i, scratch));
    }
    return static_cast<size_t>(row - text.data());
  }
  return text.size();
}

}  // namespace

const char* scan_row(const char* at, const char* end, const char* base, const CsvDialect& dialect,
                     std::vector<uint32_t>& starts, uint32_t& lines, LineEnds& ends,
                     RowEnd& result) {
  const char separator = dialect.separator;
  while (true) {
    starts.push_back(static_cast<uint32_t>(at - base));
    if (at != end && (*at == dialect.quote || *at == ' ')) {
      if (const char* open = opening_quote(at, end, dialect)) {
        at = skip_quoted(open, end, dialect.quote);
        result = at == nullptr ? RowEnd::kOpenQuote : RowEnd::kTextAfterQuote;
        if (at == nullptr) return open;
        const char* const closed = at;
        while (at != end && *at == ' ') ++at;
        if (at != end && *at != separator && *at != '\n' && *at != '\r') return open;
        lines += lines_in(open, closed, end);
      }
    }
    at = find_cell_end(at, end, separator);
    if (at == end || *at != separator) break;
    ++at;
  }
  starts.push_back(static_cast<uint32_t>(at - base) + 1);
  result = at == end ? RowEnd::kTextEnd : RowEnd::kLine;
  if (at == end) {
    ++lines;
    return end;
  }
  return end_line(at, end, lines, ends);
}

std::string_view unquoted(std::string_view raw, char quote, std::string& scratch) {
  const size_t open = raw.find_first_not_of(' ');
  if (open == std::string_view::npos || raw[open] != quote) return raw;
  const size_t close = raw.rfind(quote);
  if (close == open) return raw;
  const std::string_view inner = raw.substr(open + 1, close - open - 1);
  if (inner.find(quote) == std::string_view::npos) return inner;
  scratch.clear();
  for (size_t i = 0; i < inner.size(); ++i) {
    scratch.push_back(inner[i]);
    if (inner[i] == quote) ++i;
  }
  return scratch;
}

size_t CsvRows::rows() const {
  size_t total = 0;
  for (const CsvChunk& chunk : chunks) total += chunk.rows;
  return total;
}

void CsvRows::drop_first_row() {
  for (CsvChunk& chunk : chunks) {
    if (chunk.rows == 0) continue;
    --chunk.rows;
    chunk.starts.erase(chunk.starts.begin(),
                       chunk.starts.begin() + static_cast<std::ptrdiff_t>(columns + 1));
    chunk.row_line.erase(chunk.row_line.begin());
    return;
  }
}

CsvRows cut_csv(const std::string& file, std::string_view text, const CsvDialect& dialect,
                const Workers& workers, const std::function<void()>& beside, size_t chunk_bytes) {
  CsvRows rows{.file = file, .dialect = dialect, .first_row_line = dialect.first_line};
  text.remove_prefix(read_first_row(text, rows));
  bool any_quote = false;
  std::vector<size_t> borders =
      chunk_borders(text, dialect, std::max<size_t>(1, chunk_bytes), any_quote);
  CsvDialect in_chunks = dialect;
  if (!any_quote) in_chunks.quote = 0;  // nothing to look for in each chunk once more
  if (borders.back() != text.size()) borders.push_back(text.size());
  const size_t chunks = borders.size() - 1;
  for (size_t i = 0; i < chunks; ++i) {
    if (borders[i + 1] - borders[i] < std::numeric_limits<uint32_t>::max() - 1) continue;
    throw Error(ErrorCode::kData, file, "a single quoted cell or line is longer than 4 GB",
                "Is a quote left open");
  }
  rows.chunks.resize(chunks);
  std::vector<ChunkCount> counts(chunks);
  // The work beside goes first: it is the longest piece.
  workers.run(chunks + 1, [&](size_t i) {
    if (i == 0) {
      if (beside) beside();
      return;
    }
    const std::string_view part = text.substr(borders[i - 1], borders[i] - borders[i - 1]);
    cut_chunk(part, in_chunks, rows.columns, rows.chunks[i - 1], counts[i - 1]);
  });
  int64_t line = rows.first_row_line;
  for (size_t i = 0; i < chunks; ++i) {
    rows.chunks[i].first_line = line;
    line += rows.chunks[i].lines;
    if (counts[i].trouble) {
      counts[i].trouble->last_row = counts[i].trouble->last_row && i + 1 == chunks;
      report(rows, rows.chunks[i], *counts[i].trouble);
    }
    rows.blank_lines += counts[i].blank_lines;
    rows.ends.lf += counts[i].ends.lf;
    rows.ends.crlf += counts[i].ends.crlf;
    rows.ends.cr += counts[i].ends.cr;
  }
  return rows;
}

CsvSample sample_csv(std::string_view text, const CsvDialect& dialect, size_t max_rows,
                     size_t max_bytes) {
  CsvSample sample;
  for (size_t bytes = max_bytes;; bytes *= 2) {
    const std::string_view part = text.substr(0, bytes);
    sample = {.whole = part.size() == text.size()};
    const char* at = part.data();
    const char* const end = at + part.size();
    while (at != end && sample.rows.size() < max_rows) {
      std::vector<uint32_t> starts;
      uint32_t lines = 0;
      LineEnds ends;
      RowEnd result = RowEnd::kLine;
      const char* const row = at;
      at = scan_row(row, end, row, dialect, starts, lines, ends, result);
      // Where the part is cut, a row (or a quoted cell) may be cut too.
      if (!sample.whole && (at == end || result == RowEnd::kOpenQuote)) break;
      sample.broken = result == RowEnd::kOpenQuote || result == RowEnd::kTextAfterQuote;
      if (sample.broken) break;
      if (blank_row(starts, 0, row, 2)) continue;
      std::vector<std::string> cells;
      std::string scratch;
      for (size_t i = 0; i + 1 < starts.size(); ++i) {
        const std::string_view raw(row + starts[i], starts[i + 1] - 1 - starts[i]);
        cells.emplace_back(cell_value(raw, dialect.quote, scratch));
      }
      sample.rows.push_back(std::move(cells));
    }
    // A sample of one row says nothing; look further.
    if (sample.whole || sample.broken || sample.rows.size() > 1) return sample;
  }
}

}  // namespace perennial
