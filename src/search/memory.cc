#include "search/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/error.h"
#include "base/lanes.h"
#include "base/text.h"
#include "learn/all_learners.h"

namespace perennial {
namespace {

// How rows are digested; a model's memory made in another way cannot be compared with rows.
constexpr const char* kDigestForm = "2";

// Two independent hashes of the same words: one alone would be too short for millions of values.
class Digest {
 public:
  void add(uint64_t word) {
    a_ = hash_mix(a_, word);
    b_ = hash_mix(word, b_);
  }
  void add(std::string_view text) {
    add(hash_bytes(text));
    add(hash_bytes(text, text.size()));
  }
  void add(const Column& column) {
    add_all(column.numbers.size(), [&](size_t i) {
      const double v = column.numbers[i];
      return std::bit_cast<uint64_t>(std::isnan(v) ? kMissing : v);
    });
    std::vector<uint64_t> words;  // codes are in any order: the texts count
    for (const std::string& text : column.dictionary) words.push_back(hash_bytes(text));
    add_all(column.codes.size(), [&](size_t i) {
      const int32_t code = column.codes[i];
      return code < 0 ? uint64_t{0} : words[static_cast<size_t>(code)];
    });
  }
  // n words: every fourth goes into a lane of its own, so that none waits for the one before it.
  void add_all(size_t n, const auto& word) {
    constexpr size_t kLanes = 4;
    constexpr uint64_t kA = 0x9e3779b97f4a7c15ULL, kB = 0xd6e8feb86659fd93ULL;
    std::array<uint64_t, kLanes> a{1, 2, 3, 4}, b{5, 6, 7, 8};
    const auto take = [&](size_t lane, uint64_t w) {
      a[lane] = (a[lane] ^ w) * kA;
      a[lane] ^= a[lane] >> 32;
      b[lane] = (b[lane] + w) * kB;
      b[lane] ^= b[lane] >> 29;
    };
    in_lanes<kLanes>(n, [&](size_t lane, size_t i) { take(lane, word(i)); });
    add(n);
    for (size_t lane = 0; lane < kLanes; ++lane) {
      a_ = hash_mix(a_, a[lane]);
      b_ = hash_mix(b[lane], b_);
    }
  }
  std::string text() const { return fmt::format("{:016x}{:016x}", a_, b_); }

