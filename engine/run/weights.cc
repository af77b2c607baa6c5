#include "run/weights.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "scenario/observations.h"
#include "simd/math.h"

namespace fabcast {

double TrialSum::effective() const {
  const auto all = static_cast<double>(weight);
  return weight == 0 ? 0 : all * all / static_cast<double>(squares);
}

void TrialSum::add(const TrialSum& other) {
  weight += other.weight;
  squares += other.squares;
  for (size_t r = 0; r < of_replicate.size(); ++r) of_replicate[r] += other.of_replicate[r];
}

void TrialSum::pass(StateStream& stream) {
  auto high = static_cast<uint64_t>(squares >> 64), low = static_cast<uint64_t>(squares);
  stream.pass(weight);
  stream.pass(high);
  stream.pass(low);
  squares = static_cast<unsigned __int128>(high) << 64 | low;
  stream.pass(std::span(of_replicate));
}

Share share_by_replicates(std::span<const double> parts, std::span<const double> wholes,
                          double trials) {
  const double part = std::accumulate(parts.begin(), parts.end(), 0.0);
  const double whole = std::accumulate(wholes.begin(), wholes.end(), 0.0);
  if (!(whole > 0)) return {std::nan(""), {0, 1}};
  const double share = part / whole;
  return {share,
          interval_of_share(share, error_of_ratio(parts, wholes), {parts.size(), 0}, trials)};
}

Share share_of(const TrialSum& part, const TrialSum& all) {
  if (!all.of_replicate.empty()) {
    const std::vector<double> parts(part.of_replicate.begin(), part.of_replicate.end());
    const std::vector<double> wholes(all.of_replicate.begin(), all.of_replicate.end());
    return share_by_replicates(parts, wholes, all.effective());
  }
  const auto hits = static_cast<double>(part.weight), total = static_cast<double>(all.weight);
  Share share{total > 0 ? hits / total : std::nan(""),
              weighted_wilson(hits, total, static_cast<double>(part.squares),
                              static_cast<double>(all.squares), z_of_90_percent)};
  // A few light trials that hit say nothing of the heavy ones that might have: no narrower than as
  // many trials as count.
  if (total > 0 && all.squares != all.weight) {
    const Interval plain = wilson_of_share(share.estimate, all.effective(), z_of_90_percent);
    share.interval = {std::min(share.interval.low, plain.low),
                      std::max(share.interval.high, plain.high)};
  }
  return share;
}

ObservationPlans plan_observations(const ScenarioSpec& spec, const Compiled& compiled,
                                   std::span<const Series> series, Diagnostics& diagnostics) {
  ObservationPlans all;
  std::vector<std::string> observers;
  for (const ObservationSpec& seen : spec.observations) {
    const int found = named_series(seen.variable, seen.entity, seen.at, series, diagnostics);
    if (found < 0) continue;
    const OutputVariable& variable = *find_variable(seen.variable);
    const auto value = in_unit_of(variable, seen.value, seen.unit);
    if (!value) {
      diagnostics.error(seen.value_at,
                        fmt::format("'{}' is not a unit of {}", escaped(seen.unit), seen.variable),
                        fmt::format("give one of: {}", unit_list(variable.dimension)));
      continue;
    }
    auto observer = std::find(observers.begin(), observers.end(), seen.observer);
    if (observer == observers.end()) {
      observers.push_back(seen.observer);
      all.model.observer_correlation.push_back(observer_correlation(spec, seen.observer));
      observer = observers.end() - 1;
    }
    all.model.observations.push_back(
        {*value, std::log1p(seen.relative_error), static_cast<int>(observer - observers.begin())});
    ObservationPlan plan{seen.name,
                         seen.text,
                         seen.variable,
                         series[static_cast<size_t>(found)].entity,
                         std::string(variable.unit),
                         seen.observer,
                         seen.sources,
                         seen.period,
                         *value,
                         seen.relative_error,
                         asked_at(found, seen.period, compiled.model.first)};
    plan.asked.kind = variable.kind;
    all.plans.push_back(std::move(plan));
  }
  const Section* scenario = spec.find("scenario", "");
  all.model.dof = scenario->find("observation_dof")->number().constant();
  return all;
}

FABCAST_KERNEL
void WeightScale::weigh(std::span<const double> log_likelihood, std::span<uint32_t> weights) const {
  constexpr double of_reference = 1 << 18, most = 1 << 24;
  const double reference = reference_;
  const double* l = log_likelihood.data();
  uint32_t* out = weights.data();
  const int n = static_cast<int>(weights.size());
  FABCAST_LANES
  for (int t = 0; t < n; ++t) {
    const double above = std::min(std::max(l[t] - reference, -100.0), 10.0);
    const double weight = std::min(of_reference * simd::exp(above), most);
    out[t] = static_cast<uint32_t>(static_cast<int32_t>(weight + 0.5));
  }
}

}  // namespace fabcast
