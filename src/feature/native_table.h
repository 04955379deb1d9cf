// One table after its repairs, without the engine: what TableCompiler writes as SQL, done to the
// columns in memory. Plans of the plain shapes never wake the engine; build_features falls back to
// it for all others, and tests compare the two.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "feature/plan.h"

namespace perennial {

struct NativeTable {
  // Customers whom one step of the repairs drops: those with a row that is 1.
  struct Drop {
    size_t step = 0;  // from 1
    std::vector<uint8_t> rows;
  };

  std::vector<const Column*> columns;  // one a column of the plan's schema, over the file's rows
  std::vector<uint8_t> gone;           // 1: a repair drops the row; empty where none is dropped
  std::vector<Drop> drops;
  std::deque<Column> owned;  // columns that a repair has changed

  size_t rows() const { return columns[0]->size(); }
  bool has(size_t row) const { return gone.empty() || gone[row] == 0; }
  const Column& column(const PlanTable& table, const std::string& name) const;
};

// nullopt: a repair of a kind, or with a number, that is left to the engine. `columns`: one a
// column of the plan's schema. REQUIRES: the plan's SQL has been compiled, which checks it.
std::optional<NativeTable> repaired(const FeaturePlan& plan, size_t table,
                                    const std::vector<const Column*>& columns);

// Ids as whole numbers from 0, in the order in which they first stand in a column.
class IdNumbers {
 public:
  // `skip`: rows to leave out (1), or empty. REQUIRES: `ids` outlives this object.
  IdNumbers(const Column& ids, const std::vector<uint8_t>& skip);

  size_t count() const { return count_; }  // different ids
  // One a row; -1 where the id is missing or the row is left out.
  const std::vector<int32_t>& numbers() const { return numbers_; }
  // The numbers of the ids of another column; -1 where it is missing or not known.
  // REQUIRES: both are text, or neither is.
  std::vector<int32_t> find(const Column& ids) const;

 private:
  void number_texts(const Column& ids, const std::vector<uint8_t>& skip);
  void number_whole(const Column& ids, const std::vector<uint8_t>& skip, double low, size_t range);
  void number_doubles(const Column& ids, const std::vector<uint8_t>& skip);
  size_t slot_of(double id) const;

  const Column& ids_;
  size_t count_ = 0;
  std::vector<int32_t> numbers_;
  std::vector<int32_t> by_code_;  // text: by code of ids_
  double low_ = 0;
  bool direct_ = false;           // whole numbers that lie close together: slot = id - low_
  std::vector<double> slot_ids_;  // open addressing
  std::vector<int32_t> by_slot_;
};

// Values of the period column after the repairs, in order of the text.
std::vector<std::string> periods_in(const FeaturePlan& plan, size_t table,
                                    const NativeTable& native);

// For each row the position of its period among the plan's, -1 where it is none of them. nullopt
// where the engine might compare otherwise.
std::optional<std::vector<int32_t>> period_of_rows(const FeaturePlan& plan, size_t table,
                                                   const NativeTable& native);

// Has any customer several rows in one period?
std::optional<bool> has_several_rows(const FeaturePlan& plan, size_t table,
                                     const NativeTable& native);

}  // namespace perennial
