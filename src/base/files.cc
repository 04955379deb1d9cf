#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/parts.h"

namespace perennial {
namespace {

std::string hint_for(int error, bool writing) {
  switch (error) {
    case ENOENT:
      return "Check the spelling of the path";
    case EACCES:
    case EPERM:
      return writing ? "Choose a place you may write to, or change its permissions"
                     : "Change the permissions of the file, or run as a user who may read it";
    case EROFS:
      return "The file system is read-only: choose another place";
    case ENOSPC:
    case EDQUOT:
      return "The disk is full: free some space, or choose another place";
    case EISDIR:
      return "A folder has that name: choose another name";
    case ENOTDIR:
    case EEXIST:
      return "A file stands where a folder is wanted: choose another name";
    case ENAMETOOLONG:
      return "Choose a shorter name";
    case EBUSY:
    case EXDEV:
      return "The folder cannot be replaced as a whole: name a new folder inside it";
    default:
      return "";
  }
}

[[noreturn]] void io_error(const fs::path& path, const std::string& what, int error, bool writing) {
  throw Error(ErrorCode::kIo, path.string(),
              fmt::format("{}: {}", what, std::generic_category().message(error)),
              hint_for(error, writing));
}

// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  // The result of close(): network file systems report a full disk only here.
  int close() {
    const int result = ::close(fd_);
    fd_ = -1;
    return result;
  }

 private:
  int fd_;
};

// 0, or the errno of the write that failed.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return 0;
}

// A name beside the target that only this process uses: ".scores.csv.tmp-4711".
fs::path beside(const fs::path& target, const char* kind, int attempt) {
  std::string name = fmt::format(".{}.{}-{}", target.filename().string(), kind, ::getpid());
  if (attempt > 0) name += fmt::format("-{}", attempt);
  return target.parent_path() / name;
}

// Pipes and devices (`-o /dev/stdout`) cannot be renamed over: they are written to directly.
bool is_special(const fs::path& path) {
  std::error_code none;
  const fs::file_status status = fs::status(path, none);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

void write_special(const fs::path& path, std::string_view bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) io_error(path, "cannot be opened for writing", errno, true);
  if (const int error = write_all(file.get(), bytes)) {
    io_error(path, "cannot be written", error, true);
  }
}

// The path that the rename should hit: behind symbolic links, without a "/" at its end.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  fs::path full = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error) io_error(path, "is not a usable path", error.value(), true);
  if (full.filename().empty()) full = full.parent_path();
  return full;
}

// Parts of the old folder that are not ours move into the new one.
class CarryOver {
 public:
  CarryOver(fs::path from, fs::path to, const std::vector<std::string>& owned)
      : from_(std::move(from)), to_(std::move(to)) {
    for (const std::string& name : owned) {
      owned_.push_back(fs::path(name).lexically_normal().generic_string());
      while (!owned_.back().empty() && owned_.back().back() == '/') owned_.back().pop_back();
    }
  }

  void run() { folder(fs::path()); }

 private:
  bool is_owned(const std::string& name) const {
    return std::ranges::find(owned_, name) != owned_.end();
  }
  bool holds_owned(const std::string& name) const {
    return std::ranges::any_of(owned_,
                               [&](const std::string& own) { return own.starts_with(name + "/"); });
  }

  void folder(const fs::path& relative) {
    for (const fs::directory_entry& entry : fs::directory_iterator(from_ / relative)) {
      const fs::path name = relative / entry.path().filename();
      if (is_owned(name.generic_string())) continue;
      const bool real_folder = entry.is_directory() && !entry.is_symlink();
      const bool in_new = fs::exists(fs::symlink_status(to_ / name));
      if (real_folder && (in_new || holds_owned(name.generic_string()))) {
        folder(name);
      } else if (!in_new) {
        fs::create_directories(to_ / relative);
        fs::rename(entry.path(), to_ / name);
      }
    }
  }

  fs::path from_, to_;
  std::vector<std::string> owned_;
};

}  // namespace

std::string read_file(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) io_error(path, "cannot be opened", errno, false);
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0) io_error(path, "cannot be read", errno, false);
  if (S_ISDIR(info.st_mode)) {
    throw Error(ErrorCode::kIo, path.string(), "is a folder, not a file", "Name a file inside it");
  }
  std::string bytes;
  size_t size = 0;
  // One byte more than the size says, so that the end of a plain file is seen without growing. A
  // block at a time: what resize() clears is in the cache when read() fills it.
  constexpr size_t kBlock = size_t{1} << 18;
  bytes.reserve(static_cast<size_t>(std::max<off_t>(info.st_size, 0)) + 1);
  while (true) {
    if (size == bytes.capacity()) bytes.reserve(size * 2 + 4096);
    bytes.resize(std::min(bytes.capacity(), size + kBlock));
    const ssize_t n = ::read(file.get(), bytes.data() + size, bytes.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) io_error(path, "cannot be read", errno, false);
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  bytes.resize(size);
  return bytes;
}

