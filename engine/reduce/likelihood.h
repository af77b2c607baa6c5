#pragma once
/// How well a trial agrees with published figures: a Student-t likelihood of the logarithms, by
/// which trials are weighted.
///
/// One observation, up to a constant that makes it 0 at best:
///   l = -(dof + 1)/2 ln(1 + z^2/dof),   z = (ln x - ln value) / sigma,
/// x the trial's value of the same variable, entity and period. Student's t rather than the normal,
/// since a published figure may be plainly wrong (Lange, Little and Taylor 1989,
/// doi:10.1080/01621459.1989.10478852); from a dof of 1e6 on it is practically normal.
///
/// Observations of one observer (a publisher, or several that share data) share an error: the l of
/// its n observations are added and divided by the design effect 1 + (n - 1) rho (Kish 1965,
/// "Survey Sampling"), a composite likelihood with its weights (Varin, Reid and Firth 2011,
/// Statistica Sinica 21, 5-42). At rho = 0 each counts for itself, at rho = 1 all n count as one.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace fabcast {

/// A published figure.
struct Observation {
  double value = 0;  ///< > 0, in the variable's unit
  double sigma = 0;  ///< scale of the error of its logarithm, > 0: ln(1 + relative error)
  int observer = 0;  ///< index into observer_correlation
};

struct ObservationModel {
  std::vector<Observation> observations;
  std::vector<double> observer_correlation;  ///< rho by observer, in [0, 1]
  double dof = 0;                            ///< degrees of freedom of Student's t, > 0
};

/// What is less than this share of the observed value counts as this share: the logarithm of
/// nothing made, or of a share of nothing (NaN), is none.
inline constexpr double least_share_of_observed = 1e-12;

/// x / value, raised to least_share_of_observed where it is less or NaN.
double ratio_to_observed(double x, double value);

/// 1 / (1 + (n - 1) rho) of each observation, n those of its observer that are used; 0 where it is
/// not used itself. Throws std::invalid_argument for a value, sigma or dof that is not positive and
/// finite, a rho outside [0, 1], an observer that does not exist, or `used` of another length.
std::vector<double> observation_shares(const ObservationModel& model,
                                       const std::vector<bool>& used);

/// out[t] = sum over observations of share * l, in the order of the observations, at most 0.
/// predicted[i][t]: trial t's value for observation i. The same bits at every vector width and for
/// any division of the trials into blocks. Throws as observation_shares does, and for another
/// number of columns.
void log_likelihood(const ObservationModel& model, int lanes,
                    std::span<const double* const> predicted, double* out);

/// The likelihood of each observation in each trial, kept, so that trials can be weighted by any of
/// the observations. Memory: 8 bytes x trials x observations.
class TrialLikelihoods {
 public:
  /// predicted: (trials x observations). Throws std::invalid_argument as observation_shares does,
  /// for no trial, and where the number of values is another.
  TrialLikelihoods(const ObservationModel& model, std::span<const double> predicted, size_t trials);

  const ObservationModel& model() const { return model_; }
  size_t trials() const { return trials_; }

  /// Of each trial, by the observations that are used: e^(log likelihood), over the largest, so in
  /// (0, 1]. By all of them: the same bits as log_likelihood.
  std::vector<double> weights(const std::vector<bool>& used) const;

 private:
  ObservationModel model_;
  size_t trials_;
  std::vector<double> log_likelihoods_;  ///< l, (observations x trials)
};

/// Kish's effective sample size (sum w)^2 / sum w^2 of weights that are not all 0, in [1, n]: how
/// many equally weighted trials tell as much.
double effective_sample_size(std::span<const double> weights);

/// Weights of the trials by all observations, and by all but each.
struct LeaveOneOut {
  std::vector<double> weights;          ///< by trial
  double ess = 0;                       ///< effective sample size, trials
  std::vector<double> weights_without;  ///< (observations x trials)
  std::vector<double> ess_without;      ///< by observation left out, trials

  std::span<const double> without(size_t observation) const {
    return std::span(weights_without).subspan(observation * weights.size(), weights.size());
  }
};

LeaveOneOut leave_one_out(const TrialLikelihoods& likelihoods);

/// The observation that costs most trials: without it the effective sample size is largest; the
/// first of equals. Nothing where there is no observation. Compare with the size by all: where
/// figures contradict each other, Student's tails spread the weights between them, and the size
/// with all can be larger than without any one.
std::optional<size_t> costliest_observation(const LeaveOneOut& weighted);

/// P(T <= z), T of Student's t with `dof` > 0 degrees of freedom. Relative error below 1e-13.
double student_t_cdf(double z, double dof);

/// z with P(T <= z) = u, u in (0, 1). Relative error of P(T <= z) below 2e-13.
double student_t_quantile(double u, double dof);

}  // namespace fabcast
