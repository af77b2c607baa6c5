#include "stages/packaging.h"

#include <algorithm>
#include <limits>

#include "simd/columns.h"

namespace fabcast {

namespace {

/// wish = the least that any draw allows, noting which.
FABCAST_KERNEL
void wish_packages(int lanes, const Bid& bid) {
  const Draw* d = bid.draws;
  Real* __restrict wish = bid.wish;
  Real* __restrict binding = bid.binding;
  const Real *a0 = d[0].available, *a1 = d[1].available, *a2 = d[2].available, *a3 = d[3].available,
             *a4 = d[4].available;
  const Real *p0 = d[0].packages_per_unit, *p1 = d[1].packages_per_unit,
             *p2 = d[2].packages_per_unit, *p3 = d[3].packages_per_unit,
             *p4 = d[4].packages_per_unit;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    Real least = a0[t] * p0[t], code = 0;
    const auto allow = [&](Real allowed, Real constraint) {
      code = allowed < least ? constraint : code;
      least = allowed < least ? allowed : least;
    };
    allow(a1[t] * p1[t], 1);
    allow(a2[t] * p2[t], 2);
    allow(a3[t] * p3[t], 3);
    allow(a4[t] * p4[t], 4);
    wish[t] = least;
    binding[t] = code;
  }
}
static_assert(constraint_count == 5);

/// out += packages x units_per_package
FABCAST_KERNEL
void add_units(int lanes, In packages, In units_per_package, Out out) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) out[t] += packages[t] * units_per_package[t];
}

/// wished -> the share of it that can be granted.
FABCAST_KERNEL
void share_of_wished(int lanes, In available, Out wished) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real ratio = available[t] / wished[t];
    wished[t] = wished[t] > available[t] ? ratio : Real(1);
  }
}

/// limit = min(limit, share), noting which constraint is least.
FABCAST_KERNEL
void lower_limit(int lanes, In share, Real code, Out limit, Out binding) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    binding[t] = share[t] < limit[t] ? code : binding[t];
    limit[t] = share[t] < limit[t] ? share[t] : limit[t];
  }
}

/// Starts what was wished and takes it from what there is; what rounding leaves of a thing that is
/// used up goes with it, so that no later bid starts a billionth of a package. The product is said
/// to be bound by what stopped the last bid that started something; where none did, by what stopped
/// the last one that had open orders; else by orders.
FABCAST_KERNEL
void grant(int lanes, const Bid& bid) {
  constexpr Real orders = static_cast<Real>(Constraint::orders);
  constexpr Real rounding = 16 * std::numeric_limits<Real>::epsilon();
  const Real* __restrict packages = bid.wish;
  const Real* __restrict bid_binding = bid.binding;
  Real* __restrict started = bid.started;
  Real* __restrict rank = bid.binding_rank;
  Real* __restrict binding = bid.product_binding;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real has_orders = bid_binding[t] != orders ? Real(1) : Real(0);
    const Real bid_rank = packages[t] > 0 ? Real(2) : has_orders;
    const bool tells_more = bid_rank >= rank[t];
    started[t] += packages[t];
    binding[t] = tells_more ? bid_binding[t] : binding[t];
    rank[t] = tells_more ? bid_rank : rank[t];
  }
  for (int c = 0; c < constraint_count; ++c) {
    if (!bid.needs[c]) continue;
    Real* __restrict available = bid.draws[c].available;
    const Real* __restrict units = bid.draws[c].units_per_package;
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const Real left = available[t] - packages[t] * units[t];
      available[t] = left > rounding * available[t] ? left : Real(0);
    }
  }
  if (!bid.delivered) return;
  Real* __restrict delivered = bid.delivered;
  const Real* __restrict units = bid.draws[0].units_per_package;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) delivered[t] += packages[t] * units[t];
}

/// Scales the bids that want a thing down to what there is of it.
void scale_by_scarcity(int lanes, std::span<Bid> bids, size_t first, int constraint, Out wished) {
  const Real* available = bids[first].draws[constraint].available;
  const auto wants = [=](const Bid& bid) { return bid.draws[constraint].available == available; };
  // A bid that is alone with a thing wishes no more than there is.
  if (std::count_if(bids.begin(), bids.end(), wants) < 2) return;
  fill_column(lanes, 0, wished);
  for (const Bid& bid : bids) {
    if (wants(bid)) add_units(lanes, bid.wish, bid.draws[constraint].units_per_package, wished);
  }
  share_of_wished(lanes, available, wished);
  for (const Bid& bid : bids) {
    if (wants(bid))
      lower_limit(lanes, wished, static_cast<Real>(constraint), bid.limit, bid.binding);
  }
}

/// Whether an earlier bid of the round already stands for this thing.
bool seen_before(std::span<const Bid> bids, size_t bid, int constraint) {
  for (size_t b = 0; b < bid; ++b) {
    if (bids[b].draws[constraint].available == bids[bid].draws[constraint].available) return true;
  }
  return false;
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
    const Real capacity = class_capacity[t];
    const Real weight = capacity > 0 ? 1 / capacity : Real(0);
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
    for (const Bid& bid : bids) wish_packages(lanes, bid);
    if (bids.size() > 1) {
      for (const Bid& bid : bids) fill_column(lanes, 1, bid.limit);
      for (size_t b = 0; b < bids.size(); ++b) {
        for (int c = 0; c < constraint_count; ++c) {
          if (bids[b].needs[c] && !seen_before(bids, b, c)) {
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
void finish_packages(int lanes, In started, In yield, Out due, Out lost) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const Real good = started[t] * yield[t];
    due[t] += good;
    lost[t] = started[t] - good;
  }
}

FABCAST_KERNEL
void ship(int lanes, Out due, Out shipped) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    shipped[t] = due[t];
    due[t] = 0;
  }
}

}  // namespace fabcast