namespace {

// Beside the target until all of it is written, then in its place.
class StagedFile {
 public:
  explicit StagedFile(const fs::path& path) : path_(path), target_(resolved(path)) {
    if (fs::is_directory(target_)) io_error(path, "cannot be written", EISDIR, true);
    int fd = -1;
    for (int attempt = 0; fd < 0; ++attempt) {
      temporary_ = beside(target_, "tmp", attempt);
      fd = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd < 0 && (errno != EEXIST || attempt > 1000)) {
        io_error(path, "cannot be written", errno, true);
      }
    }
    file_.emplace(fd);
  }
  ~StagedFile() {
    if (!committed_) ::unlink(temporary_.c_str());
  }
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  // What is there goes on its way to the disk while more is made.
  void write(std::string_view bytes) {
    if (const int error = write_all(file_->get(), bytes)) fail(error);
    ::sync_file_range(file_->get(), 0, 0, SYNC_FILE_RANGE_WRITE);  // only a hint
  }

  void commit() {
    if (::fsync(file_->get()) != 0) fail(errno);
    if (file_->close() != 0) fail(errno);
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
    committed_ = true;
  }

 private:
  [[noreturn]] void fail(int error) const { io_error(path_, "cannot be written", error, true); }

  fs::path path_, target_, temporary_;
  std::optional<Descriptor> file_;
  bool committed_ = false;
};

// Texts that come in any order, written in theirs. Who brings the next one writes it and those
// behind it that are there; the others go on with their work.
class InOrder {
 public:
  InOrder(size_t parts, std::function<void(std::string_view)> write)
      : parts_(parts), write_(std::move(write)) {}

  void bring(size_t i, std::string text) {
    std::unique_lock lock(mutex_);
    parts_[i] = std::move(text);
    if (writing_) return;
    writing_ = true;
    for (; next_ < parts_.size() && parts_[next_]; ++next_) {
      const std::string ready = *std::exchange(parts_[next_], std::nullopt);
      lock.unlock();
      try {
        write_(ready);
      } catch (...) {
        failed_ = true;
        throw;
      }
      lock.lock();
    }
    writing_ = false;  // it stays true after an error: nobody writes any more
  }
  // The disk is full, say: nothing more need be made.
  bool failed() const { return failed_; }

 private:
  std::mutex mutex_;
  std::vector<std::optional<std::string>> parts_;
  std::function<void(std::string_view)> write_;
  size_t next_ = 0;
  bool writing_ = false;
  std::atomic<bool> failed_ = false;
};

}  // namespace

void write_file(const fs::path& path, std::string_view bytes) {
  if (is_special(path)) return write_special(path, bytes);
  StagedFile file(path);
  file.write(bytes);
  file.commit();
}

void write_file_parts(const fs::path& path, size_t parts,
                      const std::function<std::string(size_t)>& make, const Workers& workers) {
  PERENNIAL_CHECK(!is_special(path));
  StagedFile file(path);
  InOrder in_order(parts, [&](std::string_view text) { file.write(text); });
  workers.run(parts, [&](size_t i) {
    if (!in_order.failed()) in_order.bring(i, make(i));
  });
  file.commit();
}

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  PERENNIAL_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest, &length, EVP_sha256(), nullptr) ==
                  1);
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

StagedFolder::StagedFolder(const fs::path& target) : target_(resolved(target)) {
  std::error_code error;
  if (fs::exists(target_) && !fs::is_directory(target_)) {
    io_error(target, "cannot become a folder", EEXIST, true);
  }
  if (fs::equivalent(target_, fs::current_path(error), error)) {
    throw Error(ErrorCode::kIo, target_.string(),
                "the current folder cannot be replaced while you are in it",
                "Name a folder inside it, such as out");
  }
  fs::create_directories(target_.parent_path(), error);
  if (error) io_error(target, "its parent folder cannot be made", error.value(), true);
  for (int attempt = 0;; ++attempt) {
    staged_ = beside(target_, "tmp", attempt);
    if (::mkdir(staged_.c_str(), 0777) == 0) break;
    if (errno != EEXIST || attempt > 1000) io_error(target, "cannot be written", errno, true);
  }
}

StagedFolder::~StagedFolder() {
  if (committed_) return;
  std::error_code none;  // a destructor has nobody to tell
  fs::remove_all(staged_, none);
}

void StagedFolder::commit(const std::vector<std::string>& owned) {
  PERENNIAL_CHECK(!committed_);
  fs::path old;
  if (fs::exists(target_)) {
    int attempt = 0;
    do {
      old = beside(target_, "old", attempt++);
    } while (fs::exists(fs::symlink_status(old)));
    if (::rename(target_.c_str(), old.c_str()) != 0) {
      io_error(target_, "the old folder cannot be replaced", errno, true);
    }
  }
  if (::rename(staged_.c_str(), target_.c_str()) != 0) {
    const int error = errno;
    if (!old.empty()) ::rename(old.c_str(), target_.c_str());
    io_error(target_, "cannot be put in place", error, true);
  }
  committed_ = true;
  if (old.empty()) return;
  try {
    CarryOver(old, target_, owned).run();
    fs::remove_all(old);
  } catch (const fs::filesystem_error& failure) {
    throw Error(ErrorCode::kIo, target_.string(),
                fmt::format("files of the old folder could not be moved over: {}",
                            failure.code().message()),
                fmt::format("They are still in {}", old.string()));
  }
}

}  // namespace perennial
