#include "reduce/likelihood.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <stdexcept>

#include "base/lanes.h"
#include "simd/math.h"

namespace fabcast {

namespace {

FABCAST_INLINE double raised_ratio(double x, double value) {
  const double ratio = x / value;
  // In this direction a NaN is raised, too.
  return ratio > least_share_of_observed ? ratio : least_share_of_observed;
}

/// out += share * l
FABCAST_KERNEL
void add_log_likelihood(int lanes, const double* __restrict x, double value, double sigma,
                        double dof, double share, double* __restrict out) {
  const double half = -0.5 * (dof + 1);
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double z = simd::log(raised_ratio(x[t], value)) / sigma;
    out[t] += share * (half * simd::log1p(z * z / dof));
  }
}

/// to += share * from
FABCAST_KERNEL
void add_scaled(size_t n, double share, const double* __restrict from, double* __restrict to) {
  FABCAST_LANES
  for (size_t t = 0; t < n; ++t) to[t] += share * from[t];
}

/// x = e^(x - shift)
FABCAST_KERNEL
void exponentiate(size_t n, double shift, double* x) {
  FABCAST_LANES
  for (size_t t = 0; t < n; ++t) x[t] = simd::exp(x[t] - shift);
}

void refuse_unless(bool right, const char* message) {
  if (!right) throw std::invalid_argument(message);
}

bool is_positive(double x) { return std::isfinite(x) && x > 0; }

// long double: in double, log, exp and pow are the C library's, which picks them by the processor's
// instructions, and the last bits of a score would depend on the machine. A quantile beyond all
// doubles is infinite.
using Policy = boost::math::policies::policy<
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>>;
using StudentT = boost::math::students_t_distribution<long double, Policy>;

}  // namespace

double ratio_to_observed(double x, double value) { return raised_ratio(x, value); }

std::vector<double> observation_shares(const ObservationModel& model,
                                       const std::vector<bool>& used) {
  const size_t n = model.observations.size(), observers = model.observer_correlation.size();
  refuse_unless(used.size() == n, "observations to be used are not those of the model");
  refuse_unless(model.dof >= 0.5 && std::isfinite(model.dof),
                "degrees of freedom must be 0.5 or more, and finite");
  for (const double rho : model.observer_correlation) {
    refuse_unless(rho >= 0 && rho <= 1, "a correlation of observations must be in [0, 1]");
  }
  std::vector<int> of_observer(observers);
  for (size_t i = 0; i < n; ++i) {
    const Observation& observation = model.observations[i];
    refuse_unless(is_positive(observation.value), "an observed value must be positive and finite");
    // 709: of the largest relative error that a double holds.
    refuse_unless(observation.sigma > 0 && observation.sigma <= 709,
                  "an observation's sigma must be positive, and at most 709");
    refuse_unless(
        observation.observer >= 0 && static_cast<size_t>(observation.observer) < observers,
        "an observation's observer does not exist");
    of_observer[static_cast<size_t>(observation.observer)] += used[i];
  }
  std::vector<double> shares(n);
  for (size_t i = 0; i < n; ++i) {
    if (!used[i]) continue;
    const auto observer = static_cast<size_t>(model.observations[i].observer);
    shares[i] = 1 / (1 + (of_observer[observer] - 1) * model.observer_correlation[observer]);
  }
  return shares;
}

void log_likelihood(const ObservationModel& model, int lanes,
                    std::span<const double* const> predicted, double* out) {
  const std::vector<double> shares =
      observation_shares(model, std::vector<bool>(model.observations.size(), true));
  refuse_unless(predicted.size() == shares.size(), "one predicted column for each observation");
  std::fill(out, out + lanes, 0.0);
  for (size_t i = 0; i < shares.size(); ++i) {
    const Observation& observation = model.observations[i];
    add_log_likelihood(lanes, predicted[i], observation.value, observation.sigma, model.dof,
                       shares[i], out);
  }
}

TrialLikelihoods::TrialLikelihoods(const ObservationModel& model, std::span<const double> predicted,
                                   size_t trials)
    : model_(model), trials_(trials), log_likelihoods_(predicted.size()) {
  const size_t n = model.observations.size();
  observation_shares(model, std::vector<bool>(n, true));  // refuses what is wrong
  refuse_unless(trials > 0, "no trial to be weighted");
  refuse_unless(predicted.size() == trials * n, "one predicted value a trial and observation");
  std::array<double, block_lanes> column;
  for (size_t first = 0; first < trials; first += block_lanes) {
    const size_t lanes = std::min(trials - first, size_t{block_lanes});
    for (size_t i = 0; i < n; ++i) {
      for (size_t t = 0; t < lanes; ++t) column[t] = predicted[(first + t) * n + i];
      const Observation& observation = model.observations[i];
      add_log_likelihood(static_cast<int>(lanes), column.data(), observation.value,
                         observation.sigma, model.dof, 1, &log_likelihoods_[i * trials + first]);
    }
  }
}

std::vector<double> TrialLikelihoods::weights(const std::vector<bool>& used) const {
  const std::vector<double> shares = observation_shares(model_, used);
  std::vector<double> weights(trials_);
  for (size_t i = 0; i < shares.size(); ++i) {
    if (used[i]) add_scaled(trials_, shares[i], &log_likelihoods_[i * trials_], weights.data());
  }
  exponentiate(trials_, *std::max_element(weights.begin(), weights.end()), weights.data());
  return weights;
}

double effective_sample_size(std::span<const double> weights) {
  double sum = 0, squares = 0;
  for (const double weight : weights) {
    sum += weight;
    squares += weight * weight;
  }
  return sum * sum / squares;
}

LeaveOneOut leave_one_out(const TrialLikelihoods& likelihoods) {
  const size_t n = likelihoods.model().observations.size();
  std::vector<bool> used(n, true);
  LeaveOneOut out;
  out.weights = likelihoods.weights(used);
  out.ess = effective_sample_size(out.weights);
  out.weights_without.reserve(n * likelihoods.trials());
  for (size_t i = 0; i < n; ++i) {
    used[i] = false;
    const std::vector<double> weights = likelihoods.weights(used);
    used[i] = true;
    out.weights_without.insert(out.weights_without.end(), weights.begin(), weights.end());
    out.ess_without.push_back(effective_sample_size(weights));
  }
  return out;
}

std::optional<size_t> costliest_observation(const LeaveOneOut& weighted) {
  const std::vector<double>& ess = weighted.ess_without;
  if (ess.empty()) return {};
  return static_cast<size_t>(std::max_element(ess.begin(), ess.end()) - ess.begin());
}

double student_t_cdf(double z, double dof) {
  return static_cast<double>(boost::math::cdf(StudentT(dof), static_cast<long double>(z)));
}

double student_t_quantile(double u, double dof) {
  return static_cast<double>(boost::math::quantile(StudentT(dof), static_cast<long double>(u)));
}

}  // namespace fabcast
