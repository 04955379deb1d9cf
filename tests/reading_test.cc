// One table of customers in every form in which an export may come: plain, packed, Parquet, with
// dates and amounts as people write them or as typed columns. All give the same answer, and the
// model reads new files as it read those of its training.
#include "support.h"
#include "table/store.h"

namespace perennial {
namespace {

constexpr int kCustomers = 400;

// A number in [0, n) that depends on the customer, drawn by the engine.
std::string drawn(const std::string& salt, int n) {
  return "CAST(hash(i * 7919 + " + salt + ") % " + std::to_string(n) + " AS BIGINT)";
}

// Customers who joined late or pay much leave more often. `typed`: dates, numbers and text as such;
// else as an export for people has them.
std::string customers_sql(bool typed) {
  const std::string joined = "DATE '2023-01-01' + CAST(" + drawn("1", 700) + " AS INTEGER)";
  const std::string seen =
      "TIMESTAMP '2024-12-01 08:00:00' + to_hours(CAST(" + drawn("2", 700) + " AS INTEGER))";
  const std::string cents = "(10000 + " + drawn("3", 400000) + ")";
  const std::string score =
      drawn("1", 700) + " / 700.0 + " + cents + " / 400000.0 + " + drawn("4", 100) + " / 100.0";
  // 1234567 cents -> "12.345,67 €"
  const std::string whole = "(" + cents + " // 100)";
  const std::string amount = "CASE WHEN " + whole + " >= 1000 THEN CAST(" + whole +
                             " // 1000 AS VARCHAR) || '.' || lpad(CAST(" + whole +
                             " % 1000 AS VARCHAR), 3, '0') ELSE CAST(" + whole +
                             " AS VARCHAR) END || ',' || lpad(CAST(" + cents +
                             " % 100 AS VARCHAR), 2, '0') || ' €'";
  const std::string share = drawn("5", 101);
  return "SELECT 'k' || CAST(i AS VARCHAR) AS id, " +
         (typed ? joined + " AS joined, " + seen + " AS seen, " + cents +
                      " / 100.0 AS paid, CAST(" + share + " AS DOUBLE) AS share"
                : "strftime(" + joined + ", '%d/%m/%Y') AS joined, strftime(" + seen +
                      ", '%d-%b-%y %H:%M') AS seen, " + amount + " AS paid, CAST(" + share +
                      " AS VARCHAR) || ' %' AS share") +
         ", CASE " + drawn("6", 3) +
         " WHEN 0 THEN 'Тверь' WHEN 1 THEN 'São Paulo' ELSE 'Leeds' END AS city, CASE WHEN " +
         score + " > 1.55 THEN 'yes' ELSE 'no' END AS left_us FROM range(" +
         std::to_string(kCustomers) + ") t(i) ORDER BY i";
}

class Reading : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    Store store;
    const auto write = [&](bool typed, const char* name, const char* format) {
      store.execute("COPY (" + customers_sql(typed) + ") TO " +
                    Store::literal((*folder_ / name).string()) + " (" + format + ")");
    };
    write(false, "plain.csv", "FORMAT csv, HEADER, DELIMITER ';'");
    write(false, "packed.csv.gz", "FORMAT csv, HEADER, COMPRESSION gzip");
    write(false, "packed.csv.zst", "FORMAT csv, HEADER, DELIMITER '|', COMPRESSION zstd");
    write(true, "typed.parquet", "FORMAT parquet");
    write(false, "text.parquet", "FORMAT parquet, COMPRESSION zstd");
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  // Runs the question on one of the files; returns the folder with the results.
  static fs::path run(const std::string& file) {
    const fs::path out = *folder_ / ("out-" + file);
    put(*folder_ / (file + ".toml"),
        "[tables.t]\nfile = \"" + file + "\"\nid = \"id\"\n[question.q]\n" +
            "target = { column = \"left_us\", positive = \"yes\" }\nexplore = false\n" +
            "[question.q.search]\nlearners = [\"logistic\"]\nmethod = \"grid\"\n");
    const Outcome ran =
        perennial_program({"run", (*folder_ / (file + ".toml")).string(), "-o", out.string()});
    EXPECT_EQ(ran.code, 0) << file << "\n" << ran.err;
    return out / "q";
  }

