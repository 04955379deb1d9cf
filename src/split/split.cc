#include "split/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

// Rows that stay together: copies of one customer, mostly just one row.
struct Unit {
  std::span<const uint32_t> rows;
  std::string_view first_id;  // its hash decides, and it breaks ties of the hash
};

struct Units {
  std::vector<uint32_t> rows;  // that the units point into
  std::vector<Unit> units;
};

// A unit's place among others. `row`: of a unit of one row, which most are; else kSeveral.
constexpr uint32_t kSeveral = UINT32_MAX;
struct Place {
  uint64_t hash = 0;
  uint32_t unit = 0;
  uint32_t row = 0;
};

// By hash, then by id. Hashes are spread evenly, so as many boxes as units, by their first bits,
// leave next to nothing to sort.
void sort_places(std::vector<Place>& places, const std::vector<Unit>& units) {
  if (places.empty()) return;
  const int shift = 64 - std::max(1, static_cast<int>(std::bit_width(places.size())));
  std::vector<uint32_t> ends(size_t{1} << (64 - shift), 0);
  for (const Place& place : places) ++ends[place.hash >> shift];
  uint32_t before = 0;
  for (uint32_t& end : ends) end = std::exchange(before, before + end);
  std::vector<Place> placed(places.size());
  for (const Place& place : places) placed[ends[place.hash >> shift]++] = place;
  uint32_t begin = 0;
  for (const uint32_t end : ends) {
    if (end - begin > 1) {
      std::sort(placed.begin() + begin, placed.begin() + end, [&](const Place& a, const Place& b) {
        return a.hash != b.hash ? a.hash < b.hash : units[a.unit].first_id < units[b.unit].first_id;
      });
    }
    begin = end;
  }
  places = std::move(placed);
}

// The units in the order of their hashes. A hash comes from the smallest id in a unit, not from its
// number or place: rows that come or go elsewhere change nothing here.
std::vector<Place> in_order(const std::vector<Unit>& units, Seed seed, const Workers& workers) {
  std::vector<Place> places(units.size());
  workers.run_blocks(units.size(), 8192, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      places[i] = {.hash = seed.child(units[i].first_id).value,
                   .unit = static_cast<uint32_t>(i),
                   .row = units[i].rows.size() == 1 ? units[i].rows[0] : kSeveral};
    }
  });
  sort_places(places, units);
  return places;
}

// Groups are numbered by rows, mostly, so that each has a box of its own.
void sort_by_group(std::vector<uint32_t>& rows, std::span<const uint32_t> group) {
  const auto by_group = [&](uint32_t a, uint32_t b) { return group[a] < group[b]; };
  if (std::is_sorted(rows.begin(), rows.end(), by_group)) return;
  const size_t boxes = size_t{1} + *std::max_element(group.begin(), group.end());
  if (boxes > 4 * group.size()) {
    std::stable_sort(rows.begin(), rows.end(), by_group);
    return;
  }
  std::vector<uint32_t> ends(boxes, 0), sorted(rows.size());
  for (const uint32_t row : rows) ++ends[group[row]];
  uint32_t before = 0;
  for (uint32_t& end : ends) end = std::exchange(before, before + end);
  for (const uint32_t row : rows) sorted[ends[group[row]]++] = row;
  rows = std::move(sorted);
}

Units units_of(const FeatureTable& table, std::vector<uint32_t> rows,
               std::span<const uint32_t> group) {
  Units result{.rows = std::move(rows), .units = {}};
  sort_by_group(result.rows, group);
  result.units.reserve(result.rows.size());
  const std::span<const uint32_t> all = result.rows;
  for (size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    Unit unit{.rows = {}, .first_id = table.ids[all[begin]]};
    for (end = begin + 1; end < all.size() && group[all[end]] == group[all[begin]]; ++end) {
      unit.first_id = std::min<std::string_view>(unit.first_id, table.ids[all[end]]);
    }
    unit.rows = all.subspan(begin, end - begin);
    result.units.push_back(unit);
  }
  return result;
}

