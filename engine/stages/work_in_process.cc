#include "stages/work_in_process.h"

namespace fabcast {

FABCAST_KERNEL
void cycle_time(int lanes, In layers, In days_per_layer, In congestion, In utilisation, Out days) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double unhurried = layers[t] * days_per_layer[t];
    days[t] = std::max(unhurried * operating_curve(utilisation[t], congestion[t]), 1e-3);
  }
}

void delay_weights(int lanes, const DelayTable& table, In cycle_time_days,
                   std::span<double* const> weights) {
  const int months = static_cast<int>(weights.size());
  for (int t = 0; t < lanes; ++t) {
    const double month = days_per_month / cycle_time_days[t];  // a month in mean delays
    double before = 0, here = 0, rest = 1;
    for (int k = 0; k + 1 < months; ++k) {
      const double after = expected_elapsed(table, (k + 1) * month);
      const double weight = std::max((after - 2 * here + before) / month, 0.0);
      weights[static_cast<size_t>(k)][t] = weight;
      rest -= weight;
      before = here;
      here = after;
    }
    weights[static_cast<size_t>(months - 1)][t] = std::max(rest, 0.0);
  }
}

FABCAST_KERNEL
void start_wafers(int lanes, std::span<double* const> weights, In starts,
                  std::span<double* const> due, Out in_process) {
  for (size_t k = 0; k < weights.size(); ++k) {
    const double* __restrict weight = weights[k];
    double* __restrict month = due[k];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) month[t] += weight[t] * starts[t];
  }
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) in_process[t] += starts[t];
}

FABCAST_KERNEL
void fill_steady(int lanes, std::span<double* const> weights, In starts,
                 std::span<double* const> due, Out in_process) {
  for (size_t k = 0; k < weights.size(); ++k) {
    double* __restrict month = due[k];
    for (size_t later = k + 1; later < weights.size(); ++later) {
      const double* __restrict weight = weights[later];
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) {
        month[t] += weight[t] * starts[t];
        in_process[t] += weight[t] * starts[t];
      }
    }
  }
}

FABCAST_KERNEL
void finish_wafers(int lanes, In line_yield, Out due, Out in_process, Out outs, Out scrapped) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    outs[t] = line_yield[t] * due[t];
    scrapped[t] = due[t] - outs[t];
    in_process[t] -= due[t];
    due[t] = 0;
  }
}

}  // namespace fabcast
