#include "offer/campaign.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace perennial {
namespace {

Campaign example() {
  return {.study = "Shop",
          .question = "decline",
          .model_hash = "ab",
          .study_hash = "cd",
          .program_version = "0.1.0",
          .seed = 18'000'000'000'000'000'000ULL,
          .target = "Покупательская активность",
          .positive = "Снизилась",
          .id_name = "id",
          .unit = "₽",
          .offers = {{.name = "mail",
                      .channel = "email",
                      .message = "Hello {name|there}",
                      .cost = 0.1,
                      .effect = {0.05, 0.1, 0.2}}},
          .strata = {{.segment = "high", .offer = "mail", .chosen = 2, .control = 1, .share = 0.5}},
          .rows = {{.id = "1",
                    .segment = "a, \"b\"\nc",
                    .offer = "mail",
                    .channel = "email",
                    .arm = "offer",
                    .propensity = 0.5,
                    .score = 1.0 / 3,
                    .value = 4.2,
                    .expected_low = -0.1,
                    .expected_mid = 0.1,
                    .expected_high = 0.3,
                    .cost = 0.1},
                   {.id = "=2", .segment = "'x", .arm = "none"},
                   {.id = "-3", .segment = "-x", .offer = "mail", .arm = "control"}}};
}

fs::path written(const Campaign& campaign, const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / name;
  fs::create_directories(folder);
  const std::string csv = campaign_csv(campaign);
  write_file(folder / "campaign.csv", csv);
  write_file(folder / "campaign.json", campaign_json(campaign, csv));
  return folder / "campaign.json";
}

std::string problem_of_reading(const fs::path& json) {
  try {
    read_campaign(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 1);
    return error.what();
  }
  return "";
}

TEST(Campaign, ReadsBackWhatWasWritten) {
  const Campaign campaign = example();
  EXPECT_EQ(read_campaign(written(campaign, "campaign_back")), campaign);
}

TEST(Campaign, NoCellIsAFormula) {
  const std::string csv = campaign_csv(example());
  EXPECT_NE(csv.find("\n'=2,''x,"), std::string::npos);
  EXPECT_NE(csv.find("\n-3,'-x,"), std::string::npos);
}

TEST(Campaign, RefusesAnotherTable) {
  const fs::path json = written(example(), "campaign_changed");
  std::string csv = read_file(json.parent_path() / "campaign.csv");
  csv.replace(csv.find("control"), 7, "offer");
  write_file(json.parent_path() / "campaign.csv", csv);
  EXPECT_NE(problem_of_reading(json).find("not the one that was written"), std::string::npos);
}

TEST(Campaign, RefusesWhatIsNoCampaign) {
  const fs::path json = written(example(), "campaign_bad");
  for (const char* text : {"", "[]", "{}", "{\"format\": 1, \"csv_hash\": 3}"}) {
    write_file(json, text);
    EXPECT_NE(problem_of_reading(json), "") << text;
  }
  write_file(json, "{\"format\": 2, \"csv_hash\": \"x\"}");
  EXPECT_NE(problem_of_reading(json).find("newer program"), std::string::npos);
  EXPECT_NE(problem_of_reading(json.parent_path() / "none.json"), "");
}

}  // namespace
}  // namespace perennial
