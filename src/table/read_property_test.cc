#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/seed.h"
#include "base/text.h"
#include "table/read.h"

namespace perennial {
namespace {

Table read(std::string bytes, const ReadOptions& options = {}) {
  return read_csv_bytes("t", "f.csv", std::move(bytes), options, Workers(2));
}

// Random tables in random dialects: what is written is what is read.
class Written {
 public:
  explicit Written(Rng& rng) : rng_(rng) {
    const std::vector<char> separators = {',', ';', '\t', '|'};
    options.separator = separators[rng.below(4)];
    options.decimal = rng.bernoulli(0.5) ? ',' : '.';
    options.header = rng.bernoulli(0.7);
    options.quote = rng.bernoulli(0.7) ? '"' : '\'';
    always_ = rng.bernoulli(0.3);
    end_ = std::vector<std::string>{"\n", "\r\n", "\r"}[rng.below(3)];
    const size_t columns = 2 + rng.below(4), rows = 1 + rng.below(40);
    for (size_t c = 0; c < columns; ++c) {
      add_column(rows, "имя " + std::to_string(c));
      options.types[*options.header ? names[c] : "column_" + std::to_string(c + 1)] =
          numeric[c] ? "number" : "text";
    }
    for (size_t r = 0; r <= rows; ++r) {
      if (r == 0 && !*options.header) continue;
      for (size_t c = 0; c < columns; ++c) {
        if (c > 0) text += *options.separator;
        text += field(r == 0 ? names[c] : cells[c][r - 1]);
      }
      if (r < rows || rng.bernoulli(0.5)) text += end_;
    }
    if (rng.bernoulli(0.2)) text = "\xEF\xBB\xBF" + text;
  }

  ReadOptions options;
  std::string text;
  std::vector<std::string> names;
  std::vector<bool> numeric;
  std::vector<std::vector<double>> numbers;
  std::vector<std::vector<std::string>> cells;

 private:
  void add_column(size_t rows, const std::string& name) {
    const std::vector<std::string> words = {"Тверь", "a;b",       "x,y",    "p|q", "\"",
                                            "'",     "два\nряда", "t\tt",   "0,5", "007",
                                            "5\"",   "é😀",        "a\"\"b", "''"};
    names.push_back(name);
    numeric.push_back(rng_.bernoulli(0.5));
    cells.emplace_back();
    numbers.emplace_back();
    for (size_t r = 0; r < rows; ++r) {
      const double value =
          numeric.back() ? rng_.normal() * std::pow(10, rng_.normal() * 4) : kMissing;
      numbers.back().push_back(value);
      std::string cell = numeric.back() ? number_text(value) : words[rng_.below(words.size())];
      if (numeric.back()) std::replace(cell.begin(), cell.end(), '.', *options.decimal);
      cells.back().push_back(cell);
    }
  }

  std::string field(const std::string& cell) {
    const char quote = *options.quote;
    const std::string special = std::string("\r\n ") + *options.separator + quote;
    if (!always_ && cell.find_first_of(special) == std::string::npos) return cell;
    std::string out(1, quote);
    for (const char c : cell) out += c == quote ? std::string(2, c) : std::string(1, c);
    return out + quote;
  }

  Rng& rng_;
  bool always_ = false;
  std::string end_;
};

TEST(ReadProperty, WhatIsWrittenIsRead) {
  Rng rng({20});
  for (int round = 0; round < 500; ++round) {
    const Written written(rng);
    Table table;
    try {
      table = read(written.text, written.options);
    } catch (const Error& e) {
      FAIL() << e.what() << "\n" << quoted(written.text);
    }
    ASSERT_EQ(table.columns.size(), written.names.size()) << quoted(written.text);
    ASSERT_EQ(table.rows(), written.cells[0].size()) << quoted(written.text);
    for (size_t c = 0; c < written.names.size(); ++c) {
      if (*written.options.header) {
        ASSERT_EQ(table.columns[c].name, written.names[c]);
      }
      for (size_t r = 0; r < table.rows(); ++r) {
        if (written.numeric[c]) {
          ASSERT_EQ(table.columns[c].numbers[r], written.numbers[c][r]) << quoted(written.text);
        } else {
          ASSERT_EQ(table.columns[c].value_text(r), written.cells[c][r]) << quoted(written.text);
        }
      }
    }
  }
}

// The same tables without a word from the study: either the table, or an error; the cells never
// move to other columns.
TEST(ReadProperty, FoundOutOrRefused) {
  Rng rng({21});
  int right = 0, refused = 0;
  for (int round = 0; round < 500; ++round) {
    const Written written(rng);
    try {
      const Table table = read(written.text);
      const bool same = table.columns.size() == written.names.size();
      const bool told = !table.files[0].notes.empty();
      EXPECT_TRUE(same || told) << quoted(written.text);
      right += same;
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(right, 350) << refused << " refused";
}

}  // namespace
}  // namespace perennial
