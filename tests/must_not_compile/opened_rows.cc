// What is explained on opened rows runs after the verdict: nobody but the judge makes such rows.
// expect 1: private
// expect 2: no matching function|could not convert|cannot convert|invalid initialization
#include <utility>

#include "explain/importance.h"

namespace perennial {

inline size_t allowed(const Verdict& verdict, const Pipeline& pipeline, const Workers& workers) {
  return permutation_importance(*verdict.opened, pipeline, {}, Seed{1}, workers).size();
}

#if defined(MUST_NOT_COMPILE) && MUST_NOT_COMPILE == 1
inline OpenedRows construct(FeatureTable table) { return OpenedRows(std::move(table)); }
#endif
#if defined(MUST_NOT_COMPILE) && MUST_NOT_COMPILE == 2
inline size_t before_the_verdict(const SealedRows& sealed, const Pipeline& pipeline,
                                 const Workers& workers) {
  return permutation_importance(sealed, pipeline, {}, Seed{1}, workers).size();
}
#endif

}  // namespace perennial
