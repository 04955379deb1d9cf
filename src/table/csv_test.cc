#include "table/csv.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/seed.h"
#include "base/text.h"

namespace perennial {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows cells_of(const CsvRows& rows) {
  Rows all;
  std::string scratch;
  for (const CsvChunk& chunk : rows.chunks) {
    for (uint32_t row = 0; row < chunk.rows; ++row) {
      std::vector<std::string> cells;
      for (size_t i = 0; i < rows.columns; ++i) {
        cells.emplace_back(rows.cell(chunk, row, i, scratch));
      }
      all.push_back(cells);
    }
  }
  return all;
}

std::vector<int64_t> lines_of(const CsvRows& rows) {
  std::vector<int64_t> lines;
  for (const CsvChunk& chunk : rows.chunks) {
    for (uint32_t row = 0; row < chunk.rows; ++row) lines.push_back(rows.line(chunk, row));
  }
  return lines;
}

TEST(Csv, QuotesNewLinesAndLineNumbers) {
  const Workers workers(1);
  const CsvRows rows =
      cut_csv("f", "a,b\n\"x\ny\",\"say \"\"hi\"\"\"\r\n\n 5\" pipe, \"q,\" \n\"\",z", {}, workers);
  EXPECT_EQ(cells_of(rows),
            (Rows{{"a", "b"}, {"x\ny", "say \"hi\""}, {" 5\" pipe", "q,"}, {"", "z"}}));
  EXPECT_EQ(lines_of(rows), (std::vector<int64_t>{1, 2, 5, 6}));
  EXPECT_EQ(rows.blank_lines, 1);
  EXPECT_EQ(rows.ends.lf, 3);
  EXPECT_EQ(rows.ends.crlf, 1);
}

TEST(Csv, CarriageReturnsAloneEndLines) {
  const CsvRows rows = cut_csv("f", "a;b\r1;\"x\r\ny\"\r2;z\r", {.separator = ';'}, Workers(1));
  EXPECT_EQ(cells_of(rows), (Rows{{"a", "b"}, {"1", "x\r\ny"}, {"2", "z"}}));
  EXPECT_EQ(lines_of(rows), (std::vector<int64_t>{1, 2, 4}));
  EXPECT_EQ(rows.ends.cr, 3);
}

TEST(Csv, BlankLinesBeforeTheHeaderAreSkipped) {
  CsvRows rows = cut_csv("f", "\n   \na\n\n7\n", {}, Workers(1));
  rows.drop_first_row();
  EXPECT_EQ(cells_of(rows), (Rows{{"7"}}));
  EXPECT_EQ(lines_of(rows), (std::vector<int64_t>{5}));
  EXPECT_EQ(rows.first_row_line, 3);
  EXPECT_EQ(rows.blank_lines, 3);
}

TEST(Csv, NoQuoteMeansQuotesAreLetters) {
  const CsvRows rows = cut_csv("f", "\"a,b\"\n\"1,2\n", {.quote = 0}, Workers(1));
  EXPECT_EQ(cells_of(rows), (Rows{{"\"a", "b\""}, {"\"1", "2"}}));
}

// A random text of cells that are hard on borders: quotes, separators and line ends inside quotes,
// stray quotes outside.
std::string random_text(Rng& rng, size_t columns) {
  const std::vector<std::string> cells = {"1",     "",           "\"a\"",       "\"x\ny\"",
                                          "\"\"",  "\"q\"\"r\"", "\"a,\r\nb\"", "5\" pipe",
                                          "слово", " \"b\" ",    "\"\"\"\"",    "\"\n\"\"\n\""};
  const std::vector<std::string> ends = {"\n", "\r\n"};
  std::string text;
  for (uint64_t row = 0, n = 1 + rng.below(30); row < n; ++row) {
    for (size_t i = 0; i < columns; ++i) text += (i ? "," : "") + cells[rng.below(cells.size())];
    text += ends[rng.below(2)];
  }
  return text;
}

// scan_row, row by row, as the plain description of what cut_csv does.
struct ByRows {
  Rows cells;
  std::vector<int64_t> lines;
  LineEnds ends;
  int64_t blank_lines = 0;
  bool broken = false;
};

ByRows by_rows(std::string_view text, const CsvDialect& dialect) {
  ByRows out;
  const char* at = text.data();
  const char* const end = at + text.size();
  uint32_t line = 0;
  size_t columns = 0;
  while (at != end) {
    const char* const row = at;
    const int64_t first = line + 1;
    std::vector<uint32_t> starts;
    RowEnd result = RowEnd::kLine;
    LineEnds ends;
    at = scan_row(row, end, row, dialect, starts, line, ends, result);
    std::vector<std::string> cells;
    for (size_t i = 0; i + 1 < starts.size(); ++i) {
      cells.emplace_back(row + starts[i], starts[i + 1] - 1 - starts[i]);
    }
    const bool head = out.cells.empty();
    const bool one_column = !head && columns == 1;
    const bool blank = cells.size() == 1 && (one_column ? cells[0] : trim(cells[0])).empty();
    out.ends.lf += ends.lf;
    out.ends.crlf += ends.crlf;
    out.ends.cr += ends.cr;
    if (blank) {
      ++out.blank_lines;
      continue;
    }
    if (head) {
      columns = cells.size();
      out.ends = ends;  // those of blank lines before it say nothing of the table
    }
    out.broken = cells.size() != columns;
    if (out.broken) return out;
    out.cells.push_back(cells);
    out.lines.push_back(first);
  }
  return out;
}

// Stretches without quotes are cut in another way: 64 bytes at once.
TEST(Csv, StretchesWithoutQuotesAreCutAlike) {
  Rng rng(Seed{12});
  const std::string letters = "ab 1\t;;;;\n\n\r";
  int broken = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    const size_t cells = 1 + rng.below(3);
    // Mostly rows of one length, now and then something else.
    for (uint64_t rows = rng.below(40); rows > 0; --rows) {
      for (size_t c = 0; c < cells; ++c) {
        if (c > 0) text += ';';
        for (uint64_t n = rng.below(9); n > 0; --n) text += "ab 1"[rng.below(4)];
      }
      const uint64_t end = rng.below(5);
      text += end < 3 ? "\n" : end == 3 ? "\r\n" : "\r";
    }
    if (rng.bernoulli(0.3)) text += letters[rng.below(letters.size())];
    if (rng.bernoulli(0.2)) {
      for (uint64_t n = rng.below(150); n > 0; --n) text += letters[rng.below(letters.size())];
    }
    const CsvDialect dialect{.separator = ';', .quote = '"', .first_line = 1};
    const ByRows expected = by_rows(text, dialect);
    const size_t chunk = 1 + rng.below(300);
    if (expected.broken) {
      ++broken;
      EXPECT_THROW(cut_csv("f", text, dialect, Workers(1), nullptr, chunk), Error) << text;
      continue;
    }
    const CsvRows rows = cut_csv("f", text, dialect, Workers(1), nullptr, chunk);
    ASSERT_EQ(cells_of(rows), expected.cells) << text;
    ASSERT_EQ(lines_of(rows), expected.lines) << text;
    ASSERT_EQ(rows.blank_lines, expected.blank_lines) << text;
    ASSERT_EQ(rows.ends.lf, expected.ends.lf) << text;
    ASSERT_EQ(rows.ends.crlf, expected.ends.crlf) << text;
    ASSERT_EQ(rows.ends.cr, expected.ends.cr) << text;
  }
  EXPECT_GT(broken, 200);
  EXPECT_LT(broken, 2000);
}

