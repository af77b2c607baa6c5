/// The identities of model.md, in every trial and month of the shipped baseline.

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "model/compile.h"
#include "run/pipeline.h"
#include "support/rounding.h"
#include "support/scenarios.h"

using namespace fabcast;

namespace {

/// Blocks taken month by month, with the month before at hand.
struct Months {
  explicit Months(const Compiled& compiled)
      : model(compiled.model),
        block(model.rows.count),
        pipeline(model, block),
        before(static_cast<size_t>(model.rows.count) * block_lanes) {}
  void begin(uint64_t first_trial) { pipeline.begin({&philox, first_trial}); }
  void next(int month) {
    for (int row = 0; row < model.rows.count; ++row) {
      std::copy_n(block[row], block_lanes, &before[static_cast<size_t>(row) * block_lanes]);
    }
    pipeline.month(month);
  }
  double was(int row, int t) const {
    return before[static_cast<size_t>(row) * block_lanes + static_cast<size_t>(t)];
  }
  double is(int row, int t) const { return block[row][t]; }

  const Model& model;
  Sampler philox{7};
  TrialBlock block;
  Pipeline pipeline;
  std::vector<double> before;
};

/// Roundings of a month's account: no sum in it has more terms.
constexpr int of_a_month = 8;

/// |a - b| against the size of what was added up, to so many roundings.
bool equal(double a, double b, double size, int rounded) {
  return std::abs(a - b) <= testing::roundings(rounded) * (1 + std::abs(size));
}

}  // namespace

