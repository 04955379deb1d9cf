// Customers and target: copies, order, columns that tell too much.
#include <cmath>
#include <ctime>

#include "audit/entity_check.h"
#include "audit/test_tables.h"
#include "base/seed.h"

namespace perennial {
namespace {

using testing::listed;
using testing::of_kind;
using testing::on_column;

struct Customers {
  std::vector<Column> columns;
  EntityView view;

  size_t rows() const { return view.ids.size(); }
  void finish() {
    view.features.clear();
    for (const Column& column : columns) view.features.push_back(&column);
    view.feature_tables.assign(columns.size(), "m");
  }
};

// Customers with `numbers` numeric and `words` text columns that weakly tell the target.
Customers customers(size_t n, size_t numbers, size_t words, uint64_t seed) {
  Customers result;
  Rng rng(Seed{seed});
  result.view.table = "m";
  result.view.id_name = "id";
  result.view.positive = "gone";
  for (size_t row = 0; row < n; ++row) {
    result.view.ids.push_back(std::to_string(100000 + row));
    result.view.y.push_back(rng.bernoulli(0.3) ? 1 : 0);
    result.view.position.push_back(static_cast<uint32_t>(row));
  }
  result.view.origin = [ids = result.view.ids](size_t row) -> Example {
    return {"m.csv", static_cast<int64_t>(row) + 2, ids[row]};
  };
  for (size_t c = 0; c < numbers; ++c) {
    std::vector<double> values(n);
    for (size_t row = 0; row < n; ++row) {
      values[row] = std::round(100 * (5 + rng.normal() + 0.3 * result.view.y[row])) / 100;
    }
    result.columns.push_back(Column::number("x" + std::to_string(c), std::move(values)));
  }
  for (size_t c = 0; c < words; ++c) {
    Column column;
    column.name = "w" + std::to_string(c);
    column.type = ColumnType::kText;
    column.dictionary = {"a", "b", "c", "d"};
    for (size_t row = 0; row < n; ++row) column.codes.push_back(static_cast<int32_t>(rng.below(4)));
    result.columns.push_back(std::move(column));
  }
  result.finish();
  return result;
}

TEST(Entities, NothingToSayAboutPlainData) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Customers plain = customers(3000, 5, 4, seed);
    const EntityAudit audit = audit_entities(plain.view, Workers(2));
    EXPECT_TRUE(audit.findings.empty()) << listed(audit.findings);
    for (size_t row = 0; row < plain.rows(); ++row) EXPECT_EQ(audit.copy_group[row], row);
  }
}

TEST(Copies, AreFoundAndTold) {
  Customers data = customers(2000, 4, 3, 1);
  for (size_t i = 0; i < 11; ++i) {
    for (Column& column : data.columns) {
      if (column.is_text()) {
        column.codes[900 + i] = column.codes[300 + i];
      } else {
        column.numbers[900 + i] = column.numbers[300 + i];
      }
    }
  }
  const EntityAudit audit = audit_entities(data.view, Workers(2));
  const auto found = of_kind(audit.findings, "copies");
  ASSERT_EQ(found.size(), 1U) << listed(audit.findings);
  EXPECT_EQ(found[0].rows, 11);
  EXPECT_NE(found[0].message.find("100300–100310 are copies of 100900–100910"), std::string::npos);
  for (size_t i = 0; i < 11; ++i) EXPECT_EQ(audit.copy_group[900 + i], 300 + i);
  EXPECT_EQ(audit.copy_group[5], 5U);
}

TEST(Copies, EqualMissingCellsAreEqual) {
  Customers data = customers(2000, 4, 3, 2);
  for (Column& column : data.columns) {
    if (column.is_text()) {
      column.codes[7] = column.codes[8];
    } else {
      column.numbers[7] = column.numbers[8];
    }
  }
  data.columns[0].numbers[7] = data.columns[0].numbers[8] = kMissing;
  const EntityAudit audit = audit_entities(data.view, Workers(1));
  EXPECT_EQ(of_kind(audit.findings, "copies").size(), 1U);
}

