// XGBoost's C API, loaded when the first boosted trees are grown: the library takes longer to load
// than a small run takes, and most commands do without it.
#pragma once

#include <xgboost/c_api.h>

namespace perennial::xgboost {

#define PERENNIAL_XGBOOST_CALLS(call) \
  call(XGBGetLastError);              \
  call(XGBSetGlobalConfig);           \
  call(XGDMatrixCreateFromMat_omp);   \
  call(XGDMatrixFree);                \
  call(XGDMatrixSetFloatInfo);        \
  call(XGBoosterCreate);              \
  call(XGBoosterFree);                \
  call(XGBoosterPredictFromDMatrix);  \
  call(XGBoosterSaveModelToBuffer);   \
  call(XGBoosterSetParam);            \
  call(XGBoosterUpdateOneIter)

struct Calls {
// A name in brackets would be no declaration.
// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define PERENNIAL_XGBOOST_CALL(name) decltype(&::name) name = nullptr
  PERENNIAL_XGBOOST_CALLS(PERENNIAL_XGBOOST_CALL);
#undef PERENNIAL_XGBOOST_CALL
};

// Error (kIo): the library is not there.
const Calls& calls();

}  // namespace perennial::xgboost
