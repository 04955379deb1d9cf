#include "artifact/artifact.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace perennial {
namespace {

constexpr std::string_view kMagic = "PERENNIAL MODEL\n";
// Files of one model stay readable for programs that know no ensembles.
constexpr uint32_t kPlainFormat = 1, kMeanFormat = 2;

// What a fitted model is, without its bytes and its calibration.
Json description_of(const Pipeline& p) {
  return {{"learner", p.learner},
          {"params", to_json(p.params)},
          {"prep_params", to_json(p.prep_params)},
          {"prep", p.prep.to_json()},
          {"odds", p.odds}};
}

Json to_json(const ContactPlan& plan) {
  const MoneyTerms& t = plan.terms;
  return {{"contact_cost", t.contact_cost},
          {"kept_value", t.kept_value},
          {"kept_value_column", t.kept_value_column},
          {"success_rate", t.success_rate},
          {"threshold", t.threshold},
          {"contact_share", t.contact_share},
          {"cut", plan.cut},
          {"by_value", plan.by_value}};
}

ContactPlan contact_plan_from(const Json& json) {
  return {.terms = {.contact_cost = json.at("contact_cost").get<double>(),
                    .kept_value = json.at("kept_value").get<double>(),
                    .kept_value_column = json.at("kept_value_column").get<std::string>(),
                    .success_rate = json.at("success_rate").get<double>(),
                    .threshold = json.at("threshold").get<std::string>(),
                    .contact_share = json.at("contact_share").get<double>()},
          .cut = json.at("cut").get<double>(),
          .by_value = json.at("by_value").get<bool>()};
}

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
  if (a.contact) m["contact"] = to_json(*a.contact);
  m["plan"] = to_json(a.plan);
  m["read"] = a.read_options;
  m["metrics"] = a.metrics;
  if (a.pipeline.members.empty()) {
    m.update(description_of(a.pipeline));
  } else {
    m["learner"] = kEnsemble;
    for (const Member& member : a.pipeline.members) {
      Json described = description_of(*member.pipeline);
      described["weight"] = member.weight;
      m["members"].push_back(std::move(described));
    }
    if (!a.pipeline.intercept.empty()) m["intercept"] = a.pipeline.intercept;
  }
  m["calibration"] = a.pipeline.calibration.to_json();
  if (!a.search.is_null()) m["search"] = a.search;
  if (a.reference.present()) m["explain"] = a.reference.to_json();
  if (a.recommend) {
    m["recommend"] = {{"k", a.recommend->k},
                      {"exclude", a.recommend->exclude},
                      {"separator", a.recommend->separator}};
  }
  if (a.picture.present()) m["picture"] = a.picture.to_json();
  if (!a.history.empty()) m["history"] = a.history;
  return m;
}

[[noreturn]] void damaged_corrections(const std::string& where) {
  throw Error(ErrorCode::kData, where, "the model file is damaged: its corrections do not fit",
              "Copy it again from where it was made");
}

bool sound(double d) { return std::isfinite(d) && d > 0; }

// One model's description, with the prior correction where there is one.
void read_description(const Json& m, const std::string& where, Pipeline& p) {
  p.learner = m.at("learner").get<std::string>();
  const Learner& learner = learner_named(p.learner, where);
  p.params = params_from_json(learner.params(), m.at("params"));
  p.prep_params = params_from_json(pipeline_params(learner), m.at("prep_params"));
  p.prep = FittedPrep::from_json(m.at("prep"));
  if (m.contains("odds")) p.odds = m.at("odds").get<std::vector<double>>();
  if (!std::all_of(p.odds.begin(), p.odds.end(), sound)) damaged_corrections(where);
  if (!p.odds.empty() && p.odds.size() != static_cast<size_t>(p.classes)) {
    damaged_corrections(where);
  }
}

void read_members(const Json& m, const std::string& where, Pipeline& p) {
  p.learner = kEnsemble;
  if (m.contains("intercept")) {
    p.intercept = m.at("intercept").get<std::vector<double>>();
    const bool finite = std::all_of(p.intercept.begin(), p.intercept.end(),
                                    [](double d) { return std::isfinite(d); });
    if (!finite || p.intercept.size() != static_cast<size_t>(p.classes)) {
      damaged_corrections(where);
    }
  }
  double sum = 0;
  for (const Json& described : m.at("members")) {
    Pipeline one;
    one.classes = p.classes;
    read_description(described, where, one);
    const double weight = described.at("weight").get<double>();
    if (!sound(weight)) damaged_corrections(where);
    sum += weight;
    p.members.push_back({.weight = weight, .pipeline = std::make_shared<Pipeline>(std::move(one))});
  }
  if (p.intercept.empty() && !(std::abs(sum - 1) < 1e-9)) damaged_corrections(where);
}

