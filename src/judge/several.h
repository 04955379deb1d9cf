// The verdict on more than two classes.
#pragma once

#include "judge/judge.h"

namespace perennial {

// Fills in everything but what judge() knows already: rows, classes, ids, y and probability.
void judge_several(const JudgeOptions& options, Seed seed, const Workers* workers,
                   Verdict& verdict);

}  // namespace perennial