// How many rows of each class each part is to get: room[part][class].
using Room = std::vector<std::vector<int64_t>>;

// Rows of a class up to the end of each part, rounded; the differences are the parts' rooms.
std::vector<int64_t> rooms(int64_t rows, std::span<const double> shares) {
  std::vector<int64_t> result;
  double share = 0;
  int64_t before = 0;
  for (const double s : shares) {
    share += s;
    const int64_t end = std::llround(static_cast<double>(rows) * share);
    result.push_back(end - before);
    before = end;
  }
  return result;
}

bool take_room(const Unit& unit, const std::vector<int32_t>& cls, std::vector<int64_t>& room) {
  std::vector<int64_t> left = room;
  for (const uint32_t row : unit.rows) {
    if (--left[static_cast<size_t>(cls[row])] < 0) return false;
  }
  room = std::move(left);
  return true;
}

// Part of every row, in two steps. Copies of a customer go where their own hash says, or to the
// next part with room for all of them (the last resort is the roomiest). Single rows then fill the
// parts one after another in the order of their hashes, each class for itself: so the counts are
// exact, and a few new rows only shift the borders between the parts by a few places.
std::vector<int32_t> allot(const std::vector<Unit>& units, const std::vector<Place>& order,
                           const std::vector<int32_t>& cls, std::span<const double> shares,
                           Room room) {
  std::vector<int32_t> part(cls.size(), -1);
  const size_t parts = shares.size(), classes = room[0].size();
  const auto assign = [&](const Unit& unit, size_t p) {
    for (const uint32_t row : unit.rows) part[row] = static_cast<int32_t>(p);
  };
  for (const Place& place : order) {
    if (place.row != kSeveral) continue;
    const Unit& unit = units[place.unit];
    double u = static_cast<double>(place.hash >> 11) * 0x1.0p-53;
    size_t first = 0;
    while (first + 1 < parts && u >= shares[first]) u -= shares[first++];
    size_t tried = 0;
    while (tried < parts && !take_room(unit, cls, room[(first + tried) % parts])) ++tried;
    if (tried < parts) {
      assign(unit, (first + tried) % parts);
      continue;
    }
    size_t best = 0;  // a crowd that fits nowhere: where its scarcest class has most room
    const auto least_room = [&](size_t p) {
      int64_t least = std::numeric_limits<int64_t>::max();
      for (const uint32_t row : unit.rows) {
        least = std::min(least, room[p][static_cast<size_t>(cls[row])]);
      }
      return least;
    };
    for (size_t p = 1; p < parts; ++p) {
      if (least_room(p) > least_room(best)) best = p;
    }
    for (const uint32_t row : unit.rows) --room[best][static_cast<size_t>(cls[row])];
    assign(unit, best);
  }
  std::vector<size_t> at(classes, 0);
  for (const Place& place : order) {
    if (place.row == kSeveral) continue;
    const auto c = static_cast<size_t>(cls[place.row]);
    while (at[c] + 1 < parts && room[at[c]][c] <= 0) ++at[c];
    --room[at[c]][c];
    part[place.row] = static_cast<int32_t>(at[c]);
  }
  return part;
}

struct Classes {
  std::vector<int32_t> of_row;  // from 0; rows of unknown class are a class of their own
  std::vector<int64_t> rows;
};

Classes classes_of(const FeatureTable& table, std::span<const uint32_t> rows) {
  Classes result;
  result.of_row.assign(table.rows(), 0);
  result.rows.assign(table.classes.size() + 1, 0);
  for (const uint32_t row : rows) {
    const int32_t y = table.y[row];
    const auto c = y < 0 ? table.classes.size() : static_cast<size_t>(y);
    result.of_row[row] = static_cast<int32_t>(c);
    ++result.rows[c];
  }
  return result;
}