  static TestFolder* folder_;
};
TestFolder* Reading::folder_ = nullptr;

TEST_F(Reading, EveryFormGivesTheSameAnswer) {
  const fs::path typed = run("typed.parquet");
  const std::string scores = read_file(typed / "scores.csv");
  EXPECT_EQ(split(scores, '\n').size(), kCustomers + 2u);
  EXPECT_GT(lasting_metrics(typed).at("test").at("roc_auc").at("value").get<double>(), 0.8);
  for (const char* file : {"plain.csv", "packed.csv.gz", "packed.csv.zst", "text.parquet"}) {
    SCOPED_TRACE(file);
    const fs::path other = run(file);
    EXPECT_EQ(read_file(other / "scores.csv"), scores);
    EXPECT_EQ(lasting_metrics(other).at("test"), lasting_metrics(typed).at("test"));
    // What was read and how is said.
    const auto signs = findings_of(other / "audit.json", "numbers-with-signs");
    ASSERT_EQ(signs.size(), 2u);
    for (const Json& finding : signs) EXPECT_TRUE(finding.at("applied").get<bool>());
    std::string notes;
    for (const Json& f : findings_of(other / "audit.json", "reading-choice")) {
      notes += f.at("message").get<std::string>() + "\n";
    }
    EXPECT_NE(notes.find("column \"joined\" holds"), std::string::npos) << notes;
    EXPECT_NE(notes.find("day first"), std::string::npos) << notes;
    EXPECT_NE(notes.find("column \"seen\" holds"), std::string::npos) << notes;
  }
}

// Three customers whose dates could be read in two ways: the model knows which it learned. And a
// model of a text export takes the typed one.
TEST_F(Reading, AModelKeepsItsReading) {
  const fs::path out = run("plain.csv");
  const auto score = [&](const std::string& file) {
    const Outcome scored = perennial_program(
        {"score", (out / "model.perennial").string(), (*folder_ / file).string()});
    EXPECT_EQ(scored.code, 0) << scored.err;
    return scored.out;
  };
  put(*folder_ / "few.csv",
      "id;joined;seen;paid;share;city\n"
      "a;05/06/2024;01-Dec-24 08:00;1.234,50 €;12 %;Leeds\n"
      "b;07/08/2024;02-Dec-24 08:00;99,00 €;7 %;Leeds\n");
  put(*folder_ / "few_iso.csv",
      "id;joined;seen;paid;share;city\n"
      "a;2024-06-05;2024-12-01 08:00;1.234,50 €;12 %;Leeds\n"
      "b;2024-08-07;2024-12-02 08:00;99,00 €;7 %;Leeds\n");
  EXPECT_EQ(score("few.csv"), score("few_iso.csv"));
  EXPECT_EQ(split(score("few.csv"), '\n').size(), 4u);
  EXPECT_EQ(score("typed.parquet"), score("packed.csv.gz"));
}

TEST_F(Reading, TheAuditAsksWhereDatesHaveTwoReadings) {
  std::string rows = "id;joined;y\n";
  for (int i = 1; i <= 60; ++i) {
    rows += std::to_string(i) + ";0" + std::to_string(i % 9 + 1) + "/0" +
            std::to_string(i % 7 + 1) + "/2024;" + (i % 3 == 0 ? "yes" : "no") + "\n";
  }
  put(*folder_ / "asks.csv", rows);
  const std::string study =
      "[tables.t]\nfile = \"asks.csv\"\nid = \"id\"\n@\n[question.q]\n"
      "target = { column = \"y\", positive = \"yes\" }\n";
  const auto audit = [&](const std::string& key) {
    std::string text = study;
    put(*folder_ / "asks.toml", text.replace(text.find('@'), 1, key));
    const Outcome done = perennial_program({"audit", (*folder_ / "asks.toml").string(), "--json"});
    EXPECT_EQ(done.code, 0) << done.err;
    return done.out;
  };
  const std::string asked = audit("");
  EXPECT_NE(asked.find("dates-as-text"), std::string::npos);
  EXPECT_NE(asked.find("types = { \\\"joined\\\" = \\\"date dmy\\\" }"), std::string::npos)
      << asked;
  EXPECT_EQ(audit("types = { \"joined\" = \"date dmy\" }").find("dates-as-text"),
            std::string::npos);
}

}  // namespace
}  // namespace perennial
