#include "reduce/replicate_error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace fabcast {

NormalReach reach_of_90_percent(Replicates replicates) {
  if (!replicates.are_many()) return z_of_90_percent;
  // P(T <= t) = 0.95, from one degree of freedom on.
  constexpr std::array t{6.313751514675038, 2.919985580353724, 2.353363434801823, 2.131846786326649,
                         2.015048373333023, 1.943180280515303, 1.894578605090007, 1.859548037530898,
                         1.833112932656237, 1.812461122811676, 1.795884818704043, 1.78228755564932,
                         1.770933395986872, 1.761310135774891, 1.753050355692573};
  if (replicates.count > t.size() + 1) throw std::logic_error("more than 16 replicates");
  return {t[replicates.count - 2]};
}

double error_of_ratio(std::span<const double> parts, std::span<const double> wholes) {
  const auto n = static_cast<double>(parts.size());
  double part = 0, whole = 0;
  for (size_t r = 0; r < parts.size(); ++r) {
    part += parts[r];
    whole += wholes[r];
  }
  const double ratio = part / whole;
  double squares = 0;
  for (size_t r = 0; r < parts.size(); ++r) {
    const double off = parts[r] - ratio * wholes[r];
    squares += off * off;
  }
  return std::sqrt(n / (n - 1) * squares) / whole;
}

double rounding_of_share(Replicates replicates, double trials) {
  return std::sqrt(static_cast<double>(replicates.count) / 12) / trials;
}

Interval interval_of_share(double share, double error, Replicates replicates, double trials) {
  const double least = std::max(error, rounding_of_share(replicates, trials));
  const double variance = share * (1 - share);
  const double n = variance > 0 ? variance / (least * least) : trials;
  return wilson_of_share(share, n, reach_of_90_percent(replicates));
}

}  // namespace fabcast
