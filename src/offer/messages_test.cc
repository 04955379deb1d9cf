#include "offer/messages.h"

#include <gtest/gtest.h>

#include <map>

#include "base/error.h"

namespace perennial {
namespace {

std::string rendered(const std::string& text, bool html,
                     const std::map<std::string, std::string>& values) {
  return render_message(parse_message(text, "here"), html, [&](const std::string& field) {
    const auto found = values.find(field);
    return found == values.end() ? "" : found->second;
  });
}

TEST(Messages, FieldsAndFallbacks) {
  EXPECT_EQ(rendered("Здравствуйте, {имя|дорогой клиент}! {категория} ждёт.", false,
                     {{"категория", "Косметика"}}),
            "Здравствуйте, дорогой клиент! Косметика ждёт.");
  EXPECT_EQ(rendered("{ a }{b|}", false, {{"a", "x"}}), "x");
  EXPECT_EQ(rendered("{{a}} costs {a}", false, {{"a", "1"}}), "{a} costs 1");
}

TEST(Messages, HtmlIsEscapedInValuesOnly) {
  const std::map<std::string, std::string> values = {{"a", "<b>\"Tom\" & 'Jo'</b>"}};
  EXPECT_EQ(rendered("<p>{a}</p>", true, values),
            "<p>&lt;b&gt;&quot;Tom&quot; &amp; &#39;Jo&#39;&lt;/b&gt;</p>");
  EXPECT_EQ(rendered("{x|<none>}", true, values), "&lt;none&gt;");
  EXPECT_EQ(rendered("<p>{a}</p>", false, values), "<p><b>\"Tom\" & 'Jo'</b></p>");
}

TEST(Messages, WhatIsNoTemplate) {
  for (const char* text : {"a {b", "a } b", "{}", "{ |x}", "{a{b}"}) {
    EXPECT_THROW(parse_message(text, "study.toml:7"), Error) << text;
  }
}

TEST(Messages, NoCellIsAFormula) {
  for (const char* text : {"=1+1", "+cmd", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
                           "＝1", "'=1", "=HYPERLINK(\"x\")"}) {
    const std::string cell = guarded(text);
    EXPECT_EQ(cell.front(), '\'') << text;
    EXPECT_EQ(unguarded(cell), text);
  }
  for (const char* text : {"", "plain", "-5", "+3.5", "-1e3", "a=b", "Косметика"}) {
    EXPECT_EQ(guarded(text), text);
    EXPECT_EQ(unguarded(guarded(text)), text);
  }
}

}  // namespace
}  // namespace perennial
