#include "table/store.h"

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "table/duckdb_library.h"
#include "table/result_columns.h"

namespace perennial {
namespace {

constexpr const char* kRowColumn = "#row";

std::string ascii_lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// --- Tables are scanned where they stand: a table function hands their columns to the engine. ---

struct Source {
  std::vector<const Column*> columns;
  std::vector<std::string> names;
  std::vector<duckdb_vector> dictionaries;  // text columns: the dictionary, then one NULL entry
  const std::vector<uint32_t>* order = nullptr;  // of the rows; nullptr: as they stand

  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  uint64_t rows() const { return columns.empty() ? 0 : columns[0]->size(); }
  ~Source() {
    for (auto& dictionary : dictionaries) {
      if (dictionary) duckdb().destroy_vector(&dictionary);
    }
  }
};

struct Scan {
  std::atomic<uint64_t> next{0};  // first row that no thread has taken yet
  std::vector<idx_t> columns;     // that the query needs
};

struct LogicalType {
  explicit LogicalType(duckdb_type id) : type(duckdb().create_logical_type(id)) {}
  ~LogicalType() { duckdb().destroy_logical_type(&type); }
  LogicalType(const LogicalType&) = delete;
  LogicalType& operator=(const LogicalType&) = delete;
  duckdb_logical_type type;
};

void bind_source(duckdb_bind_info info) {
  const auto& source = *static_cast<const Source*>(duckdb().bind_get_extra_info(info));
  const LogicalType text(DUCKDB_TYPE_VARCHAR), number(DUCKDB_TYPE_DOUBLE), row(DUCKDB_TYPE_BIGINT);
  for (size_t i = 0; i < source.names.size(); ++i) {
    duckdb().bind_add_result_column(info, source.names[i].c_str(),
                                    source.columns[i]->is_text() ? text.type : number.type);
  }
  duckdb().bind_add_result_column(info, kRowColumn, row.type);
  duckdb().bind_set_cardinality(info, source.rows(), true);
}

void init_scan(duckdb_init_info info) {
  const auto& source = *static_cast<const Source*>(duckdb().init_get_extra_info(info));
  auto* scan = new Scan;
  for (idx_t i = 0; i < duckdb().init_get_column_count(info); ++i) {
    scan->columns.push_back(duckdb().init_get_column_index(info, i));
  }
  duckdb().init_set_init_data(info, scan, [](void* data) { delete static_cast<Scan*>(data); });
  duckdb().init_set_max_threads(info, source.rows() / duckdb().vector_size() + 1);
}

// Rows of a source that are handed over together.
struct Rows {
  uint64_t begin = 0;
  idx_t count = 0;
  const uint32_t* order = nullptr;  // of these rows; nullptr: as they stand

