#include "table/date_columns.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "table/text_date.h"

namespace perennial {
namespace {

constexpr size_t kExamples = 5;
constexpr size_t kManyDays = 6;    // different values that make a part of a date the day
constexpr size_t kFirstLook = 20;  // values; none of them a date: the column holds none

const char* name_of(DateOrder order) {
  constexpr std::array<const char*, 3> kNames = {"dmy", "mdy", "ymd"};
  return kNames[static_cast<size_t>(order)];
}

const char* words_for(DateOrder order) {
  constexpr std::array<const char*, 3> kWords = {"day first", "month first", "year first"};
  return kWords[static_cast<size_t>(order)];
}

std::string in_marks(const std::string& value) { return "«" + value + "»"; }

// What the study says about a column.
struct Wish {
  bool tried = true;      // it may become dates
  bool required = false;  // it has to
  std::optional<DateOrder> order;
};

// The ways in which dates of a column are written must agree in this.
struct Style {
  DateForm form = DateForm::kNamed;
  char mark = 0;
  bool zoned = false;
  bool operator==(const Style&) const = default;
};

Style style_of(const WrittenDate& date) {
  const bool marked = date.form == DateForm::kYearLast || date.form == DateForm::kShort;
  return {.form = date.form, .mark = marked ? date.mark : '\0', .zoned = date.zoned};
}

// What the different values of a column say together.
struct Votes {
  std::vector<std::optional<WrittenDate>> dates;  // of the dictionary
  Style style;
  bool one_style = true, short_year = false;
  std::array<bool, 3> possible = {true, true, true};  // every value is a day in that order
  std::array<int32_t, 3> against = {-1, -1, -1};      // the first value that is none
  int32_t first = -1, other = -1;                     // the first date, the first that is none
  int64_t date_rows = 0, other_rows = 0;
  std::bitset<100> firsts, lasts;  // kShort: what stands first, and last

  bool can(DateOrder order) const { return possible[static_cast<size_t>(order)]; }
  int possible_count() const {
    return static_cast<int>(std::count(possible.begin(), possible.end(), true));
  }
};

void add_vote(const WrittenDate& date, int32_t code, Votes& votes) {
  if (votes.first < 0) {
    votes.first = code;
    votes.style = style_of(date);
  }
  votes.one_style = votes.one_style && style_of(date) == votes.style;
  votes.short_year = votes.short_year || (date.short_year && date.form != DateForm::kShort);
  for (const DateOrder order : kDateOrders) {
    const auto at = static_cast<size_t>(order);
    if (!std::isnan(date.days(order))) continue;
    votes.possible[at] = false;
    if (votes.against[at] < 0) votes.against[at] = code;
  }
  if (date.form != DateForm::kShort) return;
  votes.firsts.set(static_cast<size_t>(date.parts[0]));
  votes.lasts.set(static_cast<size_t>(date.parts[2]));
}

// A row of digits is a number or a code unless the study says that it is a date, year first.
bool counts_as_date(const WrittenDate& date, const Wish& wish) {
  if (date.form == DateForm::kCompact && wish.order != DateOrder::kYearFirst) return false;
  return !wish.order || !std::isnan(date.days(*wish.order));
}

Votes votes_of(const Column& column, const Wish& wish) {
  Votes votes;
  const size_t n = column.dictionary.size();
  for (size_t code = 0; code < n; ++code) {
    if (code == kFirstLook && votes.first < 0 && !wish.required) return {};
    auto date = parse_written_date(column.dictionary[code]);
    if (date && !counts_as_date(*date, wish)) date.reset();
    if (date) add_vote(*date, static_cast<int32_t>(code), votes);
    if (!date && votes.other < 0) votes.other = static_cast<int32_t>(code);
    votes.dates.push_back(date);
  }
  if (votes.first < 0 && !wish.required) return {};
  for (const int32_t code : column.codes) {
    if (code < 0) continue;
    ++(votes.dates[static_cast<size_t>(code)] ? votes.date_rows : votes.other_rows);
  }
  return votes;
}

// A reading and the words that say why.
struct Choice {
  DateOrder order = DateOrder::kDayFirst;
  std::string why;
  bool by_evidence = false;  // of the column's own values
  bool assumed = false;      // likely, not certain: the note says how to say otherwise
};

class DateReader {
 public:
  DateReader(Table& table, const ReadOptions& options, const Workers& workers)
      : table_(table), wishes_(table.columns.size()), votes_(table.columns.size()) {
    for (const auto& [name, type] : options.types) {
      const int column = table.index_of(name);
      if (column >= 0) wishes_[static_cast<size_t>(column)] = wish_of(type);
    }
    workers.run(table.columns.size(), [&](size_t c) {
      const Column& column = table.columns[c];
      if (column.is_text() && wishes_[c].tried) votes_[c] = votes_of(column, wishes_[c]);
    });
  }

