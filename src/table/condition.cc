#include "table/condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "table/column.h"
#include "table/store.h"

namespace perennial {
namespace {

constexpr int kMaxDepth = 100;  // parentheses and "not"s in one another: the parser is recursive
constexpr std::array<std::string_view, 8> kWords = {"and", "or",    "not", "in",
                                                    "is",  "every", "any", "missing"};

bool is_keyword(std::string_view word) {
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

struct Token {
  enum class Kind { kEnd, kWord, kNumber, kQuotedName, kDoubleQuoted, kQuotedText, kSymbol };
  Kind kind = Kind::kEnd;
  std::string text;
  double number = 0;
  size_t at = 0;  // byte offset in the condition
};

// Letters, digits, "_", "." and every code point beyond ASCII that is not white space.
bool is_word_char(std::string_view text, size_t at, size_t* length) {
  const auto byte = static_cast<unsigned char>(text[at]);
  *length = 1;
  if (byte < 0x80) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '.';
  }
  while (at + *length < text.size() &&
         (static_cast<unsigned char>(text[at + *length]) & 0xC0) == 0x80) {
    ++*length;
  }
  return !trim(text.substr(at, *length)).empty();
}

size_t word_length(std::string_view text, size_t at) {
  size_t end = at;
  for (size_t length = 0; end < text.size() && is_word_char(text, end, &length);) end += length;
  return end - at;
}

class Parser {
 public:
  Parser(std::string_view text, std::string where) : text_(text), where_(std::move(where)) {
    next();
  }

  Condition parse() {
    Condition whole = either(0);
    if (token_.kind != Token::Kind::kEnd) fail("expected \"and\", \"or\" or the end");
    return whole;
  }

 private:
  [[noreturn]] void fail_at(size_t at, const std::string& problem, const std::string& hint = "") {
    const size_t character = decode_utf8(text_.substr(0, at)).size() + 1;
    throw Error(ErrorCode::kStudy, where_,
                fmt::format("cannot read the condition {} at character {}: {}", quoted(text_),
                            character, problem),
                hint.empty() ? "write it like `revenue > 100`, `city in (\"A\", \"B\")`, `age is "
                               "missing` or `every revenue > 0`, joined by and, or, not"
                             : hint);
  }
  [[noreturn]] void fail(const std::string& problem, const std::string& hint = "") {
    const std::string found = token_.kind == Token::Kind::kEnd
                                  ? "it ends there"
                                  : "found " + quoted(text_.substr(token_.at, end_ - token_.at));
    fail_at(token_.at, problem + ", " + found, hint);
  }

  void next() {
    while (at_ < text_.size()) {
      size_t length = 1;
      const bool word = is_word_char(text_, at_, &length);
      if (word || !trim(text_.substr(at_, length)).empty()) break;
      at_ += length;
    }
    token_ = Token{};
    token_.at = at_;
    if (at_ < text_.size()) read_token();
    end_ = at_;
  }

  void read_token() {
    const char c = text_[at_];
    if (c == '\'' || c == '"' || c == '`') return read_quoted(c);
    if (std::string_view("()=<>!,").find(c) != std::string_view::npos) return read_symbol();
    if (c == '-' || c == '+') return read_number();
    const size_t length = word_length(text_, at_);
    if (length == 0) fail_at(at_, "did not expect " + quoted(text_.substr(at_, 1)));
    if ((c >= '0' && c <= '9') || c == '.') {
      if (read_number_word(length)) return;
    }
    token_.kind = Token::Kind::kWord;
    token_.text = std::string(text_.substr(at_, length));
    at_ += length;
  }

  // Digits, perhaps with an exponent whose sign is not a word character: 1e-3.
  bool read_number_word(size_t length) {
    size_t end = at_ + length;
    const char last = text_[end - 1];
    if ((last == 'e' || last == 'E') && end < text_.size() &&
        (text_[end] == '-' || text_[end] == '+')) {
      end += 1 + word_length(text_, end + 1);
    }
    auto number = parse_number(text_.substr(at_, end - at_));
    if (!number) {
      end = at_ + length;
      number = parse_number(text_.substr(at_, length));
    }
    if (!number) return false;
    token_.kind = Token::Kind::kNumber;
    token_.text = std::string(text_.substr(at_, end - at_));
    token_.number = *number;
    at_ = end;
    return true;
  }

