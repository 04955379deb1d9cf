#include "table/read_splits.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>

#include "base/error.h"
#include "base/text.h"
#include "table/npz.h"

namespace perennial {
namespace {

const std::vector<std::string>& roles() {
  static const std::vector<std::string> kRoles = {"train", "validation", "test"};
  return kRoles;
}

// One part as it was read.
struct Part {
  std::string role;
  FileReading reading;
  std::vector<NpzArray> arrays;

  const NpzArray* find(std::string_view name) const {
    const auto found = std::find_if(arrays.begin(), arrays.end(),
                                    [&](const NpzArray& a) { return a.name == name; });
    return found == arrays.end() ? nullptr : &*found;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::kData, reading.file, what,
                "Write it with numpy.savez(file, inputs=…, targets=…), inputs of shape (rows, "
                "features)");
  }
  const NpzArray& needed(std::string_view name) const {
    if (const NpzArray* found = find(name)) return *found;
    std::vector<std::string> names;
    for (const NpzArray& a : arrays) names.push_back(a.name);
    fail(fmt::format("has no array {}{} (its arrays: {})", quoted(name),
                     did_you_mean(std::string(name), names), join(names, ", ")));
  }
  size_t rows() const { return needed("inputs").shape[0]; }
  size_t features() const { return needed("inputs").shape[1]; }
};

// The file of a role in the folder; nothing where there is none.
std::optional<std::string> file_of(const fs::path& folder, const std::string& splits,
                                   const std::string& role) {
  std::set<std::string> found;
  std::error_code failed;
  for (fs::directory_iterator it(folder / path_of(splits), failed), end; !failed && it != end;
       it.increment(failed)) {
    const std::string name = it->path().filename().string();
    if (name.ends_with(role + ".npz")) found.insert(name);
  }
  if (failed) {
    throw Error(ErrorCode::kIo, splits, "the folder cannot be read: " + failed.message(),
                "Say splits = \"…\", the folder with train.npz, validation.npz and test.npz");
  }
  if (found.empty()) return std::nullopt;
  if (found.size() > 1) {
    throw Error(ErrorCode::kData, splits,
                fmt::format("has {} files whose names end with {}.npz: {}", found.size(), role,
                            join(std::vector<std::string>(found.begin(), found.end()), ", ")),
                "Leave one in the folder");
  }
  return (path_of(splits) / path_of(*found.begin())).string();
}

void check_shapes(const Part& part) {
  const NpzArray& inputs = part.needed("inputs");
  if (inputs.shape.size() != 2 || inputs.kind == NpzArray::Kind::kText) {
    part.fail("has inputs that are no table of numbers");
  }
  const auto check_rows = [&](const NpzArray& array) {
    // A column of one (n, 1) is as good as a list of n.
    const bool flat = array.shape.size() == 1 || (array.shape.size() == 2 && array.shape[1] == 1);
    if (flat && array.size() == part.rows()) return;
    part.fail(fmt::format("has {} in inputs, but {} in {}",
                          counted(static_cast<int64_t>(part.rows()), "row"), array.size(),
                          quoted(array.name)));
  };
  check_rows(part.needed("targets"));
  if (const NpzArray* ids = part.find("ids")) check_rows(*ids);
  const NpzArray* names = part.find("feature_names");
  if (names != nullptr &&
      (names->kind != NpzArray::Kind::kText || names->size() != part.features())) {
    part.fail("has feature_names that are not one text a column of inputs");
  }
}

std::vector<Part> read_parts(const fs::path& folder, const std::string& splits) {
  std::vector<Part> parts;
  for (const std::string& role : roles()) {
    const std::optional<std::string> file = file_of(folder, splits, role);
    if (!file) {
      if (role == "validation") continue;
      throw Error(ErrorCode::kIo, splits,
                  fmt::format("has no file whose name ends with {}.npz", role),
                  "A run that starts from parts needs train.npz and test.npz at least");
    }
    const std::string bytes = read_file(folder / path_of(*file));
    Part part{.role = role,
              .reading = {.file = *file,
                          .sha256 = sha256_hex(bytes),
                          .bytes = bytes.size(),
                          .format = "npz",
                          .encoding = "utf-8"},
              .arrays = read_npz(*file, bytes)};
    check_shapes(part);
    part.reading.rows = static_cast<int64_t>(part.rows());
    parts.push_back(std::move(part));
  }
  for (const Part& part : parts) {
    if (part.features() == parts[0].features()) continue;
    part.fail(fmt::format("has {}, but {} has {}",
                          counted(static_cast<int64_t>(part.features()), "feature"),
                          parts[0].reading.file, parts[0].features()));
  }
  return parts;
}

std::vector<std::string> names_of(const std::vector<Part>& parts) {
  std::vector<std::string> out;
  if (const NpzArray* names = parts[0].find("feature_names")) {
    out = names->texts;
  } else {
    for (size_t i = 0; i < parts[0].features(); ++i) out.push_back(fmt::format("x{}", i + 1));
  }
  std::set<std::string> seen = {kSplitsId, kSplitsTarget, kSplitsRole};
  for (const std::string& name : out) {
    if (!seen.insert(name).second) {
      parts[0].fail(fmt::format("has a feature of the name {}, which is taken", quoted(name)));
    }
  }
  for (const Part& part : parts) {
    const NpzArray* names = part.find("feature_names");
    if ((names == nullptr ? std::vector<std::string>() : names->texts) ==
        (parts[0].find("feature_names") == nullptr ? std::vector<std::string>() : out)) {
      continue;
    }
    part.fail("has other feature_names than " + parts[0].reading.file);
  }
  return out;
}

// Appends an array to a column, numbers or text as the first array was.
void append(const Part& part, const NpzArray& array, std::vector<double>& numbers,
            std::vector<std::string>& texts, bool text) {
  if ((array.kind == NpzArray::Kind::kText) != text) {
    part.fail(fmt::format("has {} of another kind than the first file", quoted(array.name)));
  }
  numbers.insert(numbers.end(), array.reals.begin(), array.reals.end());
  for (const int64_t v : array.ints) numbers.push_back(static_cast<double>(v));
  texts.insert(texts.end(), array.texts.begin(), array.texts.end());
}

Column joined(const std::vector<Part>& parts, std::string_view array, std::string name) {
  std::vector<double> numbers;
  std::vector<std::string> texts;
  const bool text = parts[0].needed(array).kind == NpzArray::Kind::kText;
  for (const Part& part : parts) append(part, part.needed(array), numbers, texts, text);
  return text ? Column::text(std::move(name), texts)
              : Column::number(std::move(name), std::move(numbers));
}

Column ids_of(const std::vector<Part>& parts, size_t rows) {
  const auto has_ids = [](const Part& part) { return part.find("ids") != nullptr; };
  if (std::all_of(parts.begin(), parts.end(), has_ids)) return joined(parts, "ids", kSplitsId);
  std::vector<double> numbers(rows);
  for (size_t i = 0; i < rows; ++i) numbers[i] = static_cast<double>(i + 1);
  return Column::number(kSplitsId, std::move(numbers));
}

// The targets under the names of their classes, where the files tell them.
Column targets_of(const std::vector<Part>& parts) {
  Column out = joined(parts, "targets", kSplitsTarget);
  const NpzArray* classes = parts[0].find("classes");
  if (classes == nullptr || classes->kind != NpzArray::Kind::kText || out.is_text()) return out;
  Column named{.name = kSplitsTarget, .type = ColumnType::kText, .dictionary = classes->texts};
  for (const double v : out.numbers) {
    const bool known = v >= 0 && v < static_cast<double>(classes->texts.size());
    if (!known && v != -1) {
      parts[0].fail(fmt::format("or a file beside it has the target {}, but {} has {}", v,
                                quoted("classes"),
                                counted(static_cast<int64_t>(classes->texts.size()), "name")));
    }
    named.codes.push_back(known ? static_cast<int32_t>(v) : -1);
  }
  return named;
}

}  // namespace