void read_calibration(const Json& m, const std::string& where, Artifact& a) {
  if (!m.contains("calibration")) return;
  a.pipeline.calibration = Calibration::from_json(m.at("calibration"));
  const std::string& method = a.pipeline.calibration.method;
  if (a.classes.size() != 2 && method != "none" && method != "temperature") {
    damaged_corrections(where);
  }
}

std::optional<RecommendPlan> recommendation_of(const Json& m) {
  if (!m.contains("recommend")) return std::nullopt;
  const Json& said = m.at("recommend");
  return RecommendPlan{.k = said.at("k").get<int>(),
                       .exclude = said.at("exclude").get<std::string>(),
                       .separator = said.at("separator").get<std::string>()};
}

// The lowest format whose programs read the file rightly.
uint32_t format_of(const Artifact& a) {
  const bool dates = std::any_of(a.read_options.begin(), a.read_options.end(),
                                 [](const Json& read) { return read.contains("calendar"); });
  const bool newest =
      a.recommend || dates || !a.plan.events.empty() || !a.pipeline.intercept.empty();
  if (newest) return kModelFormat;
  const bool plain = a.pipeline.members.empty() && a.pipeline.prep.plain();
  return plain ? kPlainFormat : kMeanFormat;
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
  if (m.contains("contact")) a.contact = contact_plan_from(m.at("contact"));
  a.read_options = m.at("read");
  a.metrics = m.at("metrics");
  if (m.contains("search")) a.search = m.at("search");
  a.pipeline.classes = static_cast<int>(a.classes.size());
  if (m.contains("members")) {
    read_members(m, where, a.pipeline);
  } else {
    read_description(m, where, a.pipeline);
  }
  read_calibration(m, where, a);
  a.recommend = recommendation_of(m);
  if (m.contains("picture")) a.picture = TrainingPicture::from_json(m.at("picture"));
  if (m.contains("history")) a.history = m.at("history");
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
bool fits_together(const Pipeline& pipeline) {
  const std::vector<std::string>& names = pipeline.prep.column_names();
  const Matrix row{.rows = 1,
                   .cols = names.size(),
                   .values = std::vector<double>(names.size(), 0.0),
                   .names = names,
                   .source = std::vector<int32_t>(names.size(), 0)};
  std::vector<double> probability(static_cast<size_t>(pipeline.classes), -1.0);
  try {
    pipeline.model->predict(row, probability);
  } catch (const Error& e) {
    if (e.code() == ErrorCode::kInternal) return false;
    throw;
  }
  return true;
}

std::shared_ptr<const Model> model_from(ByteReader& payload, const Pipeline& pipeline,
                                        const std::string& where) {
  const std::string bytes = payload.text();
  ByteReader in(bytes, where);
  std::shared_ptr<const Model> model = learner_named(pipeline.learner, where).load(in);
  if (in.left() != 0) in.damaged("bytes after the model's end");
  Pipeline whole = pipeline;
  whole.model = model;
  if (!fits_together(whole)) in.damaged("model and preparation do not fit together");
  return model;
}

void read_models(ByteReader& payload, const std::string& where, Pipeline& pipeline) {
  if (pipeline.members.empty()) {
    pipeline.model = model_from(payload, pipeline, where);
    return;
  }
  for (Member& member : pipeline.members) {
    auto whole = std::make_shared<Pipeline>(*member.pipeline);
    whole->model = model_from(payload, *whole, where);
    member.pipeline = std::move(whole);
  }
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
  ByteWriter payload;
  payload.text(manifest_of(artifact).dump());
  const auto add = [&](const Pipeline& p) {
    PERENNIAL_CHECK(p.model != nullptr);
    ByteWriter model;
    p.model->save(model);
    payload.text(model.bytes());
  };
  const std::vector<Member>& members = artifact.pipeline.members;
  if (members.empty()) add(artifact.pipeline);
  for (const Member& member : members) add(*member.pipeline);
  ByteWriter head;
  head.u32(format_of(artifact));
  head.text(sha256_hex(payload.bytes()));
  head.u64(payload.bytes().size());
  return std::string(kMagic) + head.bytes() + payload.bytes();
}

Artifact artifact_from_bytes(std::string_view bytes, const std::string& where) {
  ByteReader payload(payload_of(bytes, where), where);
  const std::string manifest = payload.text();
  try {
    Artifact artifact = from_manifest(Json::parse(manifest), where);
    read_models(payload, where, artifact.pipeline);
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
