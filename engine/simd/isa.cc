#include "simd/isa.h"

#include "base/lanes.h"

namespace fabcast {

#ifdef FABCAST_CLONES

namespace {

/// Whether kernels have a clone of this level.
constexpr bool has_clone(std::string_view level) {
  for (const std::string_view one : {FABCAST_LEVELS}) {
    if (one == level) return true;
  }
  return false;
}

constexpr bool has_v3 = has_clone("arch=x86-64-v3"), has_v4 = has_clone("arch=x86-64-v4");

}  // namespace

// Versions of one function: the loader picks among them as it picks among a kernel's clones. Where
// a build has fewer clones, a version says what is picked instead of it.
[[gnu::target("default")]] std::string_view isa_of_clones() { return "baseline"; }
[[gnu::target("arch=x86-64-v3")]] std::string_view isa_of_clones() {
  return has_v3 ? "AVX2" : "baseline";
}
[[gnu::target("arch=x86-64-v4")]] std::string_view isa_of_clones() {
  return has_v4 ? "AVX-512" : has_v3 ? "AVX2" : "baseline";
}

std::string_view isa_that_runs() { return isa_of_clones(); }

#else

std::string_view isa_that_runs() {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX2__)
  return "AVX2";
#else
  return "baseline";
#endif
}

#endif

std::string_view isa_of_processor() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "AVX-512";
  if (__builtin_cpu_supports("x86-64-v3")) return "AVX2";
#endif
  return "baseline";
}

}  // namespace fabcast
