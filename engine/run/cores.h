#pragma once
/// How many cores this process may use.

#include <string>

namespace fabcast {

/// Cores worth of time that the control group of the process and those above it allow
/// (cpu.max, or cpu.cfs_quota_us of version 1), rounded up; 0: no limit, or none that can be read.
/// `root`: before /proc and /sys, empty but in tests.
int cores_of_control_group(const std::string& root = "");

/// The smaller of that and the cores of the affinity mask (taskset, cpuset); at least 1.
int usable_cores();

}  // namespace fabcast
