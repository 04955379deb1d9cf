#include "learn/crossed.h"

#include <map>

#include "base/error.h"
#include "learn/mix.h"

namespace perennial {
namespace {

// Rows of one column after those of another, over one dictionary.
Column appended(const Column& a, const Column& b) {
  Column out = a;
  if (!a.is_text()) {
    out.numbers.insert(out.numbers.end(), b.numbers.begin(), b.numbers.end());
    return out;
  }
  std::map<std::string, int32_t> codes;
  for (size_t i = 0; i < out.dictionary.size(); ++i) {
    codes.emplace(out.dictionary[i], static_cast<int32_t>(i));
  }
  for (const int32_t code : b.codes) {
    if (code < 0) {
      out.codes.push_back(-1);
      continue;
    }
    const std::string& text = b.dictionary[static_cast<size_t>(code)];
    const auto [at, added] = codes.try_emplace(text, static_cast<int32_t>(out.dictionary.size()));
    if (added) out.dictionary.push_back(text);
    out.codes.push_back(at->second);
  }
  return out;
}

// The first table's rows, then the second's; features alone.
FeatureTable appended(const FeatureTable& first, const FeatureTable& second) {
  FeatureTable out;
  out.ids.assign(first.rows() + second.rows(), "");
  out.feature_tables = first.feature_tables;
  out.classes = first.classes;
  for (size_t f = 0; f < first.features.size(); ++f) {
    out.features.push_back(appended(first.features[f], second.features[f]));
  }
  return out;
}

// Whether each column of the matrix depends on one feature alone.
bool separable(const Pipeline& pipeline) {
  const Params& prep = pipeline.prep_params;
  return !prep.has("interactions") || !prep.get_bool("interactions");
}

}  // namespace

// A pipeline of one model, or an ensemble's members.
struct Crossing::Part {
  const Pipeline& pipeline;
  std::vector<std::unique_ptr<Part>> members;
  size_t first_rows = 0;
  FeatureTable both;                         // where columns depend on several features
  Matrix first, second;                      // otherwise
  std::vector<std::vector<size_t>> columns;  // of each feature
  std::unique_ptr<ChangingRow> row;          // without cells

  Part(const Pipeline& known, const FeatureTable& a, const FeatureTable& b)
      : pipeline(known), first_rows(a.rows()) {
    for (const Member& member : pipeline.members) {
      members.push_back(std::make_unique<Part>(*member.pipeline, a, b));
    }
    if (!members.empty()) return;
    if (!separable(pipeline)) {
      both = appended(a, b);
      return;
    }
    const Learner& learner = learner_named(pipeline.learner);
    first = pipeline.prep.apply(a);
    second = pipeline.prep.apply(b);
    check_numbers(first, learner.capabilities(), learner.title());
    check_numbers(second, learner.capabilities(), learner.title());
    columns.resize(a.features.size());
    for (size_t j = 0; j < first.cols; ++j) {
      columns[static_cast<size_t>(first.source[j])].push_back(j);
    }
    row = changing_row(*pipeline.model);
  }

  double cell(size_t column, size_t first_row, const CrossedRows& rows, size_t i) const {
    const auto feature = static_cast<size_t>(first.source[column]);
    return rows.from_first(i, feature) ? first.at(first_row, column)
                                       : second.at(rows.second[i], column);
  }

  std::vector<double> answers(size_t first_row, const CrossedRows& rows) const {
    std::vector<double> out;
    if (!members.empty()) {
      for (size_t m = 0; m < members.size(); ++m) {
        add_to_mix(members[m]->answers(first_row, rows), pipeline.members[m].weight,
                   !pipeline.intercept.empty(), out);
      }
      finish_mix(pipeline.intercept, out);
    } else if (!separable(pipeline)) {
      return pipeline.predict(mixed_table(first_row, rows));
    } else {
      out.resize(rows.rows() * static_cast<size_t>(pipeline.classes));
      if (row) {
        walk(first_row, rows, out);
      } else {
        pipeline.model->predict(mixed_matrix(first_row, rows), out);
      }
      correct_prior(out, pipeline.odds);
    }
    pipeline.calibration.apply(out, pipeline.classes);
    return out;
  }

  // From each row to the next by the cells that differ.
  void walk(size_t first_row, const CrossedRows& rows, std::span<double> out) const {
    const auto classes = static_cast<size_t>(pipeline.classes);
    const std::unique_ptr<ChangingRow> walker = row->fresh();
    std::vector<double> cells(first.cols);
    for (size_t i = 0; i < rows.rows(); ++i) {
      if (i == 0 || rows.second[i] != rows.second[i - 1]) {
        for (size_t j = 0; j < cells.size(); ++j) cells[j] = cell(j, first_row, rows, i);
        walker->set(cells);
      } else {
        for (size_t f = 0; f < rows.features; ++f) {
          if (rows.from_first(i, f) == rows.from_first(i - 1, f)) continue;
          for (const size_t j : columns[f]) walker->change(j, cell(j, first_row, rows, i));
        }
      }
      walker->answer(out.subspan(i * classes, classes));
    }
  }

  Matrix mixed_matrix(size_t first_row, const CrossedRows& rows) const {
    Matrix out{.rows = rows.rows(),
               .cols = first.cols,
               .values = std::vector<double>(rows.rows() * first.cols),
               .names = first.names,
               .source = first.source};
    for (size_t j = 0; j < out.cols; ++j) {
      const std::span<double> to = out.column(j);
      for (size_t i = 0; i < out.rows; ++i) to[i] = cell(j, first_row, rows, i);
    }
    return out;
  }

  FeatureTable mixed_table(size_t first_row, const CrossedRows& rows) const {
    FeatureTable out;
    out.ids.assign(rows.rows(), "");
    out.feature_tables = both.feature_tables;
    out.classes = both.classes;
    std::vector<uint32_t> from(rows.rows());
    for (size_t f = 0; f < rows.features; ++f) {
      for (size_t i = 0; i < from.size(); ++i) {
        from[i] =
            static_cast<uint32_t>(rows.from_first(i, f) ? first_row : first_rows + rows.second[i]);
      }
      out.features.push_back(both.features[f].take(from));
    }
    return out;
  }
};

Crossing::Crossing(const Pipeline& pipeline, const FeatureTable& first, const FeatureTable& second)
    : part_(std::make_unique<Part>(pipeline, first, second)) {}

Crossing::~Crossing() = default;

std::vector<double> Crossing::answers(size_t first_row, const CrossedRows& rows) const {
  PERENNIAL_CHECK(rows.first.size() == rows.rows() * rows.features);
  return part_->answers(first_row, rows);
}

}  // namespace perennial