TEST(Copies, EqualRowsByChanceAreNone) {
  // Few values in few columns: many equal rows, as in any survey.
  Customers coarse = customers(3000, 0, 6, 3);
  EXPECT_TRUE(of_kind(audit_entities(coarse.view, Workers(1)).findings, "copies").empty());
  // Columns that all follow from the first: independence would call equal rows impossible.
  Customers linked = customers(3000, 0, 5, 4);
  for (size_t c = 0; c < 12; ++c) {
    Column copy = linked.columns[0];
    copy.name = "l" + std::to_string(c);
    linked.columns.push_back(std::move(copy));
  }
  linked.finish();
  EXPECT_TRUE(of_kind(audit_entities(linked.view, Workers(1)).findings, "copies").empty());
}

// Known answer by hand: y = 0 0 1 0 1 1. Positives stand at ranks 3, 5, 6; of the 9 pairs 8 are in
// order: AUC 8/9. Runs: 00 1 0 11 = 4; expected 1 + 2 * 3 * 3 / 6 = 4.
TEST(Order, KnownAnswer) {
  const OrderSignal signal = order_signal({0, 0, 1, 0, 1, 1});
  EXPECT_DOUBLE_EQ(signal.auc, 8.0 / 9);
  EXPECT_DOUBLE_EQ(signal.runs, 4);
  EXPECT_DOUBLE_EQ(signal.expected_runs, 4);
  EXPECT_DOUBLE_EQ(signal.runs_z, 0);
  // (8 - 4.5) / sqrt(9 * 7 / 12)
  EXPECT_NEAR(signal.auc_z, 3.5 / std::sqrt(5.25), 1e-12);
  EXPECT_DOUBLE_EQ(order_signal({1, 1}).auc, 0.5);
}

TEST(Order, SortedFileAndBlocks) {
  Customers data = customers(2000, 3, 1, 5);
  std::sort(data.view.y.begin(), data.view.y.end());
  auto findings = audit_entities(data.view, Workers(1)).findings;
  ASSERT_EQ(of_kind(findings, "order-predicts-target").size(), 1U);
  EXPECT_NE(of_kind(findings, "order-predicts-target")[0].message.find("sorted by the target"),
            std::string::npos);
  EXPECT_EQ(of_kind(findings, "id-predicts-target").size(), 1U);

  // Blocks of 20 without a trend, in the file only: ids are shuffled.
  for (size_t row = 0; row < data.rows(); ++row) data.view.y[row] = (row / 20) % 3 == 0;
  Rng rng(Seed{6});
  rng.shuffle(data.view.ids);
  findings = audit_entities(data.view, Workers(1)).findings;
  ASSERT_EQ(of_kind(findings, "order-predicts-target").size(), 1U) << listed(findings);
  EXPECT_NE(of_kind(findings, "order-predicts-target")[0].message.find("blocks"),
            std::string::npos);
  EXPECT_TRUE(of_kind(findings, "id-predicts-target").empty());
}

TEST(Order, DigitsAtTheEndOfAnId) {
  Customers data = customers(2000, 3, 1, 7);
  for (size_t row = 0; row < data.rows(); ++row) data.view.ids[row] = "C-" + std::to_string(row);
  std::sort(data.view.y.begin(), data.view.y.end());
  Rng rng(Seed{8});
  rng.shuffle(data.view.position);
  const auto findings = audit_entities(data.view, Workers(1)).findings;
  EXPECT_EQ(of_kind(findings, "id-predicts-target").size(), 1U);
  EXPECT_TRUE(of_kind(findings, "order-predicts-target").empty());
}

TEST(SingleColumn, NearlyDecides) {
  Customers data = customers(3000, 3, 2, 9);
  Rng rng(Seed{10});
  for (size_t row = 0; row < data.rows(); ++row) {
    data.columns[1].numbers[row] = data.view.y[row] * 3.5 + rng.normal();
    const bool wrong = rng.bernoulli(0.02);
    data.columns[3].codes[row] = (data.view.y[row] == 1) != wrong ? 2 : 0;
  }
  const auto findings = audit_entities(data.view, Workers(2)).findings;
  const auto found = of_kind(findings, "near-decisive-column");
  ASSERT_EQ(found.size(), 2U) << listed(findings);
  EXPECT_EQ(found[0].column, "x1");
  EXPECT_EQ(found[1].column, "w0");
}

