#include "table/result_columns.h"

#include <cmath>
#include <memory>

#include "base/error.h"
#include "table/duckdb_library.h"
#include "table/interner.h"

namespace perennial {
namespace {

constexpr double kMicrosADay = 86400e6;

double number_at(duckdb_type type, const void* data, idx_t row, double decimal_unit) {
  const auto at = [data, row](auto example) {
    return static_cast<double>(static_cast<const decltype(example)*>(data)[row]);
  };
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return static_cast<const bool*>(data)[row] ? 1.0 : 0.0;
    case DUCKDB_TYPE_TINYINT:
      return at(int8_t{});
    case DUCKDB_TYPE_SMALLINT:
      return at(int16_t{}) / decimal_unit;
    case DUCKDB_TYPE_INTEGER:
      return at(int32_t{}) / decimal_unit;
    case DUCKDB_TYPE_BIGINT:
      return at(int64_t{}) / decimal_unit;
    case DUCKDB_TYPE_UTINYINT:
      return at(uint8_t{});
    case DUCKDB_TYPE_USMALLINT:
      return at(uint16_t{});
    case DUCKDB_TYPE_UINTEGER:
      return at(uint32_t{});
    case DUCKDB_TYPE_UBIGINT:
      return at(uint64_t{});
    case DUCKDB_TYPE_HUGEINT:
      return duckdb().hugeint_to_double(static_cast<const duckdb_hugeint*>(data)[row]) /
             decimal_unit;
    case DUCKDB_TYPE_UHUGEINT:
      return duckdb().uhugeint_to_double(static_cast<const duckdb_uhugeint*>(data)[row]);
    case DUCKDB_TYPE_FLOAT:
      return at(float{});
    case DUCKDB_TYPE_DATE:
      return at(int32_t{});
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return at(int64_t{}) / kMicrosADay;
    case DUCKDB_TYPE_TIMESTAMP_S:
      return at(int64_t{}) / 86400.0;
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return at(int64_t{}) / 86400e3;
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return at(int64_t{}) / 86400e9;
    default:
      return at(double{});
  }
}

}  // namespace

std::optional<ColumnType> column_type(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_VARCHAR:
      return ColumnType::kText;
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return ColumnType::kDate;
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL:
      return ColumnType::kNumber;
    default:
      return std::nullopt;
  }
}

namespace {

// Appends the vectors of one result column to a Column; finish() when there are no more.
class ColumnSink {
 public:
  ColumnSink(duckdb_result& result, idx_t index, Column& out) : out_(out) {
    out.name = duckdb().column_name(&result, index);
    physical_ = duckdb().column_type(&result, index);
    const auto type = column_type(physical_);
    PERENNIAL_CHECK(type.has_value());  // our own SQL asks for these types alone
    out.type = *type;
    if (physical_ == DUCKDB_TYPE_DECIMAL) {
      duckdb_logical_type logical = duckdb().column_logical_type(&result, index);
      physical_ = duckdb().decimal_internal_type(logical);
      decimal_unit_ = std::pow(10.0, duckdb().decimal_scale(logical));
      duckdb().destroy_logical_type(&logical);
    }
  }

  void append(duckdb_vector vector, idx_t count) {
    const void* data = duckdb().vector_get_data(vector);
    const uint64_t* validity = duckdb().vector_get_validity(vector);
    const auto valid = [validity](idx_t i) {
      return !validity || ((validity[i / 64] >> (i % 64)) & 1) != 0;
    };
    if (out_.is_text()) {
      auto* strings = static_cast<duckdb_string_t*>(const_cast<void*>(data));
      for (idx_t i = 0; i < count; ++i) {
        out_.codes.push_back(valid(i) ? texts_.code({duckdb().string_t_data(&strings[i]),
                                                     duckdb().string_t_length(strings[i])},
                                                    false)
                                      : -1);
      }
      return;
    }
    for (idx_t i = 0; i < count; ++i) {
      out_.numbers.push_back(valid(i) ? number_at(physical_, data, i, decimal_unit_) : kMissing);
    }
  }

  void finish() {
    out_.dictionary.reserve(texts_.values().size());
    for (const std::string_view text : texts_.values()) out_.dictionary.emplace_back(text);
  }

 private:
  Column& out_;
  Interner texts_;
  duckdb_type physical_;
  double decimal_unit_ = 1;
};

}  // namespace

std::vector<Column> columns_of(duckdb_result& result) {
  std::vector<Column> columns(duckdb().column_count(&result));
  std::vector<std::unique_ptr<ColumnSink>> sinks;
  for (size_t i = 0; i < columns.size(); ++i) {
    sinks.push_back(std::make_unique<ColumnSink>(result, i, columns[i]));
  }
  while (duckdb_data_chunk chunk = duckdb().fetch_chunk(result)) {
    const idx_t count = duckdb().data_chunk_get_size(chunk);
    for (size_t i = 0; i < columns.size(); ++i) {
      sinks[i]->append(duckdb().data_chunk_get_vector(chunk, i), count);
    }
    duckdb().destroy_data_chunk(&chunk);
  }
  for (const auto& sink : sinks) sink->finish();
  return columns;
}

}  // namespace perennial
