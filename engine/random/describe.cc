#include "random/describe.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "random/normal_expectation.h"
#include "simd/math.h"

namespace fabcast {

namespace {

double interpolated(double before, double after, double weight, bool geometric) {
  return geometric ? before * simd::exp(weight * simd::log(after / before))
                   : before + weight * (after - before);
}

double at_normal(const PointOfPath& point, double z) {
  return interpolated(point.before.quantile_of_normal(z), point.after.quantile_of_normal(z),
                      point.weight, point.geometric);
}

/// By halving, as not every family has its CDF in closed form: to 1e-15.
double probability_at_or_below(const PointOfPath& point, double value) {
  double low = 0, high = 1;
  constexpr int halvings = 50;
  for (int i = 0; i < halvings; ++i) {
    const double middle = 0.5 * (low + high);
    (point.quantile(middle) <= value ? low : high) = middle;
  }
  return low;
}

}  // namespace

double PointOfPath::quantile(double u) const {
  if (weight == 0) return before.quantile(u);
  return interpolated(before.quantile(u), after.quantile(u), weight, geometric);
}

double PointOfPath::mean() const {
  if (weight == 0) return before.mean();
  for (const double end : {before.mean(), after.mean()}) {
    if (!std::isfinite(end)) return end;
  }
  return normal_expectation([&](double z) { return at_normal(*this, z); });
}

double PointOfPath::sd() const {
  if (weight == 0) return before.sd();
  if (!std::isfinite(before.sd()) || !std::isfinite(after.sd()))
    return std::numeric_limits<double>::infinity();
  const double centre = mean();
  return std::sqrt(normal_expectation([&](double z) {
    const double deviation = at_normal(*this, z) - centre;
    return deviation * deviation;
  }));
}

double Mixture::mean() const {
  double sum = 0;
  for (const PointOfPath& part : parts) sum += part.mean();
  return sum / static_cast<double>(parts.size());
}

double Mixture::sd() const {
  if (parts.size() == 1) return parts[0].sd();
  const double centre = mean();
  double sum = 0;
  for (const PointOfPath& part : parts) {
    const double distance = part.mean() - centre;
    sum += part.sd() * part.sd() + distance * distance;
  }
  return std::sqrt(sum / static_cast<double>(parts.size()));
}

double Mixture::quantile(double u) const {
  std::vector<double> each;
  for (const PointOfPath& part : parts) each.push_back(part.quantile(u));
  double low = *std::min_element(each.begin(), each.end());
  double high = *std::max_element(each.begin(), each.end());
  constexpr int halvings = 40;
  // The least value that at least a share u lies at or below.
  for (int i = 0; i < halvings && low < high; ++i) {
    const double middle = low + 0.5 * (high - low);
    double below = 0;
    for (const PointOfPath& part : parts) below += probability_at_or_below(part, middle);
    (below >= u * static_cast<double>(parts.size()) ? high : low) = middle;
  }
  return high;
}

Histogram histogram(const PointOfPath& point, size_t steps) {
  constexpr size_t draws = 1 << 14;  // even in u: no randomness, at most 1 in 16,384 amiss a step
  Histogram made;
  made.low = point.quantile(0.01);
  made.high = point.quantile(0.99);
  if (!(made.low < made.high)) return made;
  made.shares.assign(steps, 0);
  const double per_unit = static_cast<double>(steps) / (made.high - made.low);
  for (size_t i = 0; i < draws; ++i) {
    const double u = (static_cast<double>(i) + 0.5) / draws;
    const double value = point.quantile(u);
    if (value < made.low || value > made.high) continue;
    const auto step = static_cast<size_t>((value - made.low) * per_unit);
    made.shares[std::min(step, steps - 1)] += 1.0 / draws;
  }
  return made;
}

}  // namespace fabcast
