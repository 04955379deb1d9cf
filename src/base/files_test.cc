#include "base/files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "base/error.h"

namespace perennial {
namespace {

// A folder of this test alone, gone at its end.
class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "perennial-files-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    dir_ = name;
  }
  void TearDown() override {
    fs::permissions(dir_, fs::perms::owner_all);
    fs::remove_all(dir_);
  }
  // Relative names of everything in the folder, hidden leftovers too.
  std::vector<std::string> listing() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(dir_)) {
      names.push_back(fs::relative(entry.path(), dir_).generic_string());
    }
    std::ranges::sort(names);
    return names;
  }
  static std::string io_message(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kIo);
      return error.what();
    }
    return "no error";
  }
  fs::path dir_;
};

using Names = std::vector<std::string>;

TEST_F(Files, WritesAndReadsBack) {
  const std::string bytes("a\0b\r\nя", 7);
  write_file(dir_ / "отчёт.txt", bytes);
  EXPECT_EQ(read_file(dir_ / "отчёт.txt"), bytes);
  write_file(dir_ / "отчёт.txt", "");
  EXPECT_EQ(read_file(dir_ / "отчёт.txt"), "");
  EXPECT_EQ(listing(), Names{"отчёт.txt"});
  const std::string large(3'000'000, 'x');
  write_file(dir_ / "large", large);
  EXPECT_EQ(read_file(dir_ / "large"), large);
}

TEST_F(Files, ReadsFilesWithoutASize) {
  EXPECT_NE(read_file("/proc/self/status").find("Pid:"), std::string::npos);
}

TEST_F(Files, WritesThroughSymbolicLinksAndToDevices) {
  write_file(dir_ / "real", "1");
  fs::create_symlink("real", dir_ / "link");
  write_file(dir_ / "link", "2");
  EXPECT_EQ(read_file(dir_ / "real"), "2");
  EXPECT_TRUE(fs::is_symlink(dir_ / "link"));
  write_file("/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(Files, ErrorsSayWhatAndWhatToDo) {
  EXPECT_NE(io_message([&] { read_file(dir_ / "no.csv"); }).find("Check the spelling"),
            std::string::npos);
  EXPECT_NE(io_message([&] { read_file(dir_); }).find("is a folder"), std::string::npos);
  EXPECT_NE(io_message([&] { write_file(dir_, "x"); }).find("A folder has that name"),
            std::string::npos);
  EXPECT_NE(io_message([&] { write_file(dir_ / "none" / "x", "x"); }).find("Check the spelling"),
            std::string::npos);
  EXPECT_NE(io_message([&] { write_file(dir_ / std::string(300, 'n'), "x"); }).find("shorter name"),
            std::string::npos);
  EXPECT_EQ(listing(), Names{});
}

TEST_F(Files, FullDisk) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_NE(io_message([] { write_file("/dev/full", "x"); }).find("The disk is full"),
            std::string::npos);
}

