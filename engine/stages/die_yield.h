#pragma once
/// Die yield and its learning (model.md, section 7). Bins of partly good dies: die_bins.h.

#include <cmath>

#include "base/lanes.h"
#include "simd/math.h"

namespace fabcast {

enum class YieldModel { negative_binomial, poisson, murphy, seeds, moore, bose_einstein };

// The formulas: the part of dies of area A without a killing defect, from the mean number of
// defects on a die, AD >= 0. Each tends to 1 as AD -> 0 and loses no digit there.

/// e^(-AD): defects fall independently, at one density.
template <class T>
FABCAST_INLINE T poisson_yield(T defects) {
  return simd::exp(-defects);
}

/// ((1 - e^(-AD)) / AD)^2: density distributed as a triangle on [0, 2 D0]. Murphy (1964).
template <class T>
FABCAST_INLINE T murphy_yield(T defects) {
  const T mean = simd::expm1_over(-defects);
  return mean * mean;
}

/// 1 / (1 + AD): density distributed exponentially. Seeds (1967).
template <class T>
FABCAST_INLINE T seeds_yield(T defects) {
  return 1 / (1 + defects);
}

/// e^(-sqrt(AD)): density without a mean. Moore (1970).
template <class T>
FABCAST_INLINE T moore_yield(T defects) {
  return simd::exp(-std::sqrt(defects));
}

/// (1 + AD/alpha)^(-alpha): density gamma distributed with shape alpha > 0. Stapper (1973).
template <class T>
FABCAST_INLINE T negative_binomial_yield(T defects, T alpha) {
  return simd::exp(-alpha * simd::log1p(defects / alpha));
}

/// (1 + A D_l)^(-n): n critical layers, each with density D_l. `defects_per_layer` is A D_l.
template <class T>
FABCAST_INLINE T bose_einstein_yield(T defects_per_layer, T critical_layers) {
  return simd::exp(-critical_layers * simd::log1p(defects_per_layer));
}

/// D_inf + (D_init - D_inf) e^(-t/tau), t >= 0 months since the line's start; D_init before it.
template <class T>
FABCAST_INLINE T d0_after_months(T initial, T mature, T tau_months, T months) {
  return mature + (initial - mature) * simd::exp(-(months > 0 ? months : T(0)) / tau_months);
}

/// D_inf + (D_init - D_inf) (1 + V/V_ref)^(-b), V cumulative wafer outs.
template <class T>
FABCAST_INLINE T d0_after_wafers(T initial, T mature, T reference_wafers, T exponent, T wafers) {
  return mature +
         (initial - mature) * simd::exp(-exponent * simd::log1p(wafers / reference_wafers));
}

template <class T>
struct YieldColumns {
  const T* area_cm2;    ///< >= 0
  const T* d0_per_cm2;  ///< >= 0; per critical layer under bose_einstein
  const T* alpha;       ///< > 0; read under negative_binomial alone
};

/// The part of dies without a killing defect, in (0, 1]. `critical_layers`: of bose_einstein.
void die_yield(YieldModel model, int lanes, const YieldColumns<float>& in, float critical_layers,
               float* yield);
void die_yield(YieldModel model, int lanes, const YieldColumns<double>& in, double critical_layers,
               double* yield);

/// D0 of a line that learns by time, `months` after its start.
void learn_by_time(int lanes, In initial, In mature, In tau_months, Real months, Out d0);

/// D0 of a line that learns by the wafers that have come out of it.
void learn_by_wafers(int lanes, In initial, In mature, In reference_wafers, In exponent, In wafers,
                     Out d0);

}  // namespace fabcast