  void read_number() {
    const char sign = text_[at_];
    const size_t start = at_++;
    const size_t length = at_ < text_.size() ? word_length(text_, at_) : 0;
    if (length == 0 || !read_number_word(length)) {
      fail_at(start, "a sign must stand before a number",
              "put names with such characters between backticks: `a-b`");
    }
    token_.at = start;
    if (sign == '-') token_.number = -token_.number;
    token_.text.insert(0, 1, sign);
  }

  void read_quoted(char quote) {
    const size_t start = at_++;
    for (;; ++at_) {
      if (at_ >= text_.size()) fail_at(start, "a quote is not closed");
      if (text_[at_] == quote) {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != quote) break;
        ++at_;  // doubled: one quote
      }
      token_.text += text_[at_];
    }
    ++at_;
    token_.kind = quote == '`'   ? Token::Kind::kQuotedName
                  : quote == '"' ? Token::Kind::kDoubleQuoted
                                 : Token::Kind::kQuotedText;
  }

  void read_symbol() {
    static constexpr std::array<std::string_view, 11> symbols = {"==", "<>", "!=", "<=", ">=", "=",
                                                                 "<",  ">",  "(",  ")",  ","};
    for (const auto symbol : symbols) {
      if (text_.substr(at_, symbol.size()) != symbol) continue;
      if (symbol == "==") fail_at(at_, "== is not an operator", "write = for \"equal to\"");
      if (symbol == "<>") fail_at(at_, "<> is not an operator", "write != for \"not equal to\"");
      token_.kind = Token::Kind::kSymbol;
      token_.text = std::string(symbol);
      at_ += symbol.size();
      return;
    }
    fail_at(at_, "did not expect " + quoted(text_.substr(at_, 1)));
  }

  bool is_word(std::string_view word) const {
    return token_.kind == Token::Kind::kWord && token_.text == word;
  }
  bool is_symbol(std::string_view symbol) const {
    return token_.kind == Token::Kind::kSymbol && token_.text == symbol;
  }
  void expect_symbol(std::string_view symbol) {
    if (!is_symbol(symbol)) fail(fmt::format("expected {}", quoted(symbol)));
    next();
  }
  void check_depth(int depth) {
    if (depth > kMaxDepth) fail_at(token_.at, "it is nested too deeply", "make it simpler");
  }

  Condition either(int depth) { return chain(Condition::Kind::kOr, "or", depth); }
  Condition both(int depth) { return chain(Condition::Kind::kAnd, "and", depth); }

  Condition chain(Condition::Kind kind, std::string_view word, int depth) {
    check_depth(depth);
    const bool outer = kind == Condition::Kind::kOr;
    Condition first = outer ? both(depth) : negated(depth);
    if (!is_word(word)) return first;
    Condition all;
    all.kind = kind;
    all.parts.push_back(std::move(first));
    while (is_word(word)) {
      next();
      all.parts.push_back(outer ? both(depth) : negated(depth));
    }
    return all;
  }

  Condition negated(int depth) {
    check_depth(depth);
    if (!is_word("not")) return atom(depth);
    next();
    Condition result;
    result.kind = Condition::Kind::kNot;
    result.parts.push_back(negated(depth + 1));
    return result;
  }

  Condition atom(int depth) {
    if (!is_symbol("(")) return comparison();
    next();
    Condition inside = either(depth + 1);
    expect_symbol(")");
    return inside;
  }

  Condition comparison() {
    Condition result;
    if (is_word("every") || is_word("any")) {
      result.over = is_word("every") ? Condition::Over::kEvery : Condition::Over::kAny;
      next();
    }
    result.name = name();
    if (result.over == Condition::Over::kOne && is_word("in")) return membership(result);
    if (result.over == Condition::Over::kOne && is_word("is")) return missing(result);
    static constexpr std::array<std::string_view, 6> operators = {"=", "!=", "<", "<=", ">", ">="};
    if (token_.kind != Token::Kind::kSymbol ||
        std::find(operators.begin(), operators.end(), token_.text) == operators.end()) {
      fail("expected one of = != < <= > >= after the name " + quoted(result.name),
           token_.kind == Token::Kind::kWord
               ? "put a name that has blanks in backquotes: `Тип сервиса` = \"премиум\""
               : "");
    }
    result.op = token_.text;
    next();
    result.values.push_back(value(true));
    return result;
  }