Room room_of(const Classes& classes, std::span<const double> shares, bool at_least_one) {
  Room room(shares.size(), std::vector<int64_t>(classes.rows.size(), 0));
  for (size_t c = 0; c < classes.rows.size(); ++c) {
    auto counts = rooms(classes.rows[c], shares);
    for (size_t p = 0; at_least_one && p + 1 < shares.size(); ++p) {
      if (shares[p] > 0 && counts[p] == 0 && counts.back() > 0) {
        ++counts[p];
        --counts.back();
      }
    }
    for (size_t p = 0; p < shares.size(); ++p) room[p][c] = counts[p];
  }
  return room;
}

void check(const FeatureTable& table, std::span<const uint32_t> group,
           const SplitOptions& options) {
  PERENNIAL_CHECK(group.size() == table.rows() && table.y.size() == table.rows());
  const bool sound = options.test > 0 && options.validation >= 0 &&
                     options.test + options.validation < 1 && options.folds >= 2;
  if (!sound) {
    throw Error(ErrorCode::kStudy, "validation",
                fmt::format("test = {}, validation = {} and folds = {} leave nothing to learn from",
                            options.test, options.validation, options.folds),
                "test must be above 0, test and validation together below 1, folds at least 2");
  }
}

void check_classes(const FeatureTable& table, const std::vector<int64_t>& all,
                   const std::vector<int64_t>& training, int folds) {
  for (size_t c = 0; c < table.classes.size(); ++c) {
    if (all[c] >= folds + 1 && training[c] >= folds) continue;
    throw Error(
        ErrorCode::kData, "target " + quoted(table.target_name),
        fmt::format("the class {} has {}, {} of them to learn from: too few for {} folds "
                    "and test rows",
                    quoted(table.classes[c]), counted(all[c], "customer"), training[c], folds),
        table.classes.size() == 2
            ? "use fewer folds, a smaller test share, or more data"
            : "use fewer folds, join rare classes by a repair (replace), or use more data");
  }
}

// A unit at its place in time.
struct TimedUnit {
  const Unit* unit;
  double time;  // of its latest row
};

std::vector<TimedUnit> in_time(const std::vector<Unit>& units, const std::vector<Place>& order,
                               std::span<const double> time) {
  std::vector<TimedUnit> out;
  for (const Place& place : order) {
    const Unit& unit = units[place.unit];
    double latest = time[unit.rows[0]];
    for (const uint32_t row : unit.rows) latest = std::max(latest, time[row]);
    out.push_back({&unit, latest});
  }
  std::sort(out.begin(), out.end(), [](const TimedUnit& a, const TimedUnit& b) {
    return a.time != b.time ? a.time < b.time : a.unit->first_id < b.unit->first_id;
  });
  return out;
}

// Part of every row: the first share of the rows in time is part 0, and so on. A border lies
// between two times, where it is nearest to the share (the earlier of two that are).
std::vector<int32_t> allot_in_time(const std::vector<TimedUnit>& units, size_t rows,
                                   std::span<const double> shares) {
  size_t total = 0;
  for (const TimedUnit& t : units) total += t.unit->rows.size();
  std::vector<int32_t> part(rows, -1);
  size_t at = 0, before = 0;  // next unit; rows before it
  double share = 0;
  for (size_t p = 0; p < shares.size(); ++p) {
    share += shares[p];
    const double end = share * static_cast<double>(total);
    while (at < units.size()) {
      size_t next = at, count = 0;  // the units of the next time
      while (next < units.size() && units[next].time == units[at].time) {
        count += units[next++].unit->rows.size();
      }
      const double short_by = end - static_cast<double>(before);
      const double past_by = static_cast<double>(before + count) - end;
      if (p + 1 < shares.size() && past_by >= short_by) break;
      for (; at < next; ++at) {
        for (const uint32_t row : units[at].unit->rows) part[row] = static_cast<int32_t>(p);
      }
      before += count;
    }
  }
  return part;
}

