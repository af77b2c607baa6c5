/// Which clone of the kernels runs: what is told, against what the loader picked.

#include "simd/isa.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "base/lanes.h"

using namespace fabcast;

#ifdef FABCAST_CLONES

// The function by which the loader picks the clone of a kernel, copy_column(): it returns its
// address.
#ifdef FABCAST_FLOAT_LANES
#define COPY_COLUMN "_ZN7fabcast11copy_columnEiPKfPf"
#else
#define COPY_COLUMN "_ZN7fabcast11copy_columnEiPKdPd"
#endif
extern "C" void* picked_copy_column() asm(COPY_COLUMN ".resolver");

namespace {

/// Addresses in this program's file, by symbol.
std::map<std::string, uintptr_t> symbols() {
  const std::unique_ptr<FILE, int (*)(FILE*)> nm(popen("nm /proc/$PPID/exe", "r"), pclose);
  std::map<std::string, uintptr_t> found;
  char line[4096], name[4096];
  while (fgets(line, sizeof line, nm.get())) {
    unsigned long long address;
    char type;
    if (std::sscanf(line, "%llx %c %4095s", &address, &type, name) == 3) found[name] = address;
  }
  return found;
}

}  // namespace

TEST_CASE("the instruction set that is told is that of the clone that the loader picked") {
  const auto symbol = symbols();
  REQUIRE(symbol.contains(COPY_COLUMN ".resolver"));
  const uintptr_t moved = reinterpret_cast<uintptr_t>(&picked_copy_column) -
                          symbol.at(COPY_COLUMN ".resolver");  // the file's place in memory
  const uintptr_t picked = reinterpret_cast<uintptr_t>(picked_copy_column()) - moved;
  const std::pair<const char*, const char*> names[] = {
      {".default", "baseline"}, {".arch_x86_64_v3", "AVX2"}, {".arch_x86_64_v4", "AVX-512"}};
  std::string isa;
  for (const auto& [clone, name] : names) {
    const auto found = symbol.find(std::string(COPY_COLUMN) + clone);
    if (found != symbol.end() && found->second == picked) isa = name;
  }
  CHECK(isa == isa_that_runs());
}

#endif

TEST_CASE("the instruction set that runs is one that the processor has") {
  const std::string isa(isa_that_runs()), most(isa_of_processor());
  const std::map<std::string, int> rank{{"baseline", 0}, {"AVX2", 1}, {"AVX-512", 2}};
  REQUIRE(rank.contains(isa));
  REQUIRE(rank.contains(most));
  CHECK(rank.at(isa) <= rank.at(most));
}
