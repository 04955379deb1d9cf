// DuckDB's library, loaded when the first query comes: it is large, and a run whose plan needs no
// engine does without. Inside the table room alone.
#pragma once

#include <duckdb.h>

namespace perennial {

// Every function of the C API (duckdb.h) that the store calls, without its prefix.
#define PERENNIAL_DUCKDB_FUNCTIONS(X)            \
  X(bind_add_result_column)                      \
  X(bind_get_extra_info)                         \
  X(bind_set_cardinality)                        \
  X(close)                                       \
  X(column_count)                                \
  X(column_logical_type)                         \
  X(column_name)                                 \
  X(column_type)                                 \
  X(connect)                                     \
  X(create_config)                               \
  X(create_logical_type)                         \
  X(create_selection_vector)                     \
  X(create_table_function)                       \
  X(create_vector)                               \
  X(data_chunk_get_size)                         \
  X(data_chunk_get_vector)                       \
  X(data_chunk_set_size)                         \
  X(decimal_internal_type)                       \
  X(decimal_scale)                               \
  X(destroy_config)                              \
  X(destroy_data_chunk)                          \
  X(destroy_logical_type)                        \
  X(destroy_result)                              \
  X(destroy_selection_vector)                    \
  X(destroy_table_function)                      \
  X(destroy_vector)                              \
  X(disconnect)                                  \
  X(fetch_chunk)                                 \
  X(free)                                        \
  X(function_get_extra_info)                     \
  X(function_get_init_data)                      \
  X(hugeint_to_double)                           \
  X(init_get_column_count)                       \
  X(init_get_column_index)                       \
  X(init_get_extra_info)                         \
  X(init_set_init_data)                          \
  X(init_set_max_threads)                        \
  X(library_version)                             \
  X(open_ext)                                    \
  X(query)                                       \
  X(register_table_function)                     \
  X(result_error)                                \
  X(result_error_type)                           \
  X(selection_vector_get_data_ptr)               \
  X(set_config)                                  \
  X(slice_vector)                                \
  X(string_t_data)                               \
  X(string_t_length)                             \
  X(table_function_set_bind)                     \
  X(table_function_set_extra_info)               \
  X(table_function_set_function)                 \
  X(table_function_set_init)                     \
  X(table_function_set_name)                     \
  X(table_function_supports_projection_pushdown) \
  X(uhugeint_to_double)                          \
  X(validity_set_row_invalid)                    \
  X(vector_assign_string_element_len)            \
  X(vector_ensure_validity_writable)             \
  X(vector_get_data)                             \
  X(vector_get_validity)                         \
  X(vector_reference_vector)                     \
  X(vector_size)

struct DuckDb {
// A name that is being declared cannot stand in parentheses.
// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define PERENNIAL_MEMBER(name) decltype(&::duckdb_##name) name = nullptr;
  PERENNIAL_DUCKDB_FUNCTIONS(PERENNIAL_MEMBER)
#undef PERENNIAL_MEMBER
};

// Loads the library at the first call; safe from any thread. Error (kIo): it is not where it
// was installed, or is another version.
const DuckDb& duckdb();

}  // namespace perennial