// Rows of both sides must be able to tell something.
void check_test(const FeatureTable& table, const SplitPlan& plan) {
  std::vector<int64_t> test(table.classes.size(), 0);
  for (size_t row = 0; row < plan.role.size(); ++row) {
    if (plan.role[row] == Role::kTest && table.y[row] >= 0) {
      ++test[static_cast<size_t>(table.y[row])];
    }
  }
  const auto there = std::count_if(test.begin(), test.end(), [](int64_t n) { return n > 0; });
  if (there >= 2) return;
  throw Error(ErrorCode::kData, "target " + quoted(table.target_name),
              there == 0 ? "there are no test rows with a known outcome"
                         : "all test rows are of one class, so nothing can be told from them",
              "Take a larger test share, or another way of splitting");
}

// Roles by hash, by time, or as given.
void settle_roles(const FeatureTable& table, const std::vector<Unit>& units,
                  const std::vector<Place>& order, const Classes& classes,
                  const SplitOptions& options, const SplitGivens& givens, SplitPlan& plan) {
  const double train = 1 - options.test - options.validation;
  const auto assign = [&](const std::vector<int32_t>& part, const std::vector<Role>& roles) {
    for (size_t row = 0; row < part.size(); ++row) {
      plan.role[row] = roles[static_cast<size_t>(part[row])];
    }
  };
  if (!givens.role.empty()) {
    plan.role.assign(givens.role.begin(), givens.role.end());
    for (const Unit& unit : units) {
      plan.straddling += std::any_of(unit.rows.begin(), unit.rows.end(), [&](uint32_t row) {
        return plan.role[row] != plan.role[unit.rows[0]];
      });
    }
  } else if (!givens.time.empty()) {
    const auto [first, last] = std::ranges::minmax(givens.time);
    if (first == last) {
      throw Error(ErrorCode::kData, "the split by time",
                  "all rows are from the same time, so none is later than the others",
                  "Name a column that tells them apart, or split at random: leave out `time`");
    }
    const std::vector<double> shares = {train, options.validation, options.test};
    assign(allot_in_time(in_time(units, order, givens.time), table.rows(), shares),
           {Role::kTrain, Role::kValidation, Role::kTest});
    plan.test_from = std::numeric_limits<double>::infinity();
    for (size_t row = 0; row < plan.role.size(); ++row) {
      if (plan.role[row] == Role::kTest)
        plan.test_from = std::min(plan.test_from, givens.time[row]);
    }
  } else {
    const std::vector<double> shares = {options.test, options.validation, train};
    assign(allot(units, order, classes.of_row, shares, room_of(classes, shares, true)),
           {Role::kTest, Role::kValidation, Role::kTrain});
  }
}

}  // namespace

const char* to_string(Role role) {
  switch (role) {
    case Role::kTrain:
      return "train";
    case Role::kValidation:
      return "validation";
    case Role::kTest:
      break;
  }
  return "test";
}

std::vector<uint32_t> joined_groups(std::span<const uint32_t> a, std::span<const uint32_t> b) {
  PERENNIAL_CHECK(a.size() == b.size());
  std::vector<uint32_t> parent(a.size());
  std::iota(parent.begin(), parent.end(), 0U);
  const auto root = [&](uint32_t row) {
    while (parent[row] != row) row = parent[row] = parent[parent[row]];
    return row;
  };
  for (const std::span<const uint32_t> group : {a, b}) {
    std::map<uint32_t, uint32_t> first;
    for (uint32_t row = 0; row < group.size(); ++row) {
      const uint32_t one = root(first.try_emplace(group[row], row).first->second);
      const uint32_t two = root(row);
      parent[std::max(one, two)] = std::min(one, two);
    }
  }
  for (uint32_t row = 0; row < parent.size(); ++row) parent[row] = root(row);
  return parent;
}

