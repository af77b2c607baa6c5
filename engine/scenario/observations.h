#pragma once
/// [observe]: what was observed, by whom, and how well.
///
///   npus.shipped ascend 2025 = 812k +- 20 % @idc-2026-04
///   npus.shipped ascend910c 2025-01..2025-08 = 200k npus +- 25 % by callers @expert-call-2025-09

#include "scenario/chain.h"
#include "scenario/spec.h"

namespace fabcast {

/// Observations in the order of the files. Needs `spec.sources` and the scenario's months. An
/// observation without `by` is its first source's publisher's, or its own where it has no source.
std::vector<ObservationSpec> read_observations(const MergedSections& merged,
                                               const ScenarioSpec& spec, Diagnostics& diagnostics);

/// How the numbers of an observer hang together, 0 to 1: of [observer.NAME], else 1.
double observer_correlation(const ScenarioSpec& spec, std::string_view observer);

}  // namespace fabcast
