#pragma once
/// Deployment into cards, whole pods and clusters (model.md, section 12).

#include <cmath>

#include "base/lanes.h"

namespace fabcast {

/// NPUs that arrive for a pod design: waiting += shipped x share / divisor, where the divisor is
/// the sum of the product's pod shares, at least 1 (share_divisor of wafer_starts.h).
void send_to_pods(int lanes, In shipped, In share, In divisor, Out waiting, Out cards);

/// Kits of a part that holds pods back (optics, switch silicon, sites with power) wait in stock,
/// from the launch of the pod's product on: what was made before had other buyers.
void stock_kits(int lanes, In pods_per_month, Out kits);

struct PodInput {
  In npus;     ///< in a pod
  In spares;   ///< spare NPUs per NPU
  bool whole;  ///< pods complete in whole numbers
};

/// Pods that can be built: the least of waiting / (npus (1 + spares)) and each kit's stock, rounded
/// down to a whole number where `whole`. Takes what they need from `waiting` and the kits.
/// `binding`: what holds the next pod, 0 NPUs, 1 optics, 2 switches, 3 power; -1 where no NPU
/// waits.
void build_pods(int lanes, const PodInput& in, Out waiting, Out optics, Out switches, Out power,
                Out built, Out binding);

/// deployed += NPUs at work in the pods that came to stand; their spares lie by.
void deploy_pods(int lanes, In stood, In npus, Out deployed);

/// NPUs set aside as spares += built x npus x spares.
void set_spares_aside(int lanes, const PodInput& in, In built, Out spares);

/// Whole clusters: floor(pods / pods_per_cluster).
void whole_clusters(int lanes, In pods, In pods_per_cluster, Out clusters);

/// Milestones: 1 where at least `npus` are deployed, else 0.
void milestone_reached(int lanes, In deployed, In npus, Out reached);

}  // namespace fabcast
