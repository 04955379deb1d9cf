// Inside the room: the visits and users of a made-up study site, drawn from its heuristics.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/seed.h"
#include "generate/journey_tables.h"

namespace perennial {

struct JourneyVisit {
  int day = 0;  // of the year, from 0
  uint32_t address = 0;
  uint8_t route = 0, referrer = 0, device = 0;
  double scroll = 0;
  int64_t seconds = 0;
  double p = 0;       // of a sign-up
  int64_t user = -1;  // whose e-mail was given; -1: no sign-up
};

struct JourneyUser {
  int birth_year = 1990, birth_day = 0;
  std::string email, personality;
  uint8_t state = 0, education = 0, experience = 0;
  std::vector<uint8_t> interests, owned, purchases;  // rising
  double minutes = 0;                                // of all visits
  double p = 0;                                      // of a subscription
  std::array<double, kPackages.size()> package_p{};  // of a first purchase, whether or not any
};

struct Journey {
  std::vector<std::string> routes, referrers, devices, states, interests;
  std::vector<JourneyVisit> visits;  // by day
  std::vector<JourneyUser> users;
};

Journey draw_journey(const Heuristics& heuristics, size_t users, size_t visits, Seed seed);

}  // namespace perennial
