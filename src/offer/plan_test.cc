#include "offer/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/seed.h"
#include "offer/outputs.h"

namespace perennial {
namespace {

const std::string kWhere = "study.toml:9, section [question.q";

// Customers with consent, contacts, a category and a value; risk is apart.
struct Shop {
  FeatureTable table;
  std::vector<double> risk;
  std::vector<int32_t> segment;

  explicit Shop(size_t n, Seed seed = Seed{5}) {
    Rng rng(seed);
    std::vector<std::string> consent, category;
    std::vector<double> contacts, value, revenue;
    for (size_t i = 0; i < n; ++i) {
      table.ids.push_back("c" + std::to_string(i));
      consent.emplace_back(rng.bernoulli(0.7) ? "да" : "нет");
      category.emplace_back(rng.bernoulli(0.5) ? "Косметика" : "<b>Мелочи</b>");
      contacts.push_back(static_cast<double>(rng.below(6)));
      value.push_back(1 + 9 * rng.uniform());
      revenue.push_back(10 * value.back());
      risk.push_back(rng.uniform());
      segment.push_back(risk.back() > 0.5 ? 0 : 1);
    }
    table.id_name = "id";
    table.features = {Column::text("разрешить_сообщать", consent),
                      Column::text("категория", category), Column::number("контакты", contacts),
                      Column::number("выручка", revenue)};
    table.feature_tables.assign(4, "market");
    table.values = {Column::number("прибыль", value)};
  }

