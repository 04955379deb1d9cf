#include "generate/journey_tables.h"

namespace perennial {
namespace {

std::vector<HeuristicSection> shares() {
  return {{.name = "share.referrer",
           .text = "How often each referrer brings a visit, in any unit.",
           .entries = {{"search", 40, 25},
                       {"social", 20, 38},
                       {"direct", 15, 12},
                       {"partner", 10, 8},
                       {"mail", 7},
                       {"ad", 8, 10}},
           .least = 0,
           .most = 1e6},
          {.name = "share.device",
           .text = "How often each device is used, in any unit.",
           .entries = {{"desktop", 45, 30}, {"mobile", 47, 64}, {"tablet", 8, 6}},
           .least = 0,
           .most = 1e6},
          {.name = "share.route",
           .text = "How often each route through the site's pages is taken, in any unit.",
           .entries = {{"home", 22},
                       {"home|courses", 15},
                       {"home|courses|prices", 9},
                       {"home|courses|reviews", 7},
                       {"home|courses|prices|reviews", 4},
                       {"home|about", 6},
                       {"home|about|courses", 4},
                       {"blog", 15},
                       {"blog|courses", 6},
                       {"blog|courses|prices", 3},
                       {"courses", 6},
                       {"courses|prices", 3}},
           .least = 0,
           .most = 1e6}};
}

std::vector<HeuristicSection> sign_up() {
  return {{.name = "sign_up",
           .text = "Log odds of a sign-up: intercept; whole height of scrolling; each doubling of "
                   "the seconds (from 60 on).",
           .entries = {{"intercept", -1.68}, {"scroll", 3.4, 1.2}, {"seconds", 0.62, 0.3}}},
          {.name = "sign_up.month",
           .text = "Log odds of a sign-up by month of the visit, January to December.",
           .entries = {{"01", 0.75},
                       {"02", 0.45},
                       {"03", 0.15},
                       {"04", 0},
                       {"05", -0.25},
                       {"06", -0.7},
                       {"07", -0.9},
                       {"08", -0.2},
                       {"09", 0.95},
                       {"10", 0.5},
                       {"11", 0.1},
                       {"12", -0.55}}},
          {.name = "sign_up.referrer",
           .text = "Log odds of a sign-up by referrer.",
           .entries = {{"search", 0},
                       {"social", -0.75, 0.8},
                       {"direct", 0.3},
                       {"partner", 0.9, -0.4},
                       {"mail", 1.3, 0.5},
                       {"ad", -1.1}}},
          {.name = "sign_up.device",
           .text = "Log odds of a sign-up by device.",
           .entries = {{"desktop", 0.45, -0.2}, {"mobile", -0.45, 0.3}, {"tablet", 0}}},
          {.name = "sign_up.page",
           .text = "Log odds of a sign-up for each page on the route.",
           .entries = {{"home", 0},
                       {"courses", 0.75},
                       {"prices", 1.1, -0.2},
                       {"reviews", 0.8},
                       {"about", -0.2},
                       {"blog", -0.6, 0.5}}}};
}

std::vector<HeuristicSection> profile() {
  return {
      {.name = "visits",
       .text = "of_user: spread of the log of how many visits users make. after_purchase: above "
               "0, visits are made from the purchases (buyers get exp(it) times as many, and "
               "time spent no longer moves the subscription): a file to be misled by.",
       .entries = {{"of_user", 0.6}, {"after_purchase", 0}},
       .least = 0,
       .most = 5},
      {.name = "subscribe",
       .text = "Log odds of a subscription: intercept; ten years of age from 35 on, and its "
               "square; each doubling of one plus the minutes of all visits; level of "
               "education and of experience (0 to 3).",
       .entries = {{"intercept", -2.2},
                   {"age", -0.15, 0.3},
                   {"age_squared", -0.3},
                   {"minutes", 0.42, 0.1},
                   {"education", 0.5, -0.3},
                   {"experience", 0.45, -0.1}}},
      {.name = "subscribe.state",
       .text = "Log odds of a subscription by state.",
       .entries = {{"BA", -0.3},
                   {"CE", -0.2},
                   {"MG", 0},
                   {"PE", -0.3},
                   {"PR", 0.3},
                   {"RJ", 0.2},
                   {"RS", 0.4},
                   {"SP", 0.5}}},
      {.name = "subscribe.personality",
       .text = "Log odds of a subscription for each letter of the personality type.",
       .entries = {{"E", -0.2},
                   {"I", 0.2},
                   {"N", 0.35, -0.2},
                   {"S", -0.35, 0.2},
                   {"F", -0.1},
                   {"T", 0.1},
                   {"J", 0.45},
                   {"P", -0.45}}},
      {.name = "subscribe.interest",
       .text = "Log odds of a subscription for each interest.",
       .entries = {{"books", 0.5},
                   {"code", 0.6, -0.3},
                   {"drawing", 0.1},
                   {"games", -0.6, 0.4},
                   {"maths", 0.6},
                   {"money", 0.2},
                   {"people", 0},
                   {"travel", -0.3}}},
      {.name = "purchases",
       .text = "Share of buyers with a second package, of those with a third; share of users "
               "who own a package from before.",
       .entries = {{"second", 0.32}, {"third", 0.3}, {"owned", 0.2}},
       .least = 0,
       .most = 1}};
}

HeuristicSection package(std::string_view name, std::vector<Heuristic> entries) {
  return {.name = "package." + std::string(name),
          .text =
              "Utility of the package: intercept, each interest, level of education and of "
              "experience (0 to 3).",
          .entries = std::move(entries)};
}

std::vector<HeuristicSection> packages() {
  return {package("basics", {{"intercept", 1.0},
                             {"books", 0.2},
                             {"code", -0.4},
                             {"drawing", 0.1},
                             {"games", 0.5},
                             {"maths", -0.2},
                             {"money", 0},
                             {"people", 0.2},
                             {"travel", 0},
                             {"education", -0.6, 0.4},
                             {"experience", -0.8, 0.5}}),
          package("data", {{"intercept", -0.6},
                           {"books", 0},
                           {"code", 0.9, -0.6},
                           {"drawing", -0.3},
                           {"games", 0.1},
                           {"maths", 1.5, -0.6},
                           {"money", 0.6},
                           {"people", -0.3},
                           {"travel", -0.2},
                           {"education", 0.45, -0.2},
                           {"experience", 0.2}}),
          package("design", {{"intercept", 0},
                             {"books", 0.1},
                             {"code", 0},
                             {"drawing", 1.9, 0},
                             {"games", 0.4},
                             {"maths", -0.4},
                             {"money", -0.2},
                             {"people", 0.1},
                             {"travel", 0.1},
                             {"education", -0.1},
                             {"experience", 0}}),
          package("languages", {{"intercept", 0},
                                {"books", 0.9, -0.3},
                                {"code", -0.4},
                                {"drawing", 0},
                                {"games", -0.1},
                                {"maths", -0.2},
                                {"money", 0},
                                {"people", 0.5},
                                {"travel", 1.6, -0.2},
                                {"education", 0},
                                {"experience", -0.1}}),
          package("management", {{"intercept", -0.9},
                                 {"books", 0.1},
                                 {"code", -0.3},
                                 {"drawing", -0.3},
                                 {"games", -0.3, 0.8},
                                 {"maths", 0},
                                 {"money", 1.2, 0},
                                 {"people", 1.1, 0},
                                 {"travel", 0.2},
                                 {"education", 0.3},
                                 {"experience", 0.5, -0.2}}),
          package("web", {{"intercept", -0.1},
                          {"books", -0.1},
                          {"code", 1.6, 0},
                          {"drawing", 0.6, 1.6},
                          {"games", 0.6},
                          {"maths", 0.2},
                          {"money", 0},
                          {"people", -0.1},
                          {"travel", 0},
                          {"education", 0},
                          {"experience", 0.2}})};
}

}  // namespace

Heuristics journey_heuristics() {
  std::vector<HeuristicSection> all = shares();
  for (auto* part : {&sign_up, &profile, &packages}) {
    for (HeuristicSection& s : (*part)()) all.push_back(std::move(s));
  }
  return Heuristics(std::move(all));
}

}  // namespace perennial