  Condition membership(Condition result) {
    result.kind = Condition::Kind::kIn;
    next();
    expect_symbol("(");
    result.values.push_back(value(false));
    while (is_symbol(",")) {
      next();
      result.values.push_back(value(false));
    }
    expect_symbol(")");
    return result;
  }

  Condition missing(Condition result) {
    result.kind = Condition::Kind::kIsMissing;
    next();
    const bool inverted = is_word("not");
    if (inverted) next();
    if (!is_word("missing")) fail("expected \"missing\" after \"is\"");
    next();
    if (!inverted) return result;
    Condition whole;
    whole.kind = Condition::Kind::kNot;
    whole.parts.push_back(std::move(result));
    return whole;
  }

  std::string name() {
    const bool bare = token_.kind == Token::Kind::kWord && !is_keyword(token_.text);
    const bool in_quotes =
        token_.kind == Token::Kind::kQuotedName || token_.kind == Token::Kind::kDoubleQuoted;
    if (!bare && !in_quotes) fail("expected the name of a column");
    std::string result = token_.text;
    if (trim(result).empty()) fail("a name must not be empty");
    next();
    return result;
  }

  Condition::Value value(bool bare_allowed) {
    Condition::Value result;
    if (token_.kind == Token::Kind::kNumber) {
      result = token_.number;
    } else if (token_.kind == Token::Kind::kQuotedText ||
               token_.kind == Token::Kind::kDoubleQuoted ||
               (bare_allowed && token_.kind == Token::Kind::kWord && !is_keyword(token_.text))) {
      result = token_.text;
    } else {
      fail("expected a number or a text in quotes");
    }
    next();
    return result;
  }

  std::string_view text_;
  std::string where_;
  size_t at_ = 0, end_ = 0;
  Token token_;
};

void collect_names(const Condition& condition, std::vector<std::string>& names) {
  if (!condition.name.empty() &&
      std::find(names.begin(), names.end(), condition.name) == names.end()) {
    names.push_back(condition.name);
  }
  for (const auto& part : condition.parts) collect_names(part, names);
}

std::string in_quotes(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote) result += quote;
    result += c;
  }
  return result + quote;
}

std::string name_text(const std::string& name) {
  const bool bare = !name.empty() && word_length(name, 0) == name.size() && !is_keyword(name) &&
                    !parse_number(name);
  return bare ? name : in_quotes(name, '`');
}

std::string value_text(const Condition::Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return number_text(*number);
  return in_quotes(std::get<std::string>(value), '\'');
}

// A part needs parentheses where its operator binds less tightly than the one around it.
std::string part_text(const Condition& part, Condition::Kind around) {
  const bool loose = part.kind == Condition::Kind::kOr ||
                     (part.kind == Condition::Kind::kAnd && around != Condition::Kind::kOr);
  const std::string text = to_text(part);
  return loose ? "(" + text + ")" : text;
}

std::string chain_text(const Condition& condition, std::string_view word) {
  std::vector<std::string> parts;
  for (const auto& part : condition.parts) parts.push_back(part_text(part, condition.kind));
  return join(parts, word);
}

const char* over_text(Condition::Over over) {
  switch (over) {
    case Condition::Over::kEvery:
      return "every ";
    case Condition::Over::kAny:
      return "any ";
    case Condition::Over::kOne:
      break;
  }
  return "";
}

class SqlWriter {
 public:
  SqlWriter(const ColumnsOf& columns_of, const std::string& where)
      : columns_of_(columns_of), where_(where) {}

  std::string write(const Condition& c) const {
    switch (c.kind) {
      case Condition::Kind::kAnd:
        return joined(c, " AND ");
      case Condition::Kind::kOr:
        return joined(c, " OR ");
      case Condition::Kind::kNot:
        return "NOT (" + write(c.parts.at(0)) + ")";
      case Condition::Kind::kIsMissing:
        return columns(c).at(0).expression + " IS NULL";
      case Condition::Kind::kIn:
        return membership(c);
      case Condition::Kind::kCompare:
        break;
    }
    return comparison(c);
  }

