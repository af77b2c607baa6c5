#pragma once
/// Spec to Model: names become indices, dates months, and all that no trial changes is computed.

#include "model/model.h"
#include "model/names.h"
#include "scenario/spec.h"

namespace fabcast {

struct Compiled {
  Model model;
  Names names;
};

/// Compiles a spec that loaded without mistakes. Mistakes that only show here (correlations that
/// are not positive definite, bins that no formula holds to 1e-9) go to `diagnostics`.
Compiled compile(const ScenarioSpec& spec, Diagnostics& diagnostics);

}  // namespace fabcast
