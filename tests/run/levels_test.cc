/// Kernels of every level of processor give the same bits (base/lanes.h).

#include <doctest/doctest.h>

#include <vector>

#include "support/place.h"

using namespace fabcast::testing;
using fabcast::testing::TemporaryFolder;

#ifdef FABCAST_PROGRAM_AVX2

namespace {

/// Results of a program, by file; what tells of the machine and of the command stands apart.
std::map<std::string, std::string> results_of(const std::string& program,
                                              const std::string& arguments) {
  const TemporaryFolder folder;
  const ProgramRun ran =
      run_program(folder.path(), arguments + " --threads 2 --format csv -q --out r", "", program);
  INFO(ran.errors);
  REQUIRE(ran.status == 0);
  auto files = tree_of(folder.path() + "/r");
  REQUIRE(files.erase("run.json") == 1);
  return files;
}

}  // namespace

TEST_CASE("kernels of AVX2 and of the best level here write the same files") {
  if (!__builtin_cpu_supports("x86-64-v3")) {
    MESSAGE("not tested: this processor has no AVX2");
    return;
  }
  const std::vector<std::string> commands{
      "run baseline --trials 300 --keep-trials npus.shipped,die.yield,packages.yield,pods.deployed",
      "run '" + corpus + "good/bins.scn' --trials 5000 --quantiles binned",
      "run base-2026-05 --trials 4352 --set 'scenario.months = 2024-01 .. 2024-12'",  // two passes
      "run observed-2026-05 --trials 200",                                            // weights
      "compare baseline match-act --trials 128",  // events, differences
  };
  for (const std::string& arguments : commands) {
    CAPTURE(arguments);
    const auto own = results_of(FABCAST_PROGRAM, arguments);
    const auto files = results_of(FABCAST_PROGRAM_AVX2, arguments);
    REQUIRE(files.size() == own.size());
    for (const auto& [name, content] : own) {
      CAPTURE(name);
      const bool same = files.at(name) == content;
      CHECK(same);
    }
  }
}

#else

TEST_CASE("kernels of AVX2 and of the best level here write the same files") {
  MESSAGE("not tested: another kind of processor, or instrumented kernels, which have one level");
}

#endif
