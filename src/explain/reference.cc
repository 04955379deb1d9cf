#include "explain/reference.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "base/error.h"
#include "explain/places.h"

namespace perennial {
namespace {

FeatureValue number_value(double v) {
  return {.is_text = false, .missing = std::isnan(v), .number = std::isnan(v) ? 0 : v, .text = {}};
}

// The value with as many on its left as on its right; the lower of two. NaN where there is none.
double median(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return kMissing;
  const auto middle = values.begin() + static_cast<ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<double> quantiles_of(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  std::vector<size_t> wanted;
  for (size_t k = 1; !values.empty() && k < 20; ++k) wanted.push_back((values.size() - 1) * k / 20);
  std::vector<double> out;
  for (const double v : sorted_places(std::move(values), wanted)) {
    if (out.empty() || v > out.back()) out.push_back(v);
  }
  return out;
}

// Categories with their rows, the most frequent first; missing ones are left out.
std::vector<std::pair<std::string, size_t>> counted_categories(const Column& column,
                                                               const std::vector<size_t>& rows) {
  std::map<std::string, size_t> counts;
  for (size_t code = 0; code < rows.size(); ++code) {
    if (rows[code] > 0) counts[column.dictionary[code]] += rows[code];
  }
  std::vector<std::pair<std::string, size_t>> out(counts.begin(), counts.end());
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

FeatureReference text_reference(const Column& column, const FeatureTable& table) {
  FeatureReference out{.is_text = true};
  std::vector<std::vector<size_t>> rows(table.classes.size(),
                                        std::vector<size_t>(column.dictionary.size(), 0));
  std::vector<size_t> all(column.dictionary.size(), 0);
  for (size_t i = 0; i < table.rows(); ++i) {
    if (column.missing(i)) continue;
    const auto code = static_cast<size_t>(column.codes[i]);
    ++all[code];
    if (table.y[i] >= 0) ++rows[static_cast<size_t>(table.y[i])][code];
  }
  for (const std::vector<size_t>& of_class : rows) {
    const auto counts = counted_categories(column, of_class);
    out.typical.push_back({.is_text = true,
                           .missing = counts.empty(),
                           .text = counts.empty() ? "" : counts[0].first});
  }
  for (const auto& [category, n] : counted_categories(column, all)) {
    if (n * 50 >= table.rows() && out.categories.size() < 20) out.categories.push_back(category);
  }
  return out;
}

FeatureReference reference_of(const Column& column, const FeatureTable& table) {
  if (column.is_text()) return text_reference(column, table);
  FeatureReference out;
  std::vector<std::vector<double>> values(table.classes.size());
  for (size_t i = 0; i < table.rows(); ++i) {
    if (table.y[i] >= 0) values[static_cast<size_t>(table.y[i])].push_back(column.numbers[i]);
  }
  for (std::vector<double>& of_class : values) {
    out.typical.push_back(number_value(median(std::move(of_class))));
    out.typical.back().is_date = column.type == ColumnType::kDate;
  }
  out.quantiles = quantiles_of(column.numbers);
  return out;
}

Json value_json(const FeatureValue& v) {
  if (v.missing) return nullptr;
  return v.is_text ? Json(v.text) : Json(v.number);
}

FeatureValue value_from(const Json& json) {
  if (json.is_null()) return {.missing = true, .text = {}};
  if (json.is_string()) return {.is_text = true, .text = json.get<std::string>()};
  return number_value(json.get<double>());
}

Json column_json(const Column& c) {
  Json out = {{"name", c.name}, {"text", c.is_text()}, {"values", Json::array()}};
  if (c.type == ColumnType::kDate) out["date"] = true;
  for (size_t i = 0; i < c.size(); ++i) {
    if (c.missing(i)) {
      out["values"].push_back(nullptr);
    } else if (c.is_text()) {
      out["values"].push_back(c.dictionary[static_cast<size_t>(c.codes[i])]);
    } else {
      out["values"].push_back(c.numbers[i]);
    }
  }
  return out;
}

Column column_from(const Json& json) {
  const bool text = json.at("text").get<bool>();
  Column out = text ? Column::text(json.at("name").get<std::string>(), {})
                    : Column::number(json.at("name").get<std::string>(), {});
  if (json.value("date", false)) out.type = ColumnType::kDate;
  std::map<std::string, int32_t> codes;
  for (const Json& v : json.at("values")) {
    if (!text) {
      out.numbers.push_back(v.is_null() ? kMissing : v.get<double>());
    } else if (v.is_null()) {
      out.codes.push_back(-1);
    } else {
      const auto [at, added] =
          codes.try_emplace(v.get<std::string>(), static_cast<int32_t>(codes.size()));
      if (added) out.dictionary.push_back(at->first);
      out.codes.push_back(at->second);
    }
  }
  return out;
}

}  // namespace

Json ExplainReference::to_json() const {
  Json out = {{"means", means}, {"rows", Json::array()}, {"features", Json::array()}};
  out["classes"] = rows.classes;
  for (const Column& c : rows.features) out["rows"].push_back(column_json(c));
  for (const FeatureReference& f : features) {
    Json typical = Json::array();
    for (const FeatureValue& v : f.typical) typical.push_back(value_json(v));
    out["features"].push_back({{"text", f.is_text},
                               {"typical", typical},
                               {"quantiles", f.quantiles},
                               {"categories", f.categories}});
  }
  return out;
}

ExplainReference ExplainReference::from_json(const Json& json) {
  ExplainReference out;
  out.means = json.at("means").get<std::vector<double>>();
  out.rows.classes = json.at("classes").get<std::vector<std::string>>();
  for (const Json& c : json.at("rows")) out.rows.features.push_back(column_from(c));
  const size_t n = out.rows.features.empty() ? 0 : out.rows.features[0].size();
  out.rows.ids.assign(n, "");
  out.rows.feature_tables.assign(out.rows.features.size(), "");
  bool sound = json.at("features").size() == out.rows.features.size();
  for (const Column& c : out.rows.features) sound = sound && c.size() == n;
  for (const Json& f : json.at("features")) {
    FeatureReference one{.is_text = f.at("text").get<bool>()};
    const bool date = out.features.size() < out.rows.features.size() &&
                      out.rows.features[out.features.size()].type == ColumnType::kDate;
    for (const Json& v : f.at("typical")) {
      one.typical.push_back(value_from(v));
      one.typical.back().is_date = date;
    }
    one.quantiles = f.at("quantiles").get<std::vector<double>>();
    one.categories = f.at("categories").get<std::vector<std::string>>();
    sound = sound && one.typical.size() == out.rows.classes.size();
    out.features.push_back(std::move(one));
  }
  if (!sound) {
    throw Error(ErrorCode::kData, "", "the model file is damaged: its reference rows do not fit",
                "Copy it again from where it was made");
  }
  return out;
}

ExplainReference make_reference(const FeatureTable& training, const Pipeline& pipeline, size_t most,
                                Seed seed, const Workers* workers) {
  ExplainReference out;
  std::vector<uint32_t> order(training.rows());
  std::iota(order.begin(), order.end(), uint32_t{0});
  Rng rng(seed);
  rng.shuffle(order);
  // What is usual shows in so many rows as well as in all.
  constexpr size_t kUsualRows = 20'000;
  FeatureTable some;
  if (order.size() > kUsualRows) {
    some = training.take({order.begin(), order.begin() + kUsualRows}, workers);
  }
  const FeatureTable& usual = order.size() > kUsualRows ? some : training;
  order.resize(std::min(order.size(), most));
  std::sort(order.begin(), order.end());
  out.rows = training.take(order);
  out.rows.ids.assign(order.size(), "");
  out.rows.y.clear();
  out.rows.values.clear();
  out.rows.position.clear();
  const auto share = [&](size_t n, const std::function<void(size_t)>& task) {
    if (workers != nullptr) return workers->run(n, task);
    for (size_t i = 0; i < n; ++i) task(i);
  };
  out.features.resize(training.features.size());
  share(out.features.size(),
        [&](size_t f) { out.features[f] = reference_of(usual.features[f], usual); });
  if (!pipeline.members.empty()) return out;  // several preparations; nothing asks for their means
  const Matrix x = pipeline.prep.apply(training, nullptr, workers);
  out.means.resize(x.cols);
  share(x.cols, [&](size_t j) {
    double sum = 0;
    size_t n = 0;
    for (const double v : x.column(j)) {
      if (std::isnan(v)) continue;
      sum += v;
      ++n;
    }
    out.means[j] = n > 0 ? sum / static_cast<double>(n) : 0;
  });
  return out;
}

}  // namespace perennial
