#include "segment/segments.h"

namespace perennial {

const char* to_string(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::kCell:
      return "cell";
    case SegmentKind::kNamed:
      return "named";
    case SegmentKind::kDiscovered:
      break;
  }
  return "discovered";
}

}  // namespace perennial
