/// Points of Sobol' and Latin hypercubes as draws: their strata, their nets, their replicates.

#include "random/sampler.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace fabcast;

namespace {

constexpr DrawName none{Purpose::noise, 77, 3};

std::shared_ptr<const DrawPlan> plan_of(uint32_t dimensions) {
  auto plan = std::make_shared<DrawPlan>();
  for (uint32_t d = 0; d < dimensions; ++d) plan->add({Purpose::input, 1000 + d, d});
  return plan;
}

Sampler sampler_of(SamplerKind kind, uint64_t seed, uint64_t trials, uint32_t dimensions = 40) {
  return {kind, seed, replicates_of(trials), plan_of(dimensions)};
}

std::vector<double> uniforms(const Sampler& sampler, uint32_t dimension, uint64_t trials,
                             uint64_t first = 0) {
  std::vector<double> out(trials);
  sampler.uniforms({Purpose::input, 1000 + dimension, dimension}, first, out);
  return out;
}

constexpr SamplerKind points[] = {SamplerKind::sobol, SamplerKind::lhs};

}  // namespace

TEST_CASE(
    "replicates: 8 to 15 of a power of two, at least as many trials, at most an eighth more") {
  for (uint64_t trials = 1; trials < 20'000; ++trials) {
    CAPTURE(trials);
    const Replicates made = replicates_of(trials);
    REQUIRE(made.count >= 8);
    REQUIRE(made.count <= 15);
    REQUIRE((made.points & (made.points - 1)) == 0);
    REQUIRE(made.trials() >= trials);
    if (trials >= 8) REQUIRE(made.trials() - trials <= trials / 8);
    REQUIRE(replicates_of(made.trials()) == made);
  }
  CHECK(replicates_of(16'384) == Replicates{8, 2048});
  CHECK(replicates_of(10'000) == Replicates{10, 1024});
  CHECK(replicates_of(1'000'000) == Replicates{8, 131'072});
  CHECK(Replicates{10, 1024}.of(1023) == 0);
  CHECK(Replicates{10, 1024}.of(1024) == 1);
  CHECK(Replicates{}.of(1'000'000) == 0);
}

TEST_CASE("points: every interval of every dimension holds one of each replicate") {
  for (const SamplerKind kind : points) {
    for (const uint64_t trials : {8, 16, 300, 512, 4096, 10'000}) {
      const Replicates replicates = replicates_of(trials);
      const Sampler sampler = sampler_of(kind, 5, trials);
      for (const uint32_t d : {0u, 1u, 7u, 39u}) {
        CAPTURE(sampler_name(kind));
        CAPTURE(trials);
        CAPTURE(d);
        const std::vector<double> u = uniforms(sampler, d, replicates.trials());
        std::set<std::vector<uint64_t>> orders;
        for (uint64_t r = 0; r < replicates.count; ++r) {
          std::vector<uint64_t> interval, sorted;
          for (uint64_t p = 0; p < replicates.points; ++p) {
            const double x = u[r * replicates.points + p];
            REQUIRE(x > 0);
            REQUIRE(x < 1);
            interval.push_back(static_cast<uint64_t>(x * static_cast<double>(replicates.points)));
          }
          sorted = interval;
          std::sort(sorted.begin(), sorted.end());
          for (uint64_t p = 0; p < replicates.points; ++p) REQUIRE(sorted[p] == p);
          orders.insert(interval);
        }
        // Each drawn anew.
        if (replicates.points >= 64) CHECK(orders.size() == replicates.count);
      }
    }
  }
}

TEST_CASE("points: the same for any division into blocks, and others for another seed") {
  for (const SamplerKind kind : points) {
    for (const uint64_t trials : {100, 5000}) {
      const uint64_t all = replicates_of(trials).trials();
      const Sampler sampler = sampler_of(kind, 9, trials);
      const std::vector<double> whole = uniforms(sampler, 3, all);
      for (const uint64_t step : {1, 7, 64, 100, 256}) {
        for (uint64_t first = 0; first < all; first += step) {
          const uint64_t n = std::min(step, all - first);
          const std::vector<double> part = uniforms(sampler, 3, n, first);
          REQUIRE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<long>(first)));
        }
      }
      CHECK(uniforms(sampler_of(kind, 10, trials), 3, all) != whole);
      CHECK(uniforms(sampler, 4, all) != whole);
    }
  }
}

TEST_CASE("points: what has no dimension is Philox's, and Philox's draws are as before") {
  std::vector<double> expected(500), drawn(500);
  draw_uniforms(4, none.purpose, none.stream, none.index, 100, expected);
  for (const SamplerKind kind : points) {
    const Sampler sampler = sampler_of(kind, 4, 4096);
    sampler.uniforms(none, 100, drawn);
    CHECK(drawn == expected);
  }
  const Sampler philox(4);
  philox.uniforms(none, 100, drawn);
  CHECK(drawn == expected);
  draw_normals(4, none.purpose, none.stream, none.index, 100, expected);
  philox.normals(none, 100, drawn);
  CHECK(drawn == expected);
  sampler_of(SamplerKind::sobol, 4, 4096).normals(none, 100, drawn);
  CHECK(drawn == expected);
  // Beyond the table's dimensions.
  const auto plan = plan_of(4000);
  CHECK(plan->dimensions() == 3667);
  CHECK(plan->dimension({Purpose::input, 1000 + 3666, 3666}) == 3666);
  CHECK(plan->dimension({Purpose::input, 1000 + 3667, 3667}) == -1);
}

TEST_CASE("sobol: two early dimensions of a replicate are a net, lhs none") {
  constexpr uint64_t trials = 4096;  // 8 x 512
  for (const SamplerKind kind : points) {
    const Sampler sampler = sampler_of(kind, 21, trials);
    const auto x = uniforms(sampler, 0, trials), y = uniforms(sampler, 1, trials);
    bool is_net = true;
    for (int bits = 0; bits <= 9; ++bits) {
      for (uint64_t r = 0; r < 8; ++r) {
        std::set<std::pair<int, int>> boxes;
        for (uint64_t p = r * 512; p < (r + 1) * 512; ++p) {
          boxes.insert({static_cast<int>(std::ldexp(x[p], bits)),
                        static_cast<int>(std::ldexp(y[p], 9 - bits))});
        }
        is_net = is_net && boxes.size() == 512;
      }
    }
    CHECK(is_net == (kind == SamplerKind::sobol));
  }
}

TEST_CASE("points: uniform within intervals, and dimensions go with none of the others") {
  // Products of two dimensions, each less 1/2, have mean 0 and at most the variance of independent
  // ones, 1/144; over the 780 pairs of 40 dimensions 4.5 standard deviations are passed once in 190
  // tests.
  constexpr uint64_t trials = 4096;
  for (const SamplerKind kind : points) {
    CAPTURE(sampler_name(kind));
    const Sampler sampler = sampler_of(kind, 33, trials);
    std::vector<std::vector<double>> u;
    for (uint32_t d = 0; d < 40; ++d) u.push_back(uniforms(sampler, d, trials));
    double most = 0;
    for (size_t a = 0; a < u.size(); ++a) {
      double mean = 0, within = 0;
      for (uint64_t t = 0; t < trials; ++t) {
        mean += u[a][t];
        within += u[a][t] * 512 - std::floor(u[a][t] * 512);
      }
      // Intervals are even, so only the place within them is left to chance: 1/512 of its error.
      CHECK(std::abs(mean / trials - 0.5) < 4.5 / std::sqrt(12.0 * trials) / 512);
      CHECK(std::abs(within / trials - 0.5) < 4.5 / std::sqrt(12.0 * trials));
      for (size_t b = 0; b < a; ++b) {
        double product = 0;
        for (uint64_t t = 0; t < trials; ++t) product += (u[a][t] - 0.5) * (u[b][t] - 0.5);
        most = std::max(most, std::abs(product) / trials * 12 * std::sqrt(double{trials}));
      }
    }
    CHECK(most < 4.5);
    CHECK(most > 1);  // they do not cancel by design either
  }
}

TEST_CASE("lhs: pairs of points fall into any two intervals alike") {
  // 8 points in 8 intervals, 56 ordered pairs; over 40 dimensions x 8 replicates x 300 seeds each
  // pair of points comes into each 96,000 / 56 times. Chi-squared of 55 degrees of freedom passes
  // 105 once in 20,000 times.
  for (const auto& [p, q] : {std::pair{0, 1}, std::pair{2, 6}, std::pair{3, 7}}) {
    std::map<std::pair<int, int>, int> seen;
    for (uint64_t seed = 1; seed <= 300; ++seed) {
      const Sampler sampler = sampler_of(SamplerKind::lhs, seed, 64);
      for (uint32_t d = 0; d < 40; ++d) {
        const std::vector<double> u = uniforms(sampler, d, 64);
        for (size_t r = 0; r < 64; r += 8) {
          ++seen[{static_cast<int>(u[r + static_cast<size_t>(p)] * 8),
                  static_cast<int>(u[r + static_cast<size_t>(q)] * 8)}];
        }
      }
    }
    CHECK(seen.size() == 56);
    double chi_squared = 0;
    for (const auto& [pair, count] : seen) {
      chi_squared += std::pow(count - 96'000.0 / 56, 2) / (96'000.0 / 56);
    }
    CAPTURE(p);
    CHECK(chi_squared < 105);
  }
}

TEST_CASE("points: tails are as deep as Philox's") {
  for (const SamplerKind kind : points) {
    double lowest = 1, highest = 0;
    for (uint64_t seed = 1; seed <= 3000; ++seed) {
      for (const double u : uniforms(sampler_of(kind, seed, 8, 1), 0, 8)) {
        lowest = std::min(lowest, u);
        highest = std::max(highest, u);
      }
    }
    // One of 24,000 lies below 1 / 24,000 or so.
    CHECK(lowest < 5e-4);
    CHECK(highest > 1 - 5e-4);
  }
}

TEST_CASE("points: where in its interval a draw lies, its Philox draw tells") {
  constexpr uint64_t trials = 4096;  // 8 x 512
  std::vector<double> philox(trials);
  draw_uniforms(3, Purpose::input, 1000, 0, 0, philox);
  const auto within = [&](SamplerKind kind, double intervals) {
    std::vector<double> places = uniforms(sampler_of(kind, 3, trials), 0, trials);
    for (double& u : places) u = u * intervals - std::floor(u * intervals);
    return places;
  };
  const auto sobol = within(SamplerKind::sobol, 0x1p32), lhs = within(SamplerKind::lhs, 512);
  for (size_t t = 0; t < trials; ++t) {
    REQUIRE(std::abs(sobol[t] - philox[t]) < 0x1p-20);  // of 53 bits 32 are the interval's
    REQUIRE(std::abs(lhs[t] - philox[t]) < 1e-12);
  }
}

TEST_CASE("points: what chooses is even over all replicates together, and drawn anew by seed") {
  for (const SamplerKind kind : points) {
    for (const Purpose purpose : {Purpose::view, Purpose::event}) {
      for (const uint64_t trials : {8, 300, 4608}) {
        CAPTURE(sampler_name(kind));
        CAPTURE(trials);
        const Replicates replicates = replicates_of(trials);
        auto plan = std::make_shared<DrawPlan>();
        for (uint32_t d = 0; d < 5; ++d) plan->add({purpose, d});
        const Sampler sampler(kind, 8, replicates, plan), other(kind, 9, replicates, plan);
        for (uint32_t d = 0; d < 5; ++d) {
          std::vector<double> u(replicates.trials()), anew(u.size());
          sampler.uniforms({purpose, d}, 0, u);
          other.uniforms({purpose, d}, 0, anew);
          CHECK(u != anew);
          // Sorted, each of as many even intervals holds one: shifted by less than one of them.
          std::sort(u.begin(), u.end());
          const auto n = static_cast<double>(u.size());
          for (size_t i = 0; i < u.size(); ++i) {
            REQUIRE(std::abs(u[i] * n - (static_cast<double>(i) + 0.5)) < 1);
            REQUIRE(u[i] > 0);
            REQUIRE(u[i] < 1);
          }
        }
      }
    }
  }
}

TEST_CASE("samplers by name") {
  for (const SamplerKind kind : {SamplerKind::philox, SamplerKind::sobol, SamplerKind::lhs}) {
    CHECK(sampler_named(sampler_name(kind)) == kind);
  }
  CHECK(!sampler_named("Sobol"));
  CHECK_THROWS_AS(Sampler(SamplerKind::sobol, 1, {}, plan_of(2)), std::logic_error);
  CHECK_THROWS_AS(Sampler(SamplerKind::lhs, 1, {8, 8}, nullptr), std::logic_error);
}
