// The order of customers.
#pragma once

#include <string>
#include <vector>

#include "base/workers.h"
#include "table/table.h"

namespace perennial {

// Rows in the order of their ids: by number when all are whole numbers, else by bytes.
class IdOrder {
 public:
  IdOrder(const Column& ids, const Workers& workers);

  // Rows with an id, ordered.
  size_t size() const { return keys_.size(); }
  uint32_t row(size_t i) const { return keys_[i].row; }
  std::string& text(uint32_t row) { return texts_[row]; }
  // Whether two places have one id.
  bool same(size_t i, size_t j) const {
    return keys_[i].number == keys_[j].number && texts_[keys_[i].row] == texts_[keys_[j].row];
  }

 private:
  struct Key {
    double number;
    uint32_t row;
  };

  std::vector<std::string> texts_;
  std::vector<Key> keys_;
};

}  // namespace perennial
