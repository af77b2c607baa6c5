#include "report/directory.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "base/diagnostics.h"

namespace fabcast {

namespace fs = std::filesystem;

namespace {

/// What tells a directory of ours from anybody else's.
constexpr std::string_view marker = "run.json";

}  // namespace

bool is_file_of_run(std::string_view name) {
  constexpr std::array<std::string_view, 27> names{
      "shard.bin",          marker,           "summary.csv",
      "binding.csv",        "questions.csv",  "crossings.csv",
      "inputs.csv",         "views.csv",      "relax.csv",
      "observations.csv",   "compare.csv",    "asked.csv",
      "backtest.csv",       "trials.csv",     "backtest-summary.csv",
      "trials.npy",         "report.xlsx",    "report.html",
      "trials.columns.txt", "exceedance.csv", "sources.csv",
      "drawn.csv",          "drawn.npy",      "drawn.columns.txt",
      "sweep.csv",          "sweep-wide.csv", "sweep-questions.csv"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

namespace {

[[noreturn]] void fail(const char* doing, const std::string& path, int error) {
  throw IoError(fmt::format("cannot {} '{}': {}", doing, escaped(path, 200), std::strerror(error)));
}

void flush_folder(const std::string& path) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) fail("open", path, errno);
  // Some file systems know no flush of a folder (EINVAL); a failed one of those that do is an
  // error.
  const int failed = fsync(folder) != 0 && errno != EINVAL ? errno : 0;
  close(folder);
  if (failed) fail("flush", path, failed);
}

/// Closed when it goes.
struct OpenFile {
  int number;
  ~OpenFile() {
    if (number >= 0) close(number);
  }
};

/// What a directory of results holds beside a run: only one that is whole ours is replaced.
struct Held {
  bool marked = false;       ///< holds the marker
  bool only_reports = true;  ///< of several runs
  std::string stranger;      ///< a file, folder or link that no run has written; "" for none
};

Held held_by(const std::string& path) {
  std::error_code error;
  Held held;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    const bool plain = fs::is_regular_file(entry->symlink_status(error));
    if (!plain || !is_file_of_run(name)) held.stranger = name;
    held.marked |= name == marker;
    held.only_reports &= name.starts_with("report.");
  }
  if (error) fail("read", path, error.value());
  return held;
}

/// Puts `from` in the place of the directory `to`, which goes to `from`.
void exchange(const std::string& from, const std::string& to) {
  // In one step, so that at no moment is there no run.
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail("replace", to, errno);
  // The file system (NFS, say) cannot: two steps, and back where the second fails.
  const std::string aside = from + "-old";
  if (rename(to.c_str(), aside.c_str()) != 0) fail("replace", to, errno);
  if (rename(from.c_str(), to.c_str()) != 0) {
    const int failed = errno;
    rename(aside.c_str(), to.c_str());
    fail("replace", to, failed);
  }
  if (rename(aside.c_str(), from.c_str()) != 0) fail("remove", aside, errno);
}

}  // namespace

ResultDirectory::ResultDirectory(const std::string& path, bool force) : force_(force) {
  take(path);
}

ResultDirectory::ResultDirectory(const std::string& path, ReportsAlone) : reports_alone_(true) {
  std::error_code error;
  if (!fs::is_regular_file(fs::path(path) / marker, error)) {
    throw IoError(
        fmt::format("'{}' holds no run: there is no {} in it", escaped(path, 200), marker));
  }
  take(path);
}

void ResultDirectory::take(const std::string& path) {
  std::error_code error;
  fs::path target = fs::absolute(path, error).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();  // "results/"
  if (path.empty() || !target.has_filename()) {
    throw IoError(
        fmt::format("cannot write results to '{}': give a folder with a name", escaped(path, 200)));
  }
  path_ = target;
  parent_ = target.parent_path();
  name_ = target.filename();
  for (fs::path folder = parent_; !fs::exists(folder, error); folder = folder.parent_path()) {
    made_parents_.push_back(folder);
  }
  fs::create_directories(parent_, error);
  if (error) fail("make the folder", parent_, error.value());

  // Locked before it is looked at, so that no other run comes between the look and the commit.
  take_lock();
  try {
    check_target();
    remove_stale_partials();
    make_partial();
  } catch (...) {
    release_lock();
    throw;
  }
}

void ResultDirectory::check_target() {
  replaces_ = false;
  if (reports_alone_) return;
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path_, error);
  if (!fs::exists(status)) return;
  if (!fs::is_directory(status)) {
    throw IoError(
        fmt::format("cannot write results to '{}': it is not a directory", escaped(path_, 200)));
  }
  const bool empty = fs::is_empty(path_, error);
  if (error) fail("read", path_, error.value());
  // A working directory that is renamed over is gone for the shell that stands in it.
  if (fs::equivalent(path_, ".", error)) {
    throw IoError(
        fmt::format("cannot write results to '{}': it is the working directory; give a "
                    "folder in it",
                    escaped(path_, 200)));
  }
  if (empty) return;
  const Held held = held_by(path_);
  if (!held.marked && !held.only_reports) {
    throw DirectoryHoldsRun(fmt::format(
        "'{}' holds files that are no run of fabcast; give another --out", escaped(path_, 200)));
  }
  if (!held.stranger.empty()) {
    throw DirectoryHoldsRun(fmt::format(
        "'{}' holds a run and '{}', which no run has written; take that elsewhere, or give another "
        "--out",
        escaped(path_, 200), escaped(held.stranger, 100)));
  }
  if (!force_) {
    throw DirectoryHoldsRun(
        fmt::format("'{}' holds another run; give --force to replace it, or another --out",
                    escaped(path_, 200)));
  }
  replaces_ = true;
}