// Root may write everywhere, so the test becomes somebody else for a moment.
class AsNobody {
 public:
  AsNobody() : root_(::geteuid() == 0), changed_(root_ && ::seteuid(65534) == 0) {}
  ~AsNobody() {
    if (changed_) {
      EXPECT_EQ(::seteuid(0), 0);
    }
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  bool works() const { return changed_ || !root_; }

 private:
  bool root_, changed_;
};

TEST_F(Files, NoPermission) {
  write_file(dir_ / "secret", "x");
  fs::permissions(dir_ / "secret", fs::perms::none);
  fs::permissions(dir_, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read |
                            fs::perms::others_exec);
  const AsNobody nobody;
  if (!nobody.works()) GTEST_SKIP() << "cannot give up root here";
  EXPECT_NE(io_message([&] { read_file(dir_ / "secret"); }).find("permissions"), std::string::npos);
  EXPECT_NE(io_message([&] { write_file(dir_ / "new", "x"); }).find("may write"),
            std::string::npos);
  EXPECT_NE(io_message([&] { StagedFolder(dir_ / "out"); }).find("may write"), std::string::npos);
}

// FIPS 180-2, appendix B.1, and the empty message.
TEST_F(Files, Sha256) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(Files, StagedFolderAppearsAsAWhole) {
  StagedFolder staged(dir_ / "a" / "out");
  write_file(staged.path() / "x", "1");
  EXPECT_FALSE(fs::exists(dir_ / "a" / "out"));
  staged.commit({"x"});
  EXPECT_EQ(listing(), (Names{"a", "a/out", "a/out/x"}));
}

TEST_F(Files, WithoutCommitNothingStays) {
  fs::create_directory(dir_ / "out");
  write_file(dir_ / "out" / "x", "old");
  {
    StagedFolder staged(dir_ / "out");
    write_file(staged.path() / "x", "new");
  }
  EXPECT_EQ(listing(), (Names{"out", "out/x"}));
  EXPECT_EQ(read_file(dir_ / "out" / "x"), "old");
}

TEST_F(Files, OurOldFilesGoTheUsersStay) {
  const fs::path out = dir_ / "out";
  fs::create_directories(out / "splits" / "mine");
  fs::create_directories(out / "notes");
  for (const char* name : {"metrics.json", "offers.csv", "letter.txt", "splits/train.npz",
                           "splits/own.txt", "splits/mine/deep.txt", "notes/n.txt"}) {
    write_file(out / name, "old");
  }
  fs::create_symlink("nowhere", out / "dangling");
  StagedFolder staged(out / "");  // a slash at the end changes nothing
  fs::create_directory(staged.path() / "splits");
  write_file(staged.path() / "metrics.json", "new");
  write_file(staged.path() / "splits" / "train.npz", "new");
  staged.commit({"metrics.json", "offers.csv", "splits/train.npz"});
  EXPECT_EQ(listing(),
            (Names{"out", "out/dangling", "out/letter.txt", "out/metrics.json", "out/notes",
                   "out/notes/n.txt", "out/splits", "out/splits/mine", "out/splits/mine/deep.txt",
                   "out/splits/own.txt", "out/splits/train.npz"}));
  EXPECT_EQ(read_file(out / "metrics.json"), "new");
  EXPECT_EQ(read_file(out / "splits" / "train.npz"), "new");
  EXPECT_EQ(read_file(out / "letter.txt"), "old");
}

TEST_F(Files, OwnedFolderIsReplacedWhole) {
  const fs::path out = dir_ / "out";
  fs::create_directories(out / "splits");
  write_file(out / "splits" / "validation.npz", "old");
  StagedFolder staged(out);
  write_file(staged.path() / "metrics.json", "new");
  staged.commit({"metrics.json", "splits/"});
  EXPECT_EQ(listing(), (Names{"out", "out/metrics.json"}));
}

TEST_F(Files, StagedFolderRefusesFilesAndTheCurrentFolder) {
  write_file(dir_ / "file", "x");
  EXPECT_NE(io_message([&] { StagedFolder(dir_ / "file"); }).find("choose another name"),
            std::string::npos);
  EXPECT_NE(io_message([&] { StagedFolder(dir_ / "file" / "out"); }).find("parent folder"),
            std::string::npos);
  EXPECT_NE(io_message([] { StagedFolder("."); }).find("current folder"), std::string::npos);
  EXPECT_EQ(listing(), Names{"file"});
}

TEST_F(Files, TwoStagedFoldersForOneTarget) {
  StagedFolder first(dir_ / "out"), second(dir_ / "out");
  EXPECT_NE(first.path(), second.path());
  write_file(first.path() / "x", "1");
  write_file(second.path() / "x", "2");
  first.commit({"x"});
  second.commit({"x"});
  EXPECT_EQ(read_file(dir_ / "out" / "x"), "2");
  EXPECT_EQ(listing(), (Names{"out", "out/x"}));
}

TEST_F(Files, OldFolderIsPutBackWhenTheNewOneCannotBePutInPlace) {
  const fs::path out = dir_ / "out";
  fs::create_directory(out);
  write_file(out / "x", "old");
  StagedFolder staged(out);
  fs::remove_all(staged.path());  // somebody cleaned up too eagerly
  EXPECT_NE(io_message([&] { staged.commit({"x"}); }).find("put in place"), std::string::npos);
  EXPECT_EQ(listing(), (Names{"out", "out/x"}));
  EXPECT_EQ(read_file(out / "x"), "old");
}

}  // namespace
}  // namespace perennial
