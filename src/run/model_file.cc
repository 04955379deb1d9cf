#include "run/model_file.h"

#include <algorithm>

#include "run/read_json.h"
#include "run/run.h"

namespace perennial {
namespace {

// How the study said the tables are to be read, with what was found out about dates: a new file
// with few rows may not tell whether the day or the month comes first.
Json read_options_of(const Study& study, const Inputs& inputs) {
  Json json = Json::object();
  for (size_t t = 0; t < study.tables.size(); ++t) {
    ReadOptions read = study.tables[t].read;
    const Table& table = inputs.tables[t];
    for (size_t c = 0; c < table.readings.size(); ++c) {
      const std::string& order = table.readings[c].date_order;
      if (!order.empty()) read.types[table.columns[c].name] = "date " + order;
    }
    json[study.tables[t].name] = to_json(read);
  }
  return json;
}

}  // namespace

Artifact artifact_of(const Study& study, const Inputs& inputs, const RunRecord& record,
                     const FeaturePlan& plan, Pipeline pipeline) {
  Artifact a;
  a.program_version = kVersion;
  a.study_name = study.name;
  a.question = record.question;
  a.plan = plan;
  a.id_name = record.id_name;
  a.target_name = record.target;
  a.classes = record.classes;
  a.threshold = record.verdict.threshold;
  a.base_rate = record.base_rate;
  a.seed = record.seed;
  a.read_options = read_options_of(study, inputs);
  a.metrics = Json::object();
  for (const auto& [name, f] : record.verdict.test) {
    a.metrics[name] = {{"value", f.value}, {"low", f.low}, {"high", f.high}};
  }
  a.pipeline = std::move(pipeline);
  return a;
}

TrainingPicture picture_of_run(const FeatureTable& training, const Verdict& verdict,
                               const Workers& workers) {
  TrainingPicture out{.test = verdict.test, .reliability = verdict.reliability};
  out.columns.resize(training.features.size());
  workers.run(out.columns.size(), [&](size_t f) {
    const Column& c = training.features[f];
    out.columns[f] = picture_of(c, c.type == ColumnType::kDate);
  });
  const size_t classes = training.classes.size(), of_each = classes == 2 ? 1 : classes;
  for (size_t s = 0; s < of_each; ++s) {
    std::vector<double> p;
    for (size_t i = s; i < verdict.probability.size(); i += of_each) {
      p.push_back(verdict.probability[i]);
    }
    out.scores.push_back(picture_of(
        Column::number("probability " + training.classes[classes == 2 ? 1 : s], std::move(p))));
  }
  return out;
}

}  // namespace perennial