TEST(Csv, ChunkBordersAndThreadsChangeNothing) {
  Rng rng({11});
  const Workers one(1), two(2);
  for (int round = 0; round < 300; ++round) {
    const std::string text = random_text(rng, 2 + rng.below(3));
    const CsvRows whole = cut_csv("f", text, {}, one);
    const size_t chunk = 1 + rng.below(40);
    const CsvRows cut = cut_csv("f", text, {}, two, nullptr, chunk);
    ASSERT_EQ(cells_of(whole), cells_of(cut)) << quoted(text) << " in chunks of " << chunk;
    ASSERT_EQ(lines_of(whole), lines_of(cut)) << quoted(text) << " in chunks of " << chunk;
    ASSERT_EQ(whole.blank_lines, cut.blank_lines);
    ASSERT_EQ(whole.ends.lf + 1000 * whole.ends.crlf, cut.ends.lf + 1000 * cut.ends.crlf);
  }
}

TEST(Csv, TheFirstErrorIsNamedWhateverTheChunks) {
  std::string text = "a,b\n";
  for (int i = 0; i < 50; ++i) text += "1,\"x\ny\"\n";
  text += "1,2,3\n1\n\"open,1\n";
  for (const size_t chunk : {size_t{1}, size_t{7}, size_t{100}, size_t{100000}}) {
    try {
      cut_csv("f.csv", text, {}, Workers(2), nullptr, chunk);
      FAIL() << "no error";
    } catch (const Error& e) {
      EXPECT_EQ(e.where(), "f.csv:102");
      EXPECT_EQ(e.problem(), "expected 2 cells as in line 1, found 3");
    }
  }
}

// Found by fuzz_csv: with small chunks, a short row in the middle was called the last line.
TEST(Csv, OnlyTheLastLineIsCalledCutOff) {
  for (const size_t chunk : {size_t{4}, size_t{1000}}) {
    for (const bool last : {false, true}) {
      try {
        cut_csv("f.csv", std::string("a,b\n1\n") + (last ? "" : "1,2\n"), {}, Workers(1), nullptr,
                chunk);
        FAIL() << "no error";
      } catch (const Error& e) {
        EXPECT_EQ(e.hint().find("cut off") != std::string::npos, last);
      }
    }
  }
}

TEST(Csv, SampleStopsAtTheCutAndGrowsForLongRows) {
  const std::string row = "\"" + std::string(5000, 'x') + "\",1\n";
  const CsvSample sample = sample_csv(row + row + row + row, {}, 10, 100);
  EXPECT_GE(sample.rows.size(), 2U);
  EXPECT_EQ(sample.rows[0][0].size(), 5000U);
  EXPECT_FALSE(sample.broken);
  EXPECT_TRUE(sample_csv("a,\"b", {}, 10, 100).broken);
}

}  // namespace
}  // namespace perennial