  void run() {
    std::vector<std::optional<Choice>> choices(votes_.size());
    for (size_t c = 0; c < votes_.size(); ++c) {
      if (all_dates(c)) choices[c] = choice_of(c);
    }
    const std::vector<std::optional<Choice>> own = choices;
    for (size_t c = 0; c < votes_.size(); ++c) {
      if (all_dates(c) && !choices[c]) choices[c] = choice_of_neighbours(c, own);
      if (choices[c]) {
        convert(c, *choices[c]);
      } else if (wishes_[c].required && table_.columns[c].is_text()) {
        refuse(c);
      } else {
        tell(c);
      }
    }
  }

 private:
  static Wish wish_of(const std::string& type) {
    Wish wish{.tried = false};
    if (!type.starts_with("date")) return wish;
    wish.tried = wish.required = true;
    for (const DateOrder order : kDateOrders) {
      if (type == std::string("date ") + name_of(order)) wish.order = order;
    }
    return wish;
  }

  bool all_dates(size_t c) const {
    const bool some =
        votes_[c].date_rows > 0 || (wishes_[c].required && table_.columns[c].is_text());
    return some && votes_[c].other_rows == 0;
  }

  const std::string& value(size_t c, int32_t code) const {
    return table_.columns[c].dictionary[static_cast<size_t>(code)];
  }

  std::optional<Choice> choice_of(size_t c) const {
    const Votes& v = votes_[c];
    if (wishes_[c].order) return Choice{.order = *wishes_[c].order, .why = ", as the study says"};
    if (!v.one_style) return std::nullopt;
    switch (v.style.form) {
      case DateForm::kNamed:
        return Choice{.order = DateOrder::kDayFirst, .why = ""};
      case DateForm::kYearFirst:
        return Choice{.order = DateOrder::kYearFirst, .why = ""};
      default:
        return v.possible_count() == 1 ? only_choice(c) : likely_choice(c);
    }
  }

  // All orders but one are ruled out: the value that rules out the next best one says so.
  Choice only_choice(size_t c) const {
    const Votes& v = votes_[c];
    const DateOrder order = *std::find_if(kDateOrders.begin(), kDateOrders.end(),
                                          [&](DateOrder o) { return v.can(o); });
    const DateOrder rival =
        order == DateOrder::kDayFirst ? DateOrder::kMonthFirst : DateOrder::kDayFirst;
    const int32_t witness = v.against[static_cast<size_t>(rival)];
    return {.order = order,
            .why = ", " + std::string(words_for(order)) + ": read " + words_for(rival) + ", " +
                   in_marks(value(c, witness)) + " would be no day",
            .by_evidence = true};
  }

  // Several orders are left. Of days and years of two digits the days take more values; between
  // day and month only points decide.
  std::optional<Choice> likely_choice(size_t c) const {
    using enum DateOrder;
    const Votes& v = votes_[c];
    const size_t first = v.firsts.count(), last = v.lasts.count();
    const bool year_last = v.can(kDayFirst) || v.can(kMonthFirst);
    if (v.can(kYearFirst) && year_last) {
      if (last >= kManyDays && last >= 3 * first) return by_count(kYearFirst, last, first);
      const bool days_first = first >= kManyDays && first >= 3 * last;
      if (days_first && !v.can(kMonthFirst)) return by_count(kDayFirst, first, last);
      if (days_first && !v.can(kDayFirst)) return by_count(kMonthFirst, first, last);
      if (!days_first && v.style.mark != '.') return std::nullopt;
    }
    if (v.style.mark != '.' || !v.can(kDayFirst)) return std::nullopt;
    return Choice{
        .order = kDayFirst, .why = ", day first, as is usual with points", .assumed = true};
  }

  static Choice by_count(DateOrder order, size_t many, size_t few) {
    return {
        .order = order,
        .why = ", " + std::string(words_for(order)) + ": " +
               (order == DateOrder::kYearFirst ? "the last number has " : "the first number has ") +
               std::to_string(many) + " different values, the " +
               (order == DateOrder::kYearFirst ? "first " : "last ") + std::to_string(few),
        .by_evidence = true,
        .assumed = true};
  }

