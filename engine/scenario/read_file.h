#pragma once
/// Opening scenario files, which are untrusted: only regular files, of bounded size, and for
/// `extends` only what lies beneath a given folder, symbolic links refused.

#include <string>
#include <string_view>
#include <vector>

#include "scenario/load.h"

namespace fabcast {

inline constexpr size_t most_file_bytes = 64 << 20;
inline constexpr size_t most_file_lines = 200'000;

enum class Opened {
  good,
  missing,
  outside,      ///< absolute, or a '..' that leaves the folder
  link,         ///< a symbolic link on the way
  not_regular,  ///< a folder, a device, a pipe
  unreadable,   ///< permissions or the device
  too_large
};

struct FileText {
  Opened opened = Opened::missing;
  std::string text;
  std::string identity;  ///< the same for two paths to one file
  std::string reason;    ///< the system's words, where unreadable
};

/// Any regular file that the user named.
FileText read_regular_file(const std::string& path, size_t most_bytes = most_file_bytes);

/// A regular file beneath `folder`: by openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS), or where
/// the kernel has none (or `step_by_step`), folder by folder, which refuses every '..'.
FileText read_beneath(const std::string& folder, const std::string& path,
                      bool step_by_step = false);

/// Names of the *.scn files in a folder, sorted; empty where it cannot be read.
std::vector<std::string> scenario_files(const std::string& folder);

/// "dir" of "dir/file", "." where there is none.
std::string folder_of(const std::string& path);
/// "file" of "dir/file".
std::string base_name(std::string_view path);

}  // namespace fabcast
