#include "run/cores.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

namespace fabcast {

namespace {

/// Quota over period, 0 where there is none: "max", -1, no file.
double cores_in(const std::string& folder) {
  double quota = 0, period = 0;
  if (std::ifstream both(folder + "/cpu.max"); both >> quota >> period) {
  } else {
    std::ifstream(folder + "/cpu.cfs_quota_us") >> quota;
    std::ifstream(folder + "/cpu.cfs_period_us") >> period;
  }
  return quota > 0 && period > 0 ? quota / period : 0;
}

/// The tightest limit of a group and those above it. Where a container sees its own group alone,
/// that group is the root of what it sees.
double tightest(const std::string& mounted, std::string group) {
  double least = 0;
  for (;;) {
    const double cores = cores_in(mounted + group);
    if (cores > 0 && (least == 0 || cores < least)) least = cores;
    if (group.empty()) return least;
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

}  // namespace

int cores_of_control_group(const std::string& root) {
  // Lines "0::/group" (version 2) and "3:cpu,cpuacct:/group" (version 1).
  std::ifstream groups(root + "/proc/self/cgroup");
  double least = 0;
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::string group = line.substr(second + 1);
    if (group == "/") group.clear();
    bool counts_cpu = controllers.empty();
    std::istringstream list(controllers);
    for (std::string name; std::getline(list, name, ',');) counts_cpu |= name == "cpu";
    if (!counts_cpu) continue;
    for (const std::string& mounted :
         {root + "/sys/fs/cgroup" + (controllers.empty() ? "" : "/") + controllers,
          root + "/sys/fs/cgroup/cpu"}) {
      const double cores = tightest(mounted, group);
      if (cores > 0 && (least == 0 || cores < least)) least = cores;
    }
  }
  return static_cast<int>(std::ceil(least));
}

int usable_cores() {
  const int affinity = std::max(1, omp_get_num_procs());
  const int group = cores_of_control_group();
  return group > 0 ? std::min(affinity, group) : affinity;
}

}  // namespace fabcast
