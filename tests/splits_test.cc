// Train, validation and test as NumPy's .npz files: written, loaded by NumPy, and run from.
#include <map>
#include <set>

#include "support.h"
#include "table/npz.h"

namespace perennial {
namespace {

// 240 customers of 60 households, dated; the old buy, as a rule.
std::string visitors() {
  std::string text = "id,age,city,household,since,bought\n";
  for (int i = 0; i < 240; ++i) {
    const int age = 20 + i * 37 % 50;
    text += "n" + std::to_string(i) + "," + (i % 20 == 3 ? "" : std::to_string(age)) +
            (i % 3 == 0 ? ",Омск" : ",Томск") + ",h" + std::to_string(i * 17 % 60) + ",2024-" +
            (i % 12 < 9 ? "0" : "") + std::to_string(i % 12 + 1) + "-01" +
            ((age < 45) != (i % 7 == 0) ? ",нет\n" : ",да\n");
  }
  return text;
}

std::string study(const std::string& validation) {
  return "[tables.v]\nfile = \"v.csv\"\nid = \"id\"\n[question.q]\n"
         "target = { column = \"bought\", positive = \"да\" }\n"
         "search = { learners = [\"logistic\"] }\n"
         "ignore = [\"household\", \"since\"]\n[question.q.validation]\n" +
         validation;
}

std::string in(const TestFolder& folder) {
  return "cd " + shell_quoted(folder.path().string()) + ";";
}

Outcome run(const TestFolder& folder, const std::string& text, const std::string& out = "out") {
  put(folder / "v.csv", visitors());
  put(folder / "study.toml", text);
  return perennial_program({"run", "study.toml", "-o", out}, in(folder));
}

// id -> role, from scores.csv.
std::map<std::string, std::string> roles(const TestFolder& folder, const std::string& out = "out") {
  std::map<std::string, std::string> roles;
  for (const std::string& line : split(read_file(folder / (out + "/q/scores.csv")), '\n')) {
    const std::vector<std::string> cells = split(line, ',');
    if (cells.size() > 2 && cells[0] != "id") roles[cells[0]] = cells[1];
  }
  return roles;
}

TEST(Splits, NumPyLoadsWhatIsWritten) {
  if (std::system("/usr/bin/python3 -c 'import numpy' 2>/dev/null") != 0) {
    GTEST_SKIP() << "there is no NumPy here (Debian: python3-numpy)";
  }
  const TestFolder folder;
  const Outcome ran =
      run(folder, study("test = 0.1\nvalidation = 0.1\nfolds = 3\nsave = \"float32\"\n"));
  ASSERT_EQ(ran.code, 0) << ran.err;
  put(folder / "check.py", R"(
import csv, numpy as np
parts = {r: np.load(f"out/q/splits/{r}.npz") for r in ("train", "validation", "test")}
rows = {r["id"]: r for r in csv.DictReader(open("v.csv", encoding="utf-8"))}
names = ["age", "age is missing", "city=Томск"]
scores = {r["id"]: r["role"] for r in csv.DictReader(open("out/q/scores.csv", encoding="utf-8"))}
for role, p in parts.items():
    assert p["inputs"].dtype == np.float32 and p["inputs"].shape == (len(p["ids"]), 3)
    assert p["inputs"].flags["C_CONTIGUOUS"]
    assert list(p["feature_names"]) == names, p["feature_names"]
    assert list(p["classes"]) == ["нет", "да"]
    assert all(scores[i] == role for i in p["ids"])
    assert all(rows[i]["bought"] == p["classes"][t] for i, t in zip(p["ids"], p["targets"]))
    assert all((rows[i]["city"] == "Томск") == (x == 1) for i, x in zip(p["ids"], p["inputs"][:, 2]))
    assert all((rows[i]["age"] == "") == (x == 1) for i, x in zip(p["ids"], p["inputs"][:, 1]))
assert [len(parts[r]["ids"]) for r in parts] == [192, 24, 24]
assert sorted(set(parts["train"]["fold"])) == [0, 1, 2]
# The same by NumPy: the median for what is missing, mean 0 and deviation 1 of the training rows.
def ages(p): return np.array([float(rows[i]["age"] or "nan") for i in p["ids"]])
train = ages(parts["train"])
fill = np.nanmedian(train)
train = np.where(np.isnan(train), fill, train)
for p in parts.values():
    a = ages(p)
    z = (np.where(np.isnan(a), fill, a) - train.mean()) / train.std()
    assert np.abs(z - p["inputs"][:, 0]).max() < 1e-6
print("ok")
)");
  const std::string log = (folder / "log").string();
  EXPECT_EQ(std::system((in(folder) + " /usr/bin/python3 check.py >" + log + " 2>&1").c_str()), 0)
      << read_file(folder / "log");
}

TEST(Splits, ARunStartsFromTheFiles) {
  const TestFolder folder;
  ASSERT_EQ(run(folder, study("validation = 0.2\nsave = \"float64\"\n")).code, 0);
  const auto before = roles(folder);
  const std::string from_parts =
      "[tables.p]\nsplits = \"out/q/splits\"\n[question.q]\n"
      "target = { column = \"target\", positive = \"да\" }\n"
      "search = { learners = [\"logistic\"] }\n";
  const Outcome again = run(folder, from_parts, "again");
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(roles(folder, "again"), before);
  const Json metrics = Json::parse(read_file(folder / "again/q/metrics.json"));
  EXPECT_EQ(metrics.at("features"), Json::parse("[\"age\", \"age_is_missing\", \"city_томск\"]"));
  EXPECT_FALSE(fs::exists(folder / "again/q/splits"));

  const Outcome wrong = run(folder, from_parts + "[question.q.validation]\ntest = 0.1\n", "wrong");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_NE(wrong.err.find("already say who is in which part"), std::string::npos) << wrong.err;
  EXPECT_FALSE(fs::exists(folder / "wrong"));
}

// As people save them from a notebook: other file names, no ids, no names, no classes.
TEST(Splits, ARunStartsFromFilesOfANotebook) {
  const TestFolder folder;
  for (const auto& [name, rows] : {std::pair{"train", 160}, {"validation", 20}, {"test", 40}}) {
    std::vector<double> inputs;
    std::vector<int64_t> targets;
    for (int i = 0; i < rows; ++i) {
      inputs.push_back(i * 37 % 101);
      inputs.push_back(i * 13 % 17);
      targets.push_back((i * 37 % 101 > 50) != (i % 9 == 0) ? 1 : 0);
    }
    put(folder / ("data/Books_" + std::string(name) + ".npz"),
        npz_bytes({NpzArray::of_reals("inputs", {static_cast<size_t>(rows), 2}, inputs, true),
                   NpzArray::of_ints("targets", targets)},
                  name));
  }
  const std::string text =
      "[tables.books]\nsplits = \"data\"\n[question.q]\n"
      "target = { column = \"target\", positive = 1 }\nsearch = { learners = [\"logistic\"] }\n";
  const Outcome ran = run(folder, text);
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json metrics = Json::parse(read_file(folder / "out/q/metrics.json"));
  EXPECT_EQ(metrics.at("rows").at("train"), 160);
  EXPECT_EQ(metrics.at("rows").at("validation"), 20);
  EXPECT_EQ(metrics.at("features"), Json::parse(R"(["x1", "x2"])"));
  fs::remove(folder / "data/Books_test.npz");
  const Outcome without = run(folder, text, "without");
  EXPECT_EQ(without.code, 1);
  EXPECT_NE(without.err.find("test.npz"), std::string::npos) << without.err;
}

TEST(Splits, HouseholdsStayTogetherAndAreNoFeature) {
  const TestFolder folder;
  const Outcome ran = run(folder, study("group = \"household\"\nvalidation = 0.2\n"));
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto role = roles(folder);
  std::map<int, std::set<std::string>> sides;
  for (int i = 0; i < 240; ++i) sides[i * 17 % 60].insert(role.at("n" + std::to_string(i)));
  for (const auto& [household, side] : sides) EXPECT_EQ(side.size(), 1u) << household;
  const Json metrics = Json::parse(read_file(folder / "out/q/metrics.json"));
  EXPECT_EQ(metrics.at("features").dump().find("household"), std::string::npos);
  const Outcome wrong = run(folder, study("group = \"houshold\"\n"), "wrong");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_NE(wrong.err.find("did you mean \"household\"?"), std::string::npos) << wrong.err;
}

TEST(Splits, TheLatestCustomersAreTheTest) {
  const TestFolder folder;
  const Outcome ran = run(folder, study("time = \"since\"\ntest = 0.25\nfolds = 3\n"));
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto role = roles(folder);
  for (int i = 0; i < 240; ++i) {
    EXPECT_EQ(role.at("n" + std::to_string(i)), i % 12 >= 9 ? "test" : "train") << i;
  }
  const std::string metrics = read_file(folder / "out/q/metrics.json");
  EXPECT_NE(metrics.find("from 2024-10-01 on"), std::string::npos);
  const Outcome wrong = run(folder, study("time = \"city\"\n"), "wrong");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_NE(wrong.err.find("not dates or numbers"), std::string::npos) << wrong.err;
}

}  // namespace
}  // namespace perennial
