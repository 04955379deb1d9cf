// Numbers with signs and thousands marks: what is read, what is asked, what is left alone.
#include "audit/marked_numbers.h"

#include "audit/test_tables.h"

namespace perennial {
namespace {

using testing::audit_one;
using testing::listed;
using testing::of_kind;
using testing::table_of;

std::vector<Finding> findings_on(const std::vector<std::string>& values) {
  return of_kind(audit_one(table_of("m", {Column::text("price", values)})), "numbers-with-signs");
}

// "SAFE . -$ -," or "ASKS …" with what is removed; the decimal mark first.
std::string reading_of(const std::vector<std::string>& values) {
  const auto found = findings_on(values);
  if (found.empty()) return "none";
  if (found[0].repair.empty()) return "no repair";
  const Repair& repair = found[0].repair[0];
  std::string text = std::string(found[0].safe ? "SAFE " : "ASKS ") + repair.decimal;
  for (const std::string& part : repair.remove) text += " -[" + part + "]";
  return text;
}

TEST(MarkedNumbers, OneReadingIsSafe) {
  EXPECT_EQ(reading_of({"$1,234.50", "$7.00", "-$3.25"}), "SAFE . -[$] -[,]");
  EXPECT_EQ(reading_of({"1.234,50 €", "7,00 €", "12,5 €"}), "SAFE , -[€] -[ ] -[.]");
  EXPECT_EQ(reading_of({"12 %", "7 %", "100 %"}), "SAFE . -[%] -[ ]");
  EXPECT_EQ(reading_of({"12,5%", "7,25%"}), "SAFE , -[%]");
  EXPECT_EQ(reading_of({"R$ 10", "R$ 12", "R$ 1.250,00"}), "SAFE , -[R$] -[ ] -[.]");
  EXPECT_EQ(reading_of({"1\u00a0234,50 ₽", "99 ₽"}), "SAFE , -[₽] -[ ] -[\u00a0]");
  EXPECT_EQ(reading_of({"100 руб.", "1 000 руб."}), "SAFE . -[руб.] -[ ]");
  EXPECT_EQ(reading_of({"1 234,50", "17,5", "3"}), "SAFE , -[ ]") << "marks without a sign";
  EXPECT_EQ(reading_of({"1'234.50", "17.5"}), "SAFE . -[']");
}

TEST(MarkedNumbers, DoubtIsAsked) {
  EXPECT_EQ(reading_of({"$1,234", "$2,500"}), "ASKS . -[$] -[,]") << "thousands or decimals";
  EXPECT_EQ(reading_of({"1.234 €", "2.500 €"}), "ASKS , -[€] -[ ] -[.]");
  EXPECT_EQ(reading_of({"123 456", "987 654"}), "ASKS . -[ ]") << "codes, perhaps";
  EXPECT_EQ(reading_of({"12 %", "0.12", "7 %"}), "ASKS . -[%] -[ ]") << "is 0.12 a share?";
  std::vector<std::string> few(19, "$5.50");
  few.emplace_back("unknown");
  EXPECT_EQ(reading_of(few), "ASKS . -[$]") << "one would be missing";
  const auto found = findings_on({"$1,234", "$2,500"});
  EXPECT_NE(found.at(0).message.find("The mark «,» may separate thousands, as the repair takes it, "
                                     "or decimals: then say decimal = \",\""),
            std::string::npos)
      << found[0].message;
}

TEST(MarkedNumbers, WhatNoRuleReadsIsSaid) {
  EXPECT_EQ(reading_of({"$10", "€ 12", "$7"}), "no repair") << "two currencies";
  EXPECT_EQ(reading_of({"$1,234.50", "$1.234,50"}), "no repair") << "points and commas mixed";
}

TEST(MarkedNumbers, OrdinaryColumnsAreLeftAlone) {
  for (const std::vector<std::string>& values : {std::vector<std::string>{"12", "13"},
                                                 {"0,98", "1,5"},
                                                 {"red", "5 %"},
                                                 {"A-100", "B-200"},
                                                 {"+7 912 345-67-89", "+7 912 345-67-90"},
                                                 {"192.168.0.1", "10.0.0.1"},
                                                 {"€", "$"},
                                                 {"", ""},
                                                 {"007 €", "008 €"},
                                                 {"10-20", "20-30"},
                                                 {"2024-05-31", "2024-06-01"}}) {
    EXPECT_EQ(reading_of(values), "none") << values[0];
  }
}

// A third of the column in another form is not a few cells to lose.
TEST(MarkedNumbers, GroupedNumbersAmongPlainOnesAreNotLost) {
  std::vector<std::string> values;
  for (int i = 0; i < 50; ++i) values.push_back(std::to_string(100 + i));
  values.emplace_back("1 234,5");
  const Table table = table_of("m", {Column::text("price", values)});
  const auto findings = audit_one(table);
  EXPECT_EQ(of_kind(findings, "numbers-with-signs").size(), 1U) << listed(findings);
  EXPECT_TRUE(of_kind(findings, "numbers-as-text").empty()) << listed(findings);
}

}  // namespace
}  // namespace perennial