  template <typename T>
  void copy(const std::vector<T>& from, T* to) const {
    if (!order) {
      std::memcpy(to, from.data() + begin, count * sizeof(T));
    } else {
      for (idx_t i = 0; i < count; ++i) to[i] = from[order[i]];
    }
  }
};

void emit_numbers(const Column& column, const Rows& rows, duckdb_vector out) {
  auto* values = static_cast<double*>(duckdb().vector_get_data(out));
  rows.copy(column.numbers, values);
  const idx_t count = rows.count;
  uint64_t* validity = nullptr;
  for (idx_t i = 0; i < count; ++i) {
    if (!std::isnan(values[i])) continue;
    if (!validity) {
      duckdb().vector_ensure_validity_writable(out);
      validity = duckdb().vector_get_validity(out);
    }
    validity[i / 64] &= ~(uint64_t{1} << (i % 64));
  }
}

// Points into the dictionary instead of copying texts.
void emit_text(const Column& column, const Rows& rows, duckdb_vector dictionary,
               duckdb_vector out) {
  const idx_t count = rows.count;
  const auto missing = static_cast<sel_t>(column.dictionary.size());
  std::vector<int32_t> codes(count);
  rows.copy(column.codes, codes.data());
  duckdb_selection_vector selection = duckdb().create_selection_vector(count);
  sel_t* entries = duckdb().selection_vector_get_data_ptr(selection);
  for (idx_t i = 0; i < count; ++i) {
    entries[i] = codes[i] < 0 ? missing : static_cast<sel_t>(codes[i]);
  }
  duckdb().vector_reference_vector(out, dictionary);
  duckdb().slice_vector(out, selection, count);
  duckdb().destroy_selection_vector(selection);
}

void scan_rows(duckdb_function_info info, duckdb_data_chunk output) {
  const auto& source = *static_cast<const Source*>(duckdb().function_get_extra_info(info));
  auto& scan = *static_cast<Scan*>(duckdb().function_get_init_data(info));
  const uint64_t rows = source.rows(), step = duckdb().vector_size();
  const uint64_t begin = scan.next.fetch_add(step);
  const idx_t count = begin < rows ? std::min(step, rows - begin) : 0;
  const Rows range{.begin = begin,
                   .count = count,
                   .order = source.order && count > 0 ? source.order->data() + begin : nullptr};
  for (size_t i = 0; count > 0 && i < scan.columns.size(); ++i) {
    duckdb_vector out = duckdb().data_chunk_get_vector(output, i);
    const idx_t index = scan.columns[i];
    if (index == source.names.size()) {
      auto* numbers = static_cast<int64_t*>(duckdb().vector_get_data(out));
      for (idx_t k = 0; k < count; ++k) {
        numbers[k] = static_cast<int64_t>(range.order ? range.order[k] : begin + k);
      }
    } else if (index < source.names.size()) {  // beyond: a pseudo-column whose values nobody reads
      const Column& column = *source.columns[index];
      if (column.is_text()) {
        emit_text(column, range, source.dictionaries[index], out);
      } else {
        emit_numbers(column, range, out);
      }
    }
  }
  duckdb().data_chunk_set_size(output, count);
}

duckdb_vector dictionary_vector(const std::vector<std::string>& dictionary) {
  const LogicalType text(DUCKDB_TYPE_VARCHAR);
  duckdb_vector vector = duckdb().create_vector(text.type, dictionary.size() + 1);
  for (size_t i = 0; i < dictionary.size(); ++i) {
    duckdb().vector_assign_string_element_len(vector, i, dictionary[i].data(),
                                              dictionary[i].size());
  }
  duckdb().vector_ensure_validity_writable(vector);
  duckdb().validity_set_row_invalid(duckdb().vector_get_validity(vector), dictionary.size());
  return vector;
}

struct Result {
  Result() = default;
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;
  ~Result() { duckdb().destroy_result(&value); }
  duckdb_result value{};
};

struct Config {
  Config() { PERENNIAL_CHECK(duckdb().create_config(&value) == DuckDBSuccess); }
  ~Config() { duckdb().destroy_config(&value); }
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;
  void set(const char* name, const std::string& option) {
    PERENNIAL_CHECK(duckdb().set_config(value, name, option.c_str()) == DuckDBSuccess);
  }
  duckdb_config value = nullptr;
};

// Nothing is loaded, installed or remembered outside the process; spilled blocks go to the
// system's folder for temporary files, and only when memory runs out.
void configure(Config& config, int threads, uint64_t memory_limit_bytes) {
  config.set("threads", std::to_string(std::max(1, threads)));
  if (memory_limit_bytes > 0) config.set("memory_limit", fmt::format("{}B", memory_limit_bytes));
  config.set("autoinstall_known_extensions", "false");
  config.set("autoload_known_extensions", "false");
  config.set("allow_community_extensions", "false");
  config.set("allow_persistent_secrets", "false");
  // Rows come in any order unless the statement says ORDER BY; in exchange all threads may work.
  config.set("preserve_insertion_order", "false");
  std::error_code none;
  const fs::path folder = fs::temp_directory_path(none);
  if (!none) config.set("temp_directory", (folder / "perennial-spill").string());
}

}  // namespace

struct Store::State {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  std::vector<std::unique_ptr<Source>> sources;

  ~State() {
    if (connection) duckdb().disconnect(&connection);
    if (database) duckdb().close(&database);
  }