  OfferInput input() const {
    return {.table = table, .risk = risk, .segment = segment, .segment_names = {"high", "low"}};
  }
};

OfferTerms terms() {
  OfferTerms t{.consent_column = "Разрешить сообщать", .consent_yes = "да"};
  t.contacts_column = "контакты";
  t.contacts_most = 5;
  t.budget = 20;
  t.offers = {{.name = "mail",
               .message = "{категория|всё} для {id}",
               .channel = "email",
               .cost = 0.05,
               .effect = {0.05, 0.1, 0.15}},
              {.name = "gift",
               .message = "{категория}",
               .format = "html",
               .cost = 0.1,
               .cost_share = 0.002,
               .cost_share_of = "Выручка",
               .where = "risk > 0.3 and категория = Косметика",
               .effect = {0.2, 0.3, 0.5},
               .capacity = 40}};
  return t;
}

std::string error_of(const OfferTerms& t, const Shop& shop) {
  try {
    check_offers(t, shop.input(), kWhere);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStudy);
    return error.what();
  }
  return "";
}

TEST(Plan, KeepsConsentListCapConditionsAndBudget) {
  const Shop shop(2'000);
  OfferInput input = shop.input();
  for (size_t i = 0; i < 2'000; i += 7) input.do_not_contact.push_back(shop.table.ids[i]);
  input.do_not_contact.emplace_back("a stranger");
  const OfferPlan plan = plan_offers(terms(), input, kWhere, Seed{1}, Workers(2));
  const std::set<std::string> listed(input.do_not_contact.begin(), input.do_not_contact.end());
  ASSERT_GT(plan.chosen, 100);
  double cost = 0;
  int64_t gifts = 0;
  for (const PlannedCustomer& c : plan.customers) {
    EXPECT_EQ(shop.table.features[0].value_text(c.row), "да");
    EXPECT_FALSE(listed.contains(shop.table.ids[c.row]));
    EXPECT_LE(shop.table.features[2].numbers[c.row], 4);
    if ((c.mask & 2) != 0) {
      ++gifts;
      EXPECT_GT(shop.risk[c.row], 0.3);
      EXPECT_EQ(shop.table.features[1].value_text(c.row), "Косметика");
    }
    cost += c.cost;
  }
  EXPECT_GT(gifts, 0);
  EXPECT_LE(gifts, 40);
  EXPECT_LE(cost, 20 + 1e-9);
  EXPECT_NEAR(cost, plan.planned_cost, 1e-9);
  EXPECT_EQ(plan.eligibility.listed_unknown, 1);
  // Everybody is refused for one reason or may be contacted.
  int64_t sum = plan.eligibility.count(Refusal::kNone);
  for (const Refusal why :
       {Refusal::kNoConsent, Refusal::kOnList, Refusal::kContactedEnough, Refusal::kNoValue}) {
    sum += plan.eligibility.count(why);
  }
  EXPECT_EQ(sum, 2'000);
  EXPECT_EQ(plan.eligibility.eligible[0] + plan.eligibility.outside[0],
            plan.eligibility.count(Refusal::kNone));
}

// A condition may use the words of segments' rules: half of the customers are above the median, and
// an own segment is known by its name.
TEST(Plan, ConditionsKnowWordsAndSegments) {
  const Shop shop(1'001);
  OfferTerms t;
  t.offers = {{.name = "a", .where = "risk > median", .effect = {0.1, 0.2, 0.3}},
              {.name = "b", .where = "risk > q75 and segment = high", .effect = {0.1, 0.2, 0.3}},
              {.name = "c", .where = "segment = low", .effect = {0.1, 0.2, 0.3}}};
  const OfferInput input = shop.input();
  const Eligibility e = eligible_for(t, input, std::vector<double>(1'001, 1.0), kWhere);
  EXPECT_EQ(e.eligible[0], 500);
  EXPECT_EQ(e.eligible[1], 250);
  EXPECT_EQ(e.eligible[2], std::ranges::count(shop.segment, 1));
}

// Of a plan for a thousand customers: those that hold the words.
std::vector<std::string> notes_with(const OfferTerms& terms, const char* words) {
  const Shop shop(1'001);
  std::vector<std::string> notes =
      plan_offers(terms, shop.input(), kWhere, Seed{1}, Workers(1)).notes;
  std::erase_if(notes, [&](const std::string& n) { return n.find(words) == n.npos; });
  return notes;
}

// A slip of the pen in a condition leaves an offer without customers: said, with the likely word.
TEST(Plan, AnOfferForNobodyIsSaid) {
  OfferTerms t;
  t.offers = {{.name = "a", .where = "segment = high", .effect = {0.1, 0.2, 0.3}},
              {.name = "b", .where = "risk > 0.1 and segment = hihg", .effect = {0.1, 0.2, 0.3}},
              {.name = "c", .where = "risk > 2", .effect = {0.1, 0.2, 0.3}}};
  t.value = 1;
  const std::vector<std::string> notes = notes_with(t, "for nobody");
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_NE(notes[0].find("\"hihg\" in segment"), std::string::npos) << notes[0];
  EXPECT_NE(notes[0].find("\"high\""), std::string::npos) << notes[0];
  EXPECT_EQ(notes[1].find("There is no"), std::string::npos) << notes[1];
}

TEST(Plan, AConditionThatNamesWhatNobodyHasIsSaid) {
  OfferTerms t;
  t.offers = {{.name = "a", .where = "segment = hihg or risk > 0.1", .effect = {0.1, 0.2, 0.3}},
              {.name = "b", .where = "segment = high or risk > 0.1", .effect = {0.1, 0.2, 0.3}}};
  t.value = 1;
  const std::vector<std::string> notes = notes_with(t, "nobody has");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes[0].find("offer \"a\""), std::string::npos) << notes[0];
  EXPECT_NE(notes[0].find("did you mean \"high\""), std::string::npos) << notes[0];
}

// One customer by hand: risk 0.5, value 10, an offer that takes away 20 % (10 % to 40 %) for 0.3.
// Gain 0.5 x 0.2 x 10 = 1. Low: effect -50 %, risk -20 %, value -10 %: sqrt(0.25 + 0.04 + 0.01).
TEST(Plan, ProfitAndItsRangeByHand) {
  Shop shop(1);
  shop.risk = {0.5};
  shop.table.values[0].numbers = {10};
  OfferTerms t{.value_error = 0.1};
  t.offers = {{.name = "mail", .cost = 0.3, .effect = {0.1, 0.2, 0.4}}};
  OfferInput input = shop.input();
  input.risk_low = 0.8;
  input.risk_high = 1.2;
  const OfferPlan plan = plan_offers(t, input, kWhere, Seed{1}, Workers(1));
  ASSERT_EQ(plan.chosen, 1);
  EXPECT_NEAR(plan.profit.value, 0.7, 1e-12);
  EXPECT_NEAR(plan.profit.low, 1 - std::sqrt(0.30) - 0.3, 1e-12);
  EXPECT_NEAR(plan.profit.high, 1 + std::sqrt(1 + 0.04 + 0.01) - 0.3, 1e-12);
  EXPECT_NEAR(plan.scenarios[0].profit, 0.2, 1e-12);
  EXPECT_NEAR(plan.scenarios[1].profit, 1.7, 1e-12);
  EXPECT_EQ(plan.control, 0);  // nobody to hold out of one
  // To reach: a chance of 0.5 raised by 20 % of it, or by 0.7 points of which only 0.5 are left.
  t.aim = "reach";
  EXPECT_NEAR(plan_offers(t, input, kWhere, Seed{1}, Workers(1)).profit.value, 0.7, 1e-12);
  t.offers[0].points = true;
  t.offers[0].effect = {0.6, 0.7, 0.8};
  EXPECT_NEAR(plan_offers(t, input, kWhere, Seed{1}, Workers(1)).profit.value, 4.7, 1e-12);
}

TEST(Plan, ControlIsDrawnInsideEveryStratum) {
  const Shop shop(5'000);
  OfferTerms t = terms();
  t.budget.reset();
  t.control.share = 0.2;
  const OfferPlan plan = plan_offers(t, shop.input(), kWhere, Seed{1}, Workers(2));
  int64_t control = 0;
  ASSERT_GE(plan.strata.size(), 3U);
  for (size_t s = 0; s < plan.strata.size(); ++s) {
    int64_t chosen = 0, held = 0;
    for (const PlannedCustomer& c : plan.customers) {
      if (c.stratum != static_cast<int32_t>(s)) continue;
      ++chosen;
      held += c.control;
    }
    EXPECT_EQ(chosen, plan.strata[s].chosen);
    EXPECT_EQ(held, plan.strata[s].control);
    EXPECT_EQ(held, std::llround(0.2 * static_cast<double>(chosen)));
    control += held;
  }
  EXPECT_EQ(control, plan.control);
  EXPECT_GT(plan.smallest_effect, 0);
  EXPECT_LT(plan.smallest_effect, 0.2);
}

TEST(Plan, FilesAreTheSameForAnyNumberOfThreads) {
  const Shop shop(3'000);
  const OfferInput input = shop.input();
  std::string first;
  for (const int threads : {1, 2, 5}) {
    const OfferPlan plan = plan_offers(terms(), input, kWhere, Seed{1}, Workers(threads));
    const Campaign campaign = campaign_of(plan, input);
    const std::string csv = campaign_csv(campaign);
    const std::string all = offers_csv(plan, input, {}) + not_contacted_csv(plan, input) + csv +
                            campaign_json(campaign, csv);
    if (first.empty()) first = all;
    EXPECT_EQ(all, first);
  }
}

TEST(Plan, CampaignHoldsEverybodyWhoMayBeContacted) {
  const Shop shop(1'000);
  const OfferInput input = shop.input();
  const OfferPlan plan = plan_offers(terms(), input, kWhere, Seed{1}, Workers(1));
  const Campaign campaign = campaign_of(plan, input);
  EXPECT_EQ(static_cast<int64_t>(campaign.rows.size()), plan.eligibility.count(Refusal::kNone));
  int64_t offered = 0, control = 0;
  for (const CampaignRow& row : campaign.rows) {
    offered += row.arm == "offer";
    control += row.arm == "control";
    EXPECT_EQ(row.arm == "none", row.offer.empty());
    if (row.arm == "none") continue;
    EXPECT_GT(row.propensity, 0);
    EXPECT_LE(row.propensity, 1);
    EXPECT_LE(row.expected_low, row.expected_mid);
    EXPECT_LE(row.expected_mid, row.expected_high);
  }
  EXPECT_EQ(offered + control, plan.chosen);
  EXPECT_EQ(control, plan.control);
  EXPECT_GT(control, 0);
}

TEST(Plan, MessagesInTheCustomersLanguage) {
  Shop shop(2);
  shop.table.features.push_back(Column::text("language", {"ru", "xx"}));
  shop.table.features.push_back(Column::number("сумма", {12.345, 7}));
  OfferTerms t = terms();
  t.language_column = "language";
  t.offers = {{.name = "mail",
               .title = "Mail",
               .messages = {{"en", "{offer}: {сумма}"}, {"ru", "Сумма {сумма}, {segment}"}}}};
  const OfferInput input = shop.input();
  const OfferMessages messages(t, input);
  EXPECT_EQ(messages.of(0, 0).message,
            "Сумма 12,35, " + input.segment_names[static_cast<size_t>(shop.segment[0])]);
  EXPECT_EQ(messages.of(1, 0).message, "Mail: 7");
  EXPECT_EQ(messages.of(1, 0).language, "en");
}

TEST(Plan, HtmlMessagesAreEscaped) {
  Shop shop(1);
  shop.table.features[1] = Column::text("категория", {"<script>"});
  const OfferInput input = shop.input();
  const OfferTerms t = terms();
  const OfferMessages messages(t, input);
  EXPECT_EQ(messages.of(0, 1).message, "&lt;script&gt;");
}

TEST(Plan, SaysWhatIsWrong) {
  Shop shop(50);
  const OfferTerms good = terms();
  EXPECT_EQ(error_of(good, shop), "");
  const auto expect = [&](const char* part, auto change) {
    OfferTerms t = good;
    change(t);
    EXPECT_NE(error_of(t, shop).find(part), std::string::npos) << error_of(t, shop);
  };
  expect("did you mean \"разрешить_сообщать\"",
         [](OfferTerms& t) { t.consent_column = "разрешить_сообщатьь"; });
  expect("no customer has \"yes\"", [](OfferTerms& t) { t.consent_yes = "yes"; });
  expect("holds text", [](OfferTerms& t) { t.contacts_column = "категория"; });
  expect("no column \"нет\"", [](OfferTerms& t) { t.offers[1].cost_share_of = "нет"; });
  expect("no column \"имя\"", [](OfferTerms& t) { t.offers[0].message = "{имя}"; });
  expect("is compared with", [](OfferTerms& t) { t.offers[0].where = "категория > 3"; });
  expect("no column \"чего\"", [](OfferTerms& t) { t.offers[0].where = "чего > 3"; });
  expect("key \"value\"", [](OfferTerms& t) { t.value_column = "категория"; });
  shop.table.features[1].codes[3] = -1;
  EXPECT_EQ(error_of(good, shop).empty(),
            shop.table.features[0].value_text(3) != "да" || shop.table.features[2].numbers[3] > 4);
  shop.table.values.clear();
  EXPECT_NE(error_of(good, shop).find("what a customer is worth"), std::string::npos);
}

TEST(Plan, WithoutAnythingToGain) {
  const Shop shop(100);
  OfferTerms t = terms();
  t.budget = 0;
  OfferPlan plan = plan_offers(t, shop.input(), kWhere, Seed{1}, Workers(1));
  EXPECT_EQ(plan.chosen, 0);
  EXPECT_EQ(plan.profit.value, 0);
  t = terms();
  for (Offer& offer : t.offers) offer.cost = 1e6;
  plan = plan_offers(t, shop.input(), kWhere, Seed{1}, Workers(1));
  EXPECT_EQ(plan.chosen, 0);
  EXPECT_TRUE(plan.proven);
}

TEST(Plan, ReadsListsOfIds) {
  const fs::path file = fs::path(testing::TempDir()) / "list.csv";
  write_file(file, "\xEF\xBB\xBFid;why\r\n 7 ;asked\r\n\"8\"\r\n\r\n9,x\r\n");
  EXPECT_EQ(read_id_list(file, "id"), (std::vector<std::string>{"7", "8", "9"}));
  EXPECT_THROW(read_id_list(file.parent_path() / "none.csv", "id"), Error);
}

}  // namespace
}  // namespace perennial
