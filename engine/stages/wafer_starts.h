#pragma once
/// Wafer starts of a line and their division among the dies that claim them (model.md, section 4).

#include <span>

#include "base/lanes.h"

namespace fabcast {

/// S = C U. [wafers/month] x [share] -> [wafers]
void wafer_starts(int lanes, In capacity, In utilisation, Out starts);

/// Sum of the claims' shares, at least 1: what shares are divided by, so that they never exceed the
/// line. Shares that sum to less leave the rest idle.
void share_divisor(int lanes, std::span<const Real* const> shares, Out divisor);

/// One claim's starts by share: S share / divisor.
void starts_by_share(int lanes, In starts, In share, In divisor, Out claimed);

/// One claim's starts in strict priority: takes the least of what is left and its cap.
void starts_by_priority(int lanes, In cap, Out left, Out claimed);

}  // namespace fabcast
