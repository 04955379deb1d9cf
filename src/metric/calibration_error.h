// The interval of the calibration error.
#pragma once

#include "metric/metric.h"

namespace perennial {

// expected_calibration_error with an interval for what it would be with any number of rows (bins of
// equal size, true rates), which takes account of its bias; widened to hold the value.
// calibration_error.cc says how. With 300 to 5,000 rows it covers 92 to 98 % where the truth is
// well above the noise; towards perfect calibration, where the lower limit is nought, 97 to 99 %
// (promises_slow_test.cc).
Figure calibration_error_interval(Labels y, Scores p, int bins);

}  // namespace perennial
