// What init makes of tables. Facts about the shop are those of the data's README: 1,300 customers,
// 498 positives, three without revenue in some month, one impossible revenue.
#include "study/init.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "base/test_places.h"
#include "base/text.h"
#include "study/init_guess.h"
#include "study/study.h"
#include "table/read.h"

namespace perennial {
namespace {

struct Proposal {
  std::string text;
  Study study;
};

Proposal propose(std::vector<Table> tables, InitOptions options) {
  const Workers workers(2);
  Proposal out;
  out.text = propose_study(tables, options, workers);
  out.study = parse_study(out.text, "proposed.toml");
  return out;
}

Proposal propose_files(const fs::path& folder, const std::vector<std::string>& files,
                       std::optional<std::string> target = std::nullopt) {
  const Workers workers(2);
  std::vector<Table> tables;
  for (const std::string& file : files) {
    tables.push_back(
        read_table(fs::path(file).stem().string(), folder, {.files = {file}}, workers));
  }
  return propose(std::move(tables),
                 {.files = files, .target = std::move(target), .positive = std::nullopt});
}

Table csv(const std::string& name, const std::string& text) {
  const Workers workers(1);
  return read_csv_bytes(name, name + ".csv", text, {}, workers);
}

// Customers 101 … 100 + n with two rows each in the long table; ids in another order there.
std::pair<std::string, std::string> two_tables(int n) {
  std::string flat = "client,left,plan\n", rows = "number,month,sales\n";
  for (int i = 1; i <= n; ++i) {
    flat += std::to_string(100 + i) + (i % 4 == 0 ? ",yes," : ",no,") +
            (i % 3 == 0   ? "basic"
             : i % 3 == 1 ? "full"
                          : "trial") +
            "\n";
    for (const char* month : {"may", "june"}) {
      rows += std::to_string(101 + n - i) + "," + month + "," +
              std::to_string(i == 5 && month[0] == 'm' ? 0 : 100 + i % 17) + "\n";
    }
  }
  return {flat, rows};
}

TEST(Init, FindsIdsOfDifferentNamesPivotTargetAndCohort) {
  const auto [flat, rows] = two_tables(60);
  const Proposal out =
      propose({csv("people", flat), csv("sales", rows)},
              {.files = {"people.csv", "sales.csv"}, .target = {}, .positive = {}});
  ASSERT_EQ(out.study.tables.size(), 2u) << out.text;
  EXPECT_EQ(out.study.tables[0].id, "client");
  EXPECT_EQ(out.study.tables[1].id, "number");
  EXPECT_EQ(out.study.tables[1].pivot_by, "month");
  EXPECT_EQ(out.study.tables[1].pivot_values, std::vector<std::string>{"sales"});
  const StudyQuestion& question = out.study.questions.at(0);
  EXPECT_EQ(question.name, "left");
  EXPECT_EQ(question.target, "left");
  EXPECT_EQ(question.positive, "yes");  // 15 of 60
  EXPECT_EQ(question.cohort, "every sales > 0");
  EXPECT_NE(out.text.find("15 of 60 (25.0 %)"), std::string::npos) << out.text;
  EXPECT_NE(out.text.find("One customer had no sales"), std::string::npos) << out.text;
}

TEST(Init, TakesTheGivenTargetAndClass) {
  const auto [flat, rows] = two_tables(60);
  const Proposal out = propose({csv("people", flat)},
                               {.files = {"people.csv"}, .target = "plan", .positive = "trial"});
  EXPECT_EQ(out.study.questions.at(0).target, "plan");
  EXPECT_EQ(out.study.questions.at(0).positive, "trial");
}

std::string failure(const std::string& text, InitOptions options) {
  try {
    propose({csv("people", text)}, std::move(options));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Init, SaysWhatIsMissing) {
  const auto [flat, rows] = two_tables(60);
  const auto said = [&](const std::string& text, std::optional<std::string> target,
                        std::optional<std::string> positive) {
    return failure(text, {.files = {"people.csv"}, .target = target, .positive = positive});
  };
  EXPECT_NE(said(flat, "lefft", {}).find("did you mean \"left\"?"), std::string::npos);
  EXPECT_NE(said(flat, "left", "yess").find("did you mean \"yes\"?"), std::string::npos);
  EXPECT_NE(said("client,plan\n1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n", {}, {}).find("--target"),
            std::string::npos);
  EXPECT_NE(said(rows, {}, {}).find("several rows a customer"), std::string::npos);
}

TEST(Init, SaysWhyTheTargetsTableCannotBeUsed) {
  std::string one = "Numéro élève;a;left\n", other = "code;b\n";
  for (int i = 0; i < 40; ++i) {
    one += fmt::format("A{};{};{}\n", i, i % 7, i % 3 == 0 ? 1 : 0);
    other += fmt::format("Z{};{}\n", i, i % 5);
  }
  try {
    propose({csv("pupils", one), csv("others", other)},
            {.files = {"pupils.csv", "others.csv"}, .target = "left", .positive = {}});
    FAIL() << "no error";
  } catch (const Error& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find("\"pupils\""), std::string::npos) << said;
    EXPECT_NE(said.find("customers of the other tables"), std::string::npos) << said;
    EXPECT_EQ(said.find("several rows a customer"), std::string::npos) << said;
  }
}

TEST(Init, ATableWithoutIdNumbersItsRows) {
  const Proposal out = propose({csv("people", "a,b\n1.5,x\n1.5,y\n2.5,x\n2.5,y\n")},
                               {.files = {"people.csv"}, .target = {}, .positive = {}});
  EXPECT_EQ(out.study.tables.at(0).id, kRowNumber);
  EXPECT_EQ(out.study.questions.at(0).target, "b");
  EXPECT_NE(out.text.find("No column names the customers"), std::string::npos) << out.text;
}

// 60 customers; `spend` is a number but for one word, `since` a date that is not ISO, `paid` an
// amount of money, `week` a date that no reading knows.
TEST(Init, NumbersButForAWordAreReadAndOtherTextSaysWhy) {
  std::string text = "client,spend,since,paid,week,left\n";
  for (int i = 1; i <= 60; ++i) {
    text += fmt::format("{},{},{:02}.{:02}.20{:02},${}.25,20{:02}W{:02},{}\n", 100 + i,
                        i == 7 ? "unknown" : std::to_string(i) + ".5", 1 + i % 28, 1 + i % 12,
                        1 + i % 23, i, 1 + i % 23, 1 + i % 52, i % 4 == 0 ? "yes" : "no");
  }
  const Proposal out =
      propose({csv("people", text)}, {.files = {"people.csv"}, .target = {}, .positive = {}});
  ASSERT_EQ(out.study.repairs.steps.size(), 1u) << out.text;
  EXPECT_EQ(out.study.repairs.steps[0].column, "spend");
  EXPECT_EQ(out.study.tables.at(0).ignore, std::vector<std::string>{"week"});
  EXPECT_NE(out.text.find("column \"since\" holds «02.02.2002»"), std::string::npos) << out.text;
  EXPECT_NE(out.text.find("or dates (2024-05-31)"), std::string::npos) << out.text;
}

TEST(Init, AnOutcomeIsKnownOfMostCustomersAndMayHaveThreeValues) {
  std::string text = "client,trial,plan_kind,email_status\n";
  for (int i = 1; i <= 60; ++i) {
    text += fmt::format("{},{},{},{}\n", 100 + i,
                        i > 6        ? ""
                        : i % 2 == 0 ? "yes"
                                     : "no",
                        i % 2 == 0 ? "a" : "b",
                        i % 10 == 0  ? 2
                        : i % 3 == 0 ? 1
                                     : 0);
  }
  const Proposal out =
      propose({csv("people", text)}, {.files = {"people.csv"}, .target = {}, .positive = {}});
  EXPECT_EQ(out.study.questions.at(0).target, "email_status");
  EXPECT_EQ(out.study.questions.at(0).positive, "2");  // the rarest
  EXPECT_EQ(out.text.find("trial."), std::string::npos) << out.text;
}

// Nothing has two values: the outcome may be a column of three, or to have a row in the other
// table.
TEST(Init, WithoutATwoValuedColumnThereIsStillAQuestion) {
  std::string leads = "lead,first contact,origin\n", deals = "lead,won date,segment\n";
  std::string grades = "client,age,grade\n";
  for (int i = 0; i < 200; ++i) {
    leads += fmt::format("L{},2024-01-{:02},o{}\n", i, 1 + i % 28, i % 9);
    if (i % 5 == 0) deals += fmt::format("L{},2024-02-{:02},s{}\n", i, 1 + i % 28, i % 7);
    grades += fmt::format("{},{},{}\n", 1000 + i, 20 + i % 50,
                          i % 3 == 0 ? "a"
                          : i % 7    ? "b"
                                     : "c");
  }
  const Proposal won = propose({csv("leads", leads), csv("deals", deals)},
                               {.files = {"leads.csv", "deals.csv"}, .target = {}, .positive = {}});
  const StudyQuestion& question = won.study.questions.at(0);
  EXPECT_EQ(question.target_where, "`won date` is not missing") << won.text;
  EXPECT_EQ(question.table, "leads");
  EXPECT_EQ(won.study.tables.at(1).ignore, std::vector<std::string>{"segment"});
  EXPECT_NE(won.text.find("40 of 200 customers of leads (20.0 %)"), std::string::npos) << won.text;

  const Proposal grade =
      propose({csv("people", grades)}, {.files = {"people.csv"}, .target = {}, .positive = {}});
  EXPECT_EQ(grade.study.questions.at(0).target, "grade");
  EXPECT_EQ(grade.study.questions.at(0).positive, "c");  // the rarest
}

TEST(Init, StrangeNamesStillGiveAStudyThatParses) {
  std::string text = "\"my \"\"id\"\"\",\"a\nb\",\"x \\ y\",\"[q]\"\n";
  for (int i = 0; i < 80; ++i) {
    text += std::to_string(i + 1000) + ",\"v'" + std::to_string(i % 2) + "\"," +
            std::to_string(i % 7) + ",\"#\n" + std::to_string(i % 2) + "\"\n";
  }
  const Proposal out = propose(
      {csv("odd", text)}, {.files = {"folder \\ \"x\"/odd.csv"}, .target = {}, .positive = {}});
  EXPECT_EQ(out.study.tables.at(0).id, "my \"id\"");
  EXPECT_EQ(out.study.tables.at(0).read.files.at(0), "folder \\ \"x\"/odd.csv");
  EXPECT_EQ(out.study.questions.at(0).target, "[q]");
}

TEST(Init, RowsWithoutADateOrAPeriodAreLeftOutAndSaidSo) {
  std::string flat = "customer_id,response\n", events = "customer_id,amount\n";
  for (int i = 0; i < 60; ++i) {
    flat += "CS" + std::to_string(i) + "," + std::to_string(i % 5 == 0) + "\n";
    for (int k = 0; k < 5; ++k) {
      events += "CS" + std::to_string(i) + "," + std::to_string(i * 37 % 61 + k * 0.5) + "\n";
    }
  }
  const Proposal out =
      propose({csv("events", events), csv("response", flat)},
              {.files = {"events.csv", "response.csv"}, .target = {}, .positive = {}});
  ASSERT_EQ(out.study.tables.size(), 1u) << out.text;
  EXPECT_EQ(out.study.tables[0].name, "response");
  EXPECT_EQ(out.study.questions.at(0).positive, "1");
  EXPECT_NE(out.text.find("Left out: 300 rows"), std::string::npos) << out.text;
}

// Orders of 60 customers and calls of some of them, a date each; calls come before orders, and
// every fourth has no customer.
std::vector<Table> logs() {
  std::string orders = "customer_id,ordered,shipped at,amount\n",
              calls = "who called,customer_id\n";
  for (int i = 0; i < 240; ++i) {
    const std::string id = "CS" + std::to_string(i % 60);
    const std::string day = fmt::format("2025-{:02}-{:02}", 1 + i / 20, 1 + i % 20);
    orders += id + "," + day + "," + day + " 12:00," + std::to_string(i * 37 % 61) + "\n";
    calls += day + "," + (i % 4 == 0 ? "" : id) + "\n";
  }
  return {csv("calls", calls), csv("orders", orders)};
}

TEST(Init, ALogOfEventsAsksWhoComesBack) {
  const Proposal out =
      propose(logs(), {.files = {"calls.csv", "orders.csv"}, .target = {}, .positive = {}});
  ASSERT_EQ(out.study.tables.size(), 2u) << out.text;
  EXPECT_EQ(out.study.tables[0].id, "customer_id");
  EXPECT_EQ(out.study.tables[0].time, "who called");  // the only date, whatever its name
  EXPECT_EQ(out.study.tables[1].id, "customer_id");
  EXPECT_EQ(out.study.tables[1].time, "shipped at");  // its name says when
  ASSERT_EQ(out.study.questions.size(), 1u);
  ASSERT_TRUE(out.study.questions[0].event.has_value());
  EXPECT_EQ(out.study.questions[0].event->table, "orders");
}

TEST(Init, AnOutcomeByNameGoesBeforeALog) {
  std::string flat = "customer_id,churned\n";
  for (int i = 0; i < 60; ++i) flat += fmt::format("CS{},{}\n", i, i % 3 == 0);
  std::vector<Table> tables = logs();
  tables.push_back(csv("people", flat));
  const Proposal out =
      propose(std::move(tables),
              {.files = {"calls.csv", "orders.csv", "people.csv"}, .target = {}, .positive = {}});
  EXPECT_EQ(out.study.questions.at(0).name, "churned") << out.text;
  EXPECT_EQ(out.study.tables.at(1).time, "shipped at");
}

TEST(Init, NamesBecomeAscii) {
  EXPECT_EQ(ascii_name("Покупательская активность"), "pokupatelskaya_aktivnost");
  EXPECT_EQ(ascii_name("Churn"), "churn");
  EXPECT_EQ(ascii_name("目标"), "");
}

class InitShop : public testing::TestWithParam<const char*> {};

TEST_P(InitShop, ProposesTheCohortAndTheImpossibleRevenue) {
  const fs::path folder = data_folder() / "shop" / GetParam();
  if (!fs::exists(folder)) GTEST_SKIP() << "no data at " << folder;
  const Proposal out =
      propose_files(folder, {"market_file.csv", "market_money.csv", "market_time.csv", "money.csv"},
                    "Покупательская активность");
  const Study& study = out.study;
  ASSERT_EQ(study.tables.size(), 4u) << out.text;
  for (const StudyTable& table : study.tables) {
    EXPECT_EQ(table.id, "id");
    EXPECT_TRUE(table.ignore.empty()) << table.name;
  }
  EXPECT_EQ(study.tables[1].name, "market_money");
  EXPECT_EQ(study.tables[1].pivot_by, "Период");
  EXPECT_EQ(study.tables[1].pivot_values, std::vector<std::string>{"Выручка"});
  EXPECT_EQ(study.tables[2].pivot_by, "Период");
  EXPECT_EQ(study.tables[2].pivot_values, std::vector<std::string>{"минут"});
  EXPECT_EQ(study.tables[3].value, std::vector<std::string>{"Прибыль"});
  const StudyQuestion& question = study.questions.at(0);
  EXPECT_EQ(question.name, "pokupatelskaya_aktivnost");
  EXPECT_EQ(question.positive, "Снизилась");
  EXPECT_EQ(question.cohort, "every market_money > 0");
  EXPECT_NE(out.text.find("498 of 1,300 (38.3 %)"), std::string::npos) << out.text;
  EXPECT_NE(out.text.find("3 customers had no Выручка"), std::string::npos) << out.text;
  EXPECT_NE(out.text.find("215348, 215357, 215359"), std::string::npos) << out.text;
  ASSERT_EQ(study.repairs.steps.size(), 1u) << out.text;
  EXPECT_EQ(study.repairs.steps[0].kind, Repair::Kind::kDropCustomers);
  EXPECT_EQ(study.repairs.steps[0].table, "market_money");
  EXPECT_NE(out.text.find("106862.2"), std::string::npos) << out.text;
}

INSTANTIATE_TEST_SUITE_P(Variants, InitShop, testing::Values("v1", "v2", "v3"));

struct Flat {
  const char* file;
  const char* id;
  const char* target;
  const char* positive;
  std::vector<std::string> ignored;
};

class InitFlat : public testing::TestWithParam<Flat> {};

TEST_P(InitFlat, FindsIdTargetAndClass) {
  const Flat& wanted = GetParam();
  const fs::path path = data_folder() / wanted.file;
  if (!fs::exists(path)) GTEST_SKIP() << "no data at " << path;
  const Proposal out = propose_files(path.parent_path(), {path.filename().string()});
  EXPECT_EQ(out.study.tables.at(0).id, wanted.id) << out.text;
  EXPECT_EQ(out.study.tables.at(0).ignore, wanted.ignored) << out.text;
  EXPECT_TRUE(out.study.tables.at(0).value.empty()) << out.text;
  EXPECT_EQ(out.study.questions.at(0).target, wanted.target);
  EXPECT_EQ(out.study.questions.at(0).positive, wanted.positive);
  EXPECT_EQ(out.study.questions.at(0).cohort, "");
}

INSTANTIATE_TEST_SUITE_P(
    Tables, InitFlat,
    testing::Values(
        Flat{"audiobooks/audiobooks.csv", "CustomerID", "Purchase", "1", {}},
        Flat{"audiobooks/na.csv", "ID", "Targets", "1", {}},
        Flat{"telco_ibm/WA_Fn-UseC_-Telco-Customer-Churn.csv", "customerID", "Churn", "Yes", {}},
        Flat{"ecommerce_churn/E_Commerce_Dataset.csv", "CustomerID", "Churn", "1", {}},
        Flat{"bank_marketing_full/bank_market.csv", "Cust_num", "y", "yes", {}}));

}  // namespace
}  // namespace perennial
