#include "learn/boosted_trees/xgboost_library.h"

#include <limits>

#include "base/error.h"
#include "learn/boosted_trees/xgboost_calls.h"

namespace perennial::xgboost {
namespace {

void check(int code) {
  if (code == 0) return;
  // The library adds a stack trace after the first line.
  const std::string all = calls().XGBGetLastError();
  throw Error(ErrorCode::kInternal, "XGBoost", all.substr(0, all.find('\n')));
}

// The library's log level belongs to the thread.
void silence() { check(calls().XGBSetGlobalConfig(R"({"verbosity": 0})")); }

void set_floats(void* handle, const char* field, std::span<const float> values) {
  if (values.empty()) return;
  check(calls().XGDMatrixSetFloatInfo(handle, field, values.data(), values.size()));
}

}  // namespace

Data::Data(std::span<const float> features, size_t rows, std::span<const float> label,
           std::span<const float> weight, std::span<const float> margin)
    : rows_(rows) {
  silence();
  check(calls().XGDMatrixCreateFromMat_omp(features.data(), rows, features.size() / rows,
                                           std::numeric_limits<float>::quiet_NaN(), &handle_, 1));
  try {
    set_floats(handle_, "label", label);
    set_floats(handle_, "weight", weight);
    set_floats(handle_, "base_margin", margin);
  } catch (...) {
    calls().XGDMatrixFree(handle_);
    throw;
  }
}

Data::~Data() { calls().XGDMatrixFree(handle_); }

Booster::Booster(const Data& data, const Data* watched,
                 const std::map<std::string, std::string>& params)
    : data_(data) {
  silence();
  DMatrixHandle cached[2] = {data.handle(), watched == nullptr ? nullptr : watched->handle()};
  check(calls().XGBoosterCreate(cached, watched == nullptr ? 1 : 2, &handle_));
  try {
    for (const auto& [name, value] : params) {
      check(calls().XGBoosterSetParam(handle_, name.c_str(), value.c_str()));
    }
  } catch (...) {
    calls().XGBoosterFree(handle_);
    throw;
  }
}

Booster::~Booster() { calls().XGBoosterFree(handle_); }

void Booster::update(int round) {
  check(calls().XGBoosterUpdateOneIter(handle_, round, data_.handle()));
}

namespace {

// What the library predicts, by its own names of types: 1 margins, 2 contributions.
std::vector<float> predicted(void* booster, const Data& rows, const char* config) {
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* result = nullptr;
  check(calls().XGBoosterPredictFromDMatrix(booster, rows.handle(), config, &shape, &dimensions,
                                            &result));
  size_t count = 1;
  for (bst_ulong d = 0; d < dimensions; ++d) count *= shape[d];
  return {result, result + count};
}

}  // namespace

std::vector<float> Booster::margins(const Data& rows) const {
  return predicted(handle_, rows,
                   R"({"type": 1, "training": false, "iteration_begin": 0, "iteration_end": 0,
                       "strict_shape": true})");
}

std::vector<float> Booster::contributions(const Data& rows, int threads) const {
  check(calls().XGBoosterSetParam(handle_, "nthread", std::to_string(threads).c_str()));
  return predicted(handle_, rows,
                   R"({"type": 2, "training": false, "iteration_begin": 0, "iteration_end": 0,
                       "strict_shape": true})");
}

Json Booster::model() const {
  bst_ulong length = 0;
  const char* bytes = nullptr;
  check(calls().XGBoosterSaveModelToBuffer(handle_, R"({"format": "ubj"})", &length, &bytes));
  return Json::from_ubjson(bytes, bytes + length);
}

}  // namespace perennial::xgboost
