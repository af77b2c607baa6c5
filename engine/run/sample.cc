#include "run/sample.h"

#include <cmath>

#include "simd/columns.h"
#include "simd/math.h"

namespace fabcast {

namespace {

constexpr int lanes = block_lanes;

/// A column of normals.
FABCAST_KERNEL
void normals(TrialRange trials, DrawName draw, Out out) {
  alignas(64) double z[lanes];
  trials.sampler->normals(draw, trials.first, {z, lanes});
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) out[t] = static_cast<Real>(z[t]);
}

/// Which view of each group holds in each trial: the first whose cumulative weight exceeds u.
FABCAST_KERNEL
void draw_views(const InputsPlan& plan, TrialRange trials, TrialBlock& block) {
  alignas(64) double u[lanes];
  for (size_t g = 0; g < plan.view_groups.size(); ++g) {
    const ViewGroupPlan& group = plan.view_groups[g];
    trials.sampler->uniforms({Purpose::view, group.stream}, trials.first, {u, lanes});
    Real* __restrict view = block[plan.view_rows + static_cast<int>(g)];
    for (size_t v = 0; v + 1 < group.cumulative_weight.size(); ++v) {
      const double upper = group.cumulative_weight[v];
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t) view[t] += u[t] >= upper ? Real(1) : Real(0);
    }
  }
}

/// z = L e for the correlated inputs, from the last row up, so that e is overwritten by z in place.
FABCAST_KERNEL
void draw_copula(const CopulaPlan& copula, TrialRange trials, TrialBlock& block) {
  const int n = static_cast<int>(copula.streams.size());
  for (int i = 0; i < n; ++i) {
    normals(trials, {Purpose::input, copula.streams[static_cast<size_t>(i)]},
            block[copula.first_row + i]);
  }
  for (int i = n - 1; i >= 0; --i) {
    const double* row = &copula.lower[static_cast<size_t>(i) * static_cast<size_t>(n)];
    Real* __restrict z = block[copula.first_row + i];
    const auto own = static_cast<Real>(row[i]);
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) z[t] *= own;
    for (int j = 0; j < i; ++j) {
      if (row[j] == 0) continue;
      add_scaled(lanes, block[copula.first_row + j], static_cast<Real>(row[j]), z);
    }
  }
}

