// The one exception of the library. Libraries throw it; only apps print it and choose the exit
// code.
#pragma once

#include <exception>
#include <string>

namespace perennial {

enum class ErrorCode {
  kStudy,     // the study file is wrong: exit 1
  kData,      // the data is wrong: exit 1
  kIo,        // a file cannot be read or written: exit 1
  kUsage,     // the command line is wrong: exit 2
  kInternal,  // a bug of ours: exit 70
};

// A message in three parts: where it is, what is wrong, what to do about it.
//   where  e.g. `market_file.csv:12, column "id"` or `study.toml:7, key "tables.x.file"`; may be
//   empty what   one sentence without a full stop at its end hint   one sentence that says what to
//   do; may be empty
class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string where, std::string what, std::string hint = "");

  ErrorCode code() const { return code_; }
  const std::string& where() const { return where_; }
  const std::string& problem() const { return problem_; }
  const std::string& hint() const { return hint_; }
  // "where: problem. hint." as one line.
  const char* what() const noexcept override { return message_.c_str(); }
  // 1 for study, data and io; 2 for usage; 70 for internal.
  int exit_code() const;

 private:
  ErrorCode code_;
  std::string where_, problem_, hint_, message_;
};

// REQUIRES-style check of our own invariants: throws Error{kInternal} with file and line.
// Never use it for what a user can cause.
[[noreturn]] void internal_error(const char* file, int line, const char* condition);
#define PERENNIAL_CHECK(condition)        \
  (static_cast<bool>(condition) ? void(0) \
                                : ::perennial::internal_error(__FILE__, __LINE__, #condition))

}  // namespace perennial