Table read_splits(const std::string& table_name, const fs::path& folder,
                  const std::string& splits) {
  std::vector<Part> parts = read_parts(folder, splits);
  const std::vector<std::string> names = names_of(parts);
  Table table;
  table.name = table_name;
  std::vector<std::string> role;
  for (size_t p = 0; p < parts.size(); ++p) {
    role.resize(role.size() + parts[p].rows(), parts[p].role);
    table.row_file.resize(role.size(), static_cast<uint32_t>(p));
  }
  table.columns.push_back(ids_of(parts, role.size()));
  table.columns.push_back(targets_of(parts));
  table.columns.push_back(Column::text(kSplitsRole, role));
  for (size_t f = 0; f < names.size(); ++f) {
    std::vector<double> values;
    values.reserve(role.size());
    for (const Part& part : parts) {
      const NpzArray& inputs = part.needed("inputs");
      for (size_t i = f; i < inputs.size(); i += names.size()) {
        values.push_back(inputs.kind == NpzArray::Kind::kReal
                             ? inputs.reals[i]
                             : static_cast<double>(inputs.ints[i]));
      }
    }
    table.columns.push_back(Column::number(names[f], std::move(values)));
  }
  for (const Column& column : table.columns) {
    ColumnReading reading;
    int64_t missing = 0;
    for (size_t row = 0; row < column.size(); ++row) missing += column.missing(row) ? 1 : 0;
    if (missing > 0) reading.missing_markers[""] = missing;
    table.readings.push_back(std::move(reading));
  }
  for (Part& part : parts) table.files.push_back(std::move(part.reading));
  return table;
}

}  // namespace perennial
