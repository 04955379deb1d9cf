// ReadOptions as JSON, for the model file: new tables are read as those of the training were.
#pragma once

#include "base/json.h"
#include "table/read.h"

namespace perennial {

Json to_json(const ReadOptions& options);
ReadOptions read_options_from_json(const Json& json);

}  // namespace perennial
