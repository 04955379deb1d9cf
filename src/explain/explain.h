// Everything that a run says about its winner, after the verdict.
#pragma once

#include "base/workers.h"
#include "explain/explanation.h"
#include "explain/importance.h"
#include "judge/judge.h"

namespace perennial {

struct ExplainOptions {
  ImportanceOptions importance;
};

// The same answer whatever the number of threads.
Explanation explain(const OpenedRows& opened, const Pipeline& pipeline,
                    const ExplainOptions& options, Seed seed, const Workers& workers);

}  // namespace perennial
