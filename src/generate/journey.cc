#include "generate/journey.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "generate/journey_people.h"
#include "generate/sheet.h"

namespace perennial {
namespace {

constexpr int64_t kMost = 10'000'000;

void check(const JourneyOptions& options) {
  const auto bounded = [](const char* where, int64_t n, int64_t least, const char* what) {
    if (n >= least && n <= kMost) return;
    throw Error(ErrorCode::kUsage, where,
                fmt::format("{} from {} to {}, not {}", what, least, grouped(kMost), grouped(n)));
  };
  bounded("--customers", options.customers, 1, "the number of customers is");
  bounded("--visits", options.visits, 0, "the number of visits is");
  if (options.period < 1 || options.period > 20) {
    throw Error(ErrorCode::kUsage, "--period",
                fmt::format("the period is from 1 to 20, not {}", options.period));
  }
}

// 2025-03-01 of the day of the year, from 0; years here have 365 days from 2025 on.
std::string date_of(int year, int day) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  size_t month = 0;
  while (day >= kDays[month]) day -= kDays[month++];
  return fmt::format("{:04}-{:02}-{:02}", year, month + 1, day + 1);
}

std::string set_text(std::span<const uint8_t> members, const auto& names) {
  std::string out;
  for (const uint8_t m : members) {
    if (!out.empty()) out += '|';
    out += names[m];
  }
  return out;
}

// What dirt does to the cells of one row: a few draws a row, whatever they decide.
class Dirt {
 public:
  Dirt(bool on, Seed seed) : rng_(seed), on_(on) {}
  bool strikes(double rate) { return on_ && rng_.bernoulli(rate); }
  size_t below(size_t n) { return rng_.below(n); }

 private:
  Rng rng_;
  bool on_;
};

std::string spoilt_email(Dirt& dirt, std::string email) {
  if (dirt.strikes(0.02)) {
    for (char& c : email) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  if (dirt.strikes(0.01)) email += ' ';
  return email;
}

std::string visits_file(const Journey& journey, const JourneyOptions& options) {
  constexpr std::array<std::string_view, 8> kHeader = {"address", "date",    "email",    "route",
                                                       "scroll",  "seconds", "referrer", "device"};
  Sheet sheet({}, kHeader, false);
  Dirt dirt(options.dirty, options.seed.child("dirty visits"));
  for (const JourneyVisit& v : journey.visits) {
    const bool twice = dirt.strikes(0.004);
    const std::string email =
        v.user < 0 ? "" : spoilt_email(dirt, journey.users[static_cast<size_t>(v.user)].email);
    const bool percent = dirt.strikes(0.003);
    const bool unknown = dirt.strikes(0.006);
    for (int copy = twice ? 2 : 1; copy > 0; --copy) {
      sheet.text(
          fmt::format("10.{}.{}.{}", v.address >> 16, v.address >> 8 & 255, v.address & 255));
      sheet.text(date_of(2024 + options.period, v.day));
      sheet.text(email);
      sheet.text(journey.routes[v.route]);
      sheet.number(percent ? v.scroll * 100 : v.scroll, 2);
      sheet.whole(unknown ? -1 : v.seconds);
      sheet.text(journey.referrers[v.referrer]);
      sheet.text(journey.devices[v.device]);
      sheet.end_row();
    }
  }
  return sheet.take();
}

struct ProfileCells {
  std::string birth_date, education, state;
};

ProfileCells cells_of(const Journey& journey, const JourneyUser& u, Dirt& dirt) {
  ProfileCells cells{.birth_date = date_of(u.birth_year, u.birth_day),
                     .education = std::string(kEducation[u.education]),
                     .state = journey.states[u.state]};
  if (dirt.strikes(0.004)) cells.birth_date = "1900-01-01";
  if (dirt.strikes(0.008)) cells.education = cells.education == "bachelor" ? "bachelorr" : "Master";
  if (dirt.strikes(0.02)) cells.state = "N/A";
  return cells;
}

std::string profiles_file(const Journey& journey, const JourneyOptions& options) {
  constexpr std::array<std::string_view, 9> kHeader = {"birth_date", "email",      "state",
                                                       "education",  "experience", "personality",
                                                       "interests",  "owned",      "purchases"};
  Sheet sheet({}, kHeader, false);
  Dirt dirt(options.dirty, options.seed.child("dirty profiles"));
  for (const JourneyUser& u : journey.users) {
    const ProfileCells cells = cells_of(journey, u, dirt);
    // One who registered anew: the same person and e-mail, another state.
    const bool again = dirt.strikes(0.04);
    for (int copy = again ? 2 : 1; copy > 0; --copy) {
      sheet.text(cells.birth_date);
      sheet.text(spoilt_email(dirt, u.email));
      sheet.text(copy == 1 ? cells.state : journey.states[dirt.below(journey.states.size())]);
      sheet.text(cells.education);
      sheet.text(kExperience[u.experience]);
      sheet.text(u.personality);
      sheet.text(set_text(u.interests, journey.interests));
      sheet.text(set_text(u.owned, kPackages));
      sheet.text(copy == 1 ? set_text(u.purchases, kPackages) : "");
      sheet.end_row();
    }
  }
  return sheet.take();
}

std::string truth_file(const Journey& journey) {
  constexpr std::array<std::string_view, 4> kHeader = {"question", "id", "class", "p"};
  Sheet sheet({}, kHeader, false);
  const auto row = [&](std::string_view question, std::string_view id, std::string_view name,
                       double p) {
    sheet.text(question);
    sheet.text(id);
    sheet.text(name);
    sheet.number(p, 6);
    sheet.end_row();
  };
  for (size_t i = 0; i < journey.visits.size(); ++i) {
    row("sign_up", std::to_string(i + 1), "yes", journey.visits[i].p);
  }
  for (const JourneyUser& u : journey.users) row("subscribe", u.email, "yes", u.p);
  for (const JourneyUser& u : journey.users) {
    for (size_t c = 0; c < kPackages.size(); ++c) {
      row("package", u.email, kPackages[c], u.package_p[c]);
    }
  }
  return sheet.take();
}

}  // namespace

JourneyFiles journey_files(const JourneyOptions& options) {
  check(options);
  Heuristics heuristics = journey_heuristics();
  if (!options.heuristics.empty()) heuristics.change(options.heuristics, options.heuristics_file);
  if (options.drift) heuristics = heuristics.drifted();
  const int64_t visits = options.visits > 0 ? options.visits : 5 * options.customers;
  const Journey journey =
      draw_journey(heuristics, static_cast<size_t>(options.customers), static_cast<size_t>(visits),
                   options.seed.child("period").child(static_cast<uint64_t>(options.period)));
  return {.visits = visits_file(journey, options),
          .profiles = profiles_file(journey, options),
          .truth = truth_file(journey)};
}

void generate_journey(const JourneyOptions& options, const fs::path& folder) {
  const JourneyFiles files = journey_files(options);
  std::error_code failed;
  fs::create_directories(folder, failed);
  write_file(folder / "visits.csv", files.visits);
  write_file(folder / "profiles.csv", files.profiles);
  write_file(folder / "truth.csv", files.truth);
}

std::string journey_heuristics_text() { return journey_heuristics().to_toml(); }

}  // namespace perennial
