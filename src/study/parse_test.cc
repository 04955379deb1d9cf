// What studies mean, and what is said about wrong ones. Expected values are read off the TOML by
// hand.
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/text.h"
#include "study/keys.h"
#include "study/study.h"

namespace perennial {
namespace {

constexpr std::string_view kSmall = R"([tables.a]
file = "a.csv"
[question.q]
target = { column = "y", positive = "yes" }
)";

std::string small_with(std::string_view more) { return std::string(kSmall) + std::string(more); }

// The whole message of the error that the text gives; "" when it is accepted.
std::string message_of(const std::string& text) {
  try {
    parse_study(text, "study.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStudy);
    EXPECT_FALSE(error.hint().empty()) << error.what();
    return error.what();
  }
  return "";
}

void expect_message(const std::string& text, const std::vector<std::string>& parts) {
  const std::string message = message_of(text);
  for (const std::string& part : parts) {
    EXPECT_NE(message.find(part), std::string::npos)
        << "wanted: " << part << "\nsaid: " << message << "\nstudy:\n"
        << text;
  }
}

TEST(ParseStudy, SmallStudyTakesDefaults) {
  const Study study = parse_study(std::string(kSmall), "folder/shop.toml");
  EXPECT_EQ(study.name, "shop");
  EXPECT_EQ(study.language, "auto");
  EXPECT_EQ(study.seed, 0u);
  EXPECT_TRUE(study.automatic_repair);
  ASSERT_EQ(study.tables.size(), 1u);
  EXPECT_EQ(study.tables[0].name, "a");
  EXPECT_EQ(study.tables[0].line, 1);
  EXPECT_EQ(study.tables[0].read.files, std::vector<std::string>{"a.csv"});
  EXPECT_EQ(study.tables[0].id, "");
  EXPECT_FALSE(study.tables[0].read.separator.has_value());
  ASSERT_EQ(study.questions.size(), 1u);
  const StudyQuestion& question = study.questions[0];
  EXPECT_EQ(question.line, 3);
  EXPECT_EQ(question.target_line, 4);
  EXPECT_EQ(question.target, "y");
  EXPECT_EQ(question.positive, "yes");
  EXPECT_DOUBLE_EQ(question.validation.test, 0.25);
  EXPECT_EQ(question.validation.folds, 5);
  EXPECT_EQ(question.search.method, "auto");
  EXPECT_EQ(question.search.metric, "roc_auc");
  std::vector<std::string> learners;
  for (const LearnerSpace& space : question.search.spaces) {
    learners.push_back(space.learner);
    EXPECT_TRUE(space.values.empty());
  }
  EXPECT_EQ(learners, default_learners("auto"));
  EXPECT_GE(learners.size(), 3u);
}

TEST(ParseStudy, EveryKeyArrives) {
  const Study study = parse_study(R"([study]
name = "В один клик"
seed = 7
[audit]
repair = false
[tables.customers]
file = ["a.csv", "b.csv"]
id = "id"
separator = "tab"
decimal = ","
quote = "'"
encoding = "windows-1251"
header = false
names = ["id", "y"]
missing = ["-"]
keep_markers = true
types = { "zip code" = "text", day = "date" }
ignore = ["comment"]
order = { size = ["small", "large"] }
[tables."выручка"]
file = "money.csv"
pivot = { by = "Период", value = ["Выручка", "Скидка"], aggregate = "mean" }
value = "Прибыль"
[question.decline]
target = { column = "y", positive = 1, table = "customers" }
cohort = "every revenue > 0"
ignore = ["minutes"]
[question.decline.validation]
test = 0.2
validation = 0.1
folds = 10
[question.decline.search]
learners = ["tree", "logistic"]
method = "random"
trials = 30
metric = "log_loss"
[question.decline.learner.tree]
max_depth = [2, 3]
scale = "none"
)",
                                  "study.toml");
  EXPECT_EQ(study.name, "В один клик");
  EXPECT_EQ(study.seed, 7u);
  EXPECT_FALSE(study.automatic_repair);
  ASSERT_EQ(study.tables.size(), 2u);
  const StudyTable& a = study.tables[0];
  EXPECT_EQ(a.read.files, (std::vector<std::string>{"a.csv", "b.csv"}));
  EXPECT_EQ(a.id, "id");
  EXPECT_EQ(a.read.separator, '\t');
  EXPECT_EQ(a.read.decimal, ',');
  EXPECT_EQ(a.read.quote, '\'');
  EXPECT_EQ(a.read.encoding, "windows-1251");
  EXPECT_EQ(a.read.header, false);
  EXPECT_EQ(a.read.names, (std::vector<std::string>{"id", "y"}));
  EXPECT_EQ(a.read.missing, std::vector<std::string>{"-"});
  EXPECT_TRUE(a.read.keep_markers);
  EXPECT_EQ(a.read.types,
            (std::map<std::string, std::string>{{"zip code", "text"}, {"day", "date"}}));
  EXPECT_EQ(a.ignore, std::vector<std::string>{"comment"});
  EXPECT_EQ(a.order.at("size"), (std::vector<std::string>{"small", "large"}));
  const StudyTable& b = study.tables[1];
  EXPECT_EQ(b.name, "выручка");
  EXPECT_EQ(b.pivot_by, "Период");
  EXPECT_EQ(b.pivot_values, (std::vector<std::string>{"Выручка", "Скидка"}));
  EXPECT_EQ(b.aggregate, "mean");
  EXPECT_EQ(b.value, std::vector<std::string>{"Прибыль"});
  const StudyQuestion& q = study.questions.at(0);
  EXPECT_EQ(q.positive, "1");
  EXPECT_EQ(q.table, "customers");
  EXPECT_EQ(q.cohort, "every revenue > 0");
  EXPECT_EQ(q.cohort_line, 26);
  EXPECT_EQ(q.ignore, std::vector<std::string>{"minutes"});
  EXPECT_DOUBLE_EQ(q.validation.test, 0.2);
  EXPECT_DOUBLE_EQ(q.validation.validation, 0.1);
  EXPECT_EQ(q.validation.folds, 10);
  EXPECT_EQ(q.search.method, "random");
  EXPECT_EQ(q.search.trials, 30);
  EXPECT_EQ(q.search.metric, "log_loss");
  ASSERT_EQ(q.search.spaces.size(), 2u);
  EXPECT_EQ(q.search.spaces[0].learner, "tree");
  EXPECT_EQ(q.search.spaces[0].values.at("max_depth"),
            (std::vector<ParamValue>{int64_t{2}, int64_t{3}}));
  EXPECT_EQ(q.search.spaces[0].values.at("scale"), (std::vector<ParamValue>{std::string("none")}));
  EXPECT_TRUE(q.search.spaces[1].values.empty());
}

TEST(ParseStudy, MoneyTakesANumberOrAColumn) {
  const std::string money = "[question.q.money]\ncontact_cost = 1.5\n";
  const Study number = parse_study(small_with(money + "kept_value = 40\n"), "study.toml");
  ASSERT_TRUE(number.questions[0].money.has_value());
  EXPECT_EQ(number.questions[0].money->contact_cost, 1.5);
  EXPECT_EQ(number.questions[0].money->kept_value, 40);
  EXPECT_EQ(number.questions[0].money->success_rate, 1);
  EXPECT_EQ(number.questions[0].money->threshold, "f1");
  const Study column = parse_study(
      small_with(money + "kept_value = 'profit'\nthreshold = 'share'\ncontact_share = 0.2\n"),
      "study.toml");
  EXPECT_EQ(column.questions[0].money->kept_value_column, "profit");
  EXPECT_EQ(column.questions[0].money->contact_share, 0.2);
  EXPECT_FALSE(parse_study(std::string(kSmall), "study.toml").questions[0].money.has_value());
}

TEST(ParseStudy, OrderOfTheFileIsKept) {
  const Study study = parse_study(
      "[tables.z]\nfile = 'z.csv'\n[tables.a]\nfile = 'a.csv'\n[tables.m]\nfile = 'm.csv'\n"
      "[question.q]\ntarget = { column = 'y', positive = true }\n",
      "s.toml");
  ASSERT_EQ(study.tables.size(), 3u);
  EXPECT_EQ(study.tables[0].name, "z");
  EXPECT_EQ(study.tables[1].name, "a");
  EXPECT_EQ(study.tables[2].name, "m");
  EXPECT_EQ(study.questions[0].positive, "true");
}

TEST(ParseStudy, RepairsOfEveryKindComeBackFromTheirLines) {
  using Kind = Repair::Kind;
  std::vector<Repair> repairs = {
      {.kind = Kind::kReplaceValues,
       .table = "a",
       .column = "Тип \"сервиса\"",
       .map = {{"стандартт", "стандарт"}, {"прем\\иум", "премиум"}},
       .where = ""},
      {.kind = Kind::kTrim, .table = "a", .column = "city", .map = {}, .where = ""},
      {.kind = Kind::kParseNumber,
       .table = "a",
       .column = "Прибыль",
       .map = {},
       .where = "",
       .decimal = ','},
      {.kind = Kind::kParseNumber,
       .table = "a",
       .column = "paid",
       .map = {},
       .where = "",
       .decimal = '.',
       .remove = {"$", ",", "\u00a0"}},
      {.kind = Kind::kRenameColumns,
       .table = "a",
       .column = "",
       .map = {{"Plan Type", "plan_type"}},
       .where = ""},
      {.kind = Kind::kDropRows, .table = "a", .column = "", .map = {}, .where = "x > 1"},
      {.kind = Kind::kDropCustomers, .table = "a", .column = "", .map = {}, .where = "x > 1"},
      {.kind = Kind::kMissingRows, .table = "a", .column = "x", .map = {}, .where = "x > 1"},
      {.kind = Kind::kDropDuplicates, .table = "a", .column = "", .map = {}, .where = ""},
      {.kind = Kind::kIgnoreColumn, .table = "a", .column = "x", .map = {}, .where = ""},
  };
  std::string text(kSmall);
  for (const Repair& repair : repairs) text += "\n" + to_toml(repair);
  const Study study = parse_study(text, "study.toml");
  ASSERT_EQ(study.repairs.steps.size(), repairs.size());
  for (size_t i = 0; i < repairs.size(); ++i) {
    EXPECT_EQ(study.repairs.steps[i], repairs[i]) << to_toml(repairs[i]);
    EXPECT_GT(study.repair_lines[i], 4);
  }
}

TEST(ParseStudy, UnknownNamesAreErrorsThatNameTheNearest) {
  expect_message("[tables.a]\nfiel = \"a.csv\"\n",
                 {"study.toml:2", "\"tables.a.fiel\"", "did you mean \"file\"?"});
  expect_message(small_with("[quesiton.x]\n"), {"study.toml:5", "did you mean \"question\"?"});
  expect_message(small_with("[question.q.search]\nlearners = [\"logistc\"]\n"),
                 {"study.toml:6", "did you mean \"logistic\"?"});
  expect_message(small_with("[question.q.learner.tre]\n"), {"study.toml:5", "\"tree\""});
  expect_message(
      small_with("[question.q.learner.tree]\n\nmax_dept = 3\n"),
      {"study.toml:7", "question.q.learner.tree.max_dept", "did you mean \"max_depth\"?"});
  expect_message(small_with("[[repair]]\ntable = \"b\"\ndrop = \"duplicates\"\n"),
                 {"study.toml:6", "no table \"b\"", "Tables of this study: a"});
  expect_message(
      "[tables.customers]\nfile='a'\n[question.q]\n"
      "target = { column='y', positive='1', table='customer' }\n",
      {"study.toml:4", "did you mean \"customers\"?"});
}

TEST(ParseStudy, WrongValuesAreErrorsThatNameTheBounds) {
  expect_message(small_with("[question.q.validation]\ntest = 1.5\n"),
                 {"study.toml:6", "question.q.validation.test", "0.9", "1.5"});
  expect_message(small_with("[question.q.validation]\ntest = 0.9\nvalidation = 0.5\n"),
                 {"too few customers are left to learn from"});
  expect_message(
      small_with("[question.q.validation]\nrefit = true\n"),
      {"study.toml:6", "question.q.validation.refit", "no validation part", "validation = 0.1"});
  EXPECT_EQ(message_of(small_with("[question.q.validation]\nrefit = false\n")), "");
  const Study refit =
      parse_study(small_with("[question.q.validation]\nvalidation = 0.1\nrefit = true\n"), "a");
  EXPECT_TRUE(refit.questions[0].refit);
  expect_message(small_with("[question.q.validation]\nfolds = 2.5\n"), {"integer", "2.5"});
  expect_message("[study]\nseed = -1\n" + std::string(kSmall), {"study.toml:2", ">= 0", "-1"});
  expect_message(small_with("[tables.b]\nfile = 3\n"), {"study.toml:6", "list of texts", "3"});
  expect_message(small_with("[tables.b]\nfile = []\n"), {"study.toml:6", "empty"});
  expect_message(small_with("[tables.b]\nfile = \" \"\n"), {"study.toml:6", "empty"});
  expect_message(small_with("[tables.b]\nfile = 'b'\nseparator = \"#\"\n"),
                 {"study.toml:7", "one of", "\";\""});
  expect_message(small_with("[tables.b]\nfile = 'b'\npivot = { by = 'x' }\n"),
                 {"study.toml:7", "the key \"value\" is missing"});
  expect_message(small_with("[tables.b]\nfile = 'b'\ntypes = { x = \"numbr\" }\n"),
                 {"study.toml:7", "tables.b.types.x", "did you mean \"number\"?"});
  expect_message(small_with("[tables.b]\nfile = 'b'\nsession_gap = '30 minutes'\n"),
                 {"study.toml:7", "session_gap", "no \"time\""});
  expect_message(small_with("[tables.b]\nfile = 'b'\ntime = 't'\nsession_gap = 'half an hour'\n"),
                 {"study.toml:8", "session_gap", "half an hour", "30 minutes"});
  expect_message(small_with("[tables.b]\nfile = 'b'\nid = 'id'\nignore = ['id']\n"),
                 {"study.toml:8", "two roles"});
  expect_message(small_with("[question.q.learner.tree]\nmax_depth = [2, -3]\n"),
                 {"study.toml:6", "max_depth", "-3"});
  expect_message(small_with("[question.q.learner.tree]\nmax_depth = [2, 2]\n"),
                 {"study.toml:6", "twice"});
  expect_message(small_with("[question.q.search]\nmethod = \"grid\"\ntrials = 5\n"),
                 {"study.toml:7", "grid"});
  const std::string money = "[question.q.money]\ncontact_cost = 1\n";
  expect_message(small_with(money + "kept_value = -3\n"), {"study.toml:7", "worth nothing"});
  expect_message(small_with(money + "kept_value = 3\nthreshold = 'share'\n"),
                 {"study.toml:8", "the share to contact is not said"});
  expect_message(small_with(money + "kept_value = 3\ncontact_share = 0.5\n"),
                 {"study.toml:8", "\"f1\" has no use for a share"});
  expect_message(small_with("[question.q.search]\nlearners = ['tree']\n[question.q.learner.knn]\n"),
                 {"study.toml:7", "\"knn\" is not among the learners"});
}

TEST(ParseStudy, MissingAndDoubledPartsAreErrors) {
  expect_message("", {"study.toml", "empty", "perennial init"});
  expect_message("# only a comment\n", {"empty"});
  expect_message("[tables.a]\nfile = 'a'\n", {"the study has no question"});
  expect_message("[question.q]\ntarget = { column = 'y', positive = 'a' }\n",
                 {"the study has no table"});
  expect_message("[tables]\n[question.q]\ntarget = { column = 'y', positive = 'a' }\n",
                 {"the study has no table"});
  expect_message("[tables.a]\nfile = 'a'\n[question]\n", {"the study has no question"});
  expect_message("[tables.a]\nfile = 'a'\n[question.q]\n",
                 {"study.toml:3", "[question.q]", "\"target\" is missing"});
  expect_message(small_with("[tables.a]\nfile = 'b'\n"),
                 {"study.toml:5", "not valid TOML", "twice"});
  expect_message(small_with("[tables.A]\nfile = 'b'\n"), {"study.toml:5", "two tables"});
  expect_message(small_with("[[tables]]\nfile = 'b'\n"), {"study.toml:5"});
  expect_message("tables = 3\nquestion = 4\n", {"study.toml:1", "sections belong"});
  expect_message("[tables]\na = 3\n[question.q]\ntarget = { column = 'y', positive = 'a' }\n",
                 {"study.toml:2", "[tables.a]"});
  expect_message(small_with("[repair]\ntable = 'a'\n"), {"study.toml:5", "[[repair]]"});
  expect_message(
      "[tables.a]\nfile='a'\n[question.\"a/b\"]\n"
      "target = { column = 'y', positive = 'a' }\n",
      {"study.toml:3", "folder"});
}

TEST(ParseStudy, RepairsThatSayTooLittleOrTooMuchAreErrors) {
  const std::string head = "[[repair]]\ntable = 'a'\n";
  expect_message(small_with(head), {"study.toml:6", "does not say what to do"});
  expect_message(small_with(head + "column = 'x'\ntrim = true\nignore = true\n"),
                 {"study.toml:9", "both trim and ignore"});
  expect_message(small_with(head + "trim = true\n"), {"study.toml:7", "needs the key \"column\""});
  expect_message(small_with(head + "drop = 'customer'\n"),
                 {"study.toml:7", "needs the key \"where\""});
  expect_message(small_with(head + "drop = 'duplicates'\nwhere = 'x > 1'\n"),
                 {"study.toml:8", "no use for the key \"where\""});
  expect_message(small_with(head + "column = 'x'\nignore = false\n"),
                 {"study.toml:8", "does nothing"});
  expect_message(small_with(head + "column = 'x'\nreplace = { a = 1 }\n"),
                 {"study.toml:8", "replace.a", "text"});
}

TEST(ParseStudy, ConditionsAreCheckedWithTheirLine) {
  expect_message(small_with("cohort = \"revenue >\"\n"), {"study.toml:5", "question.q.cohort"});
  expect_message(small_with("[[repair]]\ntable = 'a'\ndrop = 'row'\nwhere = \"(x > 1\"\n"),
                 {"study.toml:8", "repair.where"});
}

TEST(ParseStudy, BrokenTomlIsExplainedPlainly) {
  expect_message("[tables.a]\nfile = a.csv\n", {"study.toml:2", "double quotes"});
  expect_message("[tables.a]\nfile = \"a.csv\n", {"study.toml:2"});
  expect_message("[tables.a]\nfile = \"C:\\money\\a.csv\"\n", {"study.toml:2", "backslash"});
  expect_message("[tables.выручка]\nfile = \"a.csv\"\n", {"study.toml:1", "double quotes"});
  expect_message("[tables.a]\nfile \"a.csv\"\n", {"study.toml:2", "key = value"});
  expect_message("[tables.a\nfile = \"a.csv\"\n", {"study.toml:1"});
  expect_message("[tables.a]\nfile = 'x'\nfile = 'y'\n", {"study.toml:3", "twice"});
  expect_message("a = 1\n\xd2\xe8\xef\n", {"study.toml:2", "UTF-8"});
  expect_message(std::string("\xff\xfe[\0", 4), {"study.toml", "UTF-16"});
  expect_message(std::string("a\0b", 3), {"study.toml:1", "zero byte"});
}

TEST(ParseStudy, OtherLettersNeedQuotes) {
  // Without the check, toml++ 3.3 meets U+0422 in a branch that it declares unreachable.
  expect_message(small_with("\nТип = 1\n"), {"study.toml:6", "\"Т\" stands outside quotes"});
  expect_message(small_with("\ncohort = “x > 1”\n"), {"study.toml:6", "\"“\"", "straight"});
  EXPECT_EQ(message_of("\xef\xbb\xbf# Магазин\n" + small_with("# ещё\n")), "");
}

// Found by the fuzzer: letters and brackets out of place were undefined behaviour in the TOML
// library.
TEST(ParseStudy, LettersOutsideQuotesAreExplained) {
  expect_message("[{tables.a]\nfile = 'a'\n", {"study.toml:1", "not valid TOML"});
  expect_message("Выручка = 1\n", {"study.toml:1", "double quotes"});
  expect_message("[tables.a]\n file = 'a' я\n", {"study.toml:2"});
  expect_message("[tables.a]\nfile = \"\"\"\\\n  я\"\"\"\nx = 1", {"study.toml:4", "no such key"});
}

TEST(ParseStudy, HostileNestingEndsInAnError) {
  std::string dots = "a", brackets = "x = ";
  for (int i = 0; i < 200000; ++i) {
    dots += ".a";
    brackets += "[";
  }
  EXPECT_NE(message_of(dots + " = 1\n"), "");
  EXPECT_NE(message_of("[" + dots + "]\n"), "");
  EXPECT_NE(message_of(brackets), "");
  EXPECT_NE(message_of("x = { " + dots + " = 1 }\n"), "");
  EXPECT_NE(message_of(std::string(5 << 20, '#')), "");
}

// Rule 3: the declarations give the invalid values too.
TEST(KeyExamples, ValidOnesParseAndInvalidOnesSayWhy) {
  const std::vector<KeyExample> examples = key_examples();
  size_t valid = 0;
  for (const KeyExample& example : examples) {
    const std::string message = message_of(example.toml);
    if (example.expected_error.empty()) {
      ++valid;
      EXPECT_EQ(message, "") << example.key << "\n" << example.toml;
    } else {
      EXPECT_NE(message.find(example.expected_error), std::string::npos)
          << example.key << "\nwanted: " << example.expected_error << "\nsaid: " << message << "\n"
          << example.toml;
      EXPECT_NE(message.find("study.toml:"), std::string::npos) << message;
    }
  }
  EXPECT_GE(valid, 50u);
  EXPECT_GE(examples.size(), 3 * valid);
}

TEST(ParseStudy, TargetByACondition) {
  const std::string head = "[tables.a]\nfile = \"a.csv\"\n[question.q]\n";
  const Study study =
      parse_study(head + "target = { where = \"end != 'No'\", table = \"a\" }\n", "study.toml");
  EXPECT_EQ(study.questions[0].target_where, "end != 'No'");
  EXPECT_EQ(study.questions[0].target, "end != 'No'");
  EXPECT_EQ(study.questions[0].positive, "yes");
  EXPECT_EQ(study.questions[0].table, "a");
  expect_message(head + "target = { where = \"end != 'No'\", column = \"y\" }\n",
                 {"study.toml:4", "both \"where\" and \"column\""});
  expect_message(head + "target = { where = \"end !\" }\n", {"study.toml:4", "target.where"});
  expect_message(head + "target = { positive = 1 }\n", {"the key \"column\" is missing"});
}

}  // namespace
}  // namespace perennial
