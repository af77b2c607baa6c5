#include "study/floor.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/lanes.h"
#include "random/streams.h"
#include "simd/math.h"

namespace fabcast {

namespace {

/// Two columns of this length stay in a first-level cache of 32 KiB beside what else is there.
constexpr int length = 1024;
constexpr int repeats = 16;  ///< of a loop in one try: long enough for the clock
constexpr int tries = 200;

template <class T>
struct Columns {
  alignas(64) T in[length], out[length];
};

template <class T, class Formula>
FABCAST_INLINE void loop(const T* __restrict in, T* __restrict out, Formula formula) {
  FABCAST_LANES
  for (int t = 0; t < length; ++t) out[t] = formula(in[t]);
}

// One kernel each, as stages have: the loader picks the clone. First those of draws, which are
// doubles whatever lanes hold.
void uniforms(const double*, double* out) {
  draw_uniforms(1, Purpose::input, 1, 0, 0, {out, length});
}
void normals(const double*, double* out) {
  draw_normals(1, Purpose::input, 1, 0, 0, {out, length});
}
FABCAST_KERNEL void quantiles(const double* in, double* out) {
  loop(in, out, [](double x) { return simd::normal_quantile(x); });
}
FABCAST_KERNEL void cdfs(const double* in, double* out) {
  loop(in, out, [](double x) { return simd::normal_cdf(x); });
}
FABCAST_KERNEL void exps(const Real* in, Real* out) {
  loop(in, out, [](Real x) { return simd::exp(x); });
}
FABCAST_KERNEL void expm1s(const Real* in, Real* out) {
  loop(in, out, [](Real x) { return simd::expm1_over(x); });
}
FABCAST_KERNEL void logs(const Real* in, Real* out) {
  loop(in, out, [](Real x) { return simd::log(x); });
}
FABCAST_KERNEL void log1ps(const Real* in, Real* out) {
  loop(in, out, [](Real x) { return simd::log1p(x); });
}
FABCAST_KERNEL void divisions(const Real* in, Real* out) {
  loop(in, out, [](Real x) { return 1 / x; });
}
FABCAST_KERNEL void square_roots(const Real* in, Real* out) {
  loop(in, out, [](Real x) { return std::sqrt(x); });
}

/// Nanoseconds of one value: the least of all tries.
template <class T>
double best_time(void (*kernel)(const T*, T*), Columns<T>& columns) {
  using Clock = std::chrono::steady_clock;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < tries; ++i) {
    const auto start = Clock::now();
    for (int r = 0; r < repeats; ++r) {
      kernel(columns.in, columns.out);
      asm volatile("" : : "r"(columns.out) : "memory");  // each repeat counts
    }
    least = std::min(least, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return 1e9 * least / (static_cast<double>(repeats) * length);
}

}  // namespace

std::string_view lane_precision() { return sizeof(Real) == sizeof(float) ? "float" : "double"; }

PerOperation measure_rates() {
  Columns<double> draws;
  Columns<Real> columns;
  draw_uniforms(1, Purpose::input, 1, 0, 0, {draws.in, length});  // arguments of all
  std::copy_n(draws.in, length, columns.in);
  PerOperation rates;
  rates[Operation::uniform] = best_time(uniforms, draws);
  rates[Operation::normal] = best_time(normals, draws);
  rates[Operation::normal_quantile] = best_time(quantiles, draws);
  rates[Operation::normal_cdf] = best_time(cdfs, draws);
  rates[Operation::exp] = best_time(exps, columns);
  rates[Operation::expm1_over] = best_time(expm1s, columns);
  rates[Operation::log] = best_time(logs, columns);
  rates[Operation::log1p] = best_time(log1ps, columns);
  rates[Operation::division] = best_time(divisions, columns);
  rates[Operation::square_root] = best_time(square_roots, columns);
  return rates;
}

double component_sum(const PerOperation& census, const PerOperation& rates) {
  double sum = 0;
  for (size_t i = 0; i < operation_count; ++i) sum += census.each[i] * rates.each[i];
  return sum;
}

}  // namespace fabcast
