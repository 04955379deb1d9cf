// Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019) on rows that were sealed.
#pragma once

#include "base/workers.h"
#include "explain/explanation.h"
#include "judge/judge.h"

namespace perennial {

struct ImportanceOptions {
  size_t most_rows = 5000;  // sealed rows used; which ones is decided by the seed
  int repeats = 5;          // how often each feature is dealt out anew
};

// One entry a feature, in the order of the table: auc_drop and log_loss_rise are filled. A
// feature's values are dealt out anew among the rows before the preparation, so all columns made
// from it move together. The intervals count both the rows (DeLong's variance of paired areas; the
// variance of row losses) and the deals. NaN areas (one class only) give NaN drops.
std::vector<FeatureImportance> permutation_importance(const OpenedRows& rows,
                                                      const Pipeline& pipeline,
                                                      const ImportanceOptions& options, Seed seed,
                                                      const Workers& workers);

}  // namespace perennial
