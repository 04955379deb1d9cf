#include "table/duckdb_library.h"

#include <dlfcn.h>

#include <string>

#include "base/error.h"

#ifndef PERENNIAL_DUCKDB_LIBRARY
#define PERENNIAL_DUCKDB_LIBRARY "libduckdb.so"
#endif

namespace perennial {
namespace {

[[noreturn]] void fail() {
  const char* reason = dlerror();
  throw Error(ErrorCode::kIo, "DuckDB", reason != nullptr ? reason : "it cannot be loaded",
              "Put libduckdb.so beside the program, into the folder ../lib");
}

template <typename Function>
void find(void* library, const char* name, Function& function) {
  void* found = dlsym(library, name);
  if (found == nullptr) fail();
  function = reinterpret_cast<Function>(found);
}

// Found as a linked library would be: in the folders that are written into the program.
DuckDb load() {
  void* library = dlopen(PERENNIAL_DUCKDB_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail();
  DuckDb out;
#define PERENNIAL_FIND(name) find(library, "duckdb_" #name, out.name);
  PERENNIAL_DUCKDB_FUNCTIONS(PERENNIAL_FIND)
#undef PERENNIAL_FIND
  return out;
}

}  // namespace

const DuckDb& duckdb() {
  static const DuckDb loaded = load();
  return loaded;
}

}  // namespace perennial