TEST_CASE("wafers, dies, stacks, packages and NPUs are conserved in every trial and month") {
  const Compiled compiled = compiled_library("baseline.scn");
  Months months(compiled);
  const Model& model = compiled.model;
  const Layout& rows = model.rows;
  long checked = 0, broken = 0;
  const auto check = [&](double left, double right, double size, const char* what, size_t entity,
                         int month, int t, int rounded = of_a_month) {
    ++checked;
    if (equal(left, right, size, rounded)) return;
    if (++broken <= 5) {
      FAIL_CHECK(std::string(what) << " " << entity << ", month " << month << ", trial " << t
                                   << ": " << left << " against " << right);
    }
  };

  // One block after another in the same columns, as a thread takes them.
  constexpr int blocks = batch_trials / block_lanes;
  for (int step = 0; step < blocks * model.months; ++step) {
    const int m = step % model.months;
    if (m == 0) months.begin(static_cast<uint64_t>(step / model.months) * block_lanes);
    months.next(m);
    for (int t = 0; t < block_lanes; ++t) {
      const auto is = [&](int row) { return months.is(row, t); };
      const auto was = [&](int row) { return months.was(row, t); };
      // Wafers: starts = outs + scrapped + growth of what is in process. (The first month begins
      // with a line already full, which the month itself fills.)
      for (size_t c = 0; m > 0 && c < model.claims.size(); ++c) {
        const double starts = is(rows.claim_starts[c]);
        const double in_process = is(rows.claim_in_process[c]);
        check(starts,
              is(rows.claim_outs[c]) + is(rows.claim_scrapped[c]) + in_process -
                  was(rows.claim_in_process[c]),
              starts + in_process + was(rows.claim_in_process[c]), "wafers of claim", c, m, t);
      }
      // A line starts what its claims start, and no more than it can.
      for (size_t f = 0; f < model.fabs.size(); ++f) {
        double claimed = 0;
        for (int c : model.fabs[f].claims) claimed += is(rows.claim_starts[static_cast<size_t>(c)]);
        check(is(rows.fab_starts[f]), claimed, claimed, "starts of line", f, m, t);
        CHECK_LE(claimed, is(rows.fab_capacity[f]) * (1 + testing::roundings(of_a_month)));
      }
      // Dies: stock = stock before + good + bought - used.
      for (size_t d = 0; d < model.dies.size(); ++d) {
        const DiePlan& die = model.dies[d];
        for (int bin = 0; bin < die.bins; ++bin) {
          const size_t pool = static_cast<size_t>(die.first_pool + bin);
          const double opening =
              m == 0 ? (bin == 0 ? is(die.keys.bank.row) : 0.0) : was(rows.pool_stock[pool]);
          const double bought = bin == 0 ? is(die.keys.bought.row) : 0.0;
          check(is(rows.pool_stock[pool]),
                opening + is(rows.pool_good[pool]) + bought - is(rows.pool_used[pool]),
                opening + is(rows.pool_good[pool]) + bought, "dies of pool", pool, m, t);
          CHECK_GE(is(rows.pool_stock[pool]), 0);
        }
      }
      for (size_t k = 0; k < model.memories.size(); ++k) {
        const MemoryKeys& keys = model.memories[k];
        const double opening = m == 0 ? is(keys.stock.row) : was(rows.memory_stock[k]);
        check(is(rows.memory_stock[k]),
              opening + is(rows.memory_made[k]) + is(keys.imports.row) - is(rows.memory_used[k]),
              opening + is(rows.memory_made[k]) + is(keys.imports.row), "stacks of type", k, m, t);
        CHECK_GE(is(rows.memory_stock[k]), 0);
      }
      // Packages: started = lost + shipped + growth of what is in process; dies and stacks used are
      // what the packages hold.
      std::vector<double> dies_used(static_cast<size_t>(rows.pool_used.count));
      double stacks_held = 0, stacks_used = 0, dies_held = 0;
      // What is used is what stocks lose: its rounding is the stocks'.
      double stacks_kept = 0, dies_kept = 0;
      for (size_t p = 0; p < model.products.size(); ++p) {
        const ProductPlan& product = model.products[p];
        if (!product.home_made) continue;
        const double started = is(rows.product_started[p]);
        check(started,
              is(rows.product_lost[p]) + is(rows.product_shipped[p]) +
                  is(rows.product_in_process[p]) - was(rows.product_in_process[p]),
              started + is(rows.product_in_process[p]) + was(rows.product_in_process[p]),
              "packages of product", p, m, t);
        stacks_held += started * (product.keys.memory.list >= 0 ? product.keys.stacks.value : 0);
        dies_held += started * (product.keys.dies.value +
                                (product.keys.io_die.index >= 0 ? product.keys.io_dies.value : 0));
        // Shipped since the first month = deployed + waiting for a pod + building + spares kept.
        double waiting = 0, building = 0, spares = 0;
        for (int d : product.pods) {
          const size_t pod = static_cast<size_t>(d);
          const PodPlan& plan = model.pods[pod];
          waiting += is(rows.pod_waiting[pod]);
          for (int later = 1; later < plan.due.count; ++later) {
            building += is(plan.due.at(m + later)) * is(plan.keys.npus.row);
          }
          double all = is(rows.pod_total[pod]);
          for (int later = 1; later < plan.due.count; ++later) all += is(plan.due.at(m + later));
          spares += all * is(plan.keys.npus.row) * is(plan.keys.spares.row);
        }
        check(is(rows.product_shipped_total[p]),
              is(rows.product_deployed_total[p]) + waiting + building + spares,
              is(rows.product_shipped_total[p]), "NPUs of product", p, m, t,
              of_a_month + 2 * m);  // totals since the first month
      }
      for (size_t k = 0; k < model.memories.size(); ++k) {
        stacks_used += is(rows.memory_used[k]);
        stacks_kept += is(rows.memory_stock[k]);
      }
      check(stacks_held, stacks_used, stacks_used + stacks_kept, "stacks in packages", 0, m, t);
      double all_used = 0;
      for (int pool = 0; pool < rows.pool_used.count; ++pool) {
        all_used += is(rows.pool_used[static_cast<size_t>(pool)]);
        dies_kept += is(rows.pool_stock[static_cast<size_t>(pool)]);
      }
      check(dies_held, all_used, all_used + dies_kept, "dies in packages", 0, m, t);
      // Orders: backlog never negative.
      for (size_t s = 0; s < model.segments.size(); ++s) CHECK_GE(is(rows.segment_backlog[s]), 0);
      // Pods come in whole numbers where they should.
      for (size_t d = 0; d < model.pods.size(); ++d) {
        if (!model.pods[d].keys.whole.on) continue;
        const double pods = is(rows.pod_total[d]);
        CHECK_EQ(pods, std::floor(pods));
      }
    }
  }
  CHECK(checked > 1'000'000);
  CHECK(broken == 0);
}
