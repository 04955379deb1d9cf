// Bad input: each kind ends with exit code 1 (2 for wrong usage) and one message on stderr that
// says what is wrong, where, and what to do; nothing is written.
#include <functional>

#include "support.h"

namespace perennial {
namespace {

const char* kCustomers =
    "id,bought,age,city\n"
    "1,yes,31,Омск\n2,no,45,Томск\n3,yes,28,Омск\n4,no,51,Тверь\n5,no,37,Омск\n6,yes,22,Томск\n"
    "7,no,60,Тверь\n8,yes,33,Омск\n9,no,48,Томск\n10,no,55,Тверь\n11,yes,26,Омск\n12,no,41,Томск\n"
    "13,yes,29,Тверь\n14,no,47,Омск\n15,no,52,Томск\n16,yes,24,Тверь\n";

const char* kStudy = R"([tables.customers]
file = "customers.csv"
id = "id"

[question.buys]
target = { column = "bought", positive = "yes" }

[question.buys.validation]
folds = 2
)";

struct Case {
  const char* name;
  std::function<void(const TestFolder&)> spoil;  // changes the sound study and table
  std::vector<const char*> says;                 // words the message must hold
  std::vector<std::string> arguments;            // instead of `run study.toml -o out`
  int code = 1;
  const char* before = "";  // shell words before the program
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::function<void(const TestFolder&)> table(const std::string& text) {
  return [text](const TestFolder& f) { put(f / "customers.csv", text); };
}

std::function<void(const TestFolder&)> study(const std::string& from, const std::string& to) {
  return [=](const TestFolder& f) { put(f / "study.toml", replaced(kStudy, from, to)); };
}

std::string utf16_broken() { return std::string("\xff\xfe\x69\x00\x64\x00\x2c", 7); }

std::string without_target() { return replaced(kCustomers, "id,bought", "id,purchased"); }

std::string one_class() {
  std::string text = kCustomers;
  for (size_t at = text.find(",yes,"); at != std::string::npos; at = text.find(",yes,")) {
    text.replace(at, 5, ",no,");
  }
  return text;
}

void make_model(const TestFolder& f) {
  const Outcome ran =
      perennial_program({"run", (f / "study.toml").string(), "-o", (f / "made").string()});
  ASSERT_EQ(ran.code, 0) << ran.err;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"a table that is not there",
       [](const TestFolder& f) { fs::remove(f / "customers.csv"); },
       {"customers.csv", "No such file"}},
      {"a study that is not there",
       [](const TestFolder& f) { fs::remove(f / "study.toml"); },
       {"study.toml", "No such file"}},
      {"a folder where a table is meant",
       [](const TestFolder& f) {
         fs::remove(f / "customers.csv");
         fs::create_directory(f / "customers.csv");
       },
       {"customers.csv", "folder"}},
      {"an empty file", table(""), {"customers.csv", "empty"}},
      {"a header without rows", table("id,bought,age,city\n"), {"customers.csv", "no rows"}},
      {"a binary file",
       table(std::string("\x7f"
                         "ELF\x02\x01\x01\x00\x00\x00\x13\x00",
                         12)),
       {"customers.csv", "not a text table"}},
      {"the wrong separator",
       study("id = \"id\"", "id = \"id\"\nseparator = \";\""),
       {"customers.csv", "separator"}},
      {"a row with too many fields",
       table(replaced(kCustomers, "5,no,37,Омск", "5,no,37,5,Омск")),
       {"customers.csv:6", "5", "4"}},
      {"a quote that is never closed",
       table(replaced(kCustomers, "Тверь\n5", "\"Тверь\n5")),
       {"customers.csv:5", "quote"}},
      {"two columns of one name",
       table(replaced(kCustomers, "age,city", "age,age")),
       {"customers.csv", "age"}},
      {"UTF-16 cut in the middle", table(utf16_broken()), {"customers.csv"}},
      {"a gzip file that ends early",
       table(std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10)),
       {"customers.csv", "gzip"}},
      {"a missing target column", table(without_target()), {"study.toml:6", "bought", "purchased"}},
      {"a target with one class", table(one_class()), {"bought", "class"}},
      {"a positive value that does not occur", study("\"yes\"", "\"yess\""), {"yess", "\"yes\""}},
      {"an id column that is not there",
       study("id = \"id\"", "id = \"idd\""),
       {"study.toml:1", "idd", "\"id\""}},
      {"one id twice", table(replaced(kCustomers, "\n5,no", "\n4,no")), {"customers", "4"}},
      {"too few rows of a class for the folds", study("folds = 2", "folds = 20"), {"fold"}},
      {"an unknown key", study("positive", "positiv"), {"study.toml:6", "positiv", "positive"}},
      {"a value out of bounds", study("folds = 2", "folds = 1"), {"study.toml:9", "folds", "2"}},
      {"a value of the wrong type",
       study("folds = 2", "folds = \"two\""),
       {"study.toml:9", "folds"}},
      {"broken TOML", study("id = \"id\"", "id = \"id"), {"study.toml:3"}},
      {"an unknown learner",
       [](const TestFolder& f) {
         put(f / "study.toml",
             std::string(kStudy) + "\n[question.buys.search]\nlearners = [\"logistc\"]\n");
       },
       {"study.toml", "logistc", "logistic"}},
      {"a condition on a column that is not there",
       study("[question.buys.validation]", "cohort = \"agee > 20\"\n\n[question.buys.validation]"),
       {"agee", "age"}},
      {"a condition that cannot be read",
       study("[question.buys.validation]", "cohort = \"age >\"\n\n[question.buys.validation]"),
       {"study.toml:", "cohort"}},
      {"a repair of a column that is not there",
       [](const TestFolder& f) {
         put(f / "study.toml", std::string(kStudy) +
                                   "\n[[repair]]\ntable = \"customers\"\n"
                                   "where = \"agee > 90\"\ndrop = \"customer\"\n");
       },
       {"study.toml:11", "agee", "\"age\""}},
      {"a cohort that nobody meets",
       study("[question.buys.validation]", "cohort = \"age > 200\"\n\n[question.buys.validation]"),
       {"cohort"}},
      {"a number column with a word",
       [](const TestFolder& f) {
         put(f / "customers.csv", replaced(kCustomers, "5,no,37", "5,no,old"));
         put(f / "study.toml",
             replaced(kStudy, "id = \"id\"", "id = \"id\"\ntypes = { age = \"number\" }"));
       },
       {"customers.csv:6", "age", "old"}},
      {"an output folder that is a file",
       [](const TestFolder& f) { put(f / "out", "mine"); },
       {"out"}},
      {"a disk that is full",
       [](const TestFolder&) {},
       {"written"},
       {},
       1,
       "trap '' XFSZ; ulimit -f 1;"},
      {"a model file cut short",
       [](const TestFolder& f) {
         make_model(f);
         const std::string model = read_file(f / "made/buys/model.perennial");
         put(f / "cut.perennial", model.substr(0, model.size() / 2));
       },
       {"cut.perennial", "cut short"},
       {"score", "cut.perennial", "customers.csv"}},
      {"a model file with one byte changed",
       [](const TestFolder& f) {
         make_model(f);
         std::string model = read_file(f / "made/buys/model.perennial");
         model[model.size() - 20] = static_cast<char>(model[model.size() - 20] ^ 1);
         put(f / "bad.perennial", model);
       },
       {"bad.perennial", "damaged"},
       {"score", "bad.perennial", "customers.csv"}},
      {"a table where a model is meant",
       [](const TestFolder&) {},
       {"customers.csv", "not a Perennial model"},
       {"score", "customers.csv", "customers.csv"}},
      {"an unknown question",
       [](const TestFolder&) {},
       {"bys", "buys"},
       {"run", "study.toml", "--question", "bys"},
       2},
      {"nothing to learn from",
       study("id = \"id\"", "id = \"id\"\nignore = [\"age\", \"city\"]"),
       {"study.toml", "no column is left", "ignore"}},
      {"a table where the study is meant",
       [](const TestFolder&) {},
       {"customers.csv", "not a study", "perennial init"},
       {"run", "customers.csv"}},
      {"a seed that is no number",
       [](const TestFolder&) {},
       {"--seed", "-1", "whole number"},
       {"run", "study.toml", "--seed=-1"},
       2},
      {"an unknown command",
       [](const TestFolder&) {},
       {"rnu", "\"run\""},
       {"rnu", "study.toml"},
       2},
  };
  return kCases;
}

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class BadInput : public testing::TestWithParam<Case> {};

