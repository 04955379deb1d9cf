#include "table/read.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "base/error.h"
#include "base/seed.h"
#include "base/text.h"

namespace perennial {
namespace {

Table read(std::string bytes, const ReadOptions& options = {}) {
  return read_csv_bytes("t", "f.csv", std::move(bytes), options, Workers(2));
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string message(std::string bytes, const ReadOptions& options = {}) {
  try {
    read(std::move(bytes), options);
  } catch (const Error& e) {
    EXPECT_EQ(e.exit_code(), 1);
    return e.what();
  }
  return "no error";
}

// All cells as text, one string a row; "~" is missing.
std::string row_text(const Table& table, size_t row) {
  std::string text;
  for (const Column& column : table.columns) {
    if (!text.empty()) text += "|";
    text += column.missing(row) ? "~" : column.value_text(row);
  }
  return text;
}

std::string types_of(const Table& table) {
  std::string types;
  for (const Column& column : table.columns) types += to_string(column.type)[0];
  return types;
}

std::string notes_of(const Table& table) { return join(table.files[0].notes, "\n"); }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Read, TypesAndValues) {
  const Table table = read("id,имя,дата,доля\n1,Аня,2017-03-01,0.5\n2,Яна,2017-03-02,-1e3\n");
  EXPECT_EQ(types_of(table), "ntdn");
  EXPECT_EQ(row_text(table, 0), "1|Аня|2017-03-01|0.5");
  EXPECT_EQ(row_text(table, 1), "2|Яна|2017-03-02|-1000");
  EXPECT_EQ(table.row_line, (std::vector<uint32_t>{2, 3}));
  EXPECT_TRUE(table.row_file.empty());
  EXPECT_EQ(table.files[0].rows, 2);
  EXPECT_EQ(table.files[0].notes.size(), 0U);
  EXPECT_EQ(table.example(1, "Яна").line, 3);
}

TEST(Read, MissingMarkers) {
  const std::string text =
      "a,b\n1,x\n,NA\nNA, \nN/A,#N/A\n#N/A,None\nn/a,NULL\nNaN,null\n$null$,\" \"\n null "
      ",y\n2,None \n";
  const Table table = read(text);
  EXPECT_EQ(types_of(table), "nt");
  EXPECT_EQ(row_text(table, 9), "2|~");
  EXPECT_EQ(table.columns[1].dictionary, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(table.readings[0].missing_markers, (std::map<std::string, int64_t>{{"", 1},
                                                                               {"NA", 1},
                                                                               {"N/A", 1},
                                                                               {"#N/A", 1},
                                                                               {"n/a", 1},
                                                                               {"NaN", 1},
                                                                               {"$null$", 1},
                                                                               {"null", 1}}));
  EXPECT_EQ(table.readings[1].missing_markers.at(" "), 2);
  EXPECT_EQ(table.readings[0].missing_examples[1].line, 4);
  EXPECT_EQ(table.readings[0].missing_examples[1].value, "NA");
  const Table kept = read("a,b\n,NA\n1,None\n", {.keep_markers = true});
  EXPECT_EQ(row_text(kept, 0), "~|NA");
  const Table more = read("a,b\n-1,?\n5,x\n", {.missing = {"-1", "?"}});
  EXPECT_EQ(row_text(more, 0), "~|~");
}

TEST(Read, DecimalCommaIsCountedAndTheStudySettlesIt) {
  const std::string text = "id;p\n1;0,98\n2;4\n3;-12,5\n4;\n";
  const Table table = read(text);
  EXPECT_EQ(types_of(table), "nt");
  EXPECT_EQ(table.readings[1].decimal_comma, 2);
  EXPECT_EQ(table.readings[1].decimal_comma_examples[1].value, "-12,5");
  EXPECT_EQ(table.readings[1].decimal_comma_examples[1].line, 4);
  EXPECT_EQ(table.files[0].decimal, ',');
  const Table settled = read(text, {.decimal = ','});
  EXPECT_EQ(types_of(settled), "nn");
  EXPECT_EQ(row_text(settled, 2), "3|-12.5");
  EXPECT_EQ(settled.readings[1].decimal_comma, 0);
  EXPECT_EQ(row_text(read(text, {.types = {{"p", "number"}}}), 0), "1|0.98");
  // A quoted decimal comma in a file with commas between its cells.
  EXPECT_EQ(read("id,p\n1,\"0,98\"\n2,\"1,5\"\n").readings[1].decimal_comma, 2);
}

TEST(Read, ThousandsMarksAreNeverGuessed) {
  const std::string text = "id;p\n1;1,234\n2;12,500\n3;7\n";
  const Table table = read(text);
  EXPECT_EQ(types_of(table), "nt");
  EXPECT_EQ(table.readings[1].decimal_comma, 0);
  EXPECT_TRUE(contains(notes_of(table), "column \"p\" holds \"1,234\" and the like"));
  EXPECT_EQ(row_text(read(text, {.decimal = ','}), 0), "1|1.234");
  EXPECT_EQ(row_text(read(text, {.decimal = '.'}), 0), "1|1234");
  EXPECT_TRUE(contains(message(text, {.types = {{"p", "number"}}}),
                       "f.csv:2, column \"p\": \"1,234\" can be read in two ways"));
  // One comma that cannot separate thousands settles it for the column.
  EXPECT_EQ(read("id;p\n1;1,234\n2;0,5\n").readings[1].decimal_comma, 2);
  const Table grouped = read("id;p\n1;1,234,567.8\n2;5.5\n");
  EXPECT_EQ(types_of(grouped), "nt");
  EXPECT_TRUE(contains(notes_of(grouped), "thousands marks"));
  EXPECT_EQ(
      row_text(read("id;p\n1;1.234,5\n2;12 500\n3;1\u00a0234\u00a0567,25\n", {.decimal = ','}), 2),
      "3|1234567.25");
}

TEST(Read, AFewCommasAmongWordsAreNoDecimalCommas) {
  std::string text = "id;p\n";
  for (int i = 0; i < 10; ++i) text += std::to_string(i) + ";слово\n";
  const Table words = read(text + "10;1,5\n");
  EXPECT_EQ(words.readings[1].decimal_comma, 0);
  EXPECT_EQ(words.files[0].decimal, '.');
  text = "id;p\n";
  for (int i = 0; i < 30; ++i) text += std::to_string(i) + ";1,5\n";
  const Table numbers = read(text + "30;нет\n");
  EXPECT_EQ(numbers.readings[1].decimal_comma, 30);
  EXPECT_EQ(numbers.readings[1].not_numbers, 1);
  EXPECT_EQ(numbers.readings[1].not_number_examples[0].value, "нет");
}

TEST(Read, OneColumnOfDecimalCommasIsNotCutUnseen) {
  const std::string text = "0,98\n4,16\n12,5\n";
  const Table cut = read(text);
  EXPECT_EQ(cut.columns.size(), 2U);
  EXPECT_TRUE(contains(notes_of(cut), "one number with a decimal comma, say separator = \";\""));
  const Table whole = read(text, {.separator = ';'});
  EXPECT_EQ(whole.columns.size(), 1U);
  EXPECT_EQ(whole.readings[0].decimal_comma, 3);
  EXPECT_TRUE(
      contains(message("p\n0,98\n4,16\n"), "f.csv:2: expected 1 cell as in line 1, found 2"));
}

TEST(Read, MixedMarksStayText) {
  const Table table = read("id;p\n1;1,5\n2;2.5\n3;3,5\n");
  EXPECT_EQ(types_of(table), "nt");
  EXPECT_EQ(table.readings[1].not_numbers, 1) << "a repair must not take it for decimal commas";
  EXPECT_TRUE(contains(notes_of(table), "mixes decimal commas (2) and decimal points (1)"));
  EXPECT_TRUE(contains(message("id;p\n1;1,5\n2;2.5\n3;3,5\n", {.types = {{"p", "number"}}}),
                       "f.csv:3, column \"p\": \"2.5\" has a decimal point among decimal commas"));
  const Table points = read("id;p\n1;1.5\n2;2.5\n", {.decimal = ','});
  EXPECT_EQ(types_of(points), "nt");
  EXPECT_TRUE(contains(notes_of(points), "though the study says decimal = \",\""));
}

TEST(Read, CodesWithLeadingZerosAndLongOnesStayText) {
  const Table table = read("a,b,c,d\n007,1234567890123456,0,+79161234567\n8,1,0.5,+79161234568\n");
  EXPECT_EQ(types_of(table), "ttnt");
  EXPECT_EQ(table.readings[0].leading_zeros, 1);
  EXPECT_EQ(table.readings[0].leading_zero_examples[0].value, "007");
  EXPECT_EQ(table.readings[1].leading_zeros, 1);
  EXPECT_EQ(row_text(read("a\n007\n1.0\n", {.types = {{"a", "text"}}}), 1), "1.0");
  EXPECT_EQ(row_text(read("a\n007\n10\n", {.types = {{"a", "number"}}}), 0), "7");
  // Doubles written in full are numbers: only whole ones can lose digits that matter.
  EXPECT_EQ(types_of(read("a\n0.12345678901234567\n")), "n");
}

TEST(Read, NumericButForAFew) {
  std::string text = "a\n";
  for (int i = 0; i < 50; ++i) text += std::to_string(i) + "\n";
  const Table table = read(text + "unknown\n");
  EXPECT_EQ(types_of(table), "t");
  EXPECT_EQ(table.readings[0].not_numbers, 1);
  EXPECT_EQ(table.readings[0].not_number_examples[0].value, "unknown");
  EXPECT_EQ(table.readings[0].not_number_examples[0].line, 52);
  EXPECT_EQ(read("a\n1\n2\nx\n").readings[0].not_numbers, 0) << "a third is not few";
}

TEST(Read, StraySpacesAreKeptAndCounted) {
  const Table table = read("a,b\n 1 ,x \n2,\u00a0y\n3,z\n");
  EXPECT_EQ(types_of(table), "nt");
  EXPECT_EQ(row_text(table, 0), "1|x ");
  EXPECT_EQ(table.readings[0].stray_spaces, 1);
  EXPECT_EQ(table.readings[1].stray_spaces, 2);
  EXPECT_EQ(table.readings[1].stray_space_examples[1].line, 3);
}

TEST(Read, TypesInTheStudyAreStrict) {
  EXPECT_EQ(message("id,p\n1,2\n3,x\n", {.types = {{"p", "number"}}}).substr(0, 71),
            "f.csv:3, column \"p\": \"x\" is not a number, as the study says. Correct th");
  EXPECT_TRUE(contains(message("id,p\n1,2017-01-01\n3,5\n", {.types = {{"p", "date"}}}),
                       "f.csv:3, column \"p\": \"5\" is not a date"));
  EXPECT_TRUE(contains(message("id,price\n1,2\n", {.types = {{"prise", "text"}}}),
                       "did you mean \"price\"?"));
  EXPECT_TRUE(
      contains(message("id,p\n1,2\n", {.types = {{"p", "numbr"}}}), "did you mean \"number\"?"));
  EXPECT_EQ(types_of(read("a\n\n", {.header = false, .types = {{"column_1", "text"}}})), "t");
}

TEST(Read, HeaderIsFoundOut) {
  EXPECT_TRUE(read("id,2017,2018\n5,1.5,2\n6,1,2\n").files[0].header) << "names like years";
  const Table plain = read("1,2.5,x\n2,3.5,y\n");
  EXPECT_FALSE(plain.files[0].header);
  EXPECT_EQ(plain.columns[2].name, "column_3");
  EXPECT_TRUE(contains(notes_of(plain), "say names = [...]"));
  const Table words = read("город,пол\nТверь,ж\nМосква,м\n");
  EXPECT_TRUE(words.files[0].header);
  EXPECT_EQ(notes_of(words), "");
  const Table doubtful = read("да,Тверь\nнет,Москва\nда,Казань\n");
  EXPECT_TRUE(doubtful.files[0].header);
  EXPECT_TRUE(contains(notes_of(doubtful), "though its value \"да\" comes again"));
  EXPECT_FALSE(read("да,да\nнет,да\nда,нет\n").files[0].header) << "names do not come twice";
}

TEST(Read, HeaderAsTheStudySays) {
  const Table named = read("1,a\n2,b\n", {.names = {"id", "word"}});
  EXPECT_EQ(named.rows(), 2U);
  EXPECT_EQ(named.columns[1].name, "word");
  EXPECT_EQ(notes_of(named), "");
  const Table replaced = read("номер,слово\n1,a\n2,b\n", {.names = {"id", "word"}});
  EXPECT_EQ(replaced.rows(), 2U);
  EXPECT_TRUE(contains(notes_of(replaced), "the study's names replace it"));
  const Table obeyed = read("id,word\n1,a\n2,b\n", {.header = false});
  EXPECT_EQ(obeyed.rows(), 3U);
  EXPECT_TRUE(contains(notes_of(obeyed), "the study says header = false, but"));
  const Table lost = read("1,a\n2,b\n", {.header = true});
  EXPECT_EQ(lost.rows(), 1U);
  EXPECT_TRUE(contains(notes_of(lost), "the study says header = true, but"));
}

TEST(Read, SeparatorIsFoundOut) {
  EXPECT_EQ(read("id;p\n1;0,98\n2;4,16\n").files[0].separator, ';');
  EXPECT_EQ(read("id\tp\n1\ta,b\n2\tc\n").files[0].separator, '\t');
  EXPECT_EQ(read("a|b\n1|2\n").files[0].separator, '|');
  EXPECT_EQ(read("a,b\n\"x;y\",2\n\"z;\",3\n").files[0].separator, ',');
  const Table both = read("1,5;2,5\n1,7;2,8\n");
  EXPECT_EQ(both.files[0].separator, ';');
  EXPECT_TRUE(contains(notes_of(both), "\",\" cuts every line evenly too (3 columns)"));
  const Table excel = read("sep=;\nid;p\n1;2\n");
  EXPECT_EQ(excel.files[0].separator, ';');
  EXPECT_EQ(excel.row_line[0], 3U);
  const Table single = read("'a','b'\n'x,y','2'\n'z','3'\n'w','4'\n");
  EXPECT_EQ(row_text(single, 0), "x,y|2");
  EXPECT_TRUE(contains(notes_of(single), "quoted with '"));
}

TEST(Read, LineEnds) {
  for (const auto& [end, name] : std::vector<std::pair<std::string, std::string>>{
           {"\n", "lf"}, {"\r\n", "crlf"}, {"\r", "cr"}}) {
    for (const bool last : {false, true}) {
      const Table table = read("a,b" + end + "1,x" + end + "2,y" + (last ? end : ""));
      EXPECT_EQ(table.rows(), 2U) << name;
      EXPECT_EQ(row_text(table, 1), "2|y");
      EXPECT_EQ(table.files[0].line_end, name);
    }
  }
  const Table mixed = read("a,b\r\n1,x\n2,y\r3,z\n");
  EXPECT_EQ(mixed.files[0].line_end, "mixed");
  EXPECT_EQ(mixed.rows(), 3U);
  EXPECT_EQ(mixed.row_line[2], 4U);
  EXPECT_TRUE(contains(notes_of(read("a,b\n\n1,x\n\n")), "2 blank lines were skipped"));
}

TEST(Read, PackedFilesAreTheSameTable) {
  std::string text = "id,x\n";
  for (int i = 0; i < 5000; ++i)
    text += std::to_string(i) + ",значение " + std::to_string(i % 7) + "\n";
  const Table plain = read(text);
  for (const auto& [packed, name] : std::vector<std::pair<std::string, std::string>>{
           {gzip(text), "gzip"},
           {zstd(text), "zstd"},
           {gzip(text.substr(0, 777)) + gzip(text.substr(777)), "gzip"},
           {zstd(text.substr(0, 777)) + zstd(text.substr(777)), "zstd"}}) {
    const Table table = read(packed);
    EXPECT_EQ(table.files[0].compression, name);
    EXPECT_EQ(table.files[0].bytes, packed.size());
    EXPECT_EQ(table.files[0].sha256, sha256_hex(packed));
    EXPECT_EQ(table.columns[0].numbers, plain.columns[0].numbers);
    EXPECT_EQ(table.columns[1].codes, plain.columns[1].codes);
  }
  EXPECT_EQ(plain.files[0].sha256, sha256_hex(text));
}

class Folder {
 public:
  Folder() {
    path = fs::temp_directory_path() / ("perennial-read-" + std::to_string(::getpid()));
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

TEST(Read, SeveralFilesAreMatchedByName) {
  const Folder folder;
  write_file(folder.path / "a.csv", "id,x,y\n1,a,2\n");
  write_file(folder.path / "b.csv", "y;id;x\n0,5;2;b\n");
  write_file(folder.path / "c.csv", "id,z,y\n1,a,2\n");
  write_file(folder.path / "d.csv", "id,x,y,z\n1,a,2,3\n");
  const Table table = read_table("t", folder.path, {.files = {"a.csv", "b.csv"}}, Workers(2));
  EXPECT_EQ(row_text(table, 0), "1|a|2");
  EXPECT_EQ(row_text(table, 1), "2|b|0,5");
  EXPECT_EQ(table.row_file, (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(table.readings[2].decimal_comma_examples[0].file, "b.csv");
  EXPECT_EQ(table.example(1, "").file, "b.csv");
  for (const auto& [file, expected] : std::vector<std::pair<std::string, std::string>>{
           {"c.csv", "c.csv: has no column \"x\", which a.csv has"},
           {"d.csv", "d.csv: has a column \"z\", which a.csv has not"}}) {
    try {
      read_table("t", folder.path, {.files = {"a.csv", file}}, Workers(1));
      ADD_FAILURE() << file;
    } catch (const Error& e) {
      EXPECT_TRUE(contains(e.what(), expected)) << e.what();
    }
  }
  EXPECT_THROW(read_table("t", folder.path, {.files = {"none.csv"}}, Workers(1)), Error);
  EXPECT_THROW(read_table("t", folder.path, {}, Workers(1)), Error);
}

TEST(Read, ThreadsChangeNothing) {
  std::string text = "id;слово;число\n";
  Rng rng({3});
  for (int i = 0; i < 60000; ++i) {
    text += std::to_string(i) + ";\"ж" + std::to_string(rng.below(5000)) + "\n\";" +
            std::to_string(rng.below(1000)) + "," + std::to_string(rng.below(10)) + "\n";
  }
  const Table one = read_csv_bytes("t", "f", text, {}, Workers(1));
  const Table many = read_csv_bytes("t", "f", text, {}, Workers(4));
  EXPECT_GT(text.size(), size_t{1} << 20) << "several chunks";
  for (size_t c = 0; c < 3; ++c) {
    EXPECT_EQ(one.columns[c].dictionary, many.columns[c].dictionary);
    EXPECT_EQ(one.columns[c].codes, many.columns[c].codes);
    EXPECT_EQ(one.columns[c].numbers, many.columns[c].numbers);
  }
  EXPECT_EQ(one.row_line, many.row_line);
  EXPECT_EQ(one.row_line[59999], 2U + 2U * 59999U);
  EXPECT_EQ(one.columns[1].dictionary[0], one.columns[1].value_text(0));
}

// Every kind of bad input and the message it gives.
struct Bad {
  std::string bytes;
  ReadOptions options;
  std::string expected;
};

TEST(ReadBadInput, OneMessageEach) {
  const std::string packed = gzip("id,x\n1,2\n3,4\n"), small = zstd("id,x\n1,2\n3,4\n");
  std::string damaged = packed;
  damaged[14] ^= 0x55;
  const std::vector<Bad> bad = {
      {"", {}, "f.csv: is empty"},
      {"\n \n\r\n", {}, "f.csv: is empty"},
      {"id,x\n", {}, "f.csv: has a header but no rows"},
      {"id,x\n1,2\n1,2,3\n", {}, "f.csv:3: expected 2 cells as in line 1, found 3. Quote the cell"},
      {"id,x,y\n1,2,3\n1,2\n1,2,3\n", {}, "f.csv:3: expected 3 cells as in line 1, found 2"},
      {"id,x,y\n1,2,3\n1,2", {}, "is the file cut off"},
      {"id,x\n1,\"abc\n2,d\n", {}, "f.csv:2: a quote opens here and is never closed"},
      {"id,x\n1,\"abc\"d\n", {}, "f.csv:2: text follows the closing quote of cell 2"},
      {"id,x,id\n1,2,3\n", {}, "f.csv:1: columns 1 and 3 are both named \"id\""},
      {"a,a\n1,2\n", {}, "columns 1 and 2 are both named \"a\""},
      {"id;x\n1;2\n",
       {.separator = ','},
       "gives one column, but \";\" gives 2 columns in every line"},
      {"id;x\n1;2\n", {.separator = '#'}, "the separator \"#\" is not one of"},
      {"id;x\n1;2\n", {.decimal = '-'}, "the decimal mark \"-\" is not . or ,"},
      {"id;x\n1;2\n", {.quote = 'q'}, "the quote \"q\" is not"},
      {"id,x\n1,2\n", {.names = {"a"}}, "f.csv:1: the study gives 1 name, the file has 2 columns"},
      {packed.substr(0, packed.size() - 5), {}, "f.csv: the gzip stream ends early"},
      {damaged, {}, "f.csv: the gzip stream is damaged"},
      {packed + "tail", {}, "f.csv: the gzip stream is damaged"},
      {small.substr(0, small.size() - 3), {}, "f.csv: the zstd stream ends early"},
      {small + "tail", {}, "f.csv: the zstd stream"},
      {zstd(std::string(100 << 20, '1')), {}, "unpacks to more than"},
      {"PAR1....PAR1", {}, "it is a Parquet file"},
      {std::string("a,b\n\0,1\n", 8), {}, "f.csv:2: is not a text table"},
  };
  for (const Bad& one : bad) {
    const std::string text = message(one.bytes, one.options);
    EXPECT_TRUE(contains(text, one.expected)) << text << "\n  expected " << one.expected;
  }
}

}  // namespace
}  // namespace perennial
