// The real shop: issue facts that the program must reach on all three variants of the files.
#include <map>

#include "support.h"

namespace perennial {
namespace {

Outcome run_shop(const fs::path& study, const std::string& variant, const fs::path& out) {
  return perennial_program({"run", study.string(), "--data",
                            (real_data() / "shop" / variant).string(), "-o", out.string()});
}

fs::path only_question(const fs::path& out) {
  for (const auto& entry : fs::directory_iterator(out)) return entry.path();
  return {};
}

// Values of a numpy version of Baak et al. 2018 (ten uniform bins, no continuity correction).
void expect_phik(const fs::path& folder) {
  const std::map<std::string, double> known = {{"страниц_за_визит", 0.7499},
                                               {"минут_предыдущий_месяц", 0.6851},
                                               {"минут_текущий_месяц", 0.5768},
                                               {"маркет_актив_6_мес", 0.5448},
                                               {"средний_просмотр_категорий_за_визит", 0.5396},
                                               {"акционные_покупки", 0.5063},
                                               {"неоплаченные_продукты_штук_квартал", 0.5057},
                                               {"выручка_препредыдущий_месяц", 0.4974},
                                               {"популярная_категория", 0.2997},
                                               {"выручка_предыдущий_месяц", 0.2246},
                                               {"ошибка_сервиса", 0.2242},
                                               {"выручка_текущий_месяц", 0.1972},
                                               {"тип_сервиса", 0.1328},
                                               {"длительность", 0.0981},
                                               {"разрешить_сообщать", 0.0},
                                               {"маркет_актив_тек_мес", 0.0}};
  size_t found = 0;
  const Json e = Json::parse(read_file(folder / "explore.json"));
  for (const Json& a : e.at("with_target")) {
    const auto value = known.find(a.at("column").get<std::string>());
    if (value == known.end()) continue;
    ++found;
    EXPECT_NEAR(a.at("phik").get<double>(), value->second, 1e-3) << value->first;
  }
  EXPECT_EQ(found, known.size());
}

TEST(ShopReal, ThreeVariantsGiveIdenticalMetrics) {
  PERENNIAL_NEEDS_REAL_DATA();
  const TestFolder folder;
  std::vector<std::string> metrics;
  for (const char* variant : {"v1", "v2", "v3"}) {
    const Outcome ran = run_shop(source_folder() / "examples/shop.toml", variant, folder / variant);
    ASSERT_EQ(ran.code, 0) << ran.err;
    const Json m = lasting_metrics(only_question(folder / variant));
    EXPECT_EQ(m["rows"]["train"].get<int>() + m["rows"]["test"].get<int>() +
                  m["rows"]["validation"].get<int>(),
              1296);
    EXPECT_EQ(m["positives"], 494);
    expect_phik(only_question(folder / variant));
    metrics.push_back(m.dump(1));
  }
  EXPECT_EQ(metrics[0], metrics[1]);
  EXPECT_EQ(metrics[0], metrics[2]);
}

// Value-level facts of product.md, in the audit of each variant.
TEST(ShopReal, AuditFindsWhatIsWrong) {
  PERENNIAL_NEEDS_REAL_DATA();
  for (const std::string variant : {"v1", "v2", "v3"}) {
    SCOPED_TRACE(variant);
    const Outcome audit =
        perennial_program({"audit", (source_folder() / "examples/shop.toml").string(), "--data",
                           (real_data() / "shop" / variant).string(), "--json"});
    ASSERT_EQ(audit.code, 0) << audit.err;
    std::map<std::string, std::string> applied;  // what a finding is about -> "applied" or "open"
    const Json findings = Json::parse(audit.out).at("findings");
    for (const Json& f : findings) {
      const std::string state = f.at("applied").get<bool>() ? "applied" : "open";
      const std::string text = f.dump(-1, ' ', false);
      for (const char* fact : {"стандартт", "предыдцщий_месяц", "106862.2", "0,98", "215685",
                               "id-predicts-target", "order-predicts-target"}) {
        if (text.find(fact) != std::string::npos && applied[fact] != "applied") {
          applied[fact] = state;
        }
      }
    }
    EXPECT_EQ(applied["стандартт"], "applied");
    EXPECT_EQ(applied["предыдцщий_месяц"], "applied");
    EXPECT_NE(applied["106862.2"], "");
    EXPECT_NE(applied["215685"], "");
    EXPECT_NE(applied["id-predicts-target"], "");
    EXPECT_NE(applied["order-predicts-target"], "");
    if (variant != "v1") {
      EXPECT_EQ(applied["0,98"], "applied");
    }
  }
}

TEST(ShopReal, TheStudyThatInitWritesRunsWithoutAnEdit) {
  PERENNIAL_NEEDS_REAL_DATA();
  for (const std::string variant : {"v1", "v2", "v3"}) {
    SCOPED_TRACE(variant);
    const TestFolder folder;
    const fs::path data = real_data() / "shop" / variant;
    const std::string study = (folder / "study.toml").string();
    const Outcome made = perennial_program(
        {"init", (data / "market_file.csv").string(), (data / "market_money.csv").string(),
         (data / "market_time.csv").string(), (data / "money.csv").string(), "--target",
         "Покупательская активность", "-o", study});
    ASSERT_EQ(made.code, 0) << made.err;
    const std::string text = read_file(path_of(study));
    EXPECT_NE(text.find("cohort"), std::string::npos);
    EXPECT_NE(text.find("106862.2"), std::string::npos) << text;
    const Outcome ran = perennial_program({"run", study, "-o", (folder / "out").string()});
    ASSERT_EQ(ran.code, 0) << ran.err << text;
    const Json m = lasting_metrics(only_question(folder / "out"));
    EXPECT_EQ(m["positives"], 494);
    EXPECT_EQ(m["rows"]["train"].get<int>() + m["rows"]["test"].get<int>(), 1296);
  }
}

}  // namespace
}  // namespace perennial
