#include "report/page_data.h"

#include <gtest/gtest.h>

namespace perennial {
namespace {

// What HTML's script data state and JavaScript's line terminators forbid (HTML standard, 13.2.5.4;
// ECMA-262, 12.3), and text that is no UTF-8.
TEST(ScriptJson, HoldsNothingThatEndsAScript) {
  const Json json = {{"</script><!--", "a & b \xe2\x80\xa8 \xe2\x80\xa9 \"q\" \xff"}};
  const std::string text = script_json(json);
  EXPECT_EQ(text.find_first_of("<>&"), std::string::npos) << text;
  EXPECT_EQ(text.find("\xe2\x80\xa8"), std::string::npos);
  EXPECT_EQ(text.find("\xe2\x80\xa9"), std::string::npos);
  const Json back = Json::parse(text);
  EXPECT_EQ(back.begin().key(), "</script><!--");
  EXPECT_EQ(back.begin().value(), "a & b \xe2\x80\xa8 \xe2\x80\xa9 \"q\" \xef\xbf\xbd");
}

TEST(PageLanguage, ComesFromTheStudyElseFromTheNames) {
  RunRecord record;
  record.target = "churned";
  record.language = "auto";
  record.features = {"visits", "price"};
  EXPECT_EQ(page_language(record), "en");
  record.features.emplace_back("страниц_за_визит");
  EXPECT_EQ(page_language(record), "ru");
  record.features.back() = "duração";
  EXPECT_EQ(page_language(record), "pt");
  record.language = "en";
  EXPECT_EQ(page_language(record), "en");
}

}  // namespace
}  // namespace perennial
