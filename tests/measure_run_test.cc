// perennial measure, as a user runs it: a campaign written by hand, its outcomes, the answer; and
// what can be wrong with the files.
#include "base/seed.h"
#include "support.h"

namespace perennial {
namespace {

struct Hand {
  TestFolder folder;
  std::string campaign, outcomes = "id,decline\n";
  int next = 0;

  // n customers of a segment; `left` of them have the outcome "yes" (which is to be avoided).
  void add(const std::string& segment, const std::string& arm, int n, int left) {
    for (int i = 0; i < n; ++i, ++next) {
      const std::string id = std::to_string(1000 + next);
      campaign += id + "," + segment + "," + (arm == "none" ? "" : "gift") + ",mail," + arm +
                  ",0.5,0.4,30,1,2,3,2\n";
      outcomes += id + "," + (i < left ? "yes" : "no") + "\n";
    }
  }
  std::string json() const { return (folder / "campaign.json").string(); }
  std::string csv() const { return (folder / "outcomes.csv").string(); }
  void write(const std::string& aim = "avoid") {
    const std::string text =
        "id,segment,offer,channel,arm,propensity,score,value,expected_low,expected_mid,"
        "expected_high,cost\n" +
        campaign;
    const Json memory = {{"format", 1},
                         {"study", "shop"},
                         {"question", "decline"},
                         {"model", ""},
                         {"study_hash", ""},
                         {"program_version", "0.1.0"},
                         {"seed", 1},
                         {"target", "decline"},
                         {"positive", "yes"},
                         {"id", "id"},
                         {"aim", aim},
                         {"unit", ""},
                         {"offers", Json::array()},
                         {"strata", Json::array()},
                         {"csv_hash", sha256_hex(text)},
                         {"alpha", 0.05},
                         {"power", 0.8}};
    put(folder / "campaign.csv", text);
    put(folder / "campaign.json", json_text(memory));
    put(folder / "outcomes.csv", outcomes);
  }
};

// 40 % leave with the offer and 50 % without: it worked, by 10 points, and turned a fifth of those
// who would have left. Kept value 30 * 0.1 - 2 = 1 a customer.
TEST(Measure, ByHand) {
  Hand hand;
  hand.add("a", "offer", 1000, 400);
  hand.add("a", "control", 1000, 500);
  hand.add("", "none", 50, 10);
  hand.write();
  const Outcome ran =
      perennial_program({"measure", hand.json(), hand.csv(), "-o", (hand.folder / "out").string()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("It worked"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("effect = [0."), std::string::npos) << ran.out;
  const Json m = Json::parse(read_file(hand.folder / "out/measure.json"));
  EXPECT_EQ(m["all"]["answer"], "worked");
  EXPECT_NEAR(m["all"]["lift"]["value"].get<double>(), 0.1, 1e-12);
  EXPECT_NEAR(m["all"]["turned"]["value"].get<double>(), 0.2, 1e-12);
  EXPECT_NEAR(m["all"]["profit"]["value"].get<double>(), 1, 1e-9);
  EXPECT_TRUE(m["warnings"].empty()) << m["warnings"].dump();
}

// The same numbers where the positive class is to be reached: the offer did harm.
TEST(Measure, AimTurnsTheAnswer) {
  Hand hand;
  hand.add("a", "offer", 1000, 400);
  hand.add("a", "control", 1000, 500);
  hand.write("reach");
  const Outcome ran = perennial_program({"measure", hand.json(), hand.csv(), "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(Json::parse(ran.out)["all"]["answer"], "harmed");
}

TEST(Measure, OtherColumnsAndAbsentCustomers) {
  Hand hand;
  hand.add("a", "offer", 300, 100);
  hand.add("a", "control", 300, 160);
  hand.write();
  // Only those who left are listed, with what they brought and whether the mail went out.
  std::string listed = "id,gone,brought,mailed\n";
  for (int i = 0; i < 600; ++i) {
    const bool left = i < 300 ? i < 100 : i < 460;
    if (left) listed += std::to_string(1000 + i) + ",1," + (i < 300 ? "5,1\n" : "5,no\n");
  }
  put(hand.folder / "outcomes.csv", listed + "99,1,5,1\n");
  const std::vector<std::string> ask = {"measure", hand.json(),  hand.csv(), "--outcome",
                                        "gone",    "--positive", "1",        "--money",
                                        "brought", "--received", "mailed",   "--json"};
  EXPECT_EQ(perennial_program(ask).code, 1);  // more than 5 % are missing
  std::vector<std::string> absent = ask;
  absent.insert(absent.end(), {"--absent", "no"});
  const Outcome ran = perennial_program(absent);
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json m = Json::parse(ran.out);
  EXPECT_NEAR(m["all"]["plain_lift"]["value"].get<double>(), 0.2, 1e-12);
  EXPECT_EQ(m["warnings"].size(), 2U) << m["warnings"].dump();  // 99; the offered not mailed
  std::vector<std::string> early = ask;
  early.emplace_back("--early");
  EXPECT_EQ(perennial_program(early).code, 0);
}

TEST(Measure, WhatCanBeWrong) {
  Hand hand;
  hand.add("a", "offer", 100, 40);
  hand.add("a", "control", 100, 50);
  hand.write();
  const auto fails = [&](const std::string& outcomes, const std::string& says,
                         std::vector<std::string> more = {}) {
    put(hand.folder / "outcomes.csv", outcomes);
    more.insert(more.begin(), {"measure", hand.json(), hand.csv()});
    const Outcome ran = perennial_program(more);
    EXPECT_EQ(ran.code, 1) << ran.out;
    EXPECT_NE(ran.err.find(says), std::string::npos) << ran.err;
  };
  fails("id,declined\n1000,yes\n1001,no\n", "did you mean \"declined\"");
  fails("customer,decline\n1000,yes\n1001,no\n", "there is no column \"id\"");
  fails(hand.outcomes + "1003,no\n", "different outcomes");
  fails("id,decline\na1,yes\na2,no\n", "no customer of the campaign is in it");
  fails(hand.outcomes, "there is no column \"paid\"", {"--money", "paid"});
  // The same row twice is no harm.
  put(hand.folder / "outcomes.csv", hand.outcomes + "1003,yes\n");
  EXPECT_EQ(perennial_program({"measure", hand.json(), hand.csv()}).code, 0);
  // Somebody moved a customer to the other group.
  std::string text = read_file(hand.folder / "campaign.csv");
  text.replace(text.find(",offer,"), 7, ",control,");
  put(hand.folder / "campaign.csv", text);
  const Outcome moved = perennial_program({"measure", hand.json(), hand.csv()});
  EXPECT_EQ(moved.code, 1);
  EXPECT_NE(moved.err.find("campaign.csv"), std::string::npos) << moved.err;
  put(hand.folder / "campaign.json", "{}");
  EXPECT_EQ(perennial_program({"measure", hand.json(), hand.csv()}).code, 1);
  EXPECT_EQ(perennial_program({"measure", (hand.folder / "none.json").string(), hand.csv()}).code,
            1);
}

}  // namespace
}  // namespace perennial
