// The search cannot see the sealed test rows: it can neither make, copy, take from the split, nor
// read them, although it includes their header.
// expect 1: private
// expect 2: private
// expect 3: private|deleted
// expect 4: private
// expect 5: no matching function|could not convert|cannot convert|invalid initialization
#include <utility>

#include "search/search.h"
#include "split/split.h"

namespace perennial {

// What a search may do: learn from the training rows, hand the seal on unopened, count its rows.
inline size_t allowed(SplitRows rows, const SearchOptions& options, const Workers& workers,
                      Progress& progress) {
  const SearchResult result = search(rows.training, options, Seed{1}, workers, progress);
  const SealedRows passed_on = std::move(rows.sealed);
  return passed_on.size() + result.trials.size();
}

#if defined(MUST_NOT_COMPILE) && MUST_NOT_COMPILE == 1
inline SealedRows construct(FeatureTable table) { return SealedRows(std::move(table)); }
#endif
#if defined(MUST_NOT_COMPILE) && MUST_NOT_COMPILE == 2
inline size_t read(const SealedRows& sealed) { return sealed.table_.rows(); }
#endif
#if defined(MUST_NOT_COMPILE) && MUST_NOT_COMPILE == 3
inline SealedRows copy(const SealedRows& sealed) { return SealedRows(sealed); }
#endif
#if defined(MUST_NOT_COMPILE) && MUST_NOT_COMPILE == 4
class Searcher {
  static const FeatureTable& open(SealedRows& sealed) { return sealed.table_; }
};
#endif
#if defined(MUST_NOT_COMPILE) && MUST_NOT_COMPILE == 5
inline SearchResult learn_from(const SealedRows& sealed, const SearchOptions& options,
                               const Workers& workers, Progress& progress) {
  return search(sealed, options, Seed{1}, workers, progress);
}
#endif

}  // namespace perennial
