// What the tests of the whole house share: running the program, folders of their own, real data.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/test_places.h"
#include "base/text.h"

namespace perennial {

struct Outcome {
  int code = -1;  // exit code; 1000 + signal where a signal ended it
  std::string out, err;
};

// A folder that lives as long as the test.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (fs::temp_directory_path() / "perennial-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TestFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

inline std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Runs the program as a user would. `before` may hold shell words such as "ulimit -f 1;".
inline Outcome perennial_program(const std::vector<std::string>& arguments,
                                 const std::string& before = "") {
  const TestFolder folder;
  std::string command = before + " " + shell_quoted(kProgramFile);
  for (const std::string& a : arguments) command += " " + shell_quoted(a);
  command += " >" + shell_quoted((folder / "out").string()) + " 2>" +
             shell_quoted((folder / "err").string()) + " </dev/null";
  const int status = std::system(command.c_str());
  Outcome outcome{.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status),
                  .out = read_file(folder / "out"),
                  .err = read_file(folder / "err")};
  return outcome;
}

// The shared real data; empty where it is absent.
inline fs::path real_data() {
  const fs::path folder = data_folder();
  return fs::exists(folder / "shop") ? folder : fs::path();
}
#define PERENNIAL_NEEDS_REAL_DATA()                                                           \
  if (real_data().empty()) {                                                                  \
    GTEST_SKIP() << "the real tables are not here: put them at ../shared/data or name their " \
                    "folder in PERENNIAL_DATA";                                               \
  }

inline void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

// metrics.json without what may differ between two runs of the same study on the same values:
// times, memory, hashes of the input files.
inline Json lasting_metrics(const fs::path& folder) {
  Json metrics = Json::parse(read_file(folder / "metrics.json"));
  for (const char* key : {"seconds", "peak_rss_bytes", "inputs"}) metrics.erase(key);
  return metrics;
}

// explore.json without its drift, which is about the order of the file.
inline Json lasting_exploration(const fs::path& folder) {
  Json exploration = Json::parse(read_file(folder / "explore.json"));
  exploration.erase("drift");
  return exploration;
}

// leaderboard.csv without its last column but one, the seconds.
inline std::string lasting_leaderboard(const fs::path& folder) {
  std::string out;
  for (const std::string& line : split(read_file(folder / "leaderboard.csv"), '\n')) {
    const size_t note = line.rfind(',');
    if (note == std::string::npos) continue;
    out += line.substr(0, line.rfind(',', note - 1)) + line.substr(note) + "\n";
  }
  return out;
}

// Kinds of the findings in an audit.json.
inline std::vector<Json> findings_of(const fs::path& audit_json, const std::string& kind) {
  std::vector<Json> out;
  const Json audit = Json::parse(read_file(audit_json));
  for (const Json& f : audit.at("findings")) {
    if (f.at("kind") == kind) out.push_back(f);
  }
  return out;
}

}  // namespace perennial
