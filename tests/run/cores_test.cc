/// Cores that a process may use: affinity and control groups.

#include <doctest/doctest.h>
#include <sched.h>

#include <filesystem>
#include <fstream>

#include "run/cores.h"
#include "run/runner.h"
#include "support/program.h"

using namespace fabcast;
using namespace fabcast::testing;

namespace {

/// /proc and /sys as a process would see them, in a folder.
class Machine {
 public:
  Machine& file(const std::string& path, const std::string& text) {
    const std::filesystem::path whole = std::filesystem::path(folder_.path()) / path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole) << text;
    return *this;
  }
  int cores() const { return cores_of_control_group(folder_.path()); }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a control group's quota is so many cores, rounded up") {
  const std::string own = "sys/fs/cgroup/user/job/cpu.max";
  const auto version_2 = [&](const std::string& limit) {
    return Machine().file("proc/self/cgroup", "0::/user/job\n").file(own, limit).cores();
  };
  CHECK(version_2("300000 100000\n") == 3);
  CHECK(version_2("250000 100000\n") == 3);
  CHECK(version_2("50000 100000\n") == 1);
  CHECK(version_2("max 100000\n") == 0);
  CHECK(version_2("") == 0);
  CHECK(Machine().cores() == 0);
}

TEST_CASE("a limit of a group above counts, the tightest of them") {
  Machine machine;
  machine.file("proc/self/cgroup", "0::/user/job\n")
      .file("sys/fs/cgroup/user/job/cpu.max", "400000 100000\n")
      .file("sys/fs/cgroup/user/cpu.max", "200000 100000\n");
  CHECK(machine.cores() == 2);
  machine.file("sys/fs/cgroup/user/job/cpu.max", "100000 100000\n");
  CHECK(machine.cores() == 1);
}

TEST_CASE("in a container the group's own files are the root of what it sees") {
  Machine machine;
  machine.file("proc/self/cgroup", "0::/\n").file("sys/fs/cgroup/cpu.max", "200000 100000\n");
  CHECK(machine.cores() == 2);
  Machine inside;
  inside.file("proc/self/cgroup", "0::/host/only/path\n")
      .file("sys/fs/cgroup/cpu.max", "300000 100000\n");
  CHECK(inside.cores() == 3);
}

TEST_CASE("version 1 keeps quota and period in two files, under its controllers' names") {
  const std::string groups = "5:memory:/job\n4:cpu,cpuacct:/job\n0::/\n";
  for (const std::string mounted : {"sys/fs/cgroup/cpu,cpuacct/job/", "sys/fs/cgroup/cpu/job/"}) {
    CAPTURE(mounted);
    Machine machine;
    machine.file("proc/self/cgroup", groups)
        .file(mounted + "cpu.cfs_quota_us", "150000\n")
        .file(mounted + "cpu.cfs_period_us", "100000\n");
    CHECK(machine.cores() == 2);
    machine.file(mounted + "cpu.cfs_quota_us", "-1\n");
    CHECK(machine.cores() == 0);
  }
}

TEST_CASE("threads: as many as asked, else as many as the process may use") {
  CHECK(thread_count(5) == 5);
  CHECK(thread_count(0) == usable_cores());
  cpu_set_t cores;
  REQUIRE(sched_getaffinity(0, sizeof cores, &cores) == 0);
  CHECK(usable_cores() >= 1);
  CHECK(usable_cores() <= CPU_COUNT(&cores));
}

TEST_CASE("a run under an affinity of one core has one thread") {
  const TemporaryFolder folder;
  cpu_set_t cores, one;
  REQUIRE(sched_getaffinity(0, sizeof cores, &cores) == 0);
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &cores)) CPU_SET(cpu, &one);
  }
  // The program inherits it.
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  const ProgramRun run =
      run_program(folder.path(), "run '" + hand_scenario() + "' --trials 1k --out out --quiet");
  REQUIRE(sched_setaffinity(0, sizeof cores, &cores) == 0);
  CHECK(run.status == 0);
  CHECK(has(read_text(folder.file("out/run.json")), "\"threads\": 1,"));
}
