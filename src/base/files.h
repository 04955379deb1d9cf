// Files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perennial {

namespace fs = std::filesystem;

// A path given by the user as UTF-8 text, and back.
inline fs::path path_of(const std::string& utf8) { return fs::path(utf8); }

// The file's bytes. Throws Error{kIo} that says which file and why (missing, a folder, no
// permission).
std::string read_file(const fs::path& path);
// Writes beside the target, flushes, then renames over it. Throws Error{kIo}; leaves nothing
// behind.
void write_file(const fs::path& path, std::string_view bytes);
// The same of parts that follow each other.
void write_file(const fs::path& path, std::span<const std::string> parts);
// Lower-case hex SHA-256, as `sha256sum` prints it.
std::string sha256_hex(std::string_view bytes);

// A folder that is filled out of sight and then put in place as a whole.
//   StagedFolder staged(out_dir);        // creates a sibling ".<name>.tmp-<pid>"
//   write into staged.path() ...
//   staged.commit({"metrics.json", ...}); // replaces out_dir; without it the destructor removes
//   all
class StagedFolder {
 public:
  explicit StagedFolder(const fs::path& target);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;
  const fs::path& path() const { return staged_; }
  // Puts the folder in place by rename; if that fails, the old one is put back and Error{kIo}
  // thrown. `owned`: relative names that the program writes ("metrics.json", "splits"). What the
  // old folder holds beyond them belongs to the user and is carried over into the new one.
  void commit(const std::vector<std::string>& owned);

 private:
  fs::path target_, staged_;
  bool committed_ = false;
};

}  // namespace perennial
