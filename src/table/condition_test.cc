#include "table/condition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "table/store.h"

namespace perennial {
namespace {

using Kind = Condition::Kind;
using Over = Condition::Over;

Condition parse(std::string_view text) { return parse_condition(text, "study.toml:7"); }

TEST(Condition, ReadsAComparison) {
  const Condition c = parse("Выручка > 100000");
  EXPECT_EQ(c.kind, Kind::kCompare);
  EXPECT_EQ(c.name, "Выручка");
  EXPECT_EQ(c.op, ">");
  EXPECT_EQ(c.values, std::vector<Condition::Value>{100000.0});
  EXPECT_EQ(c.over, Over::kOne);
}

TEST(Condition, ReadsEveryAndAny) {
  EXPECT_EQ(parse("every revenue > 0").over, Over::kEvery);
  EXPECT_EQ(parse("any revenue.x >= -1.5e-3").values[0], Condition::Value{-0.0015});
}

TEST(Condition, AndBindsTighterThanOrAndNotTightest) {
  const Condition c = parse("a = 1 or not b = 2 and c = 3");
  ASSERT_EQ(c.kind, Kind::kOr);
  ASSERT_EQ(c.parts.size(), 2u);
  ASSERT_EQ(c.parts[1].kind, Kind::kAnd);
  EXPECT_EQ(c.parts[1].parts[0].kind, Kind::kNot);
}

TEST(Condition, ReadsListsMissingAndQuotes) {
  const Condition c = parse(
      "city in (\"Москва\", 'Тверь', 7) and not age is missing and `Тип сервиса` != 'O''Brien'");
  ASSERT_EQ(c.parts.size(), 3u);
  EXPECT_EQ(c.parts[0].values,
            (std::vector<Condition::Value>{std::string("Москва"), std::string("Тверь"), 7.0}));
  EXPECT_EQ(c.parts[1].parts[0].kind, Kind::kIsMissing);
  EXPECT_EQ(c.parts[2].name, "Тип сервиса");
  EXPECT_EQ(c.parts[2].values[0], Condition::Value{std::string("O'Brien")});
  EXPECT_EQ(parse("x is not missing"), parse("not x is missing"));
  EXPECT_EQ(parse("\"a b\" = word").values[0], Condition::Value{std::string("word")});
}

TEST(Condition, PrintsTextThatReadsBackEqual) {
  for (const char* text :
       {"Выручка > 100000", "every revenue > 0", "any revenue <= -0.25", "a = 1 or b = 2 and c = 3",
        "(a = 1 or b = 2) and c = 3", "not (a = 1 and b = 2)", "not not a = 1",
        "city in ('Москва', 'O''Brien', 7)", "`Тип сервиса` is missing", "`and` = 'or'",
        "`a``b` != 1e+20", "(a = 1 and b = 2) and c = 3", "`12` < 3", "not a in (1)"}) {
    const Condition c = parse(text);
    EXPECT_EQ(parse(to_text(c)), c) << text << " -> " << to_text(c);
  }
  EXPECT_EQ(to_text(parse("a=1   or ((b>\"x\"))")), "a = 1 or b > 'x'");
}

TEST(Condition, NamesInOrderOfAppearance) {
  EXPECT_EQ(names_in(parse("b = 1 and (a = 2 or not b is missing) and `c d` in (1)")),
            (std::vector<std::string>{"b", "a", "c d"}));
}

TEST(Condition, SaysWhereAndWhatIsWrong) {
  struct Case {
    const char *text, *message;
  };
  for (const Case& c : std::vector<Case>{
           {"", "at character 1: expected the name of a column, it ends there"},
           {"Выручка", "at character 8: expected one of = != < <= > >= after the name"},
           {"Выручка > ", "at character 11: expected a number or a text in quotes, it ends there"},
           {"a = 1 b = 2", "at character 7: expected \"and\", \"or\" or the end, found \"b\""},
           {"a == 1", "at character 3: == is not an operator"},
           {"a <> 1", "at character 3: <> is not an operator"},
           {"a = 'x", "at character 5: a quote is not closed"},
           {"(a = 1", "expected \")\", it ends there"},
           {"a is", "expected \"missing\" after \"is\""},
           {"a in ()", "expected a number or a text"},
           {"a in (x)", "expected a number or a text in quotes, found \"x\""},
           {"every (a = 1)", "expected the name of a column, found \"(\""},
           {"a - b > 1", "at character 3: a sign must stand before a number"},
           {"a = -", "a sign must stand before a number"},
           {"a ; b", "did not expect \";\""},
           {"`` = 1", "a name must not be empty"},
           {"and = 1", "expected the name of a column, found \"and\""},
           {"a = \xff", "not valid UTF-8"}}) {
    try {
      parse(c.text);
      ADD_FAILURE() << "no error for " << c.text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kStudy);
      EXPECT_EQ(error.where(), "study.toml:7");
      EXPECT_NE(error.problem().find(c.message), std::string::npos) << error.problem();
      EXPECT_FALSE(error.hint().empty());
    }
  }
}

TEST(Condition, DeepNestingIsAnErrorNotACrash) {
  EXPECT_THROW(parse(std::string(100000, '(') + "a = 1"), Error);
  std::string nots;
  for (int i = 0; i < 100000; ++i) nots += "not ";
  EXPECT_THROW(parse(nots + "a = 1"), Error);
}

std::vector<SqlColumn> example_columns(const std::string& name, Over over) {
  if (name == "revenue" && over != Over::kOne) return {{.expression = "r1"}, {.expression = "r2"}};
  if (name == "n") return {{.expression = "n"}};
  if (name == "t") return {{.expression = "t", .is_text = true}};
  if (name == "d") return {{.expression = "d", .is_date = true}};
  throw Error(ErrorCode::kStudy, "here", "no column " + name);
}
std::string sql(const char* text) { return to_sql(parse(text), example_columns, "here"); }

TEST(Condition, PrintsSql) {
  EXPECT_EQ(sql("n > 100000"), "COALESCE(n > 100000, FALSE)");
  EXPECT_EQ(sql("every revenue > 0"), "(COALESCE(r1 > 0, FALSE) AND COALESCE(r2 > 0, FALSE))");
  EXPECT_EQ(sql("any revenue != 0.5"),
            "(COALESCE(r1 <> 0.5, FALSE) OR COALESCE(r2 <> 0.5, FALSE))");
  EXPECT_EQ(sql("t = 5 and t in ('a''b', 1)"),
            "COALESCE(t = '5', FALSE) AND COALESCE(t IN ('a''b', '1'), FALSE)");
  EXPECT_EQ(sql("not (t is missing or n = 1) and n = 2"),
            "NOT (t IS NULL OR COALESCE(n = 1, FALSE)) AND COALESCE(n = 2, FALSE)");
  EXPECT_EQ(sql("d >= '1970-01-03'"), "COALESCE(d >= 2, FALSE)");
}

TEST(Condition, RefusesComparisonsBetweenKinds) {
  EXPECT_THROW(sql("n = 'x'"), Error);
  EXPECT_THROW(sql("t > 5"), Error);
  EXPECT_THROW(sql("d > 'yesterday'"), Error);
  EXPECT_THROW(sql("unknown > 5"), Error);
}

// The truth table of missing values, worked out by hand and run in the database.
TEST(Condition, AComparisonWithAMissingValueIsFalseAndItsNegationTrue) {
  Store store;
  const std::map<std::string, double> rows = {
      {"n = 1", 0},       {"not n = 1", 1},       {"n is missing", 1},
      {"n in (1, 2)", 0}, {"not n in (1, 2)", 1}, {"t = 'a' or n is missing", 1},
      {"n != 1", 0}};
  for (const auto& [text, expected] : rows) {
    const auto result = store.query("SELECT " + sql(text.c_str()) +
                                    " FROM (SELECT CAST(NULL AS DOUBLE) AS n, "
                                    "CAST(NULL AS VARCHAR) AS t) AS x");
    EXPECT_EQ(result.at(0).numbers.at(0), expected) << text;
  }
}

// Any text is either a condition that prints and reads back, or an Error: never anything else.
TEST(Condition, ArbitraryTextNeverCrashes) {
  const std::vector<std::string> pieces = {"a",  " ",    "'", "\"", "`", "(",        ")",   "not ",
                                           "в",  ">",    "=", "1",  "-", " in ",     ",",   " and ",
                                           "1e", " or ", "!", "is", ".", "missing ", "any "};
  uint64_t state = 1;
  int read = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (int k = 0; k < 8; ++k) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      text += pieces[(state >> 33) % pieces.size()];
    }
    try {
      const Condition c = parse(text);
      EXPECT_EQ(parse(to_text(c)), c) << text;
      ++read;
    } catch (const Error&) {
    }
  }
  EXPECT_GT(read, 0);
}

}  // namespace
}  // namespace perennial
