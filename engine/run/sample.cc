#include "run/sample.h"

#include <cmath>

#include "random/streams.h"
#include "simd/columns.h"
#include "simd/math.h"

namespace fabcast {

namespace {

constexpr int lanes = block_lanes;

/// Which view of each group holds in each trial: the first whose cumulative weight exceeds u.
FABCAST_KERNEL
void draw_views(const InputsPlan& plan, TrialRange trials, TrialBlock& block) {
  double* u = block[plan.normal_row];
  for (size_t g = 0; g < plan.view_groups.size(); ++g) {
    const ViewGroupPlan& group = plan.view_groups[g];
    draw_uniforms(trials.seed, Purpose::view, group.stream, 0, trials.first, {u, lanes});
    double* __restrict view = block[plan.view_rows + static_cast<int>(g)];
    for (size_t v = 0; v + 1 < group.cumulative_weight.size(); ++v) {
      const double upper = group.cumulative_weight[v];
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) view[t] += u[t] >= upper ? 1.0 : 0.0;
    }
  }
}

/// z = L e for the correlated inputs, from the last row up, so that e is overwritten by z in place.
FABCAST_KERNEL
void draw_copula(const CopulaPlan& copula, TrialRange trials, TrialBlock& block) {
  const int n = static_cast<int>(copula.streams.size());
  for (int i = 0; i < n; ++i) {
    draw_normals(trials.seed, Purpose::input, copula.streams[static_cast<size_t>(i)], 0,
                 trials.first, {block[copula.first_row + i], lanes});
  }
  for (int i = n - 1; i >= 0; --i) {
    const double* row = &copula.lower[static_cast<size_t>(i) * static_cast<size_t>(n)];
    double* __restrict z = block[copula.first_row + i];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) z[t] *= row[i];
    for (int j = 0; j < i; ++j) {
      if (row[j] == 0) continue;
      const double* __restrict e = block[copula.first_row + j];
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) z[t] += row[j] * e[t];
    }
  }
}

/// value += weight of the way to `after`, in logs where multiplicative.
FABCAST_KERNEL
void interpolate(bool multiplicative, double weight, In after, Out value) {
  if (multiplicative) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      value[t] *= simd::exp(weight * simd::log(after[t] / value[t]));
    }
  } else {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) value[t] += weight * (after[t] - value[t]);
  }
}

FABCAST_KERNEL
void draw_anchors(const InputsPlan& plan, const InputPlan& input, In z, TrialBlock& block,
                  double* scratch) {
  double* value = scratch;
  double* after = scratch + column_stride;
  for (size_t a = 0; a < input.anchors.size(); ++a) {
    double* __restrict anchor = block[input.anchor_rows + static_cast<int>(a)];
    const auto& views = input.anchors[a].by_view;
    for (size_t v = 0; v < views.size(); ++v) {
      quantiles_of_normals(views[v].before, {z, lanes}, {value, lanes});
      if (views[v].weight > 0) {
        quantiles_of_normals(views[v].after, {z, lanes}, {after, lanes});
        interpolate(input.multiplicative, views[v].weight, after, value);
      }
      if (views.size() == 1) {
        copy_column(lanes, value, anchor);
        continue;
      }
      const double* __restrict view = block[plan.view_rows + input.view_group];
      const double code = static_cast<double>(v);
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) anchor[t] = view[t] == code ? value[t] : anchor[t];
    }
  }
}

/// Counts: the nearest whole number in the key's range.
FABCAST_KERNEL
void round_anchors(const InputPlan& input, TrialBlock& block) {
  const double low = input.low, high = input.high;
  for (size_t a = 0; a < input.anchors.size(); ++a) {
    double* __restrict anchor = block[input.anchor_rows + static_cast<int>(a)];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      anchor[t] = std::min(std::max(std::floor(anchor[t] + 0.5), low), high);
    }
  }
}

/// Index of the last anchor at or before the month, -1 where none.
int anchor_before(const InputPlan& input, int month) {
  int last = -1;
  for (size_t a = 0; a < input.anchors.size() && input.anchors[a].month <= month; ++a) {
    last = static_cast<int>(a);
  }
  return last;
}

