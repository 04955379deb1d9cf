#include "lift/story.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"

namespace perennial {
namespace {

std::string points(double share) {
  const std::string number = fixed(100 * std::abs(share), 1);
  return number + (number == "1.0" ? " point" : " points");
}

std::string signed_points(double share) {
  return (share < 0 ? "-" : "+") + fixed(100 * std::abs(share), 1);
}

std::string interval(const LiftGroup& g, const LiftOptions& options) {
  return fmt::format("{} % interval {} to {}", number_text(100 * (1 - options.alpha)),
                     signed_points(g.lift.low), signed_points(g.lift.high));
}

std::string enough(const LiftGroup& g) {
  constexpr int64_t kTooMany = 1'000'000'000;
  if (g.more == 0 || g.more >= kTooMany) return "No number of customers at hand would tell.";
  return fmt::format("About {} more (offered and controls in the same shares) would tell.",
                     counted(g.more, "customer"));
}

}  // namespace

std::string lift_sentence(const LiftGroup& g, const LiftOptions& options) {
  switch (g.answer) {
    case LiftAnswer::kWorked:
      return fmt::format(
          "It worked: the wanted outcome came {} more often than without the offer "
          "({}).",
          points(g.lift.value), interval(g, options));
    case LiftAnswer::kHarmed:
      return fmt::format(
          "It did harm: the wanted outcome came {} less often than without the "
          "offer ({}).",
          points(g.lift.value), interval(g, options));
    case LiftAnswer::kDidNot:
      return fmt::format(
          "It did not work: if the offer changes anything, then by less than the {} "
          "that were worth seeing ({}).",
          points(g.smallest_effect), interval(g, options));
    case LiftAnswer::kNotYet:
      return fmt::format("It cannot be told yet ({}). {}", interval(g, options), enough(g));
    case LiftAnswer::kNotDrawn:
      return "Nothing can be said: the groups are not as they were drawn.";
    case LiftAnswer::kNoControl:
      break;
  }
  return "Nothing can be compared: a group without an offer, or with one, is missing.";
}

}  // namespace perennial
