// docs/study.md is made by the program; this test fails when the file is stale.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "base/files.h"
#include "base/test_places.h"
#include "base/text.h"
#include "study/study.h"

namespace perennial {
namespace {

const fs::path kDocs = source_folder() / "docs" / "study.md";

// The first lines that differ, as a diff.
std::string difference(const std::string& file, const std::string& program) {
  const std::vector<std::string> a = split(file, '\n'), b = split(program, '\n');
  std::string out;
  int shown = 0;
  for (size_t i = 0; i < std::max(a.size(), b.size()) && shown < 10; ++i) {
    const std::string* left = i < a.size() ? &a[i] : nullptr;
    const std::string* right = i < b.size() ? &b[i] : nullptr;
    if (left && right && *left == *right) continue;
    out += "line " + std::to_string(i + 1) + "\n";
    if (left) out += "- " + *left + "\n";
    if (right) out += "+ " + *right + "\n";
    ++shown;
  }
  return out;
}

// The TOML blocks of the page.
std::vector<std::string> toml_blocks(const std::string& page) {
  std::vector<std::string> out;
  const std::string open = "```toml\n", close = "```";
  for (size_t at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
    at += open.size();
    const size_t end = page.find(close, at);
    out.push_back(page.substr(at, end - at));
    at = end;
  }
  return out;
}

TEST(StudyDocs, FileIsWhatTheProgramPrints) {
  const std::string wanted = study_reference();
  if (std::getenv("PERENNIAL_ACCEPT") != nullptr) write_file(kDocs, wanted);
  const std::string found = fs::exists(kDocs) ? read_file(kDocs) : "";
  EXPECT_TRUE(found == wanted) << "docs/study.md is stale:\n"
                               << difference(found, wanted)
                               << "To accept: build/perennial docs study > docs/study.md\n"
                                  "or run this test with PERENNIAL_ACCEPT=1.";
}

// Blocks are whole studies, or parts of one: those get what they lack.
TEST(StudyDocs, EveryExampleParses) {
  const std::vector<std::string> blocks = toml_blocks(study_reference());
  EXPECT_GE(blocks.size(), 10u);
  for (std::string block : blocks) {
    const auto has = [&](std::string_view part) { return block.find(part) != std::string::npos; };
    if (!has("target =")) {
      block += "\n[question.leaves]\ntarget = { column = \"left\", positive = \"yes\" }\n";
    }
    for (const std::string table : {"customers", "revenue"}) {
      if (!has("[tables." + table + "]")) {
        block += "\n[tables.";
        block += table;
        block += "]\nfile = \"";
        block += table;
        block += ".csv\"\n";
      }
    }
    for (const std::string events : {"purchases", "visits"}) {
      if (!has("event = \"" + events + "\"") || has("[tables." + events + "]")) continue;
      block += "\n[tables.";
      block += events;
      block += "]\nfile = \"events.csv\"\ntime = \"when\"\n";
    }
    EXPECT_NO_THROW(parse_study(block, "docs.toml")) << block;
  }
}

TEST(StudyDocs, ExamplesInTheRepositoryParse) {
  const fs::path folder = source_folder() / "examples";
  int studies = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    ++studies;
    try {
      load_study(entry.path());
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
  EXPECT_GE(studies, 3);
}

}  // namespace
}  // namespace perennial
