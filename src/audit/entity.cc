#include <array>

#include "audit/entity_check.h"

namespace perennial {
namespace {

// A new check is a function in entity_check.h and a line here.
constexpr std::array kEntityChecks{
    EntityCheck{.kind = "copies",
                .description = "Customers equal to another in every feature, which chance does "
                               "not explain.",
                .run = check_copies},
    EntityCheck{.kind = "id-predicts-target",
                .description = "The number in the id tells the target.",
                .run = check_id_order},
    EntityCheck{.kind = "order-predicts-target",
                .description = "The order of rows in the file tells the target.",
                .run = check_file_order},
    EntityCheck{.kind = "near-decisive-column",
                .description = "One column alone all but decides the target.",
                .run = check_decisive_columns},
    EntityCheck{.kind = "one-sided-column",
                .description = "Among many customers with certain values of one column, one class "
                               "never occurs.",
                .run = check_one_sided_columns},
    EntityCheck{.kind = "column-sorted-alone",
                .description = "A column that is sorted along the file and unrelated to all "
                               "others: its cells may belong to other rows.",
                .run = check_sorted_columns},
};

}  // namespace

std::span<const EntityCheck> entity_checks() { return kEntityChecks; }

EntityAudit audit_entities(const EntityView& view, const Workers& workers) {
  EntityAudit audit;
  for (const EntityCheck& check : kEntityChecks) check.run(view, workers, audit);
  return audit;
}

}  // namespace perennial
