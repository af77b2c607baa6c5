#include "random/sampler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "base/lanes.h"
#include "random/noise_rotation.h"
#include "simd/math.h"

namespace fabcast {

namespace {

/// Points that are made together: Sobol' points of an aligned power of two of them are those from 0
/// on, xor the first, for the sequence is linear over bits.
constexpr uint64_t together = 64;

constexpr double highest_unit = 1 - 0x1p-53;  // what is nearer to 1 would round to it

constexpr std::array<std::string_view, 3> names{"philox", "sobol", "lhs"};

/// Keys of one dimension of one replicate. Dimensions are below 2^12; apart from the keys of a
/// sweep's design, which has no replicate.
ScramblingKey key_of(uint64_t seed, uint64_t replicate, size_t dimension) {
  static_assert(SobolPoints::most_dimensions < 4096);
  return scrambling_key(seed, ((replicate + 1) << 12) + dimension);
}

FABCAST_KERNEL
void scramble(uint32_t first, const uint32_t* points, ScramblingKey key, std::span<double> unit) {
  double* const u = unit.data();
  const int n = static_cast<int>(unit.size());
  FABCAST_LANES
  for (int t = 0; t < n; ++t) {
    const uint32_t coordinate = owen_scrambled(first ^ points[t], key);
    u[t] = std::min((coordinate + u[t]) * 0x1p-32, highest_unit);
  }
}

/// Rounds of a permutation. A point that none of them moves stays where it is: 1 in 2^20.
constexpr size_t rounds = 20;

/// One of them: i goes to i xor `partner` where a hash of the pair, under `key`, says so.
struct Round {
  uint32_t partner, key;
};

std::array<Round, rounds> rounds_of(ScramblingKey key, uint32_t mask) {
  std::array<Round, rounds> made;
  const uint64_t seed = uint64_t{key.add} << 32 | key.multiply;
  for (size_t r = 0; r < rounds; ++r) {
    const ScramblingKey next = scrambling_key(seed, r);
    made[r] = {next.add & mask, next.multiply};
  }
  return made;
}

/// The interval of each point: a permutation of [0, points), a power of two, by "swap or not"
/// (Hoang, Morris and Rogaway 2012, doi:10.1007/978-3-642-32009-5_1), which unlike most hashes
/// mixes few points as well as many.
FABCAST_KERNEL
void stratify(uint32_t point, uint32_t points, ScramblingKey key, std::span<double> unit) {
  double* const u = unit.data();
  const int n = static_cast<int>(unit.size());
  const double width = 1.0 / points;
  const std::array<Round, rounds> all = rounds_of(key, points - 1);
  uint32_t interval[together];
  for (int t = 0; t < n; ++t) interval[t] = point + static_cast<uint32_t>(t);
  for (const Round& round : all) {
    FABCAST_LANES
    for (int t = 0; t < n; ++t) {
      const uint32_t other = interval[t] ^ round.partner;
      uint32_t hash = (std::max(interval[t], other) ^ round.key) * 0x9e3779b1;
      hash = (hash ^ hash >> 15) * 0x85ebca77;
      hash ^= hash >> 13;
      interval[t] = (hash * 0xc2b2ae3d) >> 31 != 0 ? other : interval[t];
    }
  }
  FABCAST_LANES
  for (int t = 0; t < n; ++t) u[t] = std::min((interval[t] + u[t]) * width, highest_unit);
}

bool chooses(Purpose purpose) { return purpose == Purpose::view || purpose == Purpose::event; }

/// Places within intervals of 1 / points, `part` = r / R on from one that all replicates share.
void place_evenly(double points, double part, ScramblingKey key, std::span<double> unit) {
  const uint64_t seed = uint64_t{key.add} << 32 | key.multiply;
  for (double& u : unit) {
    const double interval = std::floor(u * points);
    const uint32_t shared = scrambling_key(seed, static_cast<size_t>(interval)).add;
    const double place = (shared + 0.5) * 0x1p-32 + part;
    u = std::min((interval + (place < 1 ? place : place - 1)) / points, highest_unit);
  }
}

FABCAST_KERNEL
void make_normal(std::span<double> unit) {
  double* const value = unit.data();
  const size_t n = unit.size();
  FABCAST_LANES
  for (size_t t = 0; t < n; ++t) value[t] = simd::normal_quantile(value[t]);
}

}  // namespace

std::string_view sampler_name(SamplerKind kind) { return names[static_cast<size_t>(kind)]; }

std::optional<SamplerKind> sampler_named(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<SamplerKind>(found - names.begin());
}

void DrawPlan::add(DrawName draw) {
  if (draws_.size() == SobolPoints::most_dimensions) return;
  if (dimension_.emplace(draw, static_cast<int>(draws_.size())).second) draws_.push_back(draw);
}

void DrawPlan::rotate(uint64_t stream, double rho, int months) {
  const std::pair<double, int> basis(rho, months);
  if (!rotated_.emplace(stream, basis).second || rotations_.contains(basis)) return;
  rotations_.emplace(basis, noise_rotation(months, rho));
}

int DrawPlan::dimension(DrawName draw) const {
  const auto found = dimension_.find(draw);
  return found == dimension_.end() ? -1 : found->second;
}

const std::vector<double>* DrawPlan::rotation(uint64_t stream, int months) const {
  const auto found = rotated_.find(stream);
  if (found == rotated_.end() || found->second.second != months) return nullptr;
  return &rotations_.at(found->second);
}

Sampler::Sampler(SamplerKind kind, uint64_t seed, Replicates replicates,
                 std::shared_ptr<const DrawPlan> plan)
    : kind_(kind), seed_(seed), replicates_(replicates) {
  if (kind == SamplerKind::philox) return;
  if (!plan || replicates.points == 0 || replicates.points > SobolPoints::most_points / 2) {
    throw std::logic_error("points without a plan, or more of them than there are");
  }
  plan_ = std::move(plan);
  if (kind != SamplerKind::sobol || plan_->dimensions() == 0) return;
  sobol_.emplace(plan_->dimensions());
  for (size_t d = 0; d < plan_->dimensions(); ++d) {
    for (uint64_t point = 0; point < together; ++point) {
      first_points_.push_back(sobol_->at(point, d));
    }
  }
}

void Sampler::points(size_t dimension, uint64_t replicate, uint64_t point,
                     std::span<double> jitter) const {
  const ScramblingKey key = key_of(seed_, replicate, dimension);
  if (kind_ == SamplerKind::lhs) {
    stratify(static_cast<uint32_t>(point), static_cast<uint32_t>(replicates_.points), key, jitter);
    return;
  }
  const uint64_t at = point % together;
  scramble(sobol_->at(point - at, dimension), &first_points_[dimension * together + at], key,
           jitter);
}

void Sampler::uniforms(DrawName draw, uint64_t first_trial, std::span<double> out) const {
  draw_uniforms(seed_, draw.purpose, draw.stream, draw.index, first_trial, out);
  const int dimension = plan_ ? plan_->dimension(draw) : -1;
  if (dimension < 0) return;
  for (size_t done = 0; done < out.size();) {
    const uint64_t trial = first_trial + done, point = trial % replicates_.points;
    const uint64_t next =
        std::min({out.size() - done, replicates_.points - point, together - point % together});
    const uint64_t replicate = trial / replicates_.points;
    const std::span<double> here = out.subspan(done, next);
    points(static_cast<size_t>(dimension), replicate, point, here);
    if (chooses(draw.purpose)) {
      // Of no replicate, but of all.
      const ScramblingKey key = key_of(seed_, replicates_.count, static_cast<size_t>(dimension));
      place_evenly(static_cast<double>(replicates_.points),
                   static_cast<double>(replicate) / static_cast<double>(replicates_.count), key,
                   here);
    }
    done += next;
  }
}

void Sampler::normals(DrawName draw, uint64_t first_trial, std::span<double> out) const {
  if (!plan_) {
    draw_normals(seed_, draw.purpose, draw.stream, draw.index, first_trial, out);
    return;
  }
  uniforms(draw, first_trial, out);
  make_normal(out);
}

}  // namespace fabcast
