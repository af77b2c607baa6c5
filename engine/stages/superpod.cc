#include "stages/superpod.h"

#include <algorithm>

#include "simd/math.h"

namespace fabcast {

namespace {

/// The whole part of a count; one that misses a whole number by rounding alone is that number.
FABCAST_INLINE Real whole_part(Real count) { return std::floor(count + count_slack * count); }

}  // namespace

FABCAST_KERNEL
void send_to_pods(int lanes, In shipped, In share, In divisor, Out waiting, Out cards) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real sent = shipped[t] * share[t] / divisor[t];
    waiting[t] += sent;
    cards[t] -= sent;
  }
}

FABCAST_KERNEL
void stock_kits(int lanes, In pods_per_month, Out kits) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) kits[t] += pods_per_month[t];
}

FABCAST_KERNEL
void build_pods(int lanes, const PodInput& in, Out waiting, Out optics, Out switches, Out power,
                Out built, Out binding) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real npus = in.npus[t] * (1 + in.spares[t]);
    const Real kits = std::min(std::min(optics[t], switches[t]), power[t]);
    const Real of_npus = waiting[t] / npus;
    const Real pods = std::min(of_npus, kits);
    const Real kit = optics[t] <= kits ? Real(1) : switches[t] <= kits ? Real(2) : Real(3);
    const Real held = of_npus <= kits ? Real(0) : kit;
    binding[t] = waiting[t] > 0 ? held : Real(-1);
    built[t] = in.whole ? whole_part(pods) : pods;
    waiting[t] = std::max(waiting[t] - built[t] * npus, Real(0));
    optics[t] = std::max(optics[t] - built[t], Real(0));
    switches[t] = std::max(switches[t] - built[t], Real(0));
    power[t] = std::max(power[t] - built[t], Real(0));
  }
}

FABCAST_KERNEL
void deploy_pods(int lanes, In stood, In npus, Out deployed) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) deployed[t] += npus[t] * stood[t];
}

FABCAST_KERNEL
void set_spares_aside(int lanes, const PodInput& in, In built, Out spares) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) spares[t] += built[t] * in.npus[t] * in.spares[t];
}

FABCAST_KERNEL
void whole_clusters(int lanes, In pods, In pods_per_cluster, Out clusters) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    clusters[t] = whole_part(pods[t] / pods_per_cluster[t]);
  }
}

FABCAST_KERNEL
void milestone_reached(int lanes, In deployed, In npus, Out reached) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    reached[t] = deployed[t] >= npus[t] * (1 - count_slack) ? Real(1) : Real(0);
  }
}

}  // namespace fabcast
