// Keys of tables, of how they pivot, and of repairs.
#pragma once

#include "study/keys.h"

namespace perennial {

SectionSpec table_section();
SectionSpec pivot_section();
SectionSpec repair_section();

}  // namespace perennial
