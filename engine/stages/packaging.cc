#include "stages/packaging.h"

#include <algorithm>

#include "simd/columns.h"

namespace fabcast {

namespace {

/// Larger than any flow: the limit of a thing that is not needed.
constexpr double no_limit = 1e300;

/// What one unit of a thing is worth, lane by lane.
struct Ratio {
  const double* __restrict column;  ///< nullptr: `constant`
  double constant;
};

/// wish = min(wish, available x packages_per_unit), noting which constraint is least.
FABCAST_KERNEL
void lower_wish(int lanes, In available, Ratio ratio, double code, Out wish, Out binding) {
  if (ratio.column) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const double allowed = available[t] * ratio.column[t];
      binding[t] = allowed < wish[t] ? code : binding[t];
      wish[t] = allowed < wish[t] ? allowed : wish[t];
    }
  } else {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const double allowed = available[t] * ratio.constant;
      binding[t] = allowed < wish[t] ? code : binding[t];
      wish[t] = allowed < wish[t] ? allowed : wish[t];
    }
  }
}

/// out += packages / packages_per_unit. A ratio of 0 (a yield of 0 wants no orders) grants no
/// package and draws nothing.
FABCAST_KERNEL
void add_units(int lanes, In packages, Ratio ratio, Out out) {
  if (ratio.column) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const double units = packages[t] / ratio.column[t];
      out[t] += ratio.column[t] > 0 ? units : 0.0;
    }
  } else {
    const double units = 1 / ratio.constant;
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) out[t] += packages[t] * units;
  }
}

/// available -= packages / packages_per_unit, not below 0, which rounding alone could do.
FABCAST_KERNEL
void take_units(int lanes, In packages, Ratio ratio, Out available) {
  if (ratio.column) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const double units = packages[t] / ratio.column[t];
      available[t] = std::max(available[t] - (ratio.column[t] > 0 ? units : 0.0), 0.0);
    }
  } else {
    const double units = 1 / ratio.constant;
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      available[t] = std::max(available[t] - packages[t] * units, 0.0);
    }
  }
}

/// wished -> the share of it that can be granted.
FABCAST_KERNEL
void share_of_wished(int lanes, In available, Out wished) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double ratio = available[t] / wished[t];
    wished[t] = wished[t] > available[t] ? ratio : 1.0;
  }
}

/// limit = min(limit, share), noting which constraint is least.
FABCAST_KERNEL
void lower_limit(int lanes, In share, double code, Out limit, Out binding) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    binding[t] = share[t] < limit[t] ? code : binding[t];
    limit[t] = share[t] < limit[t] ? share[t] : limit[t];
  }
}

/// Starts what was wished. The product is said to be bound by what stopped the last bid that
/// started something; where none did, by what stopped the last one that had open orders; else by
/// orders.
FABCAST_KERNEL
void start_packages(int lanes, In packages, In bid_binding, Out started, Out rank, Out binding) {
  constexpr double orders = static_cast<double>(Constraint::orders);
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double has_orders = bid_binding[t] != orders ? 1.0 : 0.0;
    const double bid_rank = packages[t] > 0 ? 2.0 : has_orders;
    const bool tells_more = bid_rank >= rank[t];
    started[t] += packages[t];
    binding[t] = tells_more ? bid_binding[t] : binding[t];
    rank[t] = tells_more ? bid_rank : rank[t];
  }
}

/// Scales the bids that want a thing down to what there is of it.
void scale_by_scarcity(int lanes, std::span<Bid> bids, size_t first, int constraint, Out wished) {
  const double* available = bids[first].draws[constraint].available;
  const auto wants = [=](const Bid& bid) { return bid.draws[constraint].available == available; };
  // A bid that is alone with a thing wishes no more than there is.
  if (std::count_if(bids.begin(), bids.end(), wants) < 2) return;
  fill_column(lanes, 0, wished);
  for (const Bid& bid : bids) {
    const Draw& draw = bid.draws[constraint];
    if (wants(bid)) add_units(lanes, bid.wish, {draw.packages_per_unit, draw.constant}, wished);
  }
  share_of_wished(lanes, available, wished);
  for (const Bid& bid : bids) {
    if (wants(bid)) lower_limit(lanes, wished, constraint, bid.limit, bid.binding);
  }
}

