#include "table/text_date.h"

#include <cmath>
#include <string>

#include "base/text.h"
#include "table/column.h"

namespace perennial {
namespace {

constexpr int kMonths = 12;
// A word is a month when it begins one of these, with three letters or more.
constexpr std::array<std::array<std::string_view, 4>, kMonths> kMonthNames = {{
    {"january", "январь", "января", "janeiro"},
    {"february", "февраль", "февраля", "fevereiro"},
    {"march", "март", "марта", "março"},
    {"april", "апрель", "апреля", "abril"},
    {"may", "май", "мая", "maio"},
    {"june", "июнь", "июня", "junho"},
    {"july", "июль", "июля", "julho"},
    {"august", "август", "августа", "agosto"},
    {"september", "сентябрь", "сентября", "setembro"},
    {"october", "октябрь", "октября", "outubro"},
    {"november", "ноябрь", "ноября", "novembro"},
    {"december", "декабрь", "декабря", "dezembro"},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

// The month a word names, from 1; 0: none.
int month_of(std::string_view word) {
  if (word.size() > 24) return 0;
  const std::string lower = to_lower(word);
  if (decode_utf8(lower).size() < 3) return 0;
  for (size_t month = 0; month < kMonths; ++month) {
    for (const std::string_view name : kMonthNames[month]) {
      if (name.starts_with(lower)) return static_cast<int>(month) + 1;
    }
  }
  return 0;
}

int full_year(int year) { return year >= 69 ? 1900 + year : 2000 + year; }

// Reads a text from left to right. What cannot be read leaves it where it was.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }

  bool take(char c) {
    if (peek() != c || done()) return false;
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) {
    const std::string_view rest = text_.substr(at_);
    if (rest.size() < word.size()) return false;
    if (to_lower(rest.substr(0, word.size())) != word) return false;
    if (rest.size() > word.size() && is_letter(rest[word.size()])) return false;
    at_ += word.size();
    return true;
  }

  // A run of digits: its value and how many they are; {-1, 0} for none or more than eight.
  struct Digits {
    int value = -1;
    size_t count = 0;
  };
  Digits digits() {
    size_t end = at_;
    int value = 0;
    while (end < text_.size() && is_digit(text_[end]) && end - at_ <= 8) {
      value = value * 10 + (text_[end++] - '0');
    }
    const size_t count = end - at_;
    if (count == 0 || count > 8) return {};
    at_ = end;
    return {value, count};
  }

  std::string_view letters() {
    const size_t begin = at_;
    while (!done() && is_letter(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  // One of the marks between the parts of a date: - / . a comma or blanks; 0 for none.
  char mark() {
    const char found = peek();
    if (found != '-' && found != '/' && found != '.' && found != ',' && found != ' ') return 0;
    ++at_;
    while (take(' ')) {
    }
    return found;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

// The month's name at the cursor, with the point of an abbreviation, and the mark behind it.
int named_month(Cursor& in, char& mark) {
  const int month = month_of(in.letters());
  mark = in.mark();
  if (mark == '.' && in.peek() == '-') mark = in.mark();
  return mark == 0 ? 0 : month;
}

// "14 de janeiro de 2015", "14th of May 2015": the small words change nothing.
void skip_small_word(Cursor& in) {
  if (in.take_word("de") || in.take_word("of")) in.mark();
}

bool set_named(WrittenDate& date, Cursor::Digits day, int month, Cursor::Digits year) {
  if (day.count > 2 || (year.count != 2 && year.count != 4) || month == 0) return false;
  date.form = DateForm::kNamed;
  date.short_year = year.count == 2;
  date.parts = {day.value, month, date.short_year ? full_year(year.value) : year.value};
  return !std::isnan(date.days(DateOrder::kDayFirst));
}

// Behind the first number: a month's name and a year (or, after a year, a day).
bool read_named_middle(Cursor& in, Cursor::Digits first, WrittenDate& date) {
  for (const char* ordinal : {"st", "nd", "rd", "th"}) {
    if (in.take_word(ordinal)) break;
  }
  date.mark = in.mark();
  if (date.mark == 0 || date.mark == ',') return false;
  skip_small_word(in);
  char behind = 0;
  const int month = named_month(in, behind);
  skip_small_word(in);
  const Cursor::Digits last = in.digits();
  if (first.count == 4) return last.count <= 2 && set_named(date, last, month, first);
  if (!set_named(date, first, month, last)) return false;
  Cursor year_word = in;  // 2015 г.
  year_word.mark();
  if (year_word.take_word("г")) {
    in = year_word;
    in.take('.');
  }
  return true;
}

// January 14, 2015.
bool read_named_first(Cursor& in, WrittenDate& date) {
  const int month = named_month(in, date.mark);
  const Cursor::Digits day = in.digits();
  for (const char* ordinal : {"st", "nd", "rd", "th"}) {
    if (in.take_word(ordinal)) break;
  }
  if (in.mark() == 0) return false;
  const Cursor::Digits year = in.digits();
  return year.count == 4 && set_named(date, day, month, year);
}

bool any_order(const WrittenDate& date) {
  for (const DateOrder order : kDateOrders) {
    if (!std::isnan(date.days(order))) return true;
  }
  return false;
}

// Behind the first number: the same mark twice and two more numbers.
bool read_numeric(Cursor& in, Cursor::Digits first, WrittenDate& date) {
  date.mark = in.peek();
  if (date.mark != '-' && date.mark != '/' && date.mark != '.') return false;
  in.take(date.mark);
  const Cursor::Digits second = in.digits();
  if (second.count == 0 || second.count > 2 || !in.take(date.mark)) return false;
  const Cursor::Digits third = in.digits();
  date.parts = {first.value, second.value, third.value};
  if (first.count == 4 && third.count >= 1 && third.count <= 2) {
    date.form = DateForm::kYearFirst;
  } else if (first.count <= 2 && third.count == 4) {
    date.form = DateForm::kYearLast;
  } else if (first.count <= 2 && third.count == 2) {
    // 1.2.10 is a version, 01.02.10 a date.
    if (date.mark == '.' && (first.count != 2 || second.count != 2)) return false;
    date.form = DateForm::kShort;
    date.short_year = true;
  } else {
    return false;
  }
  return any_order(date);
}

bool read_compact(Cursor::Digits first, WrittenDate& date) {
  date.form = DateForm::kCompact;
  date.parts = {first.value / 10000, first.value / 100 % 100, first.value % 100};
  return any_order(date);
}

// "+03:00", "+0300", "+03" in minutes; std::nullopt when it is none.
std::optional<int> read_offset(Cursor& in) {
  const int sign = in.take('+') ? 1 : in.take('-') ? -1 : 0;
  if (sign == 0) return std::nullopt;
  const Cursor::Digits hours = in.digits();
  if (hours.count == 4) return sign * (hours.value / 100 * 60 + hours.value % 100);
  if (hours.count != 2 || hours.value > 15) return std::nullopt;
  if (!in.take(':')) return sign * hours.value * 60;
  const Cursor::Digits minutes = in.digits();
  if (minutes.count != 2 || minutes.value > 59) return std::nullopt;
  return sign * (hours.value * 60 + minutes.value);
}

bool read_zone(Cursor& in, WrittenDate& date) {
  in.take(' ');
  date.zoned = true;
  if (in.take_word("z") || in.take_word("utc") || in.take_word("gmt")) return in.done();
  const std::optional<int> minutes = read_offset(in);
  if (!minutes || !in.done()) return false;
  date.seconds -= *minutes * 60.0;
  return true;
}

// Seconds behind the minutes, with their fraction; 0 where there are none, -1 when wrong.
double read_seconds(Cursor& in) {
  if (!in.take(':')) return 0;
  const Cursor::Digits seconds = in.digits();
  if (seconds.count != 2 || seconds.value > 59) return -1;
  double value = seconds.value;
  if (!in.take('.')) return value;
  double unit = 0.1;
  if (!is_digit(in.peek())) return -1;
  for (; is_digit(in.peek()); unit /= 10) {
    value += unit * (in.peek() - '0');
    in.take(in.peek());
  }
  return value;
}

// What follows the date: nothing, or a time of day and perhaps its zone.
bool read_time(Cursor& in, WrittenDate& date) {
  if (in.done()) return true;
  if (in.peek() != 'T' && in.peek() != ' ' && in.peek() != ',') return false;
  in.take(in.peek());
  while (in.take(' ')) {
  }
  const Cursor::Digits hour = in.digits();
  if (hour.count == 0 || hour.count > 2 || !in.take(':')) return false;
  const Cursor::Digits minute = in.digits();
  if (minute.count != 2 || minute.value > 59) return false;
  const double seconds = read_seconds(in);
  if (seconds < 0) return false;
  int hours = hour.value;
  Cursor half = in;
  half.take(' ');
  const bool am = half.take_word("am"), pm = !am && half.take_word("pm");
  if (am || pm) {
    if (hours < 1 || hours > 12) return false;
    hours = hours % 12 + (pm ? 12 : 0);
    in = half;
  }
  if (hours > 23) return false;
  date.seconds = hours * 3600 + minute.value * 60 + seconds;
  return in.done() || read_zone(in, date);
}

}  // namespace

double WrittenDate::days(DateOrder order) const {
  const auto year = [&](int n) { return form == DateForm::kShort ? full_year(n) : n; };
  double day = kMissing;
  if (form == DateForm::kNamed) {
    day = days_since_1970(parts[2], parts[1], parts[0]);
  } else if (form == DateForm::kYearFirst || form == DateForm::kCompact) {
    day = days_since_1970(parts[0], parts[1], parts[2]);
  } else if (order == DateOrder::kYearFirst) {
    if (form == DateForm::kShort) day = days_since_1970(year(parts[0]), parts[1], parts[2]);
  } else if (order == DateOrder::kDayFirst) {
    day = days_since_1970(year(parts[2]), parts[1], parts[0]);
  } else {
    day = days_since_1970(year(parts[2]), parts[0], parts[1]);
  }
  return days_at(day, seconds);
}

std::optional<WrittenDate> parse_written_date(std::string_view text) {
  text = trim(text);
  if (text.size() < 6 || text.size() > 64) return std::nullopt;
  Cursor in(text);
  WrittenDate date;
  bool found = false;
  if (is_digit(in.peek())) {
    const Cursor::Digits first = in.digits();
    Cursor named = in;
    if (first.count == 8) {
      found = read_compact(first, date);
    } else if (first.count <= 2 || first.count == 4) {
      found = read_numeric(in, first, date);
      if (!found) {
        date = {};
        in = named;
        found = read_named_middle(in, first, date);
      }
    }
  } else {
    found = read_named_first(in, date);
  }
  if (!found || !read_time(in, date)) return std::nullopt;
  return date;
}

}  // namespace perennial
