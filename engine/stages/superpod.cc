#include "stages/superpod.h"

#include <algorithm>

namespace fabcast {

namespace {

/// A count that misses a whole number by rounding alone is that number.
constexpr double count_slack = 1e-9;

}  // namespace

FABCAST_KERNEL
void send_to_pods(int lanes, In shipped, In share, In divisor, Out waiting, Out cards) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double sent = shipped[t] * share[t] / divisor[t];
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
    const double npus = in.npus[t] * (1 + in.spares[t]);
    const double kits = std::min(std::min(optics[t], switches[t]), power[t]);
    const double of_npus = waiting[t] / npus;
    const double pods = std::min(of_npus, kits);
    const double kit = optics[t] <= kits ? 1.0 : switches[t] <= kits ? 2.0 : 3.0;
    const double held = of_npus <= kits ? 0.0 : kit;
    binding[t] = waiting[t] > 0 ? held : -1.0;
    built[t] = in.whole ? std::floor(pods + count_slack) : pods;
    waiting[t] = std::max(waiting[t] - built[t] * npus, 0.0);
    optics[t] = std::max(optics[t] - built[t], 0.0);
    switches[t] = std::max(switches[t] - built[t], 0.0);
    power[t] = std::max(power[t] - built[t], 0.0);
  }
}

FABCAST_KERNEL
void deploy_pods(int lanes, In stood, In npus, Out deployed) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) deployed[t] += npus[t] * stood[t];
}

FABCAST_KERNEL
void keep_account_of_pods(int lanes, const PodInput& in, In built, In stood, Out building,
                          Out spares) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    building[t] = std::max(building[t] + built[t] - stood[t], 0.0);
    spares[t] += built[t] * in.npus[t] * in.spares[t];
  }
}

FABCAST_KERNEL
void whole_clusters(int lanes, In pods, In pods_per_cluster, Out clusters) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    clusters[t] = std::floor(pods[t] / pods_per_cluster[t] + count_slack);
  }
}

FABCAST_KERNEL
void milestone_reached(int lanes, In deployed, In npus, Out reached) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    reached[t] = deployed[t] >= npus[t] * (1 - count_slack) ? 1.0 : 0.0;
  }
}

}  // namespace fabcast
