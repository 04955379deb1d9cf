#include <gtest/gtest.h>

#include "audit/audit.h"
#include "base/error.h"

namespace perennial {
namespace {

// One repair of every kind, with the lines it puts into a study.
std::vector<std::pair<Repair, std::string>> all_repairs() {
  using Kind = Repair::Kind;
  return {
      {{.kind = Kind::kReplaceValues, .table = "m", .column = "Тип", .map = {{"a\"b", "c\\d"}}},
       "table = \"m\"\ncolumn = \"Тип\"\nreplace = { \"a\\\"b\" = \"c\\\\d\" }\n"},
      {{.kind = Kind::kTrim, .table = "m", .column = "x"},
       "table = \"m\"\ncolumn = \"x\"\ntrim = true\n"},
      {{.kind = Kind::kParseNumber, .table = "m", .column = "x", .decimal = ','},
       "table = \"m\"\ncolumn = \"x\"\ndecimal = \",\"\n"},
      {{.kind = Kind::kParseNumber,
        .table = "m",
        .column = "x",
        .decimal = '.',
        .remove = {"R$", ",", "\u00a0"}},
       "table = \"m\"\ncolumn = \"x\"\ndecimal = \".\"\nremove = [\"R$\", \",\", \"\u00a0\"]\n"},
      {{.kind = Kind::kRenameColumns, .table = "m", .map = {{"A b", "a_b"}, {"C", "c"}}},
       "table = \"m\"\nrename = { \"A b\" = \"a_b\", \"C\" = \"c\" }\n"},
      {{.kind = Kind::kDropRows, .table = "m", .where = "x > 1"},
       "table = \"m\"\nwhere = \"x > 1\"\ndrop = \"row\"\n"},
      {{.kind = Kind::kDropCustomers, .table = "m", .where = "Выручка > 100000"},
       "table = \"m\"\nwhere = \"Выручка > 100000\"\ndrop = \"customer\"\n"},
      {{.kind = Kind::kMissingRows, .table = "m", .column = "x", .where = "x < 0"},
       "table = \"m\"\ncolumn = \"x\"\nwhere = \"x < 0\"\ndrop = \"value\"\n"},
      {{.kind = Kind::kDropDuplicates, .table = "m"}, "table = \"m\"\ndrop = \"duplicates\"\n"},
      {{.kind = Kind::kIgnoreColumn, .table = "m", .column = "x\ny"},
       "table = \"m\"\ncolumn = \"x\\ny\"\nignore = true\n"},
  };
}

TEST(Repair, PrintsAsStudyLines) {
  for (const auto& [repair, toml] : all_repairs()) {
    EXPECT_EQ(to_toml(repair), "[[repair]]\n" + toml);
    EXPECT_FALSE(describe(repair).empty());
  }
}

TEST(Repair, NumbersOutOfTexts) {
  const Repair euro{.kind = Repair::Kind::kParseNumber, .decimal = ',', .remove = {"€", " ", "."}};
  EXPECT_EQ(repaired_number("1.234,50 €", euro), 1234.5);
  EXPECT_EQ(repaired_number("-1.234.567", euro), -1234567);
  EXPECT_EQ(repaired_number("7 €", euro), 7);
  EXPECT_EQ(repaired_number("1234,5", euro), 1234.5);
  // A point that parts no groups of three is no thousands mark: missing, and not 12345.
  for (const char* wrong :
       {"1234.5", "12.34", "1.2345", "1.234,5.6", "1234.567", ".123", "", "€"}) {
    EXPECT_FALSE(repaired_number(wrong, euro).has_value()) << wrong;
  }
  const Repair dollar{.kind = Repair::Kind::kParseNumber, .decimal = '.', .remove = {"$", ","}};
  EXPECT_EQ(repaired_number("$12,345.25", dollar), 12345.25);
  EXPECT_FALSE(repaired_number("$12,34", dollar).has_value());
  EXPECT_EQ(repaired_number("0.5", Repair{.decimal = '.'}), 0.5);
}

TEST(Repair, JsonRoundTrip) {
  RepairPlan plan;
  for (const auto& [repair, toml] : all_repairs()) plan.steps.push_back(repair);
  EXPECT_EQ(repair_plan_from_json(to_json(plan)), plan);
  EXPECT_EQ(repair_plan_from_json(Json::parse(to_json(plan).dump())), plan);
}

TEST(Repair, DamagedJsonIsAnError) {
  for (const char* text :
       {"{}", "[1]", R"([{"kind":"melt"}])", R"([{"kind":7}])", R"([{"kind":"trim","table":1}])",
        R"([{"kind":"trim","map":{}}])", R"([{"kind":"trim","map":[["a"]]}])",
        R"([{"kind":"trim","map":[["a",1]]}])", R"([{"kind":"parse-number","remove":[""]}])",
        R"([{"kind":"parse-number","remove":"€"}])"}) {
    EXPECT_THROW(repair_plan_from_json(Json::parse(text)), Error) << text;
  }
}

TEST(Repair, SafeOnesInTheOrderInWhichTheyApply) {
  const Repair rename{.kind = Repair::Kind::kRenameColumns, .table = "m", .map = {{"A", "a"}}};
  const Repair replace{
      .kind = Repair::Kind::kReplaceValues, .table = "m", .column = "A", .map = {{"x", "y"}}};
  const Repair trim{.kind = Repair::Kind::kTrim, .table = "m", .column = "A"};
  const Repair drop{.kind = Repair::Kind::kDropRows, .table = "m", .where = "A > 1"};
  std::vector<Finding> findings(5);
  findings[0].repair = {rename}, findings[0].safe = true;
  findings[1].repair = {replace}, findings[1].safe = true;
  findings[2].repair = {trim}, findings[2].safe = true;
  findings[3].repair = {drop};
  findings[4].safe = true;  // nothing to apply
  const RepairPlan plan = safe_repairs(findings);
  EXPECT_EQ(plan.steps, (std::vector<Repair>{trim, replace, rename}));
  EXPECT_TRUE(findings[0].applied && findings[1].applied && findings[2].applied);
  EXPECT_FALSE(findings[3].applied || findings[4].applied);
}

TEST(Finding, JsonHasTheKeysOfTheContract) {
  Finding finding;
  finding.kind = "copies";
  finding.severity = Severity::kWarning;
  finding.examples = {{.file = "a.csv", .line = 7, .value = "x"}};
  const Json json = to_json(finding);
  for (const char* key : {"kind", "severity", "table", "column", "rows", "examples", "message",
                          "confidence", "repair", "applied"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["examples"][0]["line"], 7);
  EXPECT_EQ(json["severity"], "warning");
}

TEST(Checks, EveryKindIsListedOnceWithADescription) {
  std::vector<std::string> kinds;
  for (const CheckInfo& check : audit_checks()) {
    EXPECT_TRUE(check.description.ends_with('.')) << check.kind;
    EXPECT_EQ(std::find(kinds.begin(), kinds.end(), check.kind), kinds.end()) << check.kind;
    kinds.push_back(check.kind);
  }
  EXPECT_GE(kinds.size(), 25U);
}

}  // namespace
}  // namespace perennial
