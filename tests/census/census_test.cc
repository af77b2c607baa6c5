/// The operation census against a pipeline that counts what it does. This test is a program of its
/// own: the engine's lane loops compiled to count (counting.h), without optimisation.

#include <doctest/doctest.h>

#include "census/counting.h"
#include "run/census.h"
#include "run/fold.h"
#include "run/pipeline.h"
#include "support/line.h"
#include "support/scenarios.h"

uint64_t fabcast_in_lanes = 0, fabcast_divisions = 0, fabcast_square_roots = 0;
namespace fabcast::counting {
std::array<uint64_t, counted> calls{};
}

using namespace fabcast;
using doctest::Approx;

namespace {

/// What one trial of a block did, on average; normals stand under `normal_quantile` and `uniform`,
/// which they are made of.
PerOperation counted_of(const Compiled& compiled, std::span<const Series> series) {
  const Model& model = compiled.model;
  const auto periods = reporting_periods(model.first, Month{model.first.count + model.months - 1});
  TrialBlock block(model.rows.count);
  Pipeline pipeline(model, block);
  PeriodFold fold(model, series, periods);
  const size_t stride = series.size() * block_lanes;
  std::vector<Real> folded(periods.size() * stride);
  counting::calls = {};
  fabcast_divisions = fabcast_square_roots = 0;
  const Sampler philox(1);
  pipeline.begin({&philox, 0});
  fold.begin();
  for (int m = 0; m < model.months; ++m) {
    pipeline.month(m);
    fold.month(m, block, {folded.data(), stride, block_lanes});
  }
  PerOperation count;
  const auto set = [&](Operation operation, uint64_t times) {
    count[operation] = static_cast<double>(times) / block_lanes;
  };
  set(Operation::uniform, counting::calls[counting::uniform]);
  set(Operation::normal_quantile, counting::calls[counting::normal_quantile]);
  set(Operation::normal_cdf, counting::calls[counting::normal_cdf]);
  set(Operation::exp, counting::calls[counting::exp]);
  set(Operation::expm1_over, counting::calls[counting::expm1_over]);
  set(Operation::log, counting::calls[counting::log]);
  set(Operation::log1p, counting::calls[counting::log1p]);
  set(Operation::division, fabcast_divisions);
  set(Operation::square_root, fabcast_square_roots);
  return count;
}

/// `fewest`: the least part of the divisions that a lane of this scenario does. Unlike vectors, a
/// single lane branches around a division that its trial does not need (by nothing), and it divides
/// where a loop would divide once for all lanes.
void check(const Compiled& compiled, double fewest) {
  const auto series = output_series(compiled);
  PerOperation census = census_of(compiled.model, series);
  const PerOperation counted = counted_of(compiled, series);
  census[Operation::uniform] += census[Operation::normal];
  census[Operation::normal_quantile] += census[Operation::normal];
  for (size_t i = 0; i < operation_count; ++i) {
    const auto operation = static_cast<Operation>(i);
    if (operation == Operation::normal) continue;
    CAPTURE(operation_names[i]);
    CAPTURE(counted.each[i]);
    CAPTURE(census.each[i]);
    if (operation == Operation::division) {
      CHECK(counted.each[i] <= 1.01 * census.each[i]);
      CHECK(counted.each[i] >= fewest * census.each[i]);
    } else {
      CHECK(counted.each[i] == census.each[i]);
    }
  }
}

}  // namespace

TEST_CASE("the baseline's census is what its trials do") {
  check(compiled_library("baseline.scn"), 0.9);
}

TEST_CASE("a plain line divides as often as its census says, to the last division") {
  check(compiled_text(plain_line), 1);
}

TEST_CASE("events, views, bins, noise, families of distributions and pods are counted") {
  for (const char* file : {"bins", "correlations", "cut", "displaced", "events", "families", "hand",
                           "imported", "lines", "parts", "paths", "questions", "views"}) {
    INFO(std::string(file));
    check(compiled_library("../tests/scenarios/good/" + std::string(file) + ".scn"), 0.9);
  }
  check(compiled_library("../tests/oracle/everything.scn"), 0.9);
  check(compiled_library("match-act.scn"), 0.9);
}

TEST_CASE("every yield model is counted, of whole dies and of bins of one die and of a pair") {
  for (const char* model :
       {"negative_binomial", "poisson", "murphy", "seeds", "moore", "bose_einstein"}) {
    INFO(std::string(model));
    const std::string set = "node.N+2.yield_model = " + std::string(model);
    check(compiled_library("../tests/scenarios/good/hand.scn", {set}), 0.9);
    check(compiled_library("../tests/scenarios/good/bins.scn", {set}), 0.9);
    const std::string per_die = "die.logic.bin_scope = die", cut = "die.logic.bin.cut = 8 cores",
                      full = "die.logic.bin.full = 16 cores";
    check(compiled_library("../tests/scenarios/good/bins.scn", {set, per_die, cut, full}), 0.9);
  }
}
