#pragma once
/// Errors of what comes in replicates (random/replicates.h): by how much independent replicates
/// differ, whatever their trials do within.

#include <cstddef>
#include <span>

#include "random/replicates.h"
#include "reduce/counts.h"

namespace fabcast {

/// How many standard errors a 90 % interval reaches to each side: the normal's 1.645 where trials
/// are independent, else Student's t with a degree of freedom less than there are replicates. From
/// 2 to 16 replicates.
NormalReach reach_of_90_percent(Replicates replicates);

/// Standard error of sum(parts) / sum(wholes), each replicate giving one of both:
///   sqrt(R / (R - 1) sum (part - ratio whole)^2) / sum(wholes)
/// Where the wholes are equal it is the standard deviation of the replicates' ratios over sqrt(R);
/// else the delta method's for a ratio of means (Cochran 1977, Sampling techniques, ch. 6).
double error_of_ratio(std::span<const double> parts, std::span<const double> wholes);

/// Standard error of a share of so many trials that whole counts leave at the least: each of R
/// replicates counts to the next whole trial, as if rounded, sqrt(R / 12) / trials. Replicates that
/// agree by chance would else claim to know it exactly.
double rounding_of_share(Replicates replicates, double trials);

/// 90 % interval of a share with that standard error: Wilson's (counts.h) at the number of
/// independent trials that would have this error, with the reach of replicates. A share of 0 or 1,
/// whose error no replicate tells, has Wilson's of the trials that there are.
Interval interval_of_share(double share, double error, Replicates replicates, double trials);

}  // namespace fabcast