 private:
  std::vector<SqlColumn> columns(const Condition& c) const {
    auto found = columns_of_(c.name, c.over);
    PERENNIAL_CHECK(!found.empty());
    return found;
  }

  std::string joined(const Condition& c, std::string_view word) const {
    std::vector<std::string> parts;
    for (const auto& part : c.parts) {
      const bool chain = part.kind == Condition::Kind::kAnd || part.kind == Condition::Kind::kOr;
      parts.push_back(chain ? "(" + write(part) + ")" : write(part));
    }
    return join(parts, word);
  }

  // A comparison with NULL is NULL in SQL, and false here.
  std::string comparison(const Condition& c) const {
    std::vector<std::string> parts;
    for (const auto& column : columns(c)) {
      parts.push_back(fmt::format("COALESCE({} {} {}, FALSE)", column.expression,
                                  c.op == "!=" ? "<>" : c.op, literal(c, column, c.values.at(0))));
    }
    if (parts.size() == 1) return parts[0];
    return "(" + join(parts, c.over == Condition::Over::kEvery ? " AND " : " OR ") + ")";
  }

  std::string membership(const Condition& c) const {
    const auto column = columns(c).at(0);
    std::vector<std::string> items;
    for (const auto& value : c.values) items.push_back(literal(c, column, value));
    return fmt::format("COALESCE({} IN ({}), FALSE)", column.expression, join(items, ", "));
  }

  std::string literal(const Condition& c, const SqlColumn& column,
                      const Condition::Value& value) const {
    if (const auto* number = std::get_if<double>(&value)) {
      if (column.is_text && c.op != "=" && c.op != "!=" && c.kind != Condition::Kind::kIn) {
        fail(c, "is text and is compared with the number " + number_text(*number),
             "compare it with a text in quotes, or turn the column into numbers");
      }
      return column.is_text ? Store::literal(number_text(*number)) : number_text(*number);
    }
    const auto& text = std::get<std::string>(value);
    if (column.is_text) return Store::literal(text);
    if (column.is_date) {
      const double days = parse_iso_date(text);
      if (!std::isnan(days)) return number_text(days);
      fail(c, "is a date and is compared with " + quoted(text), "write a date as \"2024-12-31\"");
    }
    fail(c, "is a number and is compared with the text " + quoted(text),
         "compare it with a number");
  }

  [[noreturn]] void fail(const Condition& c, const std::string& problem,
                         const std::string& hint) const {
    throw Error(
        ErrorCode::kStudy, where_,
        fmt::format("in the condition {}: {} {}", quoted(to_text(c)), quoted(c.name), problem),
        hint);
  }

  const ColumnsOf& columns_of_;
  const std::string& where_;
};

}  // namespace

Condition parse_condition(std::string_view text, const std::string& where) {
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::kStudy, where, "the condition is not valid UTF-8 text",
                "save the study file as UTF-8");
  }
  return Parser(text, where).parse();
}

std::vector<std::string> names_in(const Condition& condition) {
  std::vector<std::string> names;
  collect_names(condition, names);
  return names;
}

std::string to_text(const Condition& c) {
  switch (c.kind) {
    case Condition::Kind::kAnd:
      return chain_text(c, " and ");
    case Condition::Kind::kOr:
      return chain_text(c, " or ");
    case Condition::Kind::kNot:
      return "not " + part_text(c.parts.at(0), c.kind);
    case Condition::Kind::kIsMissing:
      return name_text(c.name) + " is missing";
    case Condition::Kind::kIn: {
      std::vector<std::string> items;
      for (const auto& value : c.values) items.push_back(value_text(value));
      return name_text(c.name) + " in (" + join(items, ", ") + ")";
    }
    case Condition::Kind::kCompare:
      break;
  }
  return fmt::format("{}{} {} {}", over_text(c.over), name_text(c.name), c.op,
                     value_text(c.values.at(0)));
}

std::string to_sql(const Condition& condition, const ColumnsOf& columns_of,
                   const std::string& where) {
  return SqlWriter(columns_of, where).write(condition);
}

}  // namespace perennial
