#include "audit/spelling.h"

#include <gtest/gtest.h>

namespace perennial {
namespace {

Likeness compare(const char* a, const char* b) {
  const Likeness forth = likeness(canonical_spelling(a), canonical_spelling(b));
  EXPECT_EQ(forth, likeness(canonical_spelling(b), canonical_spelling(a))) << a << " " << b;
  return forth;
}

TEST(Spelling, CanonicalIgnoresCaseBlanksAndHyphens) {
  EXPECT_EQ(canonical_spelling("  Да "), U"да");
  EXPECT_EQ(canonical_spelling("Credit-card"), U"credit card");
  EXPECT_EQ(canonical_spelling("credit \t Card"), U"credit card");
  EXPECT_EQ(canonical_spelling("Мёд"), U"мед");
  EXPECT_EQ(canonical_spelling("10-20"), U"10-20");  // a range is not two words
  EXPECT_EQ(canonical_spelling("-1"), U"-1");
  EXPECT_EQ(canonical_spelling("A+"), U"a+");
}

TEST(Spelling, Typos) {
  EXPECT_EQ(compare("стандартт", "стандарт"), Likeness::kTypo);
  EXPECT_EQ(compare("предыдцщий_месяц", "предыдущий_месяц"), Likeness::kTypo);
  EXPECT_EQ(compare("premuim", "premium"), Likeness::kTypo);
  EXPECT_EQ(compare("subscirption", "subscription"), Likeness::kTypo);
  EXPECT_EQ(compare("Moblie app", "Mobile app"), Likeness::kTypo);
  EXPECT_EQ(compare("Elecktronic chek", "Electronic check"), Likeness::kDifferent);  // two words
  EXPECT_EQ(compare("recomendattion", "recommendation"), Likeness::kTypo);           // distance 2
}

TEST(Spelling, MeaningfulPairsAreDifferent) {
  for (const auto& [a, b] :
       std::vector<std::pair<const char*, const char*>>{{"предыдущий_месяц", "препредыдущий_месяц"},
                                                        {"male", "female"},
                                                        {"Mens E-Mail", "Womens E-Mail"},
                                                        {"yes", "eyes"},
                                                        {"1 month", "2 month"},
                                                        {"plan_1", "plan_2"},
                                                        {"plan 1", "plan 11"},
                                                        {"known", "unknown"},
                                                        {"активный", "неактивный"},
                                                        {"employed", "unemployed"},
                                                        {"typical", "atypical"},
                                                        {"level viii", "level xiii"},
                                                        {"southeastern", "southwestern"},
                                                        {"international", "intranational"},
                                                        {"trainer", "trainee"},
                                                        {"class a", "class b"},
                                                        {"One year", "Two year"},
                                                        {"<5", ">5"},
                                                        {"premium", "premium+"},
                                                        {"cat", "car"},
                                                        {"yes", "yess"},
                                                        {"Iran", "Iraq"},
                                                        {"июнь", "июль"}}) {
    EXPECT_NE(compare(a, b), Likeness::kTypo) << a << " " << b;
    if (std::u32string_view(canonical_spelling(a)) == U"июнь" ||
        std::u32string_view(canonical_spelling(a)) == U"iran") {
      continue;  // short words: doubtful at most
    }
    EXPECT_EQ(compare(a, b), Likeness::kDifferent) << a << " " << b;
  }
}

TEST(Spelling, EndingsAndFirstLettersAreNeverMoreThanPossible) {
  EXPECT_EQ(compare("активный", "активная"), Likeness::kDifferent);
  EXPECT_EQ(compare("customer", "customers"), Likeness::kPossible);
  EXPECT_EQ(compare("standart", "standard"), Likeness::kPossible);
  EXPECT_EQ(compare("ctandard", "standard"), Likeness::kPossible);
  EXPECT_EQ(compare("E wallet", "Ewallet"), Likeness::kPossible);
}

TEST(Spelling, Abbreviations) {
  const auto may = [](const char* a, const char* b) {
    return may_abbreviate(canonical_spelling(a), canonical_spelling(b));
  };
  EXPECT_TRUE(may("CC", "Credit Card"));
  EXPECT_TRUE(may("COD", "Cash on Delivery"));
  EXPECT_TRUE(may("Phone", "Mobile Phone"));
  EXPECT_TRUE(may("Mobile", "Mobile Phone"));
  EXPECT_FALSE(may("CC", "Cash on Delivery"));
  EXPECT_FALSE(may("No", "No phone service"));
  EXPECT_FALSE(may("service", "No service"));
  EXPECT_FALSE(may("Month", "2 Month"));
  EXPECT_FALSE(may("Urban", "Suburban"));
  EXPECT_FALSE(may("Phone", "Phone"));
}

}  // namespace
}  // namespace perennial
