#pragma once
/// Trials and their weights: each weighs 1, or as likely as its values of what was observed are.

#include <cstdint>
#include <span>
#include <vector>

#include "base/state_stream.h"
#include "reduce/counts.h"
#include "reduce/likelihood.h"
#include "reduce/replicate_error.h"
#include "run/probe.h"

namespace fabcast {

/// Weight of some trials, and the sum of squares that its interval needs. Whole numbers.
struct TrialSum {
  uint64_t weight = 0;
  unsigned __int128 squares = 0;
  std::vector<uint64_t> of_replicate;  ///< weight by replicate, where there are many

  TrialSum() = default;
  explicit TrialSum(Replicates replicates)
      : of_replicate(replicates.are_many() ? replicates.count : 0) {}
  void add(uint32_t w, uint64_t replicate) {
    weight += w;
    squares += static_cast<uint64_t>(w) * w;
    if (!of_replicate.empty()) of_replicate[replicate] += w;
  }
  void add(const TrialSum& other);
  /// Effective number of trials; 0 where there is none.
  double effective() const;
  void pass(StateStream& stream);
};

/// Share of `all` that `part` is, with its 90 % interval: of weighted trials no narrower than that
/// of their effective number; by replicates where there are many.
struct Share {
  double estimate = 0;
  Interval interval;
};
Share share_of(const TrialSum& part, const TrialSum& all);

/// The same of what each of many replicates has of both, of `trials` that count.
Share share_by_replicates(std::span<const double> parts, std::span<const double> wholes,
                          double trials);

/// A block's trials as they are counted.
struct BlockTrials {
  int trials = 0;
  std::span<const uint32_t> weights;  ///< by trial; empty: each weighs 1
  /// By view group: which view of the group holds in each trial, as a column; and its first place
  /// among the views of all groups.
  std::vector<const Real*> view_of;
  std::vector<size_t> first_view;
  Replicates replicates = {};
  uint64_t first = 0;  ///< trial of the run

  uint64_t replicate(int trial) const {
    return replicates.of(first + static_cast<uint64_t>(trial));
  }
  uint32_t weight(int trial) const {
    return weights.empty() ? 1 : weights[static_cast<size_t>(trial)];
  }
};

/// What was observed, of a scenario.
struct ObservationPlan {
  std::string name, text;  ///< for tables
  std::string variable, entity, unit, observer;
  std::vector<std::string> sources;
  Period period;
  double value = 0, relative_error = 0;  ///< in the variable's unit
  Asked asked;
};
struct ObservationPlans {
  std::vector<ObservationPlan> plans;
  ObservationModel model;
};

/// The scenario's observations, read against the series. What names nothing goes to `diagnostics`.
ObservationPlans plan_observations(const ScenarioSpec& spec, const Compiled& compiled,
                                   std::span<const Series> series, Diagnostics& diagnostics);

/// Log likelihoods as whole weights: 2^18 for `reference`, at most 2^24.
class WeightScale {
 public:
  explicit WeightScale(double reference = 0) : reference_(reference) {}
  /// Whether so large a log likelihood would be cut.
  bool cuts(double log_likelihood) const { return log_likelihood - reference_ > 4.15; }  // ln 64
  void weigh(std::span<const double> log_likelihood, std::span<uint32_t> weights) const;

 private:
  double reference_;
};

}  // namespace fabcast
