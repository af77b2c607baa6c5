#pragma once
/// Which clone of the kernels runs on this machine.

#include <string_view>

namespace fabcast {

/// "AVX-512" (x86-64-v4), "AVX2" (x86-64-v3) or "baseline": asked of the loader by the rule that
/// picks the clones (base/lanes.h); where there are no clones, what the build was compiled for.
std::string_view isa_that_runs();

/// The widest of them that this processor has.
std::string_view isa_of_processor();

}  // namespace fabcast
