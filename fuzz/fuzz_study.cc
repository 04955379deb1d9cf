// A study file must be refused or read, whatever its bytes. What is read must hold
// together.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "study/study.h"

namespace {

// Bytes that are whole studies, and bytes that are the middle of one.
void try_study(const std::string& text) {
  try {
    const perennial::Study study = perennial::parse_study(text, "fuzz.toml");
    if (study.tables.empty() || study.questions.empty()) __builtin_trap();
    if (study.repairs.steps.size() != study.repair_lines.size()) __builtin_trap();
  } catch (const perennial::Error& e) {
    if (e.code() != perennial::ErrorCode::kStudy) throw;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try_study(text);
  try_study(
      "[tables.a]\nfile = \"a.csv\"\n[question.q]\n"
      "target = { column = \"y\", positive = \"1\" }\n" +
      text);
  return 0;
}