  void run(const std::string& sql, Result& result) {
    if (sql.find('\0') != std::string::npos) {
      throw Error(ErrorCode::kData, "", "a name or a value contains a NUL character",
                  "remove the NUL characters from the files and the study");
    }
    if (duckdb().query(connection, sql.c_str(), &result.value) == DuckDBSuccess) return;
    const char* message = duckdb().result_error(&result.value);
    const std::string text = message ? message : "unknown error";
    if (duckdb().result_error_type(&result.value) == DUCKDB_ERROR_OUT_OF_MEMORY) {
      throw Error(ErrorCode::kIo, "", "there is not enough memory: " + text,
                  "close other programs, or use fewer rows");
    }
    throw Error(ErrorCode::kInternal, "", fmt::format("{}\nin the statement\n{}", text, sql));
  }
};

Store::Store(int threads, uint64_t memory_limit_bytes) : state_(std::make_unique<State>()) {
  Config config;
  configure(config, threads, memory_limit_bytes);
  char* message = nullptr;
  if (duckdb().open_ext(nullptr, &state_->database, config.value, &message) != DuckDBSuccess) {
    const std::string text = message ? message : "unknown error";
    duckdb().free(message);
    throw Error(ErrorCode::kIo, "", "the embedded database does not open: " + text,
                "check the memory and the folder for temporary files");
  }
  PERENNIAL_CHECK(duckdb().connect(state_->database, &state_->connection) == DuckDBSuccess);
}

Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

void Store::add(const std::string& sql_name, const Table& table) {
  std::vector<const Column*> columns;
  for (const auto& column : table.columns) columns.push_back(&column);
  add(sql_name, columns, sql_names(table.column_names()));
}

void Store::add(const std::string& sql_name, const std::vector<const Column*>& columns,
                const std::vector<std::string>& names, const std::vector<uint32_t>* order) {
  PERENNIAL_CHECK(columns.size() == names.size());
  auto source = std::make_unique<Source>();
  source->order = order;
  source->columns = columns;
  source->names = names;
  for (const Column* column : columns) {
    PERENNIAL_CHECK(column->size() == source->rows());
    PERENNIAL_CHECK(!order || order->size() == column->size());
    source->dictionaries.push_back(column->is_text() ? dictionary_vector(column->dictionary)
                                                     : nullptr);
  }
  const std::string function_name = fmt::format("perennial_rows_{}", state_->sources.size());
  duckdb_table_function function = duckdb().create_table_function();
  duckdb().table_function_set_name(function, function_name.c_str());
  duckdb().table_function_set_extra_info(function, source.get(), nullptr);
  duckdb().table_function_set_bind(function, bind_source);
  duckdb().table_function_set_init(function, init_scan);
  duckdb().table_function_set_function(function, scan_rows);
  duckdb().table_function_supports_projection_pushdown(function, true);
  const auto registered = duckdb().register_table_function(state_->connection, function);
  duckdb().destroy_table_function(&function);
  PERENNIAL_CHECK(registered == DuckDBSuccess);
  state_->sources.push_back(std::move(source));
  execute(fmt::format("CREATE OR REPLACE TEMP VIEW {} AS SELECT * FROM {}()", identifier(sql_name),
                      function_name));
}

std::vector<Column> Store::query(const std::string& sql) {
  Result result;
  state_->run(sql, result);
  return columns_of(result.value);
}

void Store::execute(const std::string& sql) {
  Result result;
  state_->run(sql, result);
}

std::vector<Column> Store::read_parquet(const std::string& path) {
  std::string pattern;  // the engine takes a path for a glob pattern: no character may be special
  for (const char c : path) {
    pattern += c == '*' || c == '?' || c == '[' ? fmt::format("[{}]", c) : std::string(1, c);
  }
  const std::string from =
      fmt::format("FROM read_parquet({}, binary_as_string = true)", literal(pattern));
  try {
    execute("SET preserve_insertion_order = true");  // the file's own order
    std::vector<std::string> items;
    {
      Result head;
      state_->run("SELECT * " + from + " LIMIT 0", head);
      for (idx_t i = 0; i < duckdb().column_count(&head.value); ++i) {
        const std::string name = identifier(duckdb().column_name(&head.value, i));
        const bool known = column_type(duckdb().column_type(&head.value, i)).has_value();
        items.push_back(known ? name : fmt::format("CAST({0} AS VARCHAR) AS {0}", name));
      }
    }
    std::string list;
    for (const auto& item : items) list += (list.empty() ? "" : ", ") + item;
    auto columns = query("SELECT " + list + " " + from);
    execute("SET preserve_insertion_order = false");
    return columns;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInternal) throw;
    const std::string reason = error.problem().substr(0, error.problem().find('\n'));
    throw Error(ErrorCode::kData, path, "cannot read this as a Parquet file: " + reason,
                "check that it is a whole Parquet file, or export the table as CSV");
  }
}

std::string Store::identifier(std::string_view name) {
  std::string result = "\"";
  for (const char c : name) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

std::string Store::literal(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += c;
  }
  return result + '\'';
}

std::vector<std::string> Store::sql_names(const std::vector<std::string>& names) {
  std::set<std::string> taken = {kRowColumn};
  std::vector<std::string> result;
  for (const auto& name : names) {
    const std::string stem = name.empty() ? "column" : name;
    std::string unique = stem;
    for (int i = 2; !taken.insert(ascii_lower(unique)).second; ++i) {
      unique = fmt::format("{} #{}", stem, i);
    }
    result.push_back(unique);
  }
  return result;
}

std::string Store::version() { return duckdb().library_version(); }

}  // namespace perennial
