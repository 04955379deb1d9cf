// The model file must be refused or read, whatever its bytes. To reach what the checksum guards, an
// input that is not a model file becomes the payload of a well-formed one.
#include <cstddef>
#include <cstdint>
#include <string>

#include "artifact/artifact.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/files.h"

namespace perennial {
namespace {

void try_model(const std::string& file) {
  try {
    artifact_from_bytes(file, "fuzz");
  } catch (const Error& e) {
    if (e.code() == ErrorCode::kInternal) throw;
  }
}

}  // namespace
}  // namespace perennial

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  perennial::ByteWriter head;
  head.u32(perennial::kModelFormat);
  head.text(perennial::sha256_hex(bytes));
  head.u64(bytes.size());
  perennial::try_model(bytes);
  perennial::try_model("PERENNIAL MODEL\n" + head.bytes() + bytes);
  return 0;
}
