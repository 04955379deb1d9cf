// Everything that scoring needs, in one versioned file. docs/model-format.md describes the bytes.
#pragma once

#include <optional>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "explain/reference.h"
#include "feature/plan.h"
#include "judge/money.h"
#include "judge/recommend.h"
#include "learn/pipeline.h"
#include "watch/picture.h"

namespace perennial {

struct Artifact {
  std::string program_version;
  std::string study_name, question;
  FeaturePlan plan;  // with its repairs
  std::string id_name, target_name;
  std::vector<std::string> classes;
  double threshold = 0.5;
  double base_rate = 0.5;
  std::optional<ContactPlan> contact;  // whom to contact, where the study chooses by share or money
  uint64_t seed = 0;
  Json read_options;  // how the study said the tables are to be read, by table name
  Json metrics;       // test figures at the time of training
  std::optional<RecommendPlan> recommend;  // several classes, ranked for each customer
  // What happened to the model since it was trained, oldest first: each an object with "event".
  Json history = Json::array();
  TrainingPicture picture;  // absent in files of programs that could not check
  Pipeline pipeline;
  Json search;                 // what was tried (search/memory.h); null in files that lack it
  ExplainReference reference;  // absent in files of programs that could not explain
};

// 1: one model with a plain preparation; 2: an ensemble, or a preparation that a program of format
// 1 would misread; 3: an ensemble of log odds, a plan with tables of events, what is recommended
// to whom, or parts of dates as columns.
inline constexpr uint32_t kModelFormat = 3;

// Bytes: magic, format, length and SHA-256 of the payload, JSON manifest, model bytes. The same
// artifact gives the same bytes.
std::string to_bytes(const Artifact& artifact);
// Errors (kData): not a model file, made by a newer program, truncated, damaged.
Artifact artifact_from_bytes(std::string_view bytes, const std::string& where);

void save(const Artifact& artifact, const fs::path& path);
Artifact load_artifact(const fs::path& path);

}  // namespace perennial