/// Whether an earlier bid of the round already stands for this thing.
bool seen_before(std::span<const Bid> bids, size_t bid, int constraint) {
  for (size_t b = 0; b < bid; ++b) {
    if (bids[b].draws[constraint].available == bids[bid].draws[constraint].available) return true;
  }
  return false;
}

void grant(int lanes, const Bid& bid) {
  start_packages(lanes, bid.wish, bid.binding, bid.started, bid.binding_rank, bid.product_binding);
  for (const Draw& draw : bid.draws) {
    if (!draw.available) continue;
    take_units(lanes, bid.wish, {draw.packages_per_unit, draw.constant}, draw.available);
  }
  if (bid.delivered) {
    const Draw& orders = bid.draws[static_cast<int>(Constraint::orders)];
    add_units(lanes, bid.wish, {orders.packages_per_unit, orders.constant}, bid.delivered);
  }
}

}  // namespace

FABCAST_KERNEL
void add_packaging_line(int lanes, In capacity, In attach_yield, In interposer_yield,
                        Out class_capacity, Out attach_sum, Out interposer_sum) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    class_capacity[t] += capacity[t];
    attach_sum[t] += capacity[t] * attach_yield[t];
    interposer_sum[t] += capacity[t] * interposer_yield[t];
  }
}

FABCAST_KERNEL
void weigh_packaging_class(int lanes, In class_capacity, Out attach_sum, Out interposer_sum) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double capacity = class_capacity[t];
    const double weight = capacity > 0 ? 1 / capacity : 0.0;
    attach_sum[t] *= weight;
    interposer_sum[t] *= weight;
  }
}

FABCAST_KERNEL
void package_yield(int lanes, In attach_yield, In interposer_yield, In test_yield, int parts,
                   Out yield) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) yield[t] = interposer_yield[t] * test_yield[t];
  for (int part = 0; part < parts; ++part) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) yield[t] *= attach_yield[t];
  }
}

void share_round(int lanes, std::span<Bid> bids, Out scratch, int passes) {
  for (int pass = 0; pass < passes; ++pass) {
    for (const Bid& bid : bids) {
      fill_column(lanes, no_limit, bid.wish);
      for (int c = 0; c < constraint_count; ++c) {
        const Draw& draw = bid.draws[c];
        if (!draw.available) continue;
        lower_wish(lanes, draw.available, {draw.packages_per_unit, draw.constant}, c, bid.wish,
                   bid.binding);
      }
    }
    if (bids.size() > 1) {
      for (const Bid& bid : bids) fill_column(lanes, 1, bid.limit);
      for (size_t b = 0; b < bids.size(); ++b) {
        for (int c = 0; c < constraint_count; ++c) {
          if (bids[b].draws[c].available && !seen_before(bids, b, c)) {
            scale_by_scarcity(lanes, bids, b, c, scratch);
          }
        }
      }
      for (const Bid& bid : bids) multiply_column(lanes, bid.limit, bid.wish);
    }
    for (const Bid& bid : bids) grant(lanes, bid);
  }
}

FABCAST_KERNEL
void finish_packages(int lanes, In started, In yield, Out due, Out lost, Out in_process) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double good = started[t] * yield[t];
    due[t] += good;
    lost[t] = started[t] - good;
    in_process[t] += good;
  }
}

FABCAST_KERNEL
void ship(int lanes, Out due, Out in_process, Out shipped) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    shipped[t] = due[t];
    in_process[t] = std::max(in_process[t] - due[t], 0.0);
    due[t] = 0;
  }
}

}  // namespace fabcast
