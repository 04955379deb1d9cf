// A made-up study site: visits, profiles and purchases of any number of people, with the true
// probability of each outcome, by heuristics that a user can read and change.
//
// Three outcomes. A visit ends with a sign-up (an e-mail is given) with a probability that the
// month, the referrer, the device, the route through the site, how far the page was scrolled and
// the time spent decide. Each visit that signed up belongs to a profile. A user subscribes (buys at
// least one study package) with a probability that the profile and the minutes of the user's
// visits decide. Which packages: one after another without repeats, in proportion to exp(utility),
// where interests and levels make the utility; a package that the user owns already is never bought
// again. Logistic and multinomial logit models: truth.csv holds their probabilities.
#pragma once

#include <cstdint>
#include <string>

#include "base/files.h"
#include "base/seed.h"

namespace perennial {

struct JourneyOptions {
  int64_t customers = 10'000;  // profiles, 1 .. 10,000,000
  int64_t visits = 0;          // 0: five a profile
  Seed seed;
  // As exports are: e-mails in other spellings and standing twice, misspelled levels, impossible
  // birth dates, seconds of -1, scroll shares as percentages, rows that stand twice.
  bool dirty = false;
  int period = 1;               // the year after 2024 that the visits are from; other people each
  bool drift = false;           // with the drifted numbers of the heuristics
  std::string heuristics;       // text of a TOML file that changes them; "" : as they are
  std::string heuristics_file;  // its name, for messages
};

// The files' texts.
//   visits    address, date, email (empty: no sign-up), route (pages as a set a|b), scroll (share),
//             seconds, referrer, device; by date
//   profiles  birth_date, email, state, education, experience, personality, interests (set), owned
//             (set: packages from before the period), purchases (set; empty: did not subscribe)
//   truth     question, id, class, p: sign_up of each visit (id: number of its row), subscribe and
//             package (of a first purchase) of each user (id: e-mail as in a clean file)
struct JourneyFiles {
  std::string visits, profiles, truth;
};

// Errors: kUsage for numbers out of bounds, kStudy for heuristics that cannot be (file and line).
JourneyFiles journey_files(const JourneyOptions& options);
// Writes visits.csv, profiles.csv and truth.csv into the folder, which is created where needed.
void generate_journey(const JourneyOptions& options, const fs::path& folder);
// The heuristics as a TOML file, with comments.
std::string journey_heuristics_text();

}  // namespace perennial
