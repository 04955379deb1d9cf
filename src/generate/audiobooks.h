// A made-up audiobook shop: customers of two years and whether they buy again within the following
// six months, as one table like the real one and as the log of events from which that table can be
// computed.
#pragma once

#include <cstdint>
#include <string>

#include "base/files.h"
#include "base/seed.h"

namespace perennial {

struct AudiobooksOptions {
  int64_t customers = 14'084;  // 1 .. 10,000,000
  Seed seed;
  bool events = true;  // the three logs too
};

// The files' texts. The inputs are of 2023-01-01 to 2024-12-31, the outcome of 2025-01-01 to
// 2025-06-30.
//   customers  a row a customer, columns as in the real table; Purchase: 1 buys again
//   purchases  CustomerID, date, minutes (length of the book), price, review (1 to 10, or empty);
//              those of the six months after are in it too
//   listening  CustomerID, date, minutes
//   support    CustomerID, date
//   truth      CustomerID, p: the probability of buying again
// From the log, before 2025: lengths and prices are those of the purchases, Review whether any has
// one, Review(out of 10) their mean (8.91 where there is none), Total Mins Listened and Support
// Requests sums, Completion minutes listened over the length of all books, Last Visited(days) from
// the first purchase to the last listening or request (0 where there is none).
struct AudiobooksFiles {
  std::string customers, purchases, listening, support, truth;
};

// Errors (kUsage): a number of customers out of bounds.
AudiobooksFiles audiobooks_files(const AudiobooksOptions& options);
// Writes audiobooks.csv, truth.csv and, with events, purchases.csv, listening.csv and support.csv.
void generate_audiobooks(const AudiobooksOptions& options, const fs::path& folder);

}  // namespace perennial