void ResultDirectory::make_partial() {
  std::error_code error;
  partial_ = fmt::format("{}/.{}.partial-{}", parent_, name_, getpid());
  fs::remove_all(partial_, error);
  if (mkdir(partial_.c_str(), 0777) != 0) fail("make the folder", partial_, errno);
}

ResultDirectory::~ResultDirectory() {
  std::error_code ignored;  // nothing more can be done about what cannot be removed
  if (!committed_) fs::remove_all(partial_, ignored);
  release_lock();
  if (committed_) return;
  // What others have put there meanwhile stays: rmdir takes empty folders alone.
  for (const std::string& folder : made_parents_) rmdir(folder.c_str());
}

void ResultDirectory::release_lock() const {
  unlink(lock_.c_str());  // while it is held: see take_lock
  close(lock_file_);
}

void ResultDirectory::take_lock() {
  lock_ = fmt::format("{}/.{}.lock", parent_, name_);
  for (;;) {
    lock_file_ = open(lock_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (lock_file_ < 0) fail("write", lock_, errno);
    if (flock(lock_file_, LOCK_EX | LOCK_NB) != 0) {
      const int failed = errno;
      close(lock_file_);
      if (failed != EWOULDBLOCK) fail("lock", lock_, failed);
      throw DirectoryInUse(fmt::format("another run is writing '{}'", escaped(path_, 200)));
    }
    // Its last owner may have removed the file between our open and our lock.
    struct stat held, named;
    if (fstat(lock_file_, &held) == 0 && stat(lock_.c_str(), &named) == 0 &&
        held.st_ino == named.st_ino) {
      return;
    }
    close(lock_file_);
  }
}

void ResultDirectory::remove_stale_partials() const {
  const std::string stem = fmt::format(".{}.partial-", name_);
  std::error_code error;
  for (fs::directory_iterator entry(parent_, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (!name.starts_with(stem)) continue;
    int pid = 0;
    const char* name_end = name.data() + name.size();
    if (std::from_chars(name.data() + stem.size(), name_end, pid).ptr != name_end) continue;
    std::error_code ignored;
    if (kill(pid, 0) != 0 && errno == ESRCH) fs::remove_all(entry->path(), ignored);
  }
}

std::string ResultDirectory::beside(std::string_view suffix) const {
  return fmt::format("{}/.{}.{}", parent_, name_, suffix);
}

void ResultDirectory::write_by(std::string_view name,
                               const std::function<void(const std::string& path)>& make) {
  const std::string path = fmt::format("{}/{}", partial_, name);
  make(path);
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail("write", path, errno);
  const int failed = fsync(file) != 0 ? errno : 0;
  close(file);
  if (failed != 0) fail("write", path, failed);
  written_.emplace_back(name);
}

void ResultDirectory::write(std::string_view name, std::string_view bytes) {
  write_pieces(name, [bytes](const Sink& sink) { sink(bytes); });
}

void ResultDirectory::write_pieces(std::string_view name,
                                   const std::function<void(const Sink& sink)>& make) {
  const std::string path = fmt::format("{}/{}", partial_, name);
  const OpenFile file{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
  if (file.number < 0) fail("write", path, errno);
  make([&](std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file.number, bytes.data(), bytes.size());
      if (written >= 0) {
        bytes.remove_prefix(static_cast<size_t>(written));
      } else if (errno != EINTR) {
        fail("write", path, errno);
      }
    }
  });
  if (fsync(file.number) != 0) fail("write", path, errno);
  written_.emplace_back(name);
}

void ResultDirectory::put_reports() {
  for (const std::string& name : written_) {
    const std::string to = fmt::format("{}/{}", path_, name);
    if (rename(fmt::format("{}/{}", partial_, name).c_str(), to.c_str()) != 0) {
      fail("write", to, errno);
    }
  }
  flush_folder(path_);
}

void ResultDirectory::commit() {
  flush_folder(partial_);
  if (reports_alone_) {
    put_reports();
    return;  // what is left of the partial goes with this
  }
  // Looked at again: what has been put there since the run began is not ours to replace.
  check_target();
  if (replaces_) {
    exchange(partial_, path_);
  } else if (rename(partial_.c_str(), path_.c_str()) != 0) {  // over an empty directory at most
    fail("write", path_, errno);
  }
  committed_ = true;
  flush_folder(parent_);
  if (replaces_) {
    std::error_code error;
    fs::remove_all(partial_, error);  // the old run
    if (error) fail("remove the replaced run", partial_, error.value());
  }
}

}  // namespace fabcast
