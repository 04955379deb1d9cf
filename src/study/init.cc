// Writes the first version of a study: what was guessed as keys, why as comments.
#include "study/init.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "study/init_guess.h"
#include "study/study.h"
#include "study/toml_tree.h"

namespace perennial {
namespace {

constexpr int kWidth = 98;
// Score of a target candidate from which its name speaks for it.
constexpr double kTellingName = 6;

// "# …" lines of words, none wider than the page; line breaks and controls in names become blanks.
std::string comment(std::string_view text) {
  std::string clean;
  for (const char c : text) clean += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  std::string out, line = "#";
  for (const std::string& word : split(clean, ' ')) {
    if (word.empty()) continue;
    if (line.size() > 1 && display_width(line) + 1 + display_width(word) > kWidth) {
      out += line + "\n";
      line = "#";
    }
    line += " " + word;
  }
  return out + line + "\n";
}

// The same lines, switched off.
std::string commented_out(const std::string& lines) {
  std::string out;
  for (const std::string& line : split(lines, '\n')) out += line.empty() ? "" : "# " + line + "\n";
  return out;
}

// One line, or as many as needed, indented.
std::string text_list(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) parts.push_back(toml_text(text));
  std::string line = "[" + join(parts, ", ") + "]";
  if (display_width(line) <= kWidth - 10) return line;
  std::string out = "[", row;
  for (const std::string& part : parts) {
    if (!row.empty() && display_width(row) + display_width(part) + 4 > kWidth) {
      out += "\n  " + row;
      row.clear();
    }
    row += (row.empty() ? "" : " ") + part + ",";
  }
  return out + "\n  " + row + "\n]";
}

std::string one_or_list(const std::vector<std::string>& texts) {
  return texts.size() == 1 ? toml_text(texts[0]) : text_list(texts);
}

std::string in_words(std::vector<std::string> texts, size_t most = 8) {
  const size_t all = texts.size();
  if (all > most) texts.resize(most);
  for (std::string& text : texts) text = shortened(text, 40);
  return join(texts, ", ") + (all > most ? ", …" : "");
}

std::string percent(int64_t part, int64_t whole) {
  return fixed(100.0 * static_cast<double>(part) / static_cast<double>(std::max<int64_t>(whole, 1)),
               1) +
         " %";
}

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string section(const std::string& header, const Lines& lines) {
  size_t width = 0;
  for (const auto& [key, value] : lines) width = std::max(width, key.size());
  std::string out = header + "\n";
  for (const auto& [key, value] : lines) out += fmt::format("{:<{}} = {}\n", key, width, value);
  return out;
}

// What was seen in a table, before its section.
std::string table_comments(const TableGuess& guess) {
  const auto rows = static_cast<int64_t>(guess.table->rows());
  std::string out;
  if (!guess.unusable.empty()) return comment("Left out: " + guess.unusable + ".");
  if (guess.one_row) {
    out += comment(fmt::format("{}, one row a customer.", counted(rows, "row")));
    if (guess.customers != rows) {
      out += comment(fmt::format("But {} stand in more than one row: see `perennial audit`.",
                                 counted(rows - guess.customers, "id")));
    }
  } else if (!guess.time.empty()) {
    out +=
        comment(fmt::format("{} of {}: a log of events. What happened before the question's "
                            "cutoff becomes features.",
                            counted(rows, "row"), counted(guess.customers, "customer")));
  } else {
    out += comment(fmt::format("{}, several a customer, told apart by {}: {}.",
                               counted(rows, "row"), guess.pivot_by, in_words(guess.periods, 6)));
    if (!guess.pivot_unique) {
      out += comment("Several rows for one customer and period are added up.");
    }
  }
  if (guess.id == kRowNumber) {
    out += comment(
        "No column names the customers: every row is one, and its number in the file is the id "
        "(never a feature). Name the column here if there is one.");
  }
  for (const FileReading& reading : guess.table->files) {
    for (const std::string& note : reading.notes) out += comment("Reading: " + note + ".");
  }
  if (!guess.money.empty()) {
    out +=
        comment(fmt::format("{}: money, for segments and offers. It never becomes a feature; "
                            "remove `value` if it should.",
                            in_words(guess.money)));
  }
  for (const auto& [column, reason] : guess.ignored) {
    out += comment(fmt::format("{} is not used: {}.", column, reason));
  }
  return out;
}

std::string table_section(const TableGuess& guess) {
  Lines lines{{"file", toml_text(guess.file)}};
  if (!guess.id.empty()) lines.emplace_back("id", toml_text(guess.id));
  if (!guess.time.empty()) lines.emplace_back("time", toml_text(guess.time));
  if (!guess.table->files.empty() && !guess.table->files.front().header) {
    lines.emplace_back("header", "false");
    lines.emplace_back("names", text_list(guess.table->column_names()));
  }
  if (!guess.pivot_by.empty() && guess.unusable.empty()) {
    lines.emplace_back("pivot", fmt::format("{{ by = {}, value = {} }}", toml_text(guess.pivot_by),
                                            one_or_list(guess.pivot_values)));
  }
  if (!guess.money.empty()) lines.emplace_back("value", one_or_list(guess.money));
  if (!guess.ignored.empty()) {
    std::vector<std::string> names;
    for (const auto& [column, reason] : guess.ignored) names.push_back(column);
    lines.emplace_back("ignore", text_list(names));
  }
  const std::string text = section("[tables." + toml_key(guess.name) + "]", lines);
  return table_comments(guess) + (guess.unusable.empty() ? text : commented_out(text));
}

// What init makes of a repair that the audit proposes but does not dare to make.
std::string repair_lines(const Finding& finding, Repair repair, const TableGuess& guess) {
  repair.table = guess.name;
  std::string lines = to_toml(repair);
  if (!lines.ends_with('\n')) lines += "\n";
  if (repair.kind != Repair::Kind::kDropCustomers) {
    return "\n" + comment(finding.message) +
           comment("Remove these lines to keep the column as text.") + lines;
  }
  // Dropping many customers is not for init to decide.
  const bool few = finding.rows * 200 <= guess.customers || finding.rows == 1;
  return "\n" + comment(finding.message) +
         comment(few ? "Remove these lines to keep the customers."
                     : "Remove the # in front of these lines to leave the customers out.") +
         (few ? lines : commented_out(lines));
}

// Impossible numbers, and numbers but for a word: the audit proposes what to do, the study that
// init writes does it.
std::string repair_sections(const std::vector<TableGuess>& tables, const std::string& target,
                            const Workers& workers) {
  std::string out;
  for (const TableGuess& guess : tables) {
    if (!guess.unusable.empty()) continue;
    std::vector<std::string> ignored;
    for (const auto& [column, reason] : guess.ignored) ignored.push_back(column);
    const AuditTable view{.table = guess.table,
                          .id = guess.id == kRowNumber ? "" : guess.id,
                          .pivot_by = guess.pivot_by,
                          .values = guess.money,
                          .target = guess.facts(target) ? target : "",
                          .ignored = ignored};
    for (const Finding& finding : audit_tables({view}, workers)) {
      for (const Repair& repair : finding.repair) {
        const bool wanted = repair.kind == Repair::Kind::kDropCustomers ||
                            finding.kind == "numbers-as-text" ||
                            finding.kind == "numbers-with-signs";
        if (!finding.safe && wanted) out += repair_lines(finding, repair, guess);
      }
    }
  }
  return out;
}

struct Target {
  size_t table = 0;
  std::string column, positive;
  bool number = false;              // of the target's column
  std::string note;                 // how the positive class was chosen
  std::vector<std::string> others;  // other candidates
  bool guess = false;               // nothing but its place speaks for it
  std::string where;                // in place of a column: a condition
  std::string event;                // in place of a column: a log of events
};

std::string other_values(const std::vector<std::pair<std::string, int64_t>>& counts,
                         const std::string& positive) {
  std::vector<std::string> out;
  for (const auto& [value, rows] : counts) {
    if (value != positive) out.push_back("\"" + value + "\"");
  }
  return in_words(out);
}

// Of two values the rarer one; of several the rarest of which a model can learn something.
size_t rarest_enough(const std::vector<std::pair<std::string, int64_t>>& counts) {
  int64_t rows = 0;
  for (const auto& [value, n] : counts) rows += n;
  const int64_t enough = std::min<int64_t>(50, (rows + 19) / 20);  // a twentieth of a small table
  size_t at = counts.size() - 1;
  while (counts.size() > 2 && at > 1 && counts[at].second < enough) --at;
  return at;
}

void choose_positive(const std::vector<TableGuess>& tables, const InitOptions& options,
                     Target& target) {
  const TableGuess& guess = tables[target.table];
  const Column& column = *guess.table->find(target.column);
  const auto counts = value_counts(column);
  target.number = !column.is_text();
  std::vector<std::string> values;
  for (const auto& [value, rows] : counts) values.push_back(value);
  const std::string where = guess.file + ", column \"" + target.column + "\"";
  if (counts.size() < 2) {
    throw Error(ErrorCode::kData, where, "the target has one value alone",
                "A target needs customers of both kinds: choose another column with --target");
  }
  if (!options.positive && counts.size() > 2 && options.target) {
    target.note = fmt::format(
        "Each of its {} values is a class of its own: {}. To ask for one of "
        "them against the rest, add positive = \"…\".",
        counts.size(), in_words(values));
    return;
  }
  target.positive = options.positive.value_or(counts[rarest_enough(counts)].first);
  const auto found = std::find(values.begin(), values.end(), target.positive);
  if (found == values.end()) {
    throw Error(ErrorCode::kUsage, where,
                fmt::format("no row has the value \"{}\"", target.positive) +
                    did_you_mean(target.positive, values),
                "Values of this column: " + in_words(values));
  }
  const int64_t rows = counts[static_cast<size_t>(found - values.begin())].second;
  int64_t present = 0;
  for (const auto& [value, n] : counts) present += n;
  target.note = fmt::format("{} of {} ({}) are \"{}\"{}; the others are {}.", grouped(rows),
                            grouped(present), percent(rows, present), target.positive,
                            options.positive ? ""
                            : counts.size() == 2
                                ? ", the rarer value: change it if the other one is asked for"
                                : ", a rare value: change it if another one is asked for, or "
                                  "remove it to tell all of them apart",
                            other_values(counts, target.positive));
}

Target named_target(const std::vector<TableGuess>& tables, const std::string& name) {
  std::vector<std::string> all;
  bool long_form = false;
  std::string left_out;  // why the table that has the column is not used
  for (size_t t = 0; t < tables.size(); ++t) {
    for (const std::string& column : tables[t].table->column_names()) all.push_back(column);
    const Column* column = tables[t].table->find(name);
    if (!column) continue;
    if (!tables[t].unusable.empty()) {
      left_out = fmt::format("the column \"{}\" is in the table \"{}\", which cannot be used: {}",
                             name, tables[t].table->name, tables[t].unusable);
      continue;
    }
    if (tables[t].one_row) {
      return {.table = t,
              .column = column->name,
              .positive = "",
              .note = "",
              .others = {},
              .guess = false};
    }
    long_form = true;
  }
  if (!long_form && !left_out.empty()) {
    throw Error(ErrorCode::kUsage, "--target", left_out,
                "Give that table an id that the others have too, or leave the others out");
  }
  if (long_form) {
    throw Error(ErrorCode::kUsage, "--target",
                fmt::format("the column \"{}\" has several rows a customer", name),
                "A target has one value a customer: choose another column");
  }
  throw Error(ErrorCode::kUsage, "--target",
              fmt::format("no table has a column \"{}\"", name) + did_you_mean(name, all),
              "Columns: " + in_words(all, 30));
}

// A name in a condition, where blanks, some words and leading digits mean something else.
std::string condition_name(const std::string& name) {
  static const std::set<std::string> reserved = {"and", "or", "not", "every",
                                                 "any", "in", "is",  "missing"};
  const bool digit = name.front() >= '0' && name.front() <= '9';
  const bool bare = regular_name(name) == to_lower(name) && !digit && !reserved.contains(name);
  return bare ? name : "`" + name + "`";
}

// The outcome is to have a row in the other table: what else it says is known afterwards.
Target target_by_part(std::vector<TableGuess>& tables, const PartTable& part) {
  TableGuess& rows = tables[part.part];
  const TableGuess& whole = tables[part.whole];
  Target out{.table = part.whole, .column = rows.name, .guess = true};
  out.where = condition_name(part.column) + " is not missing";
  out.note = fmt::format(
      "No column has two values, but {} of {} customers of {} ({}) have a row in {}: who does? "
      "What else that table says is known of them alone, after the outcome, and is not used.",
      grouped(part.customers), grouped(whole.customers), whole.name,
      percent(part.customers, whole.customers), rows.name);
  for (const ColumnFacts& facts : rows.columns) {
    if (facts.name == rows.id || facts.name == part.column) continue;
    rows.ignored.emplace_back(facts.name, "it is known only of customers with the outcome");
  }
  rows.money.clear();
  return out;
}

// Who comes back? Asked where there is a log of events, and no column that is named as an outcome.
Target target_by_events(const std::vector<TableGuess>& tables, const TableGuess& log) {
  Target out{.table = static_cast<size_t>(&log - tables.data()), .column = log.name, .guess = true};
  out.event = log.name;
  out.note = fmt::format(
      "No column is named as an outcome: who has a row in {} within 90 days from the cutoff? The "
      "cutoff is the last one that leaves room for the answer; name another time, a sum that "
      "falls, or a column here.",
      log.name);
  return out;
}

Target choose_target(std::vector<TableGuess>& tables, const InitOptions& options) {
  const std::vector<TargetCandidate> candidates = target_candidates(tables);
  const bool two_values = !candidates.empty() && !candidates.front().several;
  const bool telling = two_values && candidates.front().score >= kTellingName;
  const TableGuess* log = telling_events(tables);
  Target out;
  if (options.target) {
    out = named_target(tables, *options.target);
  } else if (log != nullptr && !telling) {
    return target_by_events(tables, *log);
  } else if (const auto part = part_table(tables); part && !two_values) {
    return target_by_part(tables, *part);
  } else if (!candidates.empty()) {
    out.table = candidates.front().table;
    out.column = candidates.front().column;
    out.guess = candidates.front().score < kTellingName;
    for (size_t i = 1; i < candidates.size(); ++i) out.others.push_back(candidates[i].column);
  } else {
    throw Error(ErrorCode::kData, tables.front().file,
                "no column has two to five values, as a target has",
                "Name the column that is to be predicted with --target");
  }
  choose_positive(tables, options, out);
  return out;
}

// Customers without a revenue above zero in each period, as the cohort would see them.
std::vector<std::string> inactive_customers(const TableGuess& guess, const TableGuess& entity) {
  const Column& id = *guess.table->find(guess.id);
  const Column& period = *guess.table->find(guess.pivot_by);
  const Column& value = *guess.table->find(guess.pivot_values.front());
  const auto periods = static_cast<size_t>(guess.facts(guess.pivot_by)->distinct);
  std::map<std::string, std::map<std::string, double>> sums;
  for (size_t row = 0; row < guess.table->rows(); ++row) {
    if (!value.missing(row)) {
      sums[id.value_text(row)][period.value_text(row)] += value.numbers[row];
    }
  }
  std::vector<std::string> out;
  const Column& everybody = *entity.table->find(entity.id);
  for (size_t row = 0; row < everybody.size(); ++row) {
    const std::string name = everybody.value_text(row);
    const auto found = sums.find(name);
    const bool active = found != sums.end() && found->second.size() == periods &&
                        std::all_of(found->second.begin(), found->second.end(),
                                    [](const auto& sum) { return sum.second > 0; });
    if (!active) out.push_back(name);
  }
  return out;
}

// Customers who bought nothing in some period, where nearly all did, are not the ones the question
// is about.
std::string cohort_lines(const std::vector<TableGuess>& tables, const TableGuess& entity) {
  for (const TableGuess& guess : tables) {
    const bool revenue = !guess.pivot_values.empty() &&
                         (is_revenue_name(guess.name) || is_revenue_name(guess.pivot_values[0]));
    if (!guess.unusable.empty() || guess.pivot_by.empty() || !revenue) continue;
    if (guess.pivot_values.size() > 1 || guess.facts(guess.pivot_values[0])->text ||
        guess.table->find(guess.pivot_values[0])->is_text()) {
      continue;
    }
    const std::vector<std::string> inactive = inactive_customers(guess, entity);
    if (inactive.empty() || inactive.size() * 20 > entity.table->rows()) continue;
    const auto n = static_cast<int64_t>(inactive.size());
    return comment(fmt::format(
               "{} had no {} above zero in every {} ({}): a customer who was not active cannot be "
               "compared with the rest. Remove the line to keep everybody.",
               n == 1 ? "One customer" : grouped(n) + " customers", guess.pivot_values[0],
               guess.pivot_by, in_words(inactive, 5))) +
           fmt::format("cohort = {}\n", toml_text("every " + condition_name(guess.name) + " > 0"));
  }
  return "";
}

std::string validation_section(const std::string& question) {
  return fmt::format("\n[question.{}.validation]\n", question) +
         comment("A quarter of the customers is put aside for the verdict.") +
         "test  = 0.25\nfolds = 5\n";
}

std::string question_section(const std::vector<TableGuess>& tables, const Target& target) {
  std::string name = ascii_name(target.column);
  if (name.empty()) name = "question";
  const TableGuess& entity = tables[target.table];
  int holders = 0;
  for (const TableGuess& guess : tables) {
    if (guess.unusable.empty() && guess.table->find(target.column)) ++holders;
  }
  std::string out = fmt::format("[question.{}]\n", name);
  if (target.guess) {
    out += comment(
        "A guess: no name says which column is the outcome. Name it here, or with --target.");
  }
  out += comment(target.note);
  if (!target.others.empty()) {
    out += comment("Other columns with two values: " + in_words(target.others) + ".");
  }
  if (!target.event.empty()) {
    out +=
        fmt::format("target = {{ event = {}, within = \"90 days\" }}\n", toml_text(target.event));
    return out + validation_section(name);
  }
  if (!target.where.empty()) {
    out += fmt::format("target = {{ where = {}, table = {} }}\n", toml_text(target.where),
                       toml_text(entity.name));
    return out + validation_section(name);
  }
  const bool number = target.number && parse_number(target.positive);
  const std::string positive = number ? target.positive : toml_text(target.positive);
  out += fmt::format("target = {{ column = {}{}{} }}\n", toml_text(target.column),
                     target.positive.empty() ? "" : ", positive = " + positive,
                     holders > 1 ? ", table = " + toml_text(entity.name) : "");
  out += cohort_lines(tables, entity);
  return out + validation_section(name);
}

}  // namespace

std::string propose_study(const std::vector<Table>& tables, const InitOptions& options,
                          const Workers& workers) {
  PERENNIAL_CHECK(tables.size() == options.files.size());
  if (tables.empty()) {
    throw Error(ErrorCode::kUsage, "", "there is no table to look at",
                "Give the files: perennial init TABLE...");
  }
  std::vector<TableGuess> guesses = guess_tables(tables, options.files);
  const Target target = choose_target(guesses, options);
  guess_ignored(guesses, target.column);
  std::string out = comment(
      "A first study, from a look at the tables. Every line may be changed; docs/study.md "
      "lists all keys. Next: `perennial audit` and `perennial run` with this file.");
  for (const TableGuess& guess : guesses) out += "\n" + table_section(guess);
  out += repair_sections(guesses, target.column, workers);
  out += "\n" + question_section(guesses, target);
  parse_study(out, "proposed study");
  return out;
}

}  // namespace perennial