/// value += weight of the way to `after`, in logs where multiplicative.
template <class T>
FABCAST_KERNEL void interpolate(bool multiplicative, T weight, const T* __restrict after,
                                T* __restrict value) {
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
void draw_anchors(const InputsPlan& plan, const InputPlan& input, const double* z,
                  TrialBlock& block) {
  alignas(64) double value[lanes], after[lanes];
  for (size_t a = 0; a < input.anchors.size(); ++a) {
    Real* __restrict anchor = block[input.anchor_rows + static_cast<int>(a)];
    const auto& views = input.anchors[a].by_view;
    for (size_t v = 0; v < views.size(); ++v) {
      quantiles_of_normals(views[v].before, {z, lanes}, {value, lanes});
      if (views[v].weight > 0) {
        quantiles_of_normals(views[v].after, {z, lanes}, {after, lanes});
        interpolate(input.multiplicative, views[v].weight, after, value);
      }
      if (views.size() == 1) {
        FABCAST_LANES
        for (int t = 0; t < lanes; ++t) anchor[t] = static_cast<Real>(value[t]);
        continue;
      }
      const Real* __restrict view = block[plan.view_rows + input.view_group];
      const Real code = static_cast<Real>(v);
      FABCAST_LANES
      for (int t = 0; t < lanes; ++t)
        anchor[t] = view[t] == code ? static_cast<Real>(value[t]) : anchor[t];
    }
  }
}

/// Counts: the nearest whole number in the key's range.
FABCAST_KERNEL
void round_anchors(const InputPlan& input, TrialBlock& block) {
  const auto low = static_cast<Real>(input.low), high = static_cast<Real>(input.high);
  for (size_t a = 0; a < input.anchors.size(); ++a) {
    Real* __restrict anchor = block[input.anchor_rows + static_cast<int>(a)];
    FABCAST_LANES
    for (int t = 0; t < lanes; ++t) {
      anchor[t] = std::min(std::max(std::floor(anchor[t] + Real(0.5)), low), high);
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
  Real* __restrict base = block[input.base_row];
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
  const Real* __restrict before = block[input.anchor_rows + last];
  const Real* __restrict after = block[input.anchor_rows + last + 1];
  Real* __restrict step = block[input.step_row];
  const Real share = Real(1) / static_cast<Real>(to - from);
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
    interpolate(input.multiplicative, share * static_cast<Real>(month - from), after, base);
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
void add_noise(const InputPlan& input, In xi, int month, TrialBlock& block) {
  const Real rho = month == 0 ? Real(0) : static_cast<Real>(input.noise_rho);
  const Real fresh = static_cast<Real>(input.noise_sigma) * std::sqrt(1 - rho * rho);
  const auto centre = static_cast<Real>(0.5 * input.noise_sigma * input.noise_sigma);
  Real* __restrict log_noise = block[input.noise_row];
  const Real* __restrict base = block[input.base_row];
  Real* __restrict value = block[input.row];
  const auto low = static_cast<Real>(input.low), high = static_cast<Real>(input.high);
  FABCAST_LANES
  for (int t = 0; t < lanes; ++t) {
    log_noise[t] = rho * log_noise[t] + fresh * xi[t];
    value[t] = std::min(std::max(base[t] * simd::exp(log_noise[t] - centre), low), high);
  }
}

}  // namespace

void draw_inputs(const InputsPlan& plan, TrialRange trials, TrialBlock& block) {
  for (const KnownNumber& number : plan.known_numbers) {
    fill_column(lanes, static_cast<Real>(number.value), block[number.row]);
  }
  draw_views(plan, trials, block);
  draw_copula(plan.copula, trials, block);
  alignas(64) double z[lanes];
  for (const InputPlan& input : plan.uncertain) {
    if (input.copula_row >= 0) {
      std::copy_n(block[input.copula_row], lanes, z);
    } else {
      trials.sampler->normals({Purpose::input, input.stream}, trials.first, {z, lanes});
    }
    draw_anchors(plan, input, z, block);
    if (input.whole) round_anchors(input, block);
  }
}

NoiseNormals::NoiseNormals(const InputsPlan& plan, int months)
    : plan_(plan), months_(months), first_rows_(plan.uncertain.size(), -1) {
  int rows = 0;
  for (size_t i = 0; i < plan.uncertain.size(); ++i) {
    if (plan.uncertain[i].noise_row < 0) continue;
    first_rows_[i] = rows;
    rows += months;
  }
  scratch_row_ = rows;
  rows_of_all_ = rows + months;
}

uint64_t NoiseNormals::memory_bytes(const InputsPlan& plan, int months) {
  const auto rows = static_cast<uint64_t>(NoiseNormals(plan, months).rows_of_all_);
  return rows * column_stride * sizeof(Real);
}

void NoiseNormals::draw(TrialRange trials) {
  trials_ = trials;
  if (!trials.sampler->has_points() || scratch_row_ == 0) return;
  if (!rows_) rows_ = std::make_unique<TrialBlock>(rows_of_all_);
  for (size_t i = 0; i < first_rows_.size(); ++i) {
    if (first_rows_[i] < 0) continue;
    const uint64_t stream = plan_.uncertain[i].stream;
    const std::vector<double>* rotation = trials.sampler->rotation(stream, months_);
    const int to = rotation ? scratch_row_ : first_rows_[i];
    for (int m = 0; m < months_; ++m) {
      normals(trials, {Purpose::noise, stream, static_cast<uint32_t>(m)}, (*rows_)[to + m]);
    }
    if (!rotation) continue;
    for (int m = 0; m < months_; ++m) {
      Real* xi = (*rows_)[first_rows_[i] + m];
      fill_column(lanes, 0, xi);
      for (int k = 0; k < months_; ++k) {
        const double factor = (*rotation)[static_cast<size_t>(m * months_ + k)];
        add_scaled(lanes, (*rows_)[scratch_row_ + k], static_cast<Real>(factor), xi);
      }
    }
  }
}

const Real* NoiseNormals::of_month(size_t input, int month, Real* scratch) const {
  if (trials_.sampler->has_points()) return (*rows_)[first_rows_[input] + month];
  normals(trials_, {Purpose::noise, plan_.uncertain[input].stream, static_cast<uint32_t>(month)},
          scratch);
  return scratch;
}

void inputs_of_month(const InputsPlan& plan, const NoiseNormals& noise, int month,
                     TrialBlock& block) {
  for (const KnownPath& path : plan.known_paths) {
    const double value = path.by_month[static_cast<size_t>(month)];
    if (month == 0 || value != path.by_month[static_cast<size_t>(month) - 1]) {
      fill_column(lanes, static_cast<Real>(value), block[path.row]);
    }
  }
  for (size_t i = 0; i < plan.uncertain.size(); ++i) {
    const InputPlan& input = plan.uncertain[i];
    step_path(input, month, block);
    if (input.noise_row < 0) continue;
    add_noise(input, noise.of_month(i, month, block[plan.normal_row]), month, block);
  }
}

}  // namespace fabcast
