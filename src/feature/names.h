// How names in a study find columns and features.
#pragma once

#include <string>
#include <vector>

#include "feature/plan.h"

namespace perennial {

// Position of `name` among `names`: the exact one wins, then the one with the same regular form;
// -1 when there is none.
int find_name(const std::vector<std::string>& names, const std::string& name);

// Columns of the plan's schema, in order.
std::vector<std::string> schema_names(const PlanTable& table);

// Names of the features one column turns into, before they are made unique.
std::vector<std::string> names_of(const PlanTable& table, const PlanFeature& feature);

// Names of the features that hold dates.
std::vector<std::string> date_features(const FeaturePlan& plan);

// Takes out of the schemas what nothing in the plan reads.
void keep_needed_columns(FeaturePlan& plan);

}  // namespace perennial
