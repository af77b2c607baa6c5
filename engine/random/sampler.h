#pragma once
/// Where a run's draws come from: Philox for all of them, or scrambled Sobol' points or Latin
/// hypercubes for those that matter and Philox for the rest.
///
/// Points come in replicates (random/replicates.h): in each replicate and dimension every interval
/// [k, k + 1) / points holds exactly one draw, so that a mean over a replicate errs less than one
/// of as many independent draws, and the spread of the replicates' means tells by how much.
///
///   sobol   the first points of the sequence, its 0 among them, scrambled anew for each replicate
///           and dimension (random/sobol.h). Even in pairs and triples of early dimensions: what
///           matters most comes first.
///   lhs     a random permutation of the intervals for each replicate and dimension. Even in each
///           dimension alone, so the order of dimensions does not matter.
///
/// Where in its interval of 2^-32 (sobol) or 1 / points (lhs) a draw lies, its Philox draw of the
/// same name tells: uniforms have 52 bits, and tails are as deep as Philox's.
///
/// A draw that chooses (a view, whether and when an event comes) takes its place in its interval
/// of 1 / points evenly over the replicates, too: replicate r of R at (V + r / R) mod 1, with one V
/// for the interval. Which of two views a replicate gives its odd trial would else be told in few
/// of them, and a mean that hangs on it err by more than the spread of replicates tells. So all
/// trials together choose in proportion, to within one; replicates are then not independent in
/// this, but each other's opposites, and the errors that their spread tells are rather too large.

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "random/replicates.h"
#include "random/sobol.h"
#include "random/streams.h"

namespace fabcast {

enum class SamplerKind : uint8_t { philox, sobol, lhs };
std::string_view sampler_name(SamplerKind kind);
std::optional<SamplerKind> sampler_named(std::string_view name);

/// What a draw is of (random/streams.h).
struct DrawName {
  Purpose purpose;
  uint64_t stream;
  uint32_t index = 0;
  auto operator<=>(const DrawName&) const = default;
};

/// Which draws are points, and of which dimension. Scenarios that are compared share one plan: then
/// they share their draws, too.
class DrawPlan {
 public:
  /// The next dimension is this draw's, while there are any. A draw keeps the first that it gets.
  void add(DrawName draw);
  /// Draws of Purpose::noise and this stream are of xi = V z (random/noise_rotation.h): index k is
  /// z_k. The first rotation of a stream stays.
  void rotate(uint64_t stream, double rho, int months);

  size_t dimensions() const { return draws_.size(); }
  /// -1: it has none.
  int dimension(DrawName draw) const;
  /// By dimension.
  std::span<const DrawName> draws() const { return draws_; }
  /// V of a stream, months x months; nothing where its draws are xi themselves.
  const std::vector<double>* rotation(uint64_t stream, int months) const;

 private:
  struct Hash {
    size_t operator()(const DrawName& draw) const {
      return static_cast<size_t>(draw.stream ^ (draw.index * 0x9e3779b97f4a7c15) ^
                                 static_cast<uint64_t>(draw.purpose));
    }
  };
  std::vector<DrawName> draws_;
  std::unordered_map<DrawName, int, Hash> dimension_;
  std::map<std::pair<double, int>, std::vector<double>> rotations_;  ///< by rho and months
  std::unordered_map<uint64_t, std::pair<double, int>> rotated_;     ///< by stream
};

class Sampler {
 public:
  /// Philox.
  explicit Sampler(uint64_t seed) : seed_(seed) {}
  /// `plan`: of sobol and lhs. Philox draws are the same with any replicates.
  Sampler(SamplerKind kind, uint64_t seed, Replicates replicates,
          std::shared_ptr<const DrawPlan> plan);

  /// out[t] = uniform in (0, 1) of trial first_trial + t; normals: standard normal. Throw
  /// std::out_of_range as draw_uniforms does.
  void uniforms(DrawName draw, uint64_t first_trial, std::span<double> out) const;
  void normals(DrawName draw, uint64_t first_trial, std::span<double> out) const;

  /// V of DrawPlan::rotation; nothing of Philox.
  const std::vector<double>* rotation(uint64_t stream, int months) const {
    return plan_ ? plan_->rotation(stream, months) : nullptr;
  }
  /// Whether draws are points.
  bool has_points() const { return plan_ != nullptr; }

 private:
  /// The same where `jitter`, which it replaces, lies in one replicate and no 64 points end in it.
  void points(size_t dimension, uint64_t replicate, uint64_t point, std::span<double> jitter) const;

  SamplerKind kind_ = SamplerKind::philox;
  uint64_t seed_;
  Replicates replicates_;
  std::shared_ptr<const DrawPlan> plan_;
  std::optional<SobolPoints> sobol_;
  std::vector<uint32_t> first_points_;  ///< (dimensions x 64)
};

}  // namespace fabcast
