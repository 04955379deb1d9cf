// A folder with train, validation and test as NumPy's .npz files -> Table.
#pragma once

#include <string>

#include "base/files.h"
#include "table/table.h"

namespace perennial {

// Names of the columns that are made from the files.
inline constexpr const char* kSplitsId = "id";
inline constexpr const char* kSplitsTarget = "target";
inline constexpr const char* kSplitsRole = "split";  // train, validation or test

// `splits`: the folder, relative to `folder`. In it the only file whose name ends with train.npz
// (say Audiobooks_data_train.npz), the same for test.npz and, where there is one, validation.npz.
// Each holds `inputs` (rows x features, numbers) and `targets` (one a row), and may hold `ids`,
// `feature_names` and `classes` (text: what the targets 0, 1, … stand for; -1 is unknown).
// The table has the columns id (without `ids` the row's number over the files), target, split, and
// one a feature (without `feature_names` x1, x2, …), rows in the order of the files. Errors (kIo,
// kData) name the file: none or several of one role, arrays that lack or do not fit together.
Table read_splits(const std::string& table_name, const fs::path& folder, const std::string& splits);

}  // namespace perennial
