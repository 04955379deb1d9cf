// Tables as they come: without an id column, with ids that stand twice, with a column too few.
#include "support.h"

namespace perennial {
namespace {

// 80 rows; who is young buys, as a rule.
std::string visitors(bool with_city = true) {
  std::string text = with_city ? "age,city,bought\n" : "age,bought\n";
  for (int i = 0; i < 80; ++i) {
    const int age = 20 + i * 7 % 50;
    text += std::to_string(age) + (with_city ? i % 3 == 0 ? ",Омск" : ",Томск" : "") +
            ((age < 40) != (i % 9 == 0) ? ",yes\n" : ",no\n");
  }
  return text;
}

std::string in(const TestFolder& folder) {
  return "cd " + shell_quoted(folder.path().string()) + ";";
}

TEST(NoId, RowsAreNumberedFromInitToScore) {
  const TestFolder folder;
  put(folder / "visitors.csv", visitors());
  ASSERT_EQ(perennial_program({"init", "visitors.csv", "-o", "study.toml"}, in(folder)).code, 0);
  EXPECT_NE(read_file(folder / "study.toml").find("\"#row\""), std::string::npos);
  const Outcome ran = perennial_program({"run", "study.toml", "-o", "out"}, in(folder));
  ASSERT_EQ(ran.code, 0) << ran.err;
  const std::string scores = read_file(folder / "out/bought/scores.csv");
  EXPECT_EQ(scores.rfind("#row,role,", 0), 0u) << scores.substr(0, 80);
  EXPECT_EQ(std::count(scores.begin(), scores.end(), '\n'), 81);
  EXPECT_EQ(read_file(folder / "out/bought/metrics.json").find("\"#row\""), std::string::npos)
      << "the number of a row became a feature";
  const Outcome scored =
      perennial_program({"score", "out/bought/model.perennial", "visitors.csv"}, in(folder));
  ASSERT_EQ(scored.code, 0) << scored.err;
  EXPECT_NE(scored.out.find("\n80,"), std::string::npos);
}

TEST(NoId, NumbersOfRowsDoNotJoinTables) {
  const TestFolder folder;
  put(folder / "a.csv", visitors());
  put(folder / "b.csv", "sum\n1\n2\n");
  put(folder / "study.toml",
      "[tables.a]\nfile = \"a.csv\"\nid = \"#row\"\n[tables.b]\nfile = \"b.csv\"\n"
      "id = \"#row\"\n[question.q]\ntarget = { column = \"bought\", positive = \"yes\" }\n");
  const Outcome ran = perennial_program({"run", "study.toml", "-o", "out"}, in(folder));
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("one table alone"), std::string::npos) << ran.err;
}

TEST(NoId, AColumnThatIsAbsentWhenScoringIsReported) {
  const TestFolder folder;
  put(folder / "visitors.csv", visitors());
  ASSERT_EQ(perennial_program({"init", "visitors.csv", "-o", "study.toml"}, in(folder)).code, 0);
  ASSERT_EQ(perennial_program({"run", "study.toml", "-o", "out"}, in(folder)).code, 0);
  put(folder / "new.csv", visitors(false));
  const Outcome scored =
      perennial_program({"score", "out/bought/model.perennial", "new.csv"}, in(folder));
  ASSERT_EQ(scored.code, 0) << scored.err;
  EXPECT_NE(scored.err.find("city"), std::string::npos) << scored.err;
}

TEST(Audit, ShowsWhatItFoundWhereTheQuestionCannotBeAnswered) {
  const TestFolder folder;
  put(folder / "people.csv", "id,age,left\n1,30,yes\n2,40,no\n2,41,no\n3,50,yes\n");
  put(folder / "study.toml",
      "[tables.people]\nfile = \"people.csv\"\nid = \"id\"\n"
      "[question.q]\ntarget = { column = \"left\", positive = \"yes\" }\n");
  const Outcome audit = perennial_program({"audit", "study.toml"}, in(folder));
  EXPECT_EQ(audit.code, 1);
  EXPECT_NE(audit.out.find("duplicate-ids"), std::string::npos) << audit.out;
  EXPECT_NE(audit.err.find("people.csv:4"), std::string::npos) << audit.err;
}

}  // namespace
}  // namespace perennial