TEST_P(BadInput, EndsWithOneMessageAndLeavesNothing) {
  const Case& c = GetParam();
  const TestFolder folder;
  put(folder / "customers.csv", kCustomers);
  put(folder / "study.toml", kStudy);
  c.spoil(folder);
  std::vector<std::string> arguments = c.arguments;
  if (arguments.empty()) arguments = {"run", "study.toml", "-o", "out"};
  const Outcome outcome =
      perennial_program(arguments, "cd " + shell_quoted(folder.path().string()) + ";" + c.before);
  EXPECT_EQ(outcome.code, c.code) << outcome.err << outcome.out;
  for (const char* words : c.says) {
    EXPECT_NE(outcome.err.find(words), std::string::npos)
        << "no " << words << " in: " << outcome.err;
  }
  if (c.code == 1) {
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_EQ(outcome.err.rfind("perennial: ", 0), 0u) << outcome.err;
  }
  EXPECT_FALSE(fs::is_directory(folder / "out/buys")) << "output left behind";
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    EXPECT_EQ(entry.path().filename().string().find(".tmp-"), std::string::npos) << entry.path();
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, BadInput, testing::ValuesIn(cases()),
                         [](const testing::TestParamInfo<Case>& c) {
                           std::string name;
                           for (const char ch : std::string(c.param.name)) {
                             name += isalnum(static_cast<unsigned char>(ch)) ? ch : '_';
                           }
                           return name;
                         });

// The sound study that every case spoils does run: no case passes for a wrong reason.
TEST(BadInput, TheSoundStudyRuns) {
  const TestFolder folder;
  put(folder / "customers.csv", kCustomers);
  put(folder / "study.toml", kStudy);
  make_model(folder);
  EXPECT_TRUE(fs::exists(folder / "made/buys/report.html"));
}

}  // namespace
}  // namespace perennial
