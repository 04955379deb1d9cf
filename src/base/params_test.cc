#include "base/params.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/error.h"

namespace perennial {
namespace {

std::vector<ParamSpec> specs() {
  return {
      {.name = "C",
       .default_value = 1.0,
       .description = "Inverse strength.",
       .min = 0,
       .min_open = true},
      {.name = "depth",
       .type = ParamType::kInt,
       .description = "Deepest level.",
       .min = 1,
       .max = 60},
      {.name = "penalty",
       .type = ParamType::kChoice,
       .default_value = std::string("l2"),
       .description = "L1 | L2.",
       .choices = {"none", "l1", "l2", "elastic_net"}},
      {.name = "on", .type = ParamType::kBool, .default_value = true, .description = "Switch."},
      {.name = "title",
       .type = ParamType::kText,
       .default_value = std::string(),
       .description = "Any text."},
      {.name = "names",
       .type = ParamType::kTextList,
       .default_value = std::vector<std::string>{},
       .description = "Names.",
       .choices = {"knn", "tree"}},
      {.name = "shares",
       .type = ParamType::kRealList,
       .default_value = std::vector<double>{0.5},
       .description = "Shares.",
       .min = 0,
       .max = 1},
  };
}

std::string message(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStudy);
    return error.what();
  }
  return "no error";
}

Params params(std::map<std::string, ParamValue> values) { return Params(std::move(values)); }

TEST(Params, DefaultsAreFilledIn) {
  const Params all = complete(specs(), Params(), "");
  EXPECT_EQ(all.get_real("C"), 1.0);
  EXPECT_EQ(all.get_text("penalty"), "l2");
  EXPECT_TRUE(all.get_bool("on"));
  EXPECT_FALSE(all.has("depth"));  // optional, without a value
  EXPECT_EQ(to_text(all),
            R"({"C":1,"names":[],"on":true,"penalty":"l2","shares":[0.5],"title":""})");
}

TEST(Params, IntegerWhereARealIsWanted) {
  const Params all = complete(specs(), params({{"C", int64_t{2}}}), "");
  EXPECT_TRUE(std::holds_alternative<double>(all.values().at("C")));
  EXPECT_EQ(all, complete(specs(), params({{"C", 2.0}}), ""));
}

TEST(Params, NoneIsLeftOut) {
  EXPECT_FALSE(complete(specs(), params({{"depth", std::monostate{}}}), "").has("depth"));
  EXPECT_NE(message([] { complete(specs(), params({{"C", std::monostate{}}}), "w"); }), "no error");
}

TEST(Params, ErrorsNameKeyBoundsAndNearest) {
  EXPECT_EQ(message([] {
              complete(specs(), params({{"C", -1.0}}), "s.toml:3");
            }),
            "s.toml:3: \"C\" must be a real > 0, not -1.0. Inverse strength.");
  EXPECT_EQ(message([] {
              complete(specs(), params({{"C", 0.0}}), "");
            }),
            "\"C\" must be a real > 0, not 0.0. Inverse strength.");
  EXPECT_EQ(message([] {
              complete(specs(), params({{"depth", int64_t{61}}}), "");
            }),
            "\"depth\" must be an integer from 1 to 60, not 61. Deepest level.");
  EXPECT_EQ(
      message([] {
        complete(specs(), params({{"penalty", std::string("L1")}}), "");
      }),
      "\"penalty\" must be one of \"none\", \"l1\", \"l2\", \"elastic_net\", not \"L1\", did you "
      "mean \"l1\"? L1 | L2.");
  EXPECT_EQ(
      message([] {
        complete(specs(), params({{"penalti", std::string("l1")}}), "x");
      }),
      "x: unknown key \"penalti\", did you mean \"penalty\"? Valid keys: C, depth, penalty, on, "
      "title, names, shares.");
}

// Every spec refuses what its declaration excludes.
TEST(Params, WrongTypesAndBounds) {
  const std::vector<std::pair<std::string, ParamValue>> bad = {
      {"C", std::string("1")},
      {"C", true},
      {"C", std::nan("")},
      {"C", HUGE_VAL},
      {"depth", 2.0},
      {"depth", int64_t{0}},
      {"penalty", int64_t{1}},
      {"on", int64_t{1}},
      {"on", std::string("true")},
      {"title", 1.0},
      {"names", std::string("knn")},
      {"names", std::vector<std::string>{"knn", "svm"}},
      {"names", std::vector<double>{1}},
      {"shares", 0.5},
      {"shares", std::vector<double>{0.5, 1.5}},
      {"shares", std::vector<std::string>{"a"}},
  };
  for (const auto& [name, value] : bad) {
    const std::string text = message([&, n = name, v = value] {
      complete(specs(), params({{n, v}}), "here");
    });
    EXPECT_NE(text.find("here: \"" + name + "\" must be"), std::string::npos) << text;
  }
}

TEST(Params, EmptyListsHaveNoItemType) {
  EXPECT_EQ(complete(specs(), params({{"names", std::vector<double>{}}}), ""),
            complete(specs(), Params(), ""));
}

TEST(Params, RequiredKey) {
  const std::vector<ParamSpec> one = {
      {.name = "file", .type = ParamType::kText, .description = "The file.", .required = true}};
  EXPECT_EQ(message([&] { complete(one, Params(), "t"); }),
            "t: the key \"file\" is missing. The file.");
}

TEST(Params, JsonRoundTrip) {
  const Params all = complete(specs(),
                              params({{"C", 0.1},
                                      {"depth", int64_t{3}},
                                      {"names", std::vector<std::string>{"tree"}},
                                      {"title", std::string("Тип")}}),
                              "");
  EXPECT_EQ(params_from_json(specs(), to_json(all)), all);
  EXPECT_EQ(params_from_json(specs(), Json::parse(to_text(all))), all);
  EXPECT_THROW(params_from_json(specs(), Json::parse("[1]")), Error);
  EXPECT_THROW(params_from_json(specs(), Json::parse(R"({"C":{}})")), Error);
  EXPECT_THROW(params_from_json(specs(), Json::parse(R"({"depth":18446744073709551615})")), Error);
}

TEST(Params, WrongUseIsABugOfOurs) {
  const Params all = complete(specs(), Params(), "");
  EXPECT_THROW(all.get_int("C"), Error);
  EXPECT_THROW(all.get_real("nothing"), Error);
  EXPECT_EQ(params({{"k", int64_t{3}}}).get_real("k"), 3.0);
}

TEST(Params, MarkdownRow) {
  const std::vector<ParamSpec> all = specs();
  EXPECT_EQ(markdown_row(all[0]), "| `C` | real > 0 | 1 | Inverse strength. |");
  EXPECT_EQ(markdown_row(all[1]), "| `depth` | integer from 1 to 60 | none | Deepest level. |");
  EXPECT_EQ(markdown_row(all[2]),
            "| `penalty` | one of `none`, `l1`, `l2`, `elastic_net` | \"l2\" | L1 \\| L2. |");
  EXPECT_EQ(markdown_row(all[5]), "| `names` | list of texts out of `knn`, `tree` | [] | Names. |");
}

}  // namespace
}  // namespace perennial
