#include "scenario/read_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace fabcast {

namespace {

/// Closes on leaving.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int get() const { return number_; }
  bool good() const { return number_ >= 0; }

 private:
  int number_;
};

// O_NONBLOCK: opening a pipe that nobody writes must not hang.
constexpr int open_flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

FileText refused(Opened why) { return {why, {}, {}, {}}; }

FileText failed(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return refused(Opened::missing);
    case EXDEV:
      return refused(Opened::outside);
    case ELOOP:
      return refused(Opened::link);
    case ENXIO:
      return refused(Opened::not_regular);
    default:
      return {Opened::unreadable, {}, {}, std::generic_category().message(error)};
  }
}

FileText read_all(const Descriptor& file, size_t most_bytes = most_file_bytes) {
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return failed(errno);
  if (!S_ISREG(status.st_mode)) return refused(Opened::not_regular);
  if (static_cast<size_t>(status.st_size) > most_bytes) return refused(Opened::too_large);
  FileText result;
  result.opened = Opened::good;
  result.identity = fmt::format("{}:{}", status.st_dev, status.st_ino);
  // The size is only a hint: the file may grow while it is read.
  result.text.resize(static_cast<size_t>(status.st_size) + 1);
  size_t used = 0;
  while (true) {
    const ssize_t count = read(file.get(), result.text.data() + used, result.text.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(errno);
    if (count == 0) break;
    used += static_cast<size_t>(count);
    if (used > most_bytes) return refused(Opened::too_large);
    if (used == result.text.size()) result.text.resize(used * 2);
  }
  result.text.resize(used);
  return result;
}

/// The path's folders one after another, none of them a link.
FileText read_by_steps(Descriptor folder, std::string_view path) {
  if (path.starts_with('/')) return refused(Opened::outside);
  while (true) {
    const size_t slash = path.find('/');
    const std::string part(path.substr(0, slash));
    if (part == "..") return refused(Opened::outside);
    if (slash == std::string_view::npos) {
      const Descriptor file(openat(folder.get(), part.c_str(), open_flags | O_NOFOLLOW));
      return file.good() ? read_all(file) : failed(errno);
    }
    path.remove_prefix(slash + 1);
    if (part.empty() || part == ".") continue;
    struct stat status {};
    if (fstatat(folder.get(), part.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(status.st_mode)) {
      return refused(Opened::link);
    }
    Descriptor next(
        openat(folder.get(), part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next.good()) return failed(errno);
    folder = std::move(next);
  }
}

bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

}  // namespace

FileText read_regular_file(const std::string& path, size_t most_bytes) {
  const Descriptor file(open(path.c_str(), open_flags));
  return file.good() ? read_all(file, most_bytes) : failed(errno);
}

FileText read_beneath(const std::string& folder, const std::string& path, bool step_by_step) {
  if (path.find('\0') != std::string::npos) return refused(Opened::missing);
  Descriptor root(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.good()) return failed(errno);
  if (!step_by_step) {
    open_how how{};
    how.flags = open_flags;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    const Descriptor file(
        static_cast<int>(syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
    if (file.good()) return read_all(file);
    // Old kernels have no openat2, and some containers' filters answer EPERM for what they lack.
    if (errno != ENOSYS && errno != EPERM) return failed(errno);
  }
  return read_by_steps(std::move(root), path);
}

std::vector<std::string> scenario_files(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name.ends_with(".scn")) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string base_name(std::string_view path) {
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string library_folder() {
  if (const char* asked = std::getenv("FABCAST_SCENARIOS"); asked && *asked) return asked;
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    const std::filesystem::path beside = program.parent_path();
    const std::filesystem::path above = beside.parent_path();
    for (const std::filesystem::path& folder :
         {beside / "scenarios", above / "scenarios", above / "share/fabcast/scenarios"}) {
      if (is_folder(folder)) return folder.string();
    }
  }
  return FABCAST_SOURCE_SCENARIOS;
}

}  // namespace fabcast
