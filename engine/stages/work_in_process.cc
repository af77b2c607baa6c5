#include "stages/work_in_process.h"

namespace fabcast {

FABCAST_KERNEL
void cycle_time(int lanes, In layers, In days_per_layer, In congestion, In utilisation, Out days) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real unhurried = layers[t] * days_per_layer[t];
    days[t] = std::max(unhurried * operating_curve(utilisation[t], congestion[t]), Real(1e-3));
  }
}

void delay_weights(int lanes, const DelayTable& table, In cycle_time_days,
                   std::span<Real* const> weights) {
  const int months = static_cast<int>(weights.size());
  for (int t = 0; t < lanes; ++t) {
    const double month =
        days_per_month / static_cast<double>(cycle_time_days[t]);  // a month in mean delays
    double before = 0, here = 0, rest = 1;
    for (int k = 0; k + 1 < months; ++k) {
      const double after = expected_elapsed(table, (k + 1) * month);
      const double weight = std::max((after - 2 * here + before) / month, 0.0);
      weights[static_cast<size_t>(k)][t] = static_cast<Real>(weight);
      rest -= weight;
      before = here;
      here = after;
    }
    weights[static_cast<size_t>(months - 1)][t] = static_cast<Real>(std::max(rest, 0.0));
  }
}

FABCAST_KERNEL
void fill_steady(int lanes, std::span<const Real* const> weights, In starts,
                 std::span<Real* const> starts_before, Out in_process) {
  for (size_t k = 1; k < weights.size(); ++k) {
    const Real* __restrict weight = weights[k];
    const Real months = static_cast<Real>(k);
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) in_process[t] += months * weight[t] * starts[t];
  }
  for (Real* __restrict before : starts_before) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) before[t] = starts[t];
  }
}

FABCAST_KERNEL
void finish_wafers(int lanes, std::span<const Real* const> weights,
                   std::span<const Real* const> starts, In line_yield, Out in_process, Out outs,
                   Out scrapped) {
  const Real* __restrict started = starts[0];
  const Real* __restrict at_once = weights[0];
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    in_process[t] += started[t];
    outs[t] = at_once[t] * started[t];
  }
  size_t k = 1;
  for (; k + 4 <= weights.size(); k += 4) {  // four at a time: the sum is fetched once for them
    const Real* __restrict w0 = weights[k], * __restrict w1 = weights[k + 1];
    const Real* __restrict w2 = weights[k + 2], * __restrict w3 = weights[k + 3];
    const Real* __restrict s0 = starts[k], * __restrict s1 = starts[k + 1];
    const Real* __restrict s2 = starts[k + 2], * __restrict s3 = starts[k + 3];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      outs[t] = outs[t] + w0[t] * s0[t] + w1[t] * s1[t] + w2[t] * s2[t] + w3[t] * s3[t];
    }
  }
  for (; k < weights.size(); ++k) {
    const Real* __restrict w = weights[k];
    const Real* __restrict s = starts[k];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) outs[t] += w[t] * s[t];
  }
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real due = outs[t];
    outs[t] = line_yield[t] * due;
    scrapped[t] = due - outs[t];
    in_process[t] -= due;
  }
}

}  // namespace fabcast
