#include "generate/shop.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "generate/sheet.h"
#include "generate/shop_tables.h"

namespace perennial {
namespace {

constexpr int64_t kMostCustomers = 10'000'000;
constexpr int64_t kFirstId = 200'000;
constexpr size_t kFileNumbers = 8;  // of shop_numbers(): columns of market_file
constexpr size_t kRevenue = 8, kMinutes = 11, kProfit = 13;
constexpr size_t kNumberCount = 14, kCategoryCount = 3;

// Rates of the real files' dirt.
constexpr double kMisspeltService = 10.0 / 924;
constexpr double kIdle = 3.0 / 1300;
constexpr double kImpossible = 1.0 / 1300;
constexpr double kCopies = 11.0 / 1300;

constexpr std::array<std::string_view, 3> kRevenuePeriods = {"препредыдущий_месяц", "текущий_месяц",
                                                             "предыдущий_месяц"};
constexpr std::array<std::string_view, 2> kMinutePeriods = {"текущий_месяц", "предыдущий_месяц"};
constexpr std::string_view kMisspeltPeriod = "предыдцщий_месяц";

struct Customer {
  int64_t id = 0;
  std::array<double, kNumberCount> number{};
  std::array<uint8_t, kCategoryCount> category{};
  double probability = 0;
  bool declines = false;
  bool misspelt_service = false;
};

// The value at share u of a column's distribution, as the files show it.
double marginal(const ShopNumber& column, double u) {
  const auto& values = column.values;
  if (!column.up_to.empty()) {
    const auto at = std::lower_bound(column.up_to.begin(), column.up_to.end() - 1, u);
    return values[static_cast<size_t>(at - column.up_to.begin())];
  }
  const double position = u * static_cast<double>(values.size() - 1);
  const size_t left = std::min(static_cast<size_t>(position), values.size() - 2);
  const double within = position - static_cast<double>(left);
  const double scale = column.decimals == 0 ? 1.0 : column.decimals == 1 ? 10.0 : 100.0;
  return std::round((values[left] + within * (values[left + 1] - values[left])) * scale) / scale;
}

double true_probability(const Customer& customer) {
  double sum = shop_intercept();
  for (size_t i = 0; i < kNumberCount; ++i) {
    const ShopNumber& column = shop_numbers()[i];
    const double s = std::clamp((customer.number[i] - column.mean) / column.sd, -4.0, 4.0);
    sum += column.linear * s + column.square * s * s;
  }
  for (size_t i = 0; i < kCategoryCount; ++i) {
    sum += shop_categories()[i].classes[customer.category[i]].effect;
  }
  return 1.0 / (1.0 + std::exp(-sum));
}

uint8_t draw_class(const ShopCategory& category, Rng& rng) {
  double left = rng.uniform();
  uint8_t at = 0;
  while (at + 1u < category.classes.size() && left >= category.classes[at].share) {
    left -= category.classes[at++].share;
  }
  return at;
}

Customer draw_customer(Rng& rng) {
  Customer customer;
  std::array<double, kNumberCount> z{};
  for (double& value : z) value = rng.normal();
  const double* factor = shop_factor().data();
  for (size_t i = 0; i < kNumberCount; ++i) {
    double correlated = 0;
    for (size_t j = 0; j <= i; ++j) correlated += *factor++ * z[j];
    const double u = 0.5 * std::erfc(-correlated / std::sqrt(2.0));
    customer.number[i] = marginal(shop_numbers()[i], u);
  }
  for (size_t i = 0; i < kCategoryCount; ++i) {
    customer.category[i] = draw_class(shop_categories()[i], rng);
  }
  customer.probability = true_probability(customer);
  customer.declines = rng.bernoulli(customer.probability);
  return customer;
}

// Everybody but the last few, who are copies of others in all but id and profit.
std::vector<Customer> draw_customers(const ShopOptions& options) {
  const auto n = static_cast<size_t>(options.customers);
  const auto copies =
      options.clean ? size_t{0} : static_cast<size_t>(static_cast<double>(n) * kCopies);
  Rng rng(options.seed.child("customers"));
  std::vector<Customer> customers(n);
  for (size_t i = 0; i < n; ++i) {
    customers[i] = draw_customer(rng);
    if (i < n - copies) continue;
    const double own_profit = customers[i].number[kProfit];
    customers[i] = customers[rng.below(n - copies)];
    customers[i].number[kProfit] = own_profit;
  }
  return customers;
}

// After the target is drawn: what is wrong in the files says nothing about it.
void put_dirt(std::vector<Customer>& customers, Seed seed) {
  Rng rng(seed);
  for (Customer& customer : customers) {
    // Three draws a customer, whatever they decide.
    const bool misspelt = rng.bernoulli(kMisspeltService);
    const bool idle = rng.bernoulli(kIdle);
    const bool impossible = rng.bernoulli(kImpossible);
    customer.misspelt_service = misspelt && customer.category[0] == 0;
    if (idle) customer.number[kRevenue] = customer.number[kRevenue + 2] = 0;
    if (impossible) {
      double& revenue = customer.number[kRevenue + 1];
      revenue = std::round((revenue * 20.7 + 1e5) * 10) / 10;
    }
  }
}

void number_ids(std::vector<Customer>& customers, Seed seed) {
  std::vector<int64_t> ids(customers.size());
  std::iota(ids.begin(), ids.end(), kFirstId);
  Rng rng(seed);
  rng.shuffle(ids);
  for (size_t i = 0; i < ids.size(); ++i) customers[i].id = ids[i];
}

struct Forms {
  Form market_file, market_money, market_time, money;
};

Forms forms_of(const std::string& variant) {
  Forms forms;
  if (variant == "v2") {
    const Form windows = {.crlf = true};
    forms = {.market_file = windows,
             .market_money = windows,
             .market_time = windows,
             .money = {.separator = ';', .decimal = ',', .crlf = true}};
  } else if (variant == "v3") {
    forms.market_file = {.crlf = true, .shortest = true};
    forms.money = {.separator = ';', .decimal = ','};
  }
  return forms;
}

std::string market_file(const std::vector<Customer>& customers, Form form, bool clean) {
  const auto numbers = shop_numbers();
  const auto categories = shop_categories();
  // The real file's order: categories stand among the numbers.
  std::vector<std::string_view> header = {"id", "Покупательская активность", categories[0].name,
                                          categories[1].name};
  for (size_t i = 0; i < kFileNumbers; ++i) {
    header.push_back(numbers[i].name);
    if (i == 3) header.push_back(categories[2].name);
  }
  Sheet sheet(form, header, clean);
  for (const Customer& customer : customers) {
    sheet.whole(customer.id);
    sheet.text(customer.declines ? "Снизилась" : "Прежний уровень");
    sheet.text(customer.misspelt_service ? "стандартт"
                                         : categories[0].classes[customer.category[0]].name);
    sheet.text(categories[1].classes[customer.category[1]].name);
    for (size_t i = 0; i < kFileNumbers; ++i) {
      sheet.number(customer.number[i], numbers[i].decimals);
      if (i == 3) sheet.text(categories[2].classes[customer.category[2]].name);
    }
    sheet.end_row();
  }
  return sheet.take();
}

// A table in long form: a row for each customer and period.
std::string long_file(const std::vector<Customer>& customers, Form form, bool clean,
                      std::string_view value_name, size_t first_number,
                      std::span<const std::string_view> periods) {
  const std::array<std::string_view, 3> header = {"id", "Период", value_name};
  Sheet sheet(form, header, clean);
  for (const Customer& customer : customers) {
    for (size_t i = 0; i < periods.size(); ++i) {
      sheet.whole(customer.id);
      sheet.text(periods[i]);
      sheet.number(customer.number[first_number + i], shop_numbers()[first_number + i].decimals);
      sheet.end_row();
    }
  }
  return sheet.take();
}

std::string two_columns(const std::vector<Customer>& customers, Form form, bool clean,
                        std::string_view name, int decimals, double (*value)(const Customer&)) {
  const std::array<std::string_view, 2> header = {"id", name};
  Sheet sheet(form, header, clean);
  for (const Customer& customer : customers) {
    sheet.whole(customer.id);
    sheet.number(value(customer), decimals);
    sheet.end_row();
  }
  return sheet.take();
}

// A month's amount in one to four pieces, each on a day of the month.
void write_pieces(Sheet& sheet, int64_t id, int month, double amount, int decimals, Rng& rng) {
  const double unit = decimals == 0 ? 1 : decimals == 1 ? 10 : 100;
  const int64_t total = std::llround(amount * unit);
  const size_t pieces = 1 + rng.below(4);
  std::vector<int64_t> cuts = {0, total};
  std::vector<int> days;
  for (size_t i = 0; i < pieces; ++i) {
    if (i > 0) cuts.push_back(static_cast<int64_t>(rng.below(static_cast<uint64_t>(total) + 1)));
    days.push_back(1 + static_cast<int>(rng.below(30)));
  }
  std::sort(cuts.begin(), cuts.end());
  std::sort(days.begin(), days.end());
  for (size_t i = 0; i < pieces; ++i) {
    if (cuts[i + 1] == cuts[i]) continue;
    sheet.whole(id);
    sheet.text(fmt::format("2024-{:02}-{:02}", month, days[i]));
    sheet.number(static_cast<double>(cuts[i + 1] - cuts[i]) / unit, decimals);
    sheet.end_row();
  }
}

// months: of the numbers from first_number on.
std::string event_file(const std::vector<Customer>& customers, std::string_view value_name,
                       size_t first_number, std::span<const int> months, Seed seed) {
  const std::array<std::string_view, 3> header = {"id", "date", value_name};
  Sheet sheet({}, header, false);
  for (const Customer& customer : customers) {
    Rng rng(seed.child(static_cast<uint64_t>(customer.id)));
    for (int month = 3; month <= 5; ++month) {
      const auto at = std::find(months.begin(), months.end(), month);
      if (at == months.end()) continue;
      const size_t number = first_number + static_cast<size_t>(at - months.begin());
      write_pieces(sheet, customer.id, month, customer.number[number],
                   shop_numbers()[number].decimals, rng);
    }
  }
  return sheet.take();
}

void check(const ShopOptions& options) {
  if (options.customers < 1 || options.customers > kMostCustomers) {
    throw Error(ErrorCode::kUsage, "--customers",
                "a shop has 1 to " + grouped(kMostCustomers) + " customers, not " +
                    grouped(options.customers));
  }
  const std::vector<std::string> variants = {"v1", "v2", "v3"};
  if (std::find(variants.begin(), variants.end(), options.variant) == variants.end()) {
    throw Error(ErrorCode::kUsage, "--variant", "there is no variant " + quoted(options.variant),
                "Use v1, v2 or v3");
  }
  if (options.clean && options.variant != "v1") {
    throw Error(ErrorCode::kUsage, "--clean", "a clean shop is written as v1 only",
                "Leave out --variant");
  }
}

}  // namespace

ShopFiles shop_files(const ShopOptions& options) {
  check(options);
  std::vector<Customer> customers = draw_customers(options);
  if (!options.clean) put_dirt(customers, options.seed.child("dirt"));
  Rng order(options.seed.child("order"));
  order.shuffle(customers);
  number_ids(customers, options.seed.child("ids"));

  const Forms forms = forms_of(options.variant);
  std::array<std::string_view, 2> minute_periods = kMinutePeriods;
  if (!options.clean) minute_periods[1] = kMisspeltPeriod;
  const bool clean = options.clean;
  ShopFiles files = {
      .market_file = market_file(customers, forms.market_file, clean),
      .market_money =
          long_file(customers, forms.market_money, clean, "Выручка", kRevenue, kRevenuePeriods),
      .market_time =
          long_file(customers, forms.market_time, clean, "минут", kMinutes, minute_periods),
      .money = two_columns(customers, forms.money, clean, "Прибыль", 2,
                           [](const Customer& c) { return c.number[kProfit]; }),
      .truth =
          two_columns(customers, {}, true, "p", 6, [](const Customer& c) { return c.probability; }),
  };
  if (!options.events) return files;
  constexpr std::array<int, 3> kRevenueMonths = {3, 5, 4};  // in the order of kRevenuePeriods
  constexpr std::array<int, 2> kMinuteMonths = {5, 4};      // and of kMinutePeriods
  const Seed seed = options.seed.child("events");
  files.purchases =
      event_file(customers, "amount", kRevenue, kRevenueMonths, seed.child("purchases"));
  files.visits = event_file(customers, "minutes", kMinutes, kMinuteMonths, seed.child("visits"));
  return files;
}

void generate_shop(const ShopOptions& options, const fs::path& folder) {
  const ShopFiles files = shop_files(options);
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) {
    throw Error(ErrorCode::kIo, folder.string(), "the folder cannot be made: " + failed.message(),
                "Choose another folder with -o");
  }
  write_file(folder / "market_file.csv", files.market_file);
  write_file(folder / "market_money.csv", files.market_money);
  write_file(folder / "market_time.csv", files.market_time);
  write_file(folder / "money.csv", files.money);
  write_file(folder / "truth.csv", files.truth);
  if (!options.events) return;
  write_file(folder / "purchases.csv", files.purchases);
  write_file(folder / "visits.csv", files.visits);
}

}  // namespace perennial