 private:
  uint64_t a_ = 1, b_ = 2;
};

std::map<std::string, std::string> digests_of(const TrainingRows& rows) {
  const FeatureTable& table = rows.table;
  Digest customers, columns, values, target, folds;
  customers.add_all(table.ids.size(), [&](size_t i) { return hash_bytes(table.ids[i]); });
  for (const Column& column : table.features) {
    columns.add(column.name);
    columns.add(to_string(column.type));
    values.add(column);
  }
  target.add(table.target_name);
  for (const std::string& name : table.classes) target.add(name);
  target.add_all(table.y.size(), [&](size_t i) { return static_cast<uint64_t>(table.y[i]); });
  folds.add(static_cast<uint64_t>(rows.folds));
  folds.add_all(rows.fold.size(), [&](size_t i) { return static_cast<uint64_t>(rows.fold[i]); });
  return {{"form", kDigestForm},     {"customers", customers.text()}, {"columns", columns.text()},
          {"values", values.text()}, {"target", target.text()},       {"folds", folds.text()}};
}

Json asked_of(const SearchOptions& options) {
  Json learners = Json::object(), order = Json::object();
  for (const LearnerSpace& space : options.spaces) {
    Json& values = learners[space.learner] = Json::object();
    for (const auto& [name, all] : space.values) {
      values[name] = Json::array();
      for (const ParamValue& v : all) values[name].push_back(to_json(v));
    }
  }
  for (const auto& [column, categories] : options.category_order) order[column] = categories;
  return {{"method", options.method},
          {"metric", options.metric},
          {"ensemble", options.ensemble},
          {"stacking", options.stacking},
          {"calibration", options.calibration},
          {"learners", learners},
          {"order", order}};
}

// Of `values` those that `first` has otherwise.
Json changed(const Params& values, const Params& first) {
  Json out = Json::object();
  for (const auto& [name, value] : values.values()) {
    const auto same = first.values().find(name);
    if (same == first.values().end() || same->second != value) out[name] = to_json(value);
  }
  return out;
}

Params restored(std::span<const ParamSpec> specs, const Json& changes, const Params& first) {
  Json whole = to_json(first);
  whole.update(changes);
  return params_from_json(specs, whole);
}

Trial trial_from(const Json& json, std::map<std::string, Trial>& first, size_t number,
                 const std::string& where) {
  Trial trial{.learner = json.at("learner").get<std::string>(), .number = number};
  const Learner& learner = learner_named(trial.learner, where);
  const Trial& like = first.try_emplace(trial.learner).first->second;
  trial.params = restored(learner.params(), json.at("params"), like.params);
  trial.prep_params = restored(pipeline_params(learner), json.at("prep"), like.prep_params);
  for (const Json& score : json.at("folds")) {
    trial.fold_scores.push_back(score.is_null() ? std::nan("") : score.get<double>());
  }
  trial.complete = std::none_of(trial.fold_scores.begin(), trial.fold_scores.end(),
                                [](double s) { return std::isnan(s); });
  if (like.learner.empty()) first[trial.learner] = trial;
  return trial;
}

std::string listed_differences(const Json& a, const Json& b) {
  std::vector<std::string> names;
  for (const auto& [name, value] : a.items()) {
    if (!b.contains(name) || b.at(name) != value) names.push_back(name);
  }
  return join(names, ", ");
}

}  // namespace

SearchMemory remember(const SearchResult& result, const TrainingRows& rows,
                      const SearchOptions& options) {
  SearchMemory out{.asked = asked_of(options),
                   .rows = digests_of(rows),
                   .budget_seconds = options.budget_seconds,
                   .trials = options.trials,
                   .rounds = result.plan.rounds,
                   .cut = result.plan.cut,
                   .tried = {}};
  for (const Trial& t : result.trials) {
    if (t.learner != kEnsemble) out.tried.push_back(t);
  }
  std::stable_sort(out.tried.begin(), out.tried.end(),
                   [](const Trial& a, const Trial& b) { return a.number < b.number; });
  return out;
}

Json to_json(const SearchMemory& memory) {
  Json tried = Json::array();
  std::map<std::string, Trial> first;
  for (const Trial& t : memory.tried) {
    const Trial& like = first.try_emplace(t.learner).first->second;
    Json scores = Json::array();
    for (const double s : t.fold_scores) scores.push_back(std::isnan(s) ? Json() : Json(s));
    tried.push_back({{"learner", t.learner},
                     {"params", changed(t.params, like.params)},
                     {"prep", changed(t.prep_params, like.prep_params)},
                     {"folds", std::move(scores)}});
    if (like.learner.empty()) first[t.learner] = t;
  }
  return {{"asked", memory.asked},    {"rows", memory.rows},     {"budget", memory.budget_seconds},
          {"trials", memory.trials},  {"rounds", memory.rounds}, {"cut", memory.cut},
          {"tried", std::move(tried)}};
}

SearchMemory search_memory_from_json(const Json& json, const std::string& where) {
  try {
    SearchMemory out{.asked = json.at("asked"),
                     .rows = json.at("rows").get<std::map<std::string, std::string>>(),
                     .budget_seconds = json.at("budget").get<double>(),
                     .trials = json.at("trials").get<int64_t>(),
                     .rounds = json.at("rounds").get<int>(),
                     .cut = json.at("cut").get<std::string>(),
                     .tried = {}};
    std::map<std::string, Trial> first;
    for (const Json& t : json.at("tried")) {
      out.tried.push_back(trial_from(t, first, out.tried.size(), where));
    }
    return out;
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorCode::kData, where,
                fmt::format("the model file is damaged: its search cannot be read ({})", e.what()),
                "Copy it again from where it was made");
  }
}

void check_same_search(const SearchMemory& memory, const TrainingRows& rows,
                       const SearchOptions& options, const std::string& where) {
  const char* hint = "Give the study, the data and the seed of that search, or start a new one";
  const Json asked = asked_of(options);
  const std::string keys = listed_differences(asked, memory.asked);
  if (!keys.empty()) {
    throw Error(ErrorCode::kStudy, where,
                "the study asks for another search than the model's: " + keys + " changed", hint);
  }
  const auto form = memory.rows.find("form");
  if (form == memory.rows.end() || form->second != kDigestForm) {
    throw Error(ErrorCode::kStudy, where,
                "another version of the program noted the rows of this model's search in its own "
                "way, so that they cannot be compared",
                "Start a new search");
  }
  const std::string parts = listed_differences(Json(digests_of(rows)), Json(memory.rows));
  if (!parts.empty()) {
    throw Error(ErrorCode::kStudy, where,
                "the training rows are not those of the model's search: " + parts + " changed",
                hint);
  }
}

}  // namespace perennial
