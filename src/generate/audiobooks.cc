#include "generate/audiobooks.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "generate/sheet.h"
#include "table/column.h"

namespace perennial {
namespace {

constexpr int64_t kMostCustomers = 10'000'000;
constexpr int kInputDays = 731;    // 2023 and 2024
constexpr int kOutcomeDays = 181;  // to the end of June 2025
constexpr double kUsualReview = 8.91;
constexpr std::array<int64_t, 6> kLengths = {216, 648, 1080, 1188, 1620, 2160};

struct Purchase {
  int day = 0;  // from 2023-01-01
  int64_t minutes = 0, cents = 0;
  int64_t review = 0;  // 0: none
};
struct Listening {
  int day = 0;
  int64_t minutes = 0;
};
struct Listener {
  int64_t id = 0;
  std::vector<Purchase> purchases;   // by day; the later ones are the outcome
  std::vector<Listening> listening;  // by day
  std::vector<int> support;          // by day
  double p = 0;
};

// What the table holds, from what happened before the cutoff.
struct Row {
  int64_t books = 0, minutes = 0, cents = 0, listened = 0, requests = 0, last_visited = 0;
  int64_t reviews = 0, review_sum = 0;
  double completion() const { return static_cast<double>(listened) / static_cast<double>(minutes); }
};

Row row_of(const Listener& customer) {
  Row row;
  for (const Purchase& bought : customer.purchases) {
    if (bought.day >= kInputDays) continue;
    ++row.books;
    row.minutes += bought.minutes;
    row.cents += bought.cents;
    row.reviews += bought.review > 0;
    row.review_sum += bought.review;
  }
  int last = customer.purchases.front().day;
  for (const Listening& l : customer.listening) {
    row.listened += l.minutes;
    last = std::max(last, l.day);
  }
  for (const int day : customer.support) {
    ++row.requests;
    last = std::max(last, day);
  }
  row.last_visited = last - customer.purchases.front().day;
  return row;
}

int later_day(Rng& rng, int from, double mean) {
  const double wait = -mean * std::log(1 - rng.uniform());
  return std::min(kInputDays - 1, from + static_cast<int>(wait));
}

void draw_events(Listener& customer, Rng& rng) {
  const double keen = rng.normal();
  size_t books = 1;
  while (books < 6 && rng.bernoulli(0.05 + 0.04 * std::max(0.0, keen))) ++books;
  for (size_t b = 0; b < books; ++b) {
    Purchase bought{.day = static_cast<int>(rng.below(kInputDays)),
                    .minutes = kLengths[rng.below(kLengths.size())]};
    bought.cents = 386 + std::llround(std::exp(5.2 + 0.8 * rng.normal()));
    if (rng.bernoulli(0.16)) {
      bought.review = std::clamp<int64_t>(std::llround(9.2 + 1.3 * rng.normal()), 1, 10);
    }
    customer.purchases.push_back(bought);
  }
  const auto by_day = [](const auto& a, const auto& b) { return a.day < b.day; };
  std::stable_sort(customer.purchases.begin(), customer.purchases.end(), by_day);
  const int first = customer.purchases.front().day;
  if (rng.bernoulli(1 / (1 + std::exp(0.5 - 0.8 * keen)))) {
    int64_t left = 0;
    for (const Purchase& bought : customer.purchases) left += bought.minutes;
    const size_t sittings = 1 + rng.below(8);
    for (size_t s = 0; s < sittings && left > 0; ++s) {
      const auto heard = std::min(left, 1 + static_cast<int64_t>(rng.below(240)));
      customer.listening.push_back({.day = later_day(rng, first, 60), .minutes = heard});
      left -= heard;
    }
    std::stable_sort(customer.listening.begin(), customer.listening.end(), by_day);
  }
  while (customer.support.size() < 30 && rng.bernoulli(0.07)) {
    customer.support.push_back(later_day(rng, first, 60));
  }
  std::sort(customer.support.begin(), customer.support.end());
}

double chance_to_return(const Row& row) {
  const double odds = -2.93 + 1.1 * std::log(static_cast<double>(row.books)) +
                      0.7 * (row.reviews > 0) + 2.2 * row.completion() +
                      0.007 * static_cast<double>(row.last_visited) -
                      0.5 * std::log(static_cast<double>(row.cents) / 600) -
                      0.3 * static_cast<double>(std::min<int64_t>(row.requests, 3));
  return 1 / (1 + std::exp(-odds));
}

std::vector<Listener> draw_customers(const AudiobooksOptions& options) {
  std::vector<Listener> customers(static_cast<size_t>(options.customers));
  std::vector<int64_t> ids(customers.size());
  std::iota(ids.begin(), ids.end(), int64_t{2});
  Rng id_rng(options.seed.child("ids"));
  id_rng.shuffle(ids);
  for (size_t i = 0; i < customers.size(); ++i) {
    Rng rng(options.seed.child("customers").child(i));
    Listener& customer = customers[i];
    customer.id = ids[i];
    draw_events(customer, rng);
    customer.p = chance_to_return(row_of(customer));
    if (!rng.bernoulli(customer.p)) continue;
    customer.purchases.push_back({.day = kInputDays + static_cast<int>(rng.below(kOutcomeDays)),
                                  .minutes = kLengths[rng.below(kLengths.size())],
                                  .cents = 386 + static_cast<int64_t>(rng.below(600))});
  }
  return customers;
}

double rounded(double value) { return std::round(value * 100) / 100; }

std::string date_of(int day) {
  using std::chrono::days;
  constexpr std::chrono::sys_days kFirst{std::chrono::year{2023} / 1 / 1};
  const int64_t since = (kFirst + days{day}).time_since_epoch().count();
  return date_text(static_cast<double>(since));
}

std::string customers_file(const std::vector<Listener>& customers) {
  constexpr std::array<std::string_view, 12> kHeader = {
      "CustomerID",          "Book length avg",  "Book length Sum",    "Avg Price",
      "Sum Price Paid",      "Review",           "Review(out of 10)",  "Completion",
      "Total Mins Listened", "Support Requests", "Last Visited(days)", "Purchase"};
  Sheet sheet({}, kHeader, false);
  for (const Listener& customer : customers) {
    const Row row = row_of(customer);
    const auto books = static_cast<double>(row.books);
    sheet.whole(customer.id);
    sheet.number(rounded(static_cast<double>(row.minutes) / books), 2);
    sheet.whole(row.minutes);
    sheet.number(rounded(static_cast<double>(row.cents) / books / 100), 2);
    sheet.number(static_cast<double>(row.cents) / 100, 2);
    sheet.whole(row.reviews > 0);
    sheet.number(row.reviews > 0 ? rounded(static_cast<double>(row.review_sum) /
                                           static_cast<double>(row.reviews))
                                 : kUsualReview,
                 2);
    sheet.number(rounded(row.completion()), 2);
    sheet.whole(row.listened);
    sheet.whole(row.requests);
    sheet.whole(row.last_visited);
    sheet.whole(customer.purchases.back().day >= kInputDays);
    sheet.end_row();
  }
  return sheet.take();
}

// Rows of a log: customers one after another, each in the order of time.
template <typename Write>
std::string log_file(std::span<const std::string_view> header,
                     const std::vector<Listener>& customers, const Write& write) {
  Sheet sheet({}, header, false);
  for (const Listener& customer : customers) write(sheet, customer);
  return sheet.take();
}

std::string purchases_file(const std::vector<Listener>& customers) {
  constexpr std::array<std::string_view, 5> kHeader = {"CustomerID", "date", "minutes", "price",
                                                       "review"};
  return log_file(kHeader, customers, [](Sheet& sheet, const Listener& customer) {
    for (const Purchase& bought : customer.purchases) {
      sheet.whole(customer.id);
      sheet.text(date_of(bought.day));
      sheet.whole(bought.minutes);
      sheet.number(static_cast<double>(bought.cents) / 100, 2);
      sheet.text(bought.review > 0 ? std::to_string(bought.review) : "");
      sheet.end_row();
    }
  });
}

std::string listening_file(const std::vector<Listener>& customers) {
  constexpr std::array<std::string_view, 3> kHeader = {"CustomerID", "date", "minutes"};
  return log_file(kHeader, customers, [](Sheet& sheet, const Listener& customer) {
    for (const Listening& l : customer.listening) {
      sheet.whole(customer.id);
      sheet.text(date_of(l.day));
      sheet.whole(l.minutes);
      sheet.end_row();
    }
  });
}

std::string support_file(const std::vector<Listener>& customers) {
  constexpr std::array<std::string_view, 2> kHeader = {"CustomerID", "date"};
  return log_file(kHeader, customers, [](Sheet& sheet, const Listener& customer) {
    for (const int day : customer.support) {
      sheet.whole(customer.id);
      sheet.text(date_of(day));
      sheet.end_row();
    }
  });
}

std::string truth_file(const std::vector<Listener>& customers) {
  constexpr std::array<std::string_view, 2> kHeader = {"CustomerID", "p"};
  return log_file(kHeader, customers, [](Sheet& sheet, const Listener& customer) {
    sheet.whole(customer.id);
    sheet.number(customer.p, 6);
    sheet.end_row();
  });
}

}  // namespace

AudiobooksFiles audiobooks_files(const AudiobooksOptions& options) {
  if (options.customers < 1 || options.customers > kMostCustomers) {
    throw Error(ErrorCode::kUsage, "--customers",
                "the shop has 1 to " + grouped(kMostCustomers) + " customers, not " +
                    grouped(options.customers));
  }
  const std::vector<Listener> customers = draw_customers(options);
  AudiobooksFiles files{.customers = customers_file(customers), .truth = truth_file(customers)};
  if (options.events) {
    files.purchases = purchases_file(customers);
    files.listening = listening_file(customers);
    files.support = support_file(customers);
  }
  return files;
}

void generate_audiobooks(const AudiobooksOptions& options, const fs::path& folder) {
  const AudiobooksFiles files = audiobooks_files(options);
  std::error_code failed;
  fs::create_directories(folder, failed);
  write_file(folder / "audiobooks.csv", files.customers);
  write_file(folder / "truth.csv", files.truth);
  if (!options.events) return;
  write_file(folder / "purchases.csv", files.purchases);
  write_file(folder / "listening.csv", files.listening);
  write_file(folder / "support.csv", files.support);
}

}  // namespace perennial