  // The one order in which other columns with the same mark were read by evidence of their own.
  std::optional<Choice> choice_of_neighbours(size_t c,
                                             const std::vector<std::optional<Choice>>& own) const {
    if (!votes_[c].one_style) return std::nullopt;
    std::optional<Choice> found;
    for (size_t other = 0; other < own.size(); ++other) {
      if (!own[other] || !own[other]->by_evidence) continue;
      if (votes_[other].style.mark != votes_[c].style.mark) continue;
      if (found && found->order != own[other]->order) return std::nullopt;
      const DateOrder order = own[other]->order;
      if (found || !votes_[c].can(order)) continue;
      found = Choice{.order = order,
                     .why = ", " + std::string(words_for(order)) + ", as in the column " +
                            quoted(table_.columns[other].name),
                     .assumed = true};
    }
    return found;
  }

  void note_reading(size_t c, const Choice& choice) {
    const Votes& v = votes_[c];
    const bool short_years = v.short_year || v.style.form == DateForm::kShort;
    if (choice.why.empty() && !short_years && !v.style.zoned) return;  // there was no choice
    note(
        c,
        "holds " + in_marks(value(c, v.first)) + " and the like, read as dates" + choice.why +
            (choice.assumed ? "; another order is said with types = { " +
                                  quoted(table_.columns[c].name) + " = \"date mdy\" } (or dmy, ymd)"
                            : "") +
            (v.style.zoned ? "; times of other zones are turned into UTC" : "") +
            (short_years ? "; years 00 to 68 are taken as 2000 to 2068, 69 to 99 as 1969 to 1999"
                         : ""));
  }

  void convert(size_t c, const Choice& choice) {
    const Votes& v = votes_[c];
    Column& column = table_.columns[c];
    if (v.first >= 0) note_reading(c, choice);
    std::vector<double> days;
    days.reserve(v.dates.size());
    for (const auto& date : v.dates) days.push_back(date ? date->days(choice.order) : kMissing);
    column.type = ColumnType::kDate;
    column.numbers.reserve(column.codes.size());
    for (const int32_t code : column.codes) {
      column.numbers.push_back(code < 0 ? kMissing : days[static_cast<size_t>(code)]);
    }
    column.codes = {};
    column.dictionary = {};
    table_.readings[c].date_order = name_of(choice.order);
    votes_[c].dates = {};
  }

  // The first rows whose value is (or is not) a date.
  std::vector<Example> examples(size_t c, bool dates) const {
    const Column& column = table_.columns[c];
    std::vector<Example> found;
    for (size_t row = 0; row < column.codes.size() && found.size() < kExamples; ++row) {
      const int32_t code = column.codes[row];
      if (code < 0 || votes_[c].dates[static_cast<size_t>(code)].has_value() != dates) continue;
      found.push_back(table_.example(row, value(c, code)));
    }
    return found;
  }

  // A column that stays text although it is made of dates, or mostly so.
  void tell(size_t c) {
    const Votes& v = votes_[c];
    if (v.date_rows < 3 || v.date_rows < v.other_rows) return;
    ColumnReading& reading = table_.readings[c];
    reading.text_dates = v.date_rows;
    reading.not_dates = v.other_rows;
    reading.date_question = v.other_rows == 0 && v.one_style && v.possible_count() > 1;
    reading.date_examples = examples(c, v.other_rows == 0);
  }

  [[noreturn]] void refuse(size_t c) const {
    const Votes& v = votes_[c];
    const std::string& name = table_.columns[c].name;
    const std::vector<Example> cells = examples(c, v.other_rows == 0);
    const Example& cell = cells[0];
    const std::string where = cell.file + (cell.line > 0 ? ":" + std::to_string(cell.line) : "") +
                              ", column " + quoted(name);
    if (v.other_rows > 0) {
      const auto& order = wishes_[c].order;
      throw Error(ErrorCode::kData, where,
                  quoted(cell.value) + " is not a date" +
                      (order ? ", " + std::string(words_for(*order)) : "") + ", as the study says",
                  "Write dates as 2017-03-01 or 2017-03-01 14:24:17, name the cell among the "
                  "table's missing markers, or say the type is text");
    }
    throw Error(ErrorCode::kData, where,
                quoted(cell.value) + (v.one_style && v.possible_count() > 1
                                          ? " can be read in two ways: the day or the month first"
                                          : " is written otherwise than other dates of the column"),
                "Say types = { " + quoted(name) +
                    " = \"date dmy\" } (day, month, year) or \"date mdy\" or \"date ymd\"");
  }

  void note(size_t c, const std::string& what) {
    table_.files[0].notes.push_back("column " + quoted(table_.columns[c].name) + " " + what);
  }

  Table& table_;
  std::vector<Wish> wishes_;
  std::vector<Votes> votes_;
};

}  // namespace

void read_text_dates(Table& table, const ReadOptions& options, const Workers& workers) {
  DateReader(table, options, workers).run();
}

}  // namespace perennial
