#include "generate/journey_people.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"

namespace perennial {
namespace {

constexpr int kDaysOfYear = 365;
constexpr std::array<int, 12> kMonthEnds = {31,  59,  90,  120, 151, 181,
                                            212, 243, 273, 304, 334, 365};

double chance(double log_odds) { return 1.0 / (1.0 + std::exp(-log_odds)); }

// Draws an index in proportion to weights.
class Lottery {
 public:
  explicit Lottery(const std::vector<double>& weights) : up_to_(weights.size()) {
    std::partial_sum(weights.begin(), weights.end(), up_to_.begin());
  }
  size_t draw(Rng& rng) const {
    const double at = rng.uniform() * up_to_.back();
    const auto found = std::upper_bound(up_to_.begin(), up_to_.end() - 1, at);
    return static_cast<size_t>(found - up_to_.begin());
  }

 private:
  std::vector<double> up_to_;
};

// What a visit is like and whether it ends with a sign-up.
class VisitSource {
 public:
  explicit VisitSource(const Heuristics& h)
      : referrer_(h.values("share.referrer")),
        device_(h.values("share.device")),
        route_(h.values("share.route")),
        by_referrer_(h.values("sign_up.referrer")),
        by_device_(h.values("sign_up.device")),
        by_month_(h.values("sign_up.month")),
        intercept_(h.at("sign_up", "intercept")),
        scroll_(h.at("sign_up", "scroll")),
        seconds_(h.at("sign_up", "seconds")) {
    for (const std::string& route : h.keys("share.route")) {
      double sum = 0;
      for (const std::string& page : split(route, '|')) sum += h.at("sign_up.page", page);
      by_route_.push_back(sum);
    }
  }

  JourneyVisit draw(Rng& rng) const {
    JourneyVisit v;
    v.day = static_cast<int>(rng.below(kDaysOfYear));
    v.address = static_cast<uint32_t>(rng.below(1U << 24));
    v.referrer = static_cast<uint8_t>(referrer_.draw(rng));
    v.device = static_cast<uint8_t>(device_.draw(rng));
    v.route = static_cast<uint8_t>(route_.draw(rng));
    v.scroll = std::round(100 * std::clamp(0.5 + 0.26 * rng.normal(), 0.0, 1.0)) / 100;
    const double spent = 4.1 + 0.9 * rng.normal() + 0.6 * (v.scroll - 0.5);
    v.seconds = std::clamp<int64_t>(std::llround(std::exp(spent)), 2, 3600);
    const auto month = std::upper_bound(kMonthEnds.begin(), kMonthEnds.end(), v.day);
    v.p = chance(intercept_ + by_referrer_[v.referrer] + by_device_[v.device] + by_route_[v.route] +
                 by_month_[static_cast<size_t>(month - kMonthEnds.begin())] +
                 scroll_ * (v.scroll - 0.5) +
                 seconds_ * std::log2(static_cast<double>(v.seconds) / 60));
    return v;
  }

 private:
  Lottery referrer_, device_, route_;
  std::vector<double> by_referrer_, by_device_, by_month_, by_route_;
  double intercept_, scroll_, seconds_;
};

class UserSource {
 public:
  explicit UserSource(const Heuristics& h)
      : h_(h),
        by_state_(h.values("subscribe.state")),
        by_interest_(h.values("subscribe.interest")) {
    for (const std::string_view name : kPackages) {
      const std::string section = "package." + std::string(name);
      Utility u{.intercept = h.at(section, "intercept"),
                .education = h.at(section, "education"),
                .experience = h.at(section, "experience")};
      for (const std::string& interest : h.keys("subscribe.interest")) {
        u.interest.push_back(h.at(section, interest));
      }
      utility_.push_back(std::move(u));
    }
  }

  JourneyUser draw(Rng& rng) const {
    static const Lottery kEducationLevel({45, 35, 15, 5});
    static const Lottery kExperienceLevel({35, 35, 20, 10});
    static const Lottery kNumberOfInterests({25, 40, 25, 10});
    JourneyUser u;
    u.birth_year = 1960 + static_cast<int>(rng.below(48));
    u.birth_day = static_cast<int>(rng.below(kDaysOfYear));
    u.state = static_cast<uint8_t>(rng.below(by_state_.size()));
    u.education = static_cast<uint8_t>(kEducationLevel.draw(rng));
    u.experience = static_cast<uint8_t>(kExperienceLevel.draw(rng));
    for (const std::string_view pair : {"EI", "NS", "FT", "JP"})
      u.personality += pair[rng.below(2)];
    u.interests = some_of(by_interest_.size(), 1 + kNumberOfInterests.draw(rng), rng);
    const bool owns = rng.bernoulli(h_.at("purchases", "owned"));
    const double which = rng.uniform();
    if (owns) u.owned.push_back(pick(package_shares(u), which));
    u.package_p = package_shares(u);
    return u;
  }