SplitPlan plan_split(const FeatureTable& table, std::span<const uint32_t> group,
                     const SplitOptions& options, Seed seed, const SplitGivens& givens,
                     const Workers* workers) {
  check(table, group, options);
  PERENNIAL_CHECK(givens.time.empty() || givens.time.size() == table.rows());
  PERENNIAL_CHECK(givens.role.empty() || givens.role.size() == table.rows());
  std::vector<uint32_t> rows(table.rows()), training;
  std::iota(rows.begin(), rows.end(), 0U);

  SplitPlan plan;
  plan.folds = options.folds;
  plan.role.assign(table.rows(), Role::kTrain);
  plan.fold.assign(table.rows(), -1);

  const Classes classes = classes_of(table, rows);
  const Workers alone(1);
  const Workers& threads = workers == nullptr ? alone : *workers;
  Units whole = units_of(table, rows, group);
  std::vector<Place> by_fold;
  side_by_side(
      threads,
      [&] {
        const auto by_role = in_order(whole.units, seed.child("role"), threads);
        settle_roles(table, whole.units, by_role, classes, options, givens, plan);
      },
      [&] { by_fold = in_order(whole.units, seed.child("fold"), threads); });
  for (const uint32_t row : rows) {
    if (plan.role[row] == Role::kTrain) training.push_back(row);
  }

  const Classes learned = classes_of(table, training);
  check_classes(table, classes.rows, learned.rows, options.folds);
  if (!givens.role.empty() || !givens.time.empty()) check_test(table, plan);
  // A unit lies on one side, but where the sides were given: then its training rows are a unit.
  Units pieces;
  if (plan.straddling > 0) {
    pieces = units_of(table, training, group);
    by_fold = in_order(pieces.units, seed.child("fold"), threads);
  } else {
    pieces = std::move(whole);
    std::erase_if(by_fold, [&](const Place& place) {
      const uint32_t row = place.row == kSeveral ? pieces.units[place.unit].rows[0] : place.row;
      return plan.role[row] != Role::kTrain;
    });
  }
  const std::vector<double> even(static_cast<size_t>(options.folds), 1.0 / options.folds);
  const bool by_time = !givens.time.empty();
  const std::vector<int32_t> fold =
      by_time ? allot_in_time(in_time(pieces.units, by_fold, givens.time), table.rows(), even)
              : allot(pieces.units, by_fold, learned.of_row, even, room_of(learned, even, false));
  for (const uint32_t row : training) plan.fold[row] = fold[row];
  return plan;
}

SplitRows seal(const FeatureTable& table, const SplitPlan& plan, const Workers* workers) {
  PERENNIAL_CHECK(plan.role.size() == table.rows() && plan.fold.size() == table.rows());
  std::vector<uint32_t> training, validation, test;
  std::vector<int32_t> fold;
  for (uint32_t row = 0; row < table.rows(); ++row) {
    if (plan.role[row] == Role::kTrain) {
      training.push_back(row);
      fold.push_back(plan.fold[row]);
    } else {
      (plan.role[row] == Role::kTest ? test : validation).push_back(row);
    }
  }
  return {.training = {.table = table.take(training, workers),
                       .fold = std::move(fold),
                       .folds = plan.folds},
          .validation = table.take(validation, workers),
          .sealed = SealedRows(table.take(test, workers))};
}

TrainingRows unsealed(const FeatureTable& table, const SplitPlan& plan, const Workers* workers) {
  PERENNIAL_CHECK(plan.role.size() == table.rows() && plan.fold.size() == table.rows());
  std::vector<uint32_t> rows;
  TrainingRows out{.table = {}, .fold = {}, .folds = plan.folds};
  for (uint32_t row = 0; row < table.rows(); ++row) {
    if (plan.role[row] == Role::kTest) continue;
    rows.push_back(row);
    out.fold.push_back(plan.fold[row]);
  }
  out.table = table.take(rows, workers);
  return out;
}

}  // namespace perennial
