#include "study/keys_tables.h"

#include "study/keys_make.h"
#include "study/study.h"
#include "table/calendar.h"

namespace perennial {
namespace {

using key::choice;
using key::flag;
using key::required;
using key::section;
using key::shaped;
using key::text;
using key::texts;
using key::with_default;

std::vector<KeySpec> reading_keys() {
  return {
      shaped(texts("file",
                   "The file, relative to the study's folder or to `--data`; with a list, "
                   "files with the same columns, read one after another. CSV or Parquet, "
                   "also as .gz or .zst. Needed, unless there is `splits`.",
                   "\"customers.csv\""),
             KeyShape::kOneOrMore),
      text("splits",
           "Instead of `file`: a folder with train.npz, test.npz and perhaps validation.npz (or "
           "files whose names end so), with the arrays `inputs` and `targets` and perhaps `ids`, "
           "`feature_names` and `classes`. The table has the columns `id` and `target`, and who is "
           "train, validation or test stays as it is.",
           "\"splits\""),
      text("id",
           "Column that names the customer. Without it: the only column that all tables share. "
           "\"#row\", in a study with one table: every row is a customer, and its number in the "
           "file is the id.",
           "\"id\""),
      choice("separator", {",", ";", "tab", "|"},
             "What stands between two cells. Without it: found."),
      choice("decimal", {".", ","}, "Decimal mark of the numbers. Without it: found."),
      choice("quote", {"\"", "'"},
             "What encloses a cell with a separator in it. Without it: `\"`."),
      choice("encoding", {"utf-8", "utf-16le", "utf-16be", "windows-1251", "latin-1"},
             "Encoding of the text. Without it: found."),
      flag("header", "Whether the first line holds the names of the columns. Without it: found."),
      texts("names", "Names of the columns, for a file without a header.", "[\"id\", \"minutes\"]"),
      texts("missing",
            "More cells that mean a missing value, beside empty, NA, N/A, #N/A, NaN, null, "
            "None, $null$ and a lone space.",
            "[\"-\", \"unknown\"]"),
      with_default(flag("keep_markers",
                        "Only an empty cell is missing; NA, null and the like are "
                        "ordinary text."),
                   false),
      shaped({.param = {.name = "types",
                        .type = ParamType::kChoice,
                        .description = "What a column holds, where it would be taken for something "
                                       "else, by name of the column. A date with its order: day, "
                                       "month, year (dmy); month, day, year (mdy); or year first.",
                        .choices = {"number", "text", "date", "date dmy", "date mdy", "date ymd"}},
              .example = "{ \"zip code\" = \"text\" }"},
             KeyShape::kMap),
      shaped({.param = {.name = "calendar",
                        .type = ParamType::kTextList,
                        .description = "Parts of a date that become columns of their own, by name "
                                       "of the column: they mean the same in every year.",
                        .choices = calendar_parts()},
              .example = "{ date = [\"month\", \"weekday\"] }"},
             KeyShape::kMap),
  };
}

}  // namespace

SectionSpec table_section() {
  SectionSpec out{
      .path = "tables.NAME",
      .text =
          "One section a table. The name is yours: repairs and messages use it. How the file is "
          "written (separator, encoding and so on) is found out; say it where it is found wrong.",
      .example =
          "[tables.visits]\nfile      = [\"visits_2023.csv\", \"visits_2024.csv\"]\n"
          "separator = \";\"\ndecimal   = \",\"\ntypes     = { \"zip code\" = \"text\", "
          "joined = \"date dmy\" }\n"
          "ignore    = [\"comment\"]\norder     = { size = [\"small\", \"large\"] }\n",
      .keys = reading_keys()};
  out.keys.push_back(section("pivot", KeyShape::kSection,
                             "For a table with several rows a customer: how they become columns."));
  out.keys.push_back(text("time",
                          "For a log of events (visits, purchases, calls): the column that tells "
                          "when. What happened before the question's `cutoff` becomes features.",
                          "\"date\""));
  out.keys.push_back(text("session_gap",
                          "For a log of events: the pause that ends a session. Then features say "
                          "how many sessions a customer has, how long they last, and how many "
                          "events one holds.",
                          "\"30 minutes\""));
  out.keys.push_back(shaped(texts("value",
                                  "Columns with money. They are used for segments and "
                                  "offers and never become features.",
                                  "\"profit\""),
                            KeyShape::kOneOrMore));
  out.keys.push_back(texts("ignore", "Columns that are not used at all.", "[\"comment\"]"));
  out.keys.push_back(shaped(texts("order",
                                  "Categories of a column from low to high, by name of the "
                                  "column, for `encode = \"ordinal\"`.",
                                  "{ size = [\"small\", \"large\"] }"),
                            KeyShape::kMap));
  return out;
}

SectionSpec pivot_section() {
  return {
      .path = "tables.NAME.pivot",
      .text =
          "A table in long form has several rows a customer: one for each month, say. "
          "Every period becomes a column, named `value_period`.",
      .example =
          "[tables.revenue]\nfile  = \"revenue.csv\"\n"
          "pivot = { by = \"month\", value = \"revenue\", aggregate = \"sum\" }\n",
      .keys = {required(text("by", "Column that tells the rows of a customer apart.", "\"month\"")),
               required(shaped(
                   texts("value", "Columns whose values become the new columns.", "\"revenue\""),
                   KeyShape::kOneOrMore)),
               with_default(choice("aggregate", {"sum", "mean", "min", "max", "count"},
                                   "What is taken where a customer has several rows for one "
                                   "period."),
                            StudyTable{}.aggregate)}};
}

SectionSpec repair_section() {
  return {
      .path = "repair",
      .text =
          "`perennial audit` prints these lines for what it found but does not dare to change "
          "alone. Paste what you accept. Repairs apply in the order in which they stand, after "
          "the safe ones. Each has a table and one thing to do: `replace`, `trim`, `decimal`, "
          "`rename`, `drop` or `ignore`.",
      .example =
          "[[repair]]\ntable   = \"customers\"\ncolumn  = \"plan\"\n"
          "replace = { \"standrad\" = \"standard\" }\n\n"
          "[[repair]]\ntable = \"revenue\"\nwhere = \"revenue > 100000\"\n"
          "drop  = \"customer\"\n",
      .keys = {
          required(text("table", "Name of the table in this study.", "\"customers\"")),
          text("column", "Column to repair.", "\"plan\""),
          shaped(text("replace", "Values to replace, each by another.",
                      "{ \"standrad\" = \"standard\" }"),
                 KeyShape::kMap),
          flag("trim", "Blanks at both ends of the column's values are removed."),
          choice("decimal", {".", ","},
                 "Text such as \"0,98\" becomes a number; this is its mark."),
          texts("remove",
                "With `decimal`: what is taken out of the text before, such as a sign of money "
                "and thousands marks.",
                "[\"$\", \",\"]"),
          shaped(text("rename", "Columns to rename, name in the file to new name.",
                      "{ \"Plan Type\" = \"plan\" }"),
                 KeyShape::kMap),
          text("where", "Condition on the rows of the table that are dropped; see Conditions.",
               "\"revenue > 100000\""),
          choice(
              "drop", {"row", "customer", "value", "duplicates"},
              "What leaves the study: rows where the condition holds, customers with any such row, "
              "the column's value in such rows; or rows equal to another in every column."),
          flag("ignore", "The column never becomes a feature."),
      }};
}

}  // namespace perennial