  // After the visits are known. `use_minutes` false: as if the mean of them were spent.
  void settle(JourneyUser& u, bool use_minutes, int year, Rng& rng) const {
    const double decades = (year - u.birth_year - 35) / 10.0;
    double odds = h_.at("subscribe", "intercept") + h_.at("subscribe", "age") * decades +
                  h_.at("subscribe", "age_squared") * decades * decades +
                  h_.at("subscribe", "education") * u.education +
                  h_.at("subscribe", "experience") * u.experience + by_state_[u.state];
    for (const char letter : u.personality) {
      odds += h_.at("subscribe.personality", std::string_view(&letter, 1));
    }
    for (const uint8_t i : u.interests) odds += by_interest_[i];
    constexpr double kUsualMinutes = 3;
    const double minutes = use_minutes ? u.minutes : kUsualMinutes;
    u.p = chance(odds + h_.at("subscribe", "minutes") * std::log2(1 + minutes));
    // Six draws a user, whatever they decide.
    const bool buys = rng.bernoulli(u.p);
    const bool second = rng.bernoulli(h_.at("purchases", "second"));
    const bool third = rng.bernoulli(h_.at("purchases", "third"));
    auto left = u.package_p;
    const size_t count = !buys ? 0 : !second ? 1 : !third ? 2 : 3;
    for (size_t i = 0; i < 3; ++i) {
      const double at = rng.uniform();
      if (i >= count) continue;
      u.purchases.push_back(pick(left, at));
      left[u.purchases.back()] = 0;
    }
    std::sort(u.purchases.begin(), u.purchases.end());
  }

 private:
  struct Utility {
    double intercept = 0, education = 0, experience = 0;
    std::vector<double> interest;
  };
  using Shares = std::array<double, kPackages.size()>;

  // exp(utility) in shares of 1; nothing for what the user owns.
  Shares package_shares(const JourneyUser& u) const {
    Shares p{};
    double sum = 0;
    for (size_t c = 0; c < p.size(); ++c) {
      if (std::find(u.owned.begin(), u.owned.end(), c) != u.owned.end()) continue;
      double value = utility_[c].intercept + utility_[c].education * u.education +
                     utility_[c].experience * u.experience;
      for (const uint8_t i : u.interests) value += utility_[c].interest[i];
      sum += p[c] = std::exp(value);
    }
    for (double& share : p) share /= sum;
    return p;
  }

  static uint8_t pick(const Shares& weights, double at) {
    double left = at * std::accumulate(weights.begin(), weights.end(), 0.0);
    size_t last = 0;
    for (size_t c = 0; c < weights.size(); ++c) {
      if (weights[c] <= 0) continue;
      last = c;
      if ((left -= weights[c]) < 0) break;
    }
    return static_cast<uint8_t>(last);
  }

  static std::vector<uint8_t> some_of(size_t all, size_t count, Rng& rng) {
    std::vector<uint8_t> out(all);
    std::iota(out.begin(), out.end(), uint8_t{0});
    rng.shuffle(out);
    out.resize(count);
    std::sort(out.begin(), out.end());
    return out;
  }

  const Heuristics& h_;
  std::vector<double> by_state_, by_interest_;
  std::vector<Utility> utility_;
};

void give_emails(std::vector<JourneyUser>& users, Seed seed) {
  std::vector<size_t> numbers(users.size());
  std::iota(numbers.begin(), numbers.end(), size_t{10'000});
  Rng rng(seed);
  rng.shuffle(numbers);
  // The seed's own mark: people of another period are others.
  const uint64_t mark = seed.value % 1'000'000;
  for (size_t i = 0; i < users.size(); ++i) {
    users[i].email = fmt::format("user{}.{:06}@example.org", numbers[i], mark);
  }
}

// Each sign-up becomes a visit of somebody.
void assign_visits(Journey& journey, const std::vector<double>& weights, Seed seed) {
  const Lottery whose(weights);
  Rng rng(seed);
  for (JourneyVisit& v : journey.visits) {
    if (v.user < 0) continue;
    v.user = static_cast<int64_t>(whose.draw(rng));
    journey.users[static_cast<size_t>(v.user)].minutes += static_cast<double>(v.seconds) / 60;
  }
}

}  // namespace

Journey draw_journey(const Heuristics& h, size_t users, size_t visits, Seed seed) {
  Journey journey{.routes = h.keys("share.route"),
                  .referrers = h.keys("share.referrer"),
                  .devices = h.keys("share.device"),
                  .states = h.keys("subscribe.state"),
                  .interests = h.keys("subscribe.interest")};
  const VisitSource visit_source(h);
  Rng visit_rng(seed.child("visits"));
  for (size_t i = 0; i < visits; ++i) {
    JourneyVisit v = visit_source.draw(visit_rng);
    if (visit_rng.bernoulli(v.p)) v.user = 0;  // whose, is decided below
    journey.visits.push_back(v);
  }
  std::stable_sort(journey.visits.begin(), journey.visits.end(),
                   [](const JourneyVisit& a, const JourneyVisit& b) { return a.day < b.day; });

  const UserSource user_source(h);
  Rng user_rng(seed.child("users"));
  std::vector<double> weights(users);
  for (size_t i = 0; i < users; ++i) {
    journey.users.push_back(user_source.draw(user_rng));
    weights[i] = std::exp(h.at("visits", "of_user") * user_rng.normal());
  }
  give_emails(journey.users, seed.child("emails"));

  constexpr int kYear = 2025;
  const double after = h.at("visits", "after_purchase");
  Rng purchase_rng(seed.child("purchases"));
  const auto settle = [&] {
    for (JourneyUser& u : journey.users) user_source.settle(u, after == 0, kYear, purchase_rng);
  };
  if (after == 0) {
    assign_visits(journey, weights, seed.child("whose"));
    settle();
  } else {
    settle();
    for (size_t i = 0; i < users; ++i) {
      if (!journey.users[i].purchases.empty()) weights[i] *= std::exp(after);
    }
    assign_visits(journey, weights, seed.child("whose"));
  }
  return journey;
}

}  // namespace perennial
