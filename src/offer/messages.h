// Messages from templates: "Hello {name|friend}, {category} is waiting".
//
// {field} stands for a column of the customer, {field|text} for the text where it is missing; the
// words id, segment and offer are known too. Two braces stand for one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perennial {

struct MessagePart {
  std::string text;   // literal; used where field is ""
  std::string field;  // name of a column
  std::optional<std::string> fallback;
};

// Errors (kStudy) at `where`: a brace that is not closed, a field without a name.
std::vector<MessagePart> parse_message(std::string_view text, const std::string& where);

// value(field): its text, "" where it is missing. With `html` values are escaped; the template's
// own text is taken as it stands.
std::string render_message(const std::vector<MessagePart>& parts, bool html,
                           const std::function<std::string(const std::string&)>& value);

// & < > " ' as entities.
std::string escape_html(std::string_view text);

// A cell that no spreadsheet takes for a formula (OWASP, "CSV injection"): text that begins with
// = + - @, their full-width forms, a tab or a line end gets a ' in front, as does text that begins
// with a ', so that `unguarded` gives back what was. Numbers stay as they are.
std::string guarded(std::string_view text);
std::string unguarded(std::string_view cell);

}  // namespace perennial
