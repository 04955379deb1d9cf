#include "base/error.h"

#include <fmt/format.h>

#include <utility>

namespace perennial {
namespace {

// A sentence gets its full stop unless it already ends with a mark.
std::string sentence(const std::string& text) {
  if (text.empty() || text.back() == '.' || text.back() == '?' || text.back() == '!') return text;
  return text + ".";
}

}  // namespace

Error::Error(ErrorCode code, std::string where, std::string what, std::string hint)
    : code_(code), where_(std::move(where)), problem_(std::move(what)), hint_(std::move(hint)) {
  message_ = where_.empty() ? sentence(problem_) : where_ + ": " + sentence(problem_);
  if (!hint_.empty()) message_ += " " + sentence(hint_);
}

int Error::exit_code() const {
  switch (code_) {
    case ErrorCode::kStudy:
    case ErrorCode::kData:
    case ErrorCode::kIo:
      return 1;
    case ErrorCode::kUsage:
      return 2;
    case ErrorCode::kInternal:
      break;
  }
  return 70;
}

void internal_error(const char* file, int line, const char* condition) {
  throw Error(ErrorCode::kInternal, fmt::format("{}:{}", file, line),
              fmt::format("this should always hold: {}", condition),
              "This is a bug of Perennial: please report it with the command that led here");
}

}  // namespace perennial