TEST(SingleColumn, ATextOfManyValuesDecidesNothing) {
  Customers data = customers(3000, 2, 0, 11);
  std::vector<std::string> names;
  for (size_t row = 0; row < data.rows(); ++row) names.push_back("n" + std::to_string(row / 2 * 7));
  data.columns.push_back(Column::text("name", names));
  data.finish();
  EXPECT_TRUE(audit_entities(data.view, Workers(1)).findings.empty());
}

TEST(SingleColumn, OneSidedRangeValueAndMissing) {
  Customers data = customers(3000, 3, 2, 12);
  for (size_t row = 0; row < data.rows(); ++row) {
    const bool some = row % 3 == 0;
    const bool positive = data.view.y[row] == 1;
    data.columns[0].numbers[row] = some && !positive ? 1 + static_cast<double>(row % 50) : 0;
    if (some && positive) data.columns[1].numbers[row] = kMissing;
    if (positive && data.columns[3].codes[row] == 1) data.columns[3].codes[row] = 0;
  }
  const auto findings = audit_entities(data.view, Workers(2)).findings;
  SCOPED_TRACE(listed(findings));
  const auto range = on_column(of_kind(findings, "one-sided-column"), "x0");
  ASSERT_EQ(range.size(), 1U);
  EXPECT_NE(range[0].message.find("with x0 > 0 is «gone»"), std::string::npos);
  EXPECT_NE(range[0].message.find("x0 <= 0"), std::string::npos);
  const auto missing = on_column(of_kind(findings, "one-sided-column"), "x1");
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_NE(missing[0].message.find("x1 is missing"), std::string::npos);
  const auto value = on_column(of_kind(findings, "one-sided-column"), "w0");
  ASSERT_EQ(value.size(), 1U);
  EXPECT_NE(value[0].message.find("w0 = 'b'"), std::string::npos);
}

TEST(SingleColumn, ATrendThatRunsOutIsNoCertainty) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Customers data = customers(5000, 1, 0, 13 + seed);
    Rng rng(Seed{100 + seed});
    for (size_t row = 0; row < data.rows(); ++row) {
      const double x = rng.normal();
      data.columns[0].numbers[row] = x;
      data.view.y[row] = rng.bernoulli(1 / (1 + std::exp(1 + 2.5 * x))) ? 1 : 0;
    }
    const auto findings = audit_entities(data.view, Workers(1)).findings;
    EXPECT_TRUE(findings.empty()) << listed(findings);
  }
}

TEST(SortedColumn, MovedAgainstTheRest) {
  Customers data = customers(3000, 5, 0, 30);
  for (size_t row = 0; row < data.rows(); ++row) {
    for (size_t c = 1; c < 5; ++c)
      data.columns[c].numbers[row] += 0.5 * data.columns[0].numbers[row];
  }
  // A file sorted as a whole is no fault.
  EXPECT_TRUE(audit_entities(data.view, Workers(1)).findings.empty());
  auto& moved = data.columns[0].numbers;
  std::sort(moved.begin(), moved.end());
  const auto findings = audit_entities(data.view, Workers(1)).findings;
  ASSERT_EQ(findings.size(), 1U) << listed(findings);
  EXPECT_EQ(findings[0].kind, "column-sorted-alone");
  EXPECT_EQ(findings[0].column, "x0");
}

TEST(Entities, DegenerateViews) {
  for (const size_t n : {size_t{0}, size_t{1}, size_t{3}}) {
    Customers few = customers(n, 2, 1, 40);
    EXPECT_EQ(audit_entities(few.view, Workers(1)).copy_group.size(), n);
  }
  Customers one_class = customers(300, 2, 1, 41);
  for (int32_t& y : one_class.view.y) y = 1;
  EXPECT_TRUE(audit_entities(one_class.view, Workers(1)).findings.empty());
  for (int32_t& y : one_class.view.y) y = -1;
  EXPECT_TRUE(audit_entities(one_class.view, Workers(1)).findings.empty());
}

TEST(Entities, SameForAnyNumberOfThreads) {
  Customers data = customers(5000, 4, 3, 42);
  std::sort(data.view.y.begin(), data.view.y.end());
  const EntityAudit one = audit_entities(data.view, Workers(1));
  const EntityAudit four = audit_entities(data.view, Workers(4));
  EXPECT_EQ(listed(one.findings), listed(four.findings));
  EXPECT_EQ(one.copy_group, four.copy_group);
}

}  // namespace
}  // namespace perennial
