#include "stages/die_yield.h"

namespace fabcast {

namespace {

template <class T, class Formula>
FABCAST_INLINE void for_lanes(int lanes, Formula formula, T* __restrict yield) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) yield[t] = formula(t);
}

template <class T>
FABCAST_INLINE void yields_of(YieldModel model, int lanes, const YieldColumns<T>& in,
                              T critical_layers, T* __restrict yield) {
  const T* __restrict area = in.area_cm2;
  const T* __restrict d0 = in.d0_per_cm2;
  const T* __restrict alpha = in.alpha;
  switch (model) {
    case YieldModel::negative_binomial:
      return for_lanes(
          lanes, [=](int t) { return negative_binomial_yield(area[t] * d0[t], alpha[t]); }, yield);
    case YieldModel::poisson:
      return for_lanes(
          lanes, [=](int t) { return poisson_yield(area[t] * d0[t]); }, yield);
    case YieldModel::murphy:
      return for_lanes(
          lanes, [=](int t) { return murphy_yield(area[t] * d0[t]); }, yield);
    case YieldModel::seeds:
      return for_lanes(
          lanes, [=](int t) { return seeds_yield(area[t] * d0[t]); }, yield);
    case YieldModel::moore:
      return for_lanes(
          lanes, [=](int t) { return moore_yield(area[t] * d0[t]); }, yield);
    case YieldModel::bose_einstein:
      return for_lanes(
          lanes, [=](int t) { return bose_einstein_yield(area[t] * d0[t], critical_layers); },
          yield);
  }
}

}  // namespace

FABCAST_KERNEL
void die_yield(YieldModel model, int lanes, const YieldColumns<float>& in, float critical_layers,
               float* yield) {
  yields_of(model, lanes, in, critical_layers, yield);
}

FABCAST_KERNEL
void die_yield(YieldModel model, int lanes, const YieldColumns<double>& in, double critical_layers,
               double* yield) {
  yields_of(model, lanes, in, critical_layers, yield);
}

FABCAST_KERNEL
void learn_by_time(int lanes, In initial, In mature, In tau_months, Real months, Out d0) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    d0[t] = d0_after_months(initial[t], mature[t], tau_months[t], months);
  }
}

FABCAST_KERNEL
void learn_by_wafers(int lanes, In initial, In mature, In reference_wafers, In exponent, In wafers,
                     Out d0) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    d0[t] = d0_after_wafers(initial[t], mature[t], reference_wafers[t], exponent[t], wafers[t]);
  }
}

}  // namespace fabcast
