#include "artifact/artifact.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace perennial {
namespace {

constexpr std::string_view kMagic = "PERENNIAL MODEL\n";

Json manifest_of(const Artifact& a) {
  Json m;
  m["program_version"] = a.program_version;
  m["study"] = a.study_name;
  m["question"] = a.question;
  m["id"] = a.id_name;
  m["target"] = a.target_name;
  m["classes"] = a.classes;
  m["threshold"] = a.threshold;
  m["base_rate"] = a.base_rate;
  m["seed"] = a.seed;
  m["plan"] = to_json(a.plan);
  m["read"] = a.read_options;
  m["metrics"] = a.metrics;
  m["learner"] = a.pipeline.learner;
  m["params"] = to_json(a.pipeline.params);
  m["prep_params"] = to_json(a.pipeline.prep_params);
  m["prep"] = a.pipeline.prep.to_json();
  m["odds"] = a.pipeline.odds;
  m["calibration"] = a.pipeline.calibration.to_json();
  if (a.reference.present()) m["explain"] = a.reference.to_json();
  return m;
}

// Prior correction and calibration. A file without them has none.
void read_corrections(const Json& m, const std::string& where, Artifact& a) {
  const auto damaged = [&] {
    throw Error(ErrorCode::kData, where, "the model file is damaged: its corrections do not fit",
                "Copy it again from where it was made");
  };
  if (m.contains("odds")) a.pipeline.odds = m.at("odds").get<std::vector<double>>();
  const auto sound = [](double d) { return std::isfinite(d) && d > 0; };
  if (!std::all_of(a.pipeline.odds.begin(), a.pipeline.odds.end(), sound)) damaged();
  if (!a.pipeline.odds.empty() && a.pipeline.odds.size() != a.classes.size()) damaged();
  if (!m.contains("calibration")) return;
  a.pipeline.calibration = Calibration::from_json(m.at("calibration"));
  const std::string& method = a.pipeline.calibration.method;
  if (a.classes.size() != 2 && method != "none" && method != "temperature") damaged();
}

Artifact from_manifest(const Json& m, const std::string& where) {
  Artifact a;
  a.program_version = m.at("program_version").get<std::string>();
  a.study_name = m.at("study").get<std::string>();
  a.question = m.at("question").get<std::string>();
  a.id_name = m.at("id").get<std::string>();
  a.target_name = m.at("target").get<std::string>();
  a.classes = m.at("classes").get<std::vector<std::string>>();
  a.threshold = m.at("threshold").get<double>();
  a.base_rate = m.at("base_rate").get<double>();
  a.seed = m.at("seed").get<uint64_t>();
  a.plan = feature_plan_from_json(m.at("plan"));
  a.read_options = m.at("read");
  a.metrics = m.at("metrics");
  a.pipeline.learner = m.at("learner").get<std::string>();
  const Learner& learner = learner_named(a.pipeline.learner, where);
  a.pipeline.params = params_from_json(learner.params(), m.at("params"));
  a.pipeline.prep_params = params_from_json(pipeline_params(learner), m.at("prep_params"));
  a.pipeline.prep = FittedPrep::from_json(m.at("prep"));
  a.pipeline.classes = static_cast<int>(a.classes.size());
  read_corrections(m, where, a);
  if (m.contains("explain")) {
    a.reference = ExplainReference::from_json(m.at("explain"));
    if (a.reference.rows.classes != a.classes) {
      throw Error(ErrorCode::kData, where,
                  "the model file is damaged: its reference rows do not fit",
                  "Copy it again from where it was made");
    }
  }
  return a;
}

// Whether the model takes what the preparation makes: one row of zeros is tried. A learner checks
// the shape it is given, and that is not the user's fault here but the file's.
bool fits_together(const Artifact& artifact) {
  const std::vector<std::string>& names = artifact.pipeline.prep.column_names();
  const Matrix row{.rows = 1,
                   .cols = names.size(),
                   .values = std::vector<double>(names.size(), 0.0),
                   .names = names,
                   .source = std::vector<int32_t>(names.size(), 0)};
  std::vector<double> probability(artifact.classes.size(), -1.0);
  try {
    artifact.pipeline.model->predict(row, probability);
  } catch (const Error& e) {
    if (e.code() == ErrorCode::kInternal) return false;
    throw;
  }
  return true;
}

// The payload with its outer shell taken off and checked.
std::string_view payload_of(std::string_view bytes, const std::string& where) {
  const char* hint = "Name a model.perennial file that `perennial run` wrote";
  if (bytes.size() < kMagic.size() || bytes.substr(0, kMagic.size()) != kMagic) {
    throw Error(ErrorCode::kData, where, "this is not a Perennial model file", hint);
  }
  ByteReader head(bytes.substr(kMagic.size()), where);
  const uint32_t format = head.u32();
  if (format == 0 || format > kModelFormat) {
    throw Error(ErrorCode::kData, where,
                "the model file has format " + std::to_string(format) +
                    ", this program reads up to " + std::to_string(kModelFormat),
                "Use the version of Perennial that made it, or a newer one");
  }
  const std::string digest = head.text();
  const uint64_t length = head.u64();
  if (length != head.left()) {
    throw Error(ErrorCode::kData, where,
                "the model file is cut short or has bytes after its end (" +
                    std::to_string(head.left()) + " bytes of " + std::to_string(length) + ")",
                "Copy it again from where it was made");
  }
  const std::string_view payload = bytes.substr(bytes.size() - length);
  if (sha256_hex(payload) != digest) {
    throw Error(ErrorCode::kData, where, "the model file is damaged: its checksum does not match",
                "Copy it again from where it was made");
  }
  return payload;
}

}  // namespace

std::string to_bytes(const Artifact& artifact) {
  PERENNIAL_CHECK(artifact.pipeline.model != nullptr);
  ByteWriter model;
  artifact.pipeline.model->save(model);
  ByteWriter payload;
  payload.text(manifest_of(artifact).dump());
  payload.text(model.bytes());
  ByteWriter head;
  head.u32(artifact.pipeline.prep.plain() ? 1 : kModelFormat);
  head.text(sha256_hex(payload.bytes()));
  head.u64(payload.bytes().size());
  return std::string(kMagic) + head.bytes() + payload.bytes();
}

Artifact artifact_from_bytes(std::string_view bytes, const std::string& where) {
  ByteReader payload(payload_of(bytes, where), where);
  const std::string manifest = payload.text();
  const std::string model = payload.text();
  try {
    Artifact artifact = from_manifest(Json::parse(manifest), where);
    ByteReader in(model, where);
    artifact.pipeline.model = learner_named(artifact.pipeline.learner, where).load(in);
    if (in.left() != 0) in.damaged("bytes after the model's end");
    if (!fits_together(artifact)) in.damaged("model and preparation do not fit together");
    return artifact;
  } catch (const nlohmann::json::exception& e) {
    payload.damaged(std::string("its description cannot be read (") + e.what() + ")");
  }
}

void save(const Artifact& artifact, const fs::path& path) { write_file(path, to_bytes(artifact)); }

Artifact load_artifact(const fs::path& path) {
  return artifact_from_bytes(read_file(path), path.string());
}

}  // namespace perennial
