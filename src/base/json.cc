#include "base/json.h"

namespace perennial {

std::string json_text(const Json& json) {
  // Bytes that are not UTF-8 become U+FFFD: a strange cell must not keep a result from being saved.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace perennial
