// report.html: the page that web/ builds, with this run's data in it.
#include "base/error.h"
#include "report/page_data.h"
#include "report/report.h"

namespace perennial {

std::string page_template();  // made from web/ at build time (src/report/CMakeLists.txt)

namespace {

std::string html_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else {
      out += c;
    }
  }
  return out;
}

void fill(std::string& page, std::string_view mark, const std::string& text) {
  const size_t at = page.find(mark);
  PERENNIAL_CHECK(at != std::string::npos);
  page.replace(at, mark.size(), text);
}

}  // namespace

std::string report_html(const RunRecord& record) {
  std::string page = page_template();
  // The data first: a name may well hold the other mark.
  fill(page, "@@DATA@@", script_json(page_data(record)));
  fill(page, "@@TITLE@@", html_escape(record.study_name + ": " + record.question));
  return page;
}

}  // namespace perennial
