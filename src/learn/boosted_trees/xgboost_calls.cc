#include "learn/boosted_trees/xgboost_calls.h"

#include <dlfcn.h>

#include <string>

#include "base/error.h"

#ifndef PERENNIAL_XGBOOST_LIBRARY
#define PERENNIAL_XGBOOST_LIBRARY "libxgboost.so.0"
#endif

namespace perennial::xgboost {
namespace {

[[noreturn]] void fail() {
  const char* reason = dlerror();
  throw Error(
      ErrorCode::kIo, "XGBoost", reason != nullptr ? reason : "it cannot be loaded",
      "Install it (Debian: libxgboost0), or name the learners to use without boosted_trees");
}

template <typename Function>
void find(void* library, const char* name, Function& function) {
  void* found = dlsym(library, name);
  if (found == nullptr) fail();
  function = reinterpret_cast<Function>(found);
}

Calls load() {
  void* library = dlopen(PERENNIAL_XGBOOST_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail();
  Calls out;
#define PERENNIAL_FIND(name) find(library, #name, out.name)
  PERENNIAL_XGBOOST_CALLS(PERENNIAL_FIND);
#undef PERENNIAL_FIND
  return out;
}

}  // namespace

const Calls& calls() {
  static const Calls loaded = load();
  return loaded;
}

}  // namespace perennial::xgboost
