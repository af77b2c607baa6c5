#include "stages/packaging.h"

#include <algorithm>

#include "simd/columns.h"

namespace fabcast {

namespace {

/// Larger than any flow: the limit of a thing that is not needed.
constexpr double no_limit = 1e300;

/// out = available x packages_per_unit
void packages_allowed(int lanes, const Draw& draw, Out out) {
  const double* __restrict available = draw.available;
  if (draw.packages_per_unit) {
    const double* __restrict ratio = draw.packages_per_unit;
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) out[t] = available[t] * ratio[t];
  } else {
    const double ratio = draw.constant;
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) out[t] = available[t] * ratio;
  }
}

/// out += wish / packages_per_unit, sign +1 or -1
void add_draw(int lanes, const Draw& draw, In packages, double sign, Out out) {
  if (draw.packages_per_unit) {
    const double* __restrict ratio = draw.packages_per_unit;
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const double units = packages[t] / ratio[t];
      // A ratio of 0 (a yield of 0 wants no orders) grants no package and draws nothing.
      out[t] += sign * (ratio[t] > 0 ? units : 0.0);
    }
  } else {
    const double units = sign / draw.constant;
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) out[t] += packages[t] * units;
  }
}

/// Lowers `wish` to what the draw allows and notes which constraint is least.
void lower_wish(int lanes, const Draw& draw, double code, Out scratch, Out wish, Out binding) {
  packages_allowed(lanes, draw, scratch);
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const bool binds = scratch[t] < wish[t];
    binding[t] = binds ? code : binding[t];
    wish[t] = binds ? scratch[t] : wish[t];
  }
}

/// Scales every bid's grant by available / wished where a thing is wished for beyond what there is.
/// The bid's binding becomes that thing where its share is the least the bid has seen.
void scale_by_scarcity(int lanes, std::span<Bid> bids, size_t first, int constraint, Out wished) {
  const double* available = bids[first].draws[constraint].available;
  fill_column(lanes, 0, wished);
  for (const Bid& bid : bids) {
    if (bid.draws[constraint].available == available) {
      add_draw(lanes, bid.draws[constraint], bid.wish, 1, wished);
    }
  }
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    wished[t] = wished[t] > available[t] ? available[t] / wished[t] : 1.0;  // now the share granted
  }
  const double code = constraint;
  for (const Bid& bid : bids) {
    if (bid.draws[constraint].available != available) continue;
    double* __restrict limit = bid.limit;
    double* __restrict binding = bid.binding;
    const double* __restrict share = wished;
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      const bool binds = share[t] < limit[t];
      binding[t] = binds ? code : binding[t];
      limit[t] = binds ? share[t] : limit[t];
    }
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
  const double* __restrict limit = bid.limit;
  double* __restrict wish = bid.wish;
  double* __restrict started = bid.started;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    wish[t] *= limit[t];
    started[t] += wish[t];
  }
  for (const Draw& draw : bid.draws) {
    if (!draw.available) continue;
    add_draw(lanes, draw, wish, -1, draw.available);
    double* __restrict available = draw.available;
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) available[t] = std::max(available[t], 0.0);  // rounding only
  }
  if (bid.delivered) {
    add_draw(lanes, bid.draws[static_cast<int>(Constraint::orders)], wish, 1, bid.delivered);
  }
}

}  // namespace

void add_packaging_line(int lanes, In capacity, In attach_yield, In interposer_yield,
                        Out class_capacity, Out attach_sum, Out interposer_sum) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    class_capacity[t] += capacity[t];
    attach_sum[t] += capacity[t] * attach_yield[t];
    interposer_sum[t] += capacity[t] * interposer_yield[t];
  }
}

void weigh_packaging_class(int lanes, In class_capacity, Out attach_sum, Out interposer_sum) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double capacity = class_capacity[t];
    const double weight = capacity > 0 ? 1 / capacity : 0.0;
    attach_sum[t] *= weight;
    interposer_sum[t] *= weight;
  }
}

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
      fill_column(lanes, 1, bid.limit);
      for (int c = 0; c < constraint_count; ++c) {
        if (bid.draws[c].available) {
          lower_wish(lanes, bid.draws[c], c, scratch, bid.wish, bid.binding);
        }
      }
    }
    if (bids.size() > 1) {
      for (size_t b = 0; b < bids.size(); ++b) {
        for (int c = 0; c < constraint_count; ++c) {
          if (bids[b].draws[c].available && !seen_before(bids, b, c)) {
            scale_by_scarcity(lanes, bids, b, c, scratch);
          }
        }
      }
    }
    for (const Bid& bid : bids) grant(lanes, bid);
  }
}

void finish_packages(int lanes, In started, In yield, Out due, Out lost, Out in_process) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    const double good = started[t] * yield[t];
    due[t] += good;
    lost[t] = started[t] - good;
    in_process[t] += good;
  }
}

void ship(int lanes, Out due, Out in_process, Out shipped) {
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    shipped[t] = due[t];
    in_process[t] = std::max(in_process[t] - due[t], 0.0);
    due[t] = 0;
  }
}

}  // namespace fabcast