/// The base value of the month: an anchor, flat outside the anchors, a step on between them.
FABCAST_KERNEL
void step_path(const InputPlan& input, int month, TrialBlock& block) {
  const int last = anchor_before(input, month);
  double* __restrict base = block[input.base_row];
  const int final_anchor = static_cast<int>(input.anchors.size()) - 1;
  if (last < 0 || last == final_anchor || input.anchors[static_cast<size_t>(last)].month == month) {
    const int first_or_last = std::max(last, 0);
    const bool settled =
        month > 0 && (last < 0 || input.anchors[static_cast<size_t>(last)].month < month);
    if (!settled) copy_column(lanes, block[input.anchor_rows + first_or_last], base);
    return;
  }
  const int from = input.anchors[static_cast<size_t>(last)].month;
  const int to = input.anchors[static_cast<size_t>(last) + 1].month;
  const double* __restrict before = block[input.anchor_rows + last];
  const double* __restrict after = block[input.anchor_rows + last + 1];
  double* __restrict step = block[input.step_row];
  const double share = 1.0 / (to - from);
  if (month == from + 1 || month == 0) {
    if (input.multiplicative) {
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) step[t] = simd::exp(share * simd::log(after[t] / before[t]));
    } else {
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) step[t] = share * (after[t] - before[t]);
    }
  }
  if (month == 0) {  // the run begins between two anchors
    copy_column(lanes, before, base);
    interpolate(input.multiplicative, share * (month - from), after, base);
  } else if (input.multiplicative) {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) base[t] *= step[t];
  } else {
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) base[t] += step[t];
  }
}

/// log n(m) = rho log n(m-1) + sigma sqrt(1 - rho^2) xi(m), stationary from the first month; the
/// mean of the factor is 1. A value that noise would carry out of its key's range stops at the
/// bound.
FABCAST_KERNEL
void add_noise(const InputPlan& input, TrialRange trials, int month, double* normals,
               TrialBlock& block) {
  draw_normals(trials.seed, Purpose::noise, input.stream, static_cast<uint32_t>(month),
               trials.first, {normals, lanes});
  const double rho = month == 0 ? 0.0 : input.noise_rho;
  const double fresh = input.noise_sigma * std::sqrt(1 - rho * rho);
  const double centre = 0.5 * input.noise_sigma * input.noise_sigma;
  double* __restrict log_noise = block[input.noise_row];
  const double* __restrict base = block[input.base_row];
  double* __restrict value = block[input.row];
  const double* __restrict xi = normals;
  const double low = input.low, high = input.high;
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    log_noise[t] = rho * log_noise[t] + fresh * xi[t];
    value[t] = std::min(std::max(base[t] * simd::exp(log_noise[t] - centre), low), high);
  }
}

}  // namespace

void draw_inputs(const InputsPlan& plan, TrialRange trials, TrialBlock& block) {
  for (const KnownNumber& number : plan.known_numbers) {
    fill_column(lanes, number.value, block[number.row]);
  }
  draw_views(plan, trials, block);
  draw_copula(plan.copula, trials, block);
  alignas(64) double scratch[2 * column_stride];
  for (const InputPlan& input : plan.uncertain) {
    double* z = block[plan.normal_row];
    if (input.copula_row >= 0) {
      z = block[input.copula_row];
    } else {
      draw_normals(trials.seed, Purpose::input, input.stream, 0, trials.first, {z, lanes});
    }
    draw_anchors(plan, input, z, block, scratch);
    if (input.whole) round_anchors(input, block);
  }
}

void inputs_of_month(const InputsPlan& plan, TrialRange trials, int month, TrialBlock& block) {
  for (const KnownPath& path : plan.known_paths) {
    const double value = path.by_month[static_cast<size_t>(month)];
    if (month == 0 || value != path.by_month[static_cast<size_t>(month) - 1]) {
      fill_column(lanes, value, block[path.row]);
    }
  }
  for (const InputPlan& input : plan.uncertain) {
    step_path(input, month, block);
    if (input.noise_row >= 0) add_noise(input, trials, month, block[plan.normal_row], block);
  }
}

}  // namespace fabcast
