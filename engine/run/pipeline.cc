#include "run/pipeline.h"

#include "run/regime.h"
#include "run/sample.h"
#include "simd/columns.h"
#include "stages/compute.h"
#include "stages/demand.h"
#include "stages/die_bank.h"
#include "stages/die_bins.h"
#include "stages/gross_die.h"
#include "stages/memory_supply.h"
#include "stages/revenue.h"
#include "stages/superpod.h"
#include "stages/tool_capacity.h"
#include "stages/wafer_starts.h"

namespace fabcast {

namespace {

constexpr int lanes = block_lanes;

void copy(In from, Out to) { copy_column(lanes, from, to); }
void clear(Out to) { fill_column(lanes, 0, to); }
void add(In from, Out to) { add_column(lanes, from, to); }

}  // namespace

void Pipeline::begin(TrialRange trials, StageClock* clock) {
  block_.clear();
  draw_inputs(model_.inputs, trials, block_);
  noise_.draw(trials);
  draw_events(model_.regime, trials, block_);
  if (clock) clock->lap(Stage::draw_inputs);
}

/// The model, in the order in which things happen.
void Pipeline::month(int month, StageClock* clock) {
  const auto ends = [clock](Stage stage) {
    if (clock) clock->lap(stage);
  };
  inputs_of_month(model_.inputs, noise_, month, block_);  //  1
  ends(Stage::inputs_of_month);
  events_of_month(model_.regime, month, block_);  //  2  export controls, on inputs alone
  ends(Stage::export_controls);
  if (month == 0) prepare_trials();
  ends(Stage::draw_inputs);
  tool_capacity();  //  3  plan and tools -> wafers a month
  ends(Stage::tool_capacity);
  wafer_starts();  //  4  -> starts by claim
  ends(Stage::wafer_starts);
  work_in_process(month);  //  5  -> wafer outs, some months later
  ends(Stage::work_in_process);
  die_yield(month);  //  7  defect density, learning -> yield by bin (6, gross dies: prepared)
  ends(Stage::die_yield);
  die_bank();  //  8  -> good dies in stock
  ends(Stage::die_bank);
  memory_supply(month);  //  9  -> stacks in stock
  ends(Stage::memory_supply);
  demand();  // 11  -> orders
  ends(Stage::demand);
  packaging(month);  // 10  dies, stacks, lines, orders -> NPUs shipped
  ends(Stage::packaging);
  superpod(month);  // 12  -> cards, pods, clusters
  ends(Stage::superpod);
  compute(month);  // 13  -> installed compute, training time
  ends(Stage::compute);
  revenue();  // 13  -> wafers sold, parts sold
  ends(Stage::revenue);
}

Pipeline::Pipeline(const Model& model, TrialBlock& block)
    : model_(model), block_(block), noise_(model.inputs, model.months) {
  size_t most_bids = 1, most_columns = static_cast<size_t>(model.months);
  for (const RoundPlan& round : model.rounds) most_bids = std::max(most_bids, round.bids.size());
  for (const FabPlan& fab : model.fabs) {
    most_columns = std::max({most_columns, fab.claims.size(), static_cast<size_t>(fab.slots)});
  }
  for (const ProductPlan& product : model.products) {
    most_columns =
        std::max({most_columns, product.pods.size(), static_cast<size_t>(product.due.count)});
  }
  for (const PodPlan& pod : model.pods) {
    most_columns = std::max(most_columns, static_cast<size_t>(pod.due.count));
  }
  weights_.reserve(most_columns);
  out_.reserve(most_columns);
  scratch_.reserve(most_columns);
  columns_.reserve(most_columns);
  bids_.reserve(most_bids);
}

/// What changes with the trial but not with the month, and the stocks of the first morning.
void Pipeline::prepare_trials() {
  const Layout& rows = model_.rows;
  die_sizes();
  for (const DiePlan& die : model_.dies) {
    copy(in(die.keys.bank), block_[rows.pool_stock[static_cast<size_t>(die.first_pool)]]);
  }
  for (size_t k = 0; k < model_.tools.size(); ++k) {
    copy(in(model_.tools[k].imported), block_[rows.tool_imported[k]]);
    copy(in(model_.tools[k].domestic), block_[rows.tool_domestic[k]]);
  }
  for (size_t k = 0; k < model_.memories.size(); ++k) {
    copy(in(model_.memories[k].stock), block_[rows.memory_stock[k]]);
  }
  measures_of_orders(true);
  for (size_t s = 0; s < model_.segments.size(); ++s) {
    const SegmentPlan& segment = model_.segments[s];
    orders_of_npus(lanes, in(segment.keys.backlog), block_[segment.npus_per_measure],
                   block_[rows.segment_backlog[s]]);
  }
}

/// Area and gross dies of the dies whose size a trial draws.
void Pipeline::die_sizes() {
  for (const DiePlan& die : model_.dies) {
    if (die.size_known) continue;
    const auto radius_mm =
        static_cast<Real>(die.keys.wafer.value / 2 - die.keys.edge_exclusion.value);
    const auto scribe_mm = static_cast<Real>(die.keys.scribe.value);
    Real* area = block_[die.area_row];
    Real* dies_per_wafer = block_[die.dies_per_wafer_row];
    if (die.keys.area.row >= 0) {
      scale_column(lanes, in(die.keys.area), Real(0.01), area);  // mm2 to cm2
      gross_dies_from_area(lanes, in(die.keys.area), radius_mm, scribe_mm, dies_per_wafer);
    } else {
      scale_column(lanes, in(die.keys.width), Real(0.01), area);
      multiply_column(lanes, in(die.keys.height), area);
      gross_dies_from_sides(lanes, in(die.keys.width), in(die.keys.height), radius_mm, scribe_mm,
                            dies_per_wafer);
    }
  }
}

/// What one NPU is worth in a segment's measure, and back by its first choice: in the first month,
/// and each month where it moves.
void Pipeline::measures_of_orders(bool first_month) {
  for (size_t o = model_.outlets.size(); o-- > 0;) {  // the first outlet of a segment comes last
    const OutletPlan& outlet = model_.outlets[o];
    const SegmentPlan& segment = model_.segments[static_cast<size_t>(outlet.segment)];
    if (outlet.compute_per_npu < 0 || !(first_month || segment.measure_moves)) continue;
    Real* measure = block_[outlet.measure_per_npu];
    scale_column(lanes, block_[outlet.compute_per_npu], Real(1e-3), measure);  // TFLOPS to PFLOPS
    copy(measure, block_[segment.npus_per_measure]);
    invert_column(lanes, block_[segment.npus_per_measure]);
  }
}

void Pipeline::tool_capacity() {
  const Layout& rows = model_.rows;
  for (size_t k = 0; k < model_.tools.size(); ++k) {
    const ToolKeys& keys = model_.tools[k];
    tool_stock(lanes, in(keys.attrition), in(keys.deliveries), block_[rows.tool_imported[k]]);
    tool_stock(lanes, in(keys.domestic_attrition), in(keys.domestic_deliveries),
               block_[rows.tool_domestic[k]]);
  }
  for (size_t f = 0; f < model_.fabs.size(); ++f) {
    const FabPlan& fab = model_.fabs[f];
    Real* capacity = block_[rows.fab_capacity[f]];
    Real* binding = block_[rows.fab_binding[f]];
    copy(in(fab.keys.plan), capacity);
    clear(binding);
    for (size_t i = 0; i < fab.tools.size(); ++i) {
      const size_t k = static_cast<size_t>(fab.tools[i]);
      const ToolKeys& keys = model_.tools[k];
      limit_by_tools(
          lanes,
          {block_[rows.tool_imported[k]], block_[rows.tool_domestic[k]], in(keys.productivity),
           in(keys.availability), in(keys.throughput), in(keys.passes)},
          static_cast<Real>(i + 1), capacity, binding);
    }
  }
}

void Pipeline::wafer_starts() {
  const Layout& rows = model_.rows;
  for (size_t f = 0; f < model_.fabs.size(); ++f) {
    const FabPlan& fab = model_.fabs[f];
    Real* starts = block_[rows.fab_starts[f]];
    fabcast::wafer_starts(lanes, block_[rows.fab_capacity[f]], in(fab.keys.utilisation), starts);

    Real* scratch = block_[rows.scratch[0]];
    const auto claim = [&](int k) -> const ClaimPlan& {
      return model_.claims[static_cast<size_t>(k)];
    };
    if (fab.keys.division.value() == Division::share) {
      columns_.clear();
      for (int k : fab.claims) columns_.push_back(in(claim(k).keys.share));
      share_divisor(lanes, columns_, scratch);
      for (int k : fab.claims) {
        starts_by_share(lanes, starts, in(claim(k).keys.share), scratch,
                        block_[rows.claim_starts[static_cast<size_t>(k)]]);
      }
    } else {
      copy(starts, scratch);
      for (int k : fab.claims) {
        starts_by_priority(lanes, in(claim(k).keys.cap), scratch,
                           block_[rows.claim_starts[static_cast<size_t>(k)]]);
      }
    }
    // What no claim takes stays idle: starts are what was claimed.
    clear(starts);
    for (int k : fab.claims) add(block_[rows.claim_starts[static_cast<size_t>(k)]], starts);
  }
}

void Pipeline::work_in_process(int month) {
  const Layout& rows = model_.rows;
  for (size_t f = 0; f < model_.fabs.size(); ++f) {
    const FabPlan& fab = model_.fabs[f];
    if (month == 0 || fab.cycle_time_moves) delay_weights(fab, f, month);
    weights_.clear();
    for (int k = 0; k < fab.slots; ++k) {
      weights_.push_back(block_[fab.weight_row(month + fab.slots - k, k)]);
    }
    for (int k : fab.claims) {
      const size_t c = static_cast<size_t>(k);
      const ClaimPlan& claim = model_.claims[c];
      Real* in_process = block_[rows.claim_in_process[c]];
      out_.clear();  // starts of this month and of those before
      for (int before = 0; before < fab.slots; ++before) {
        out_.push_back(block_[claim.starts.at(month + fab.slots - before)]);
      }
      copy(block_[rows.claim_starts[c]], out_[0]);
      if (month == 0 && fab.keys.wip.value() == Wip::steady) {
        fill_steady(lanes, weights_, out_[0], std::span(out_).subspan(1), in_process);
      }
      columns_.assign(out_.begin(), out_.end());
      finish_wafers(lanes, weights_, columns_, in(fab.keys.line_yield), in_process,
                    block_[rows.claim_outs[c]], block_[rows.claim_scrapped[c]]);
    }
  }
}

/// Weights of what starts in the month; in the first month, of what started before too.
void Pipeline::delay_weights(const FabPlan& fab, size_t f, int month) {
  const NodeKeys& node = model_.nodes[static_cast<size_t>(fab.keys.node.index)];
  Real* days = block_[model_.rows.fab_cycle_days[f]];
  cycle_time(lanes, in(node.layers), in(node.days_per_layer), in(node.congestion),
             in(fab.keys.utilisation), days);
  out_.clear();
  for (int k = 0; k < fab.slots; ++k) out_.push_back(block_[fab.weight_row(month, k)]);
  fabcast::delay_weights(lanes, fab.delay, days, out_);
  if (month > 0 || !fab.cycle_time_moves) return;
  for (int before = 1; before < fab.slots; ++before) {
    for (int k = 0; k < fab.slots; ++k)
      copy(out_[static_cast<size_t>(k)], block_[fab.weight_row(before, k)]);
  }
}

void Pipeline::die_yield(int month) {
  const Layout& rows = model_.rows;
  for (size_t f = 0; f < model_.fabs.size(); ++f) {
    const FabPlan& fab = model_.fabs[f];
    const NodeKeys& node = model_.nodes[static_cast<size_t>(fab.keys.node.index)];
    Real* d0 = block_[rows.fab_d0[f]];
    Real* outs_total = block_[rows.fab_outs_total[f]];
    switch (node.learning.value()) {
      case Learning::given:
        copy(in(node.d0), d0);
        break;
      case Learning::time:
        learn_by_time(lanes, in(node.d0_initial), in(node.d0_mature), in(node.learning_months),
                      static_cast<Real>(std::max(month - fab.start_month, 0)), d0);
        break;
      case Learning::wafers:
        learn_by_wafers(lanes, in(node.d0_initial), in(node.d0_mature), in(node.reference_wafers),
                        in(node.learning_exponent), outs_total, d0);
    }
    multiply_column(lanes, in(fab.keys.d0_ratio), d0);

    const Real* density = d0;
    const Real* alpha = in(node.alpha);
    if (fab.counts_layers) {
      Real* of_all_layers = block_[rows.scratch[0]];
      copy(d0, of_all_layers);
      multiply_column(lanes, in(node.critical_layers), of_all_layers);
      density = of_all_layers;
      alpha = in(node.critical_layers);
    }
    for (int k : fab.claims) {
      const size_t c = static_cast<size_t>(k);
      const ClaimPlan& claim = model_.claims[c];
      const DiePlan& die = model_.dies[static_cast<size_t>(claim.die)];
      add(block_[rows.claim_outs[c]], outs_total);  // counts from next month on
      if (die.has_bins) {
        out_.clear();
        for (int bin = 0; bin < die.bins; ++bin) {
          out_.push_back(block_[claim.bin_yields[static_cast<size_t>(bin)]]);
        }
        scratch_.clear();
        for (int row = 0; row < rows.yield_scratch.count; ++row) {
          scratch_.push_back(block_[rows.yield_scratch[static_cast<size_t>(row)]]);
        }
        bin_yields(claim.bin_plan, lanes,
                   {block_[die.area_row], in(die.keys.core_area_share), density, alpha}, scratch_,
                   out_);
      } else {
        fabcast::die_yield(fab.yield_model, lanes, {block_[die.area_row], density, alpha}, 0,
                           block_[claim.bin_yields[0]]);
      }
    }
  }
}

void Pipeline::die_bank() {
  const Layout& rows = model_.rows;
  for (int pool = 0; pool < rows.pool_good.count; ++pool) {
    clear(block_[rows.pool_good[static_cast<size_t>(pool)]]);
  }
  for (size_t c = 0; c < model_.claims.size(); ++c) {
    const ClaimPlan& claim = model_.claims[c];
    const DiePlan& die = model_.dies[static_cast<size_t>(claim.die)];
    const FabPlan& fab = model_.fabs[static_cast<size_t>(claim.fab)];
    const NodeKeys& node = model_.nodes[static_cast<size_t>(fab.keys.node.index)];
    gross_dies(lanes, block_[rows.claim_outs[c]], block_[die.dies_per_wafer_row],
               block_[rows.claim_gross[c]]);
    for (int bin = 0; bin < die.bins; ++bin) {
      Real* yield = block_[claim.good_yields[static_cast<size_t>(bin)]];
      good_die_yield(lanes, block_[claim.bin_yields[static_cast<size_t>(bin)]],
                     in(node.systematic_yield), in(die.keys.test_yield), yield);
      add_good_dies(lanes, block_[rows.claim_gross[c]], yield,
                    block_[rows.pool_good[static_cast<size_t>(die.first_pool + bin)]]);
    }
  }
  for (const DiePlan& die : model_.dies) {
    for (int bin = 0; bin < die.bins; ++bin) {
      const size_t pool = static_cast<size_t>(die.first_pool + bin);
      const Real* bought = bin == 0 ? in(die.keys.bought) : block_[rows.zero];
      bank_dies(lanes, block_[rows.pool_good[pool]], bought, block_[rows.pool_stock[pool]]);
    }
  }
}

void Pipeline::memory_supply(int month) {
  const Layout& rows = model_.rows;
  for (size_t k = 0; k < model_.memories.size(); ++k) {
    clear(block_[rows.memory_made[k]]);
  }
  for (const DramPlan& dram : model_.drams) {
    const size_t memory = static_cast<size_t>(dram.keys.memory.index);
    memory_line(lanes,
                {in(dram.keys.wafers), in(dram.keys.gross_dies), in(dram.keys.die_yield),
                 in(dram.keys.stack_yield), in(dram.keys.dies_per_stack)},
                block_[dram.due.at(month + dram.due.count - 1)]);
    deliver_stacks(lanes, block_[dram.due.at(month)], block_[rows.memory_made[memory]]);
  }
  for (size_t k = 0; k < model_.memories.size(); ++k) {
    stock_stacks(lanes, block_[rows.memory_made[k]], in(model_.memories[k].imports),
                 block_[rows.memory_stock[k]]);
  }
}

void Pipeline::demand() {
  const Layout& rows = model_.rows;
  measures_of_orders(false);
  for (size_t p = 0; p < model_.products.size(); ++p) {
    const ProductPlan& product = model_.products[p];
    if (product.home_made) continue;
    imported_parts(lanes, in(product.keys.imports), in(product.keys.taken),
                   block_[rows.product_imported[p]]);
  }
  for (size_t s = 0; s < model_.segments.size(); ++s) {
    const SegmentPlan& segment = model_.segments[s];
    Real* npus = block_[rows.segment_demand_npus[s]];
    copy(block_[segment.demand_row], npus);
    multiply_column(lanes, block_[segment.npus_per_measure], npus);
    clear(block_[rows.segment_filled[s]]);
  }
  // Each imported product's units go to the segments that list it, in proportion to their demand.
  for (size_t s = 0; s < model_.segments.size(); ++s) {
    for (int o : model_.segments[s].imports) {
      const OutletPlan& outlet = model_.outlets[static_cast<size_t>(o)];
      Real* total = block_[rows.scratch[0]];
      clear(total);
      for (const SegmentPlan& other : model_.segments) {
        for (int other_o : other.imports) {
          const OutletPlan& rival = model_.outlets[static_cast<size_t>(other_o)];
          if (rival.product == outlet.product) {
            add(block_[rows.segment_demand_npus[static_cast<size_t>(rival.segment)]], total);
          }
        }
      }
      fill_with_imports(lanes, block_[rows.product_imported[static_cast<size_t>(outlet.product)]],
                        block_[outlet.measure_per_npu], block_[rows.segment_demand_npus[s]], total,
                        block_[rows.segment_filled[s]]);
    }
  }
  for (size_t s = 0; s < model_.segments.size(); ++s) {
    const SegmentPlan& segment = model_.segments[s];
    open_demand(lanes, block_[segment.demand_row], block_[rows.segment_filled[s]],
                in(segment.keys.domestic_share), block_[rows.segment_open[s]]);
    place_orders(lanes, block_[rows.segment_open[s]], in(segment.keys.cancellation),
                 block_[rows.segment_backlog[s]]);
  }
}

void Pipeline::packaging(int month) {
  packaging_lines();
  bids(month);
  ship_packages(month);
  deliver_orders(month);
}

/// Capacity and yields of each packaging class; what a unit of orders or of capacity is in
/// packages.
void Pipeline::packaging_lines() {
  const Layout& rows = model_.rows;
  for (size_t g = 0; g < model_.packaging_classes.size(); ++g) {
    Real* capacity = block_[rows.class_capacity[g]];
    Real* attach = block_[rows.class_attach[g]];
    Real* interposer = block_[rows.class_interposer[g]];
    clear(capacity);
    clear(attach);
    clear(interposer);
    for (int line : model_.packaging_classes[g].lines) {
      const PackagingKeys& keys = model_.packaging_lines[static_cast<size_t>(line)];
      add_packaging_line(lanes, in(keys.wafers.row >= 0 ? keys.wafers : keys.capacity),
                         in(keys.attach_yield), in(keys.interposer_yield), capacity, attach,
                         interposer);
    }
    weigh_packaging_class(lanes, capacity, attach, interposer);
    copy(capacity, block_[rows.class_left[g]]);
  }
  for (size_t p = 0; p < model_.products.size(); ++p) {
    const ProductPlan& product = model_.products[p];
    const auto of_class = [&](Rows yields) -> const Real* {
      const int group = product.packaging_class;
      return block_[group < 0 ? rows.one : yields[static_cast<size_t>(group)]];
    };
    package_yield(lanes, of_class(rows.class_attach), of_class(rows.class_interposer),
                  in(product.keys.test_yield), product.parts, block_[rows.product_yield[p]]);
    if (product.capacity.units_per_package != rows.one) {
      copy(block_[product.capacity.packages_per_unit], block_[product.capacity.units_per_package]);
      invert_column(lanes, block_[product.capacity.units_per_package]);
    }
  }
  for (const OutletPlan& outlet : model_.outlets) {
    Real* units = block_[outlet.orders.units_per_package];
    Real* packages = block_[outlet.orders.packages_per_unit];
    copy(block_[outlet.measure_per_npu], units);
    multiply_column(lanes, block_[rows.product_yield[static_cast<size_t>(outlet.product)]], units);
    copy(units, packages);
    invert_column(lanes, packages);
  }
}

/// One bid of the month with what it draws on.
Bid Pipeline::bid(const BidPlan& plan, size_t place, int month) {
  const Layout& rows = model_.rows;
  const size_t p = static_cast<size_t>(plan.product);
  const ProductPlan& product = model_.products[p];
  Bid bid;
  for (Draw& draw : bid.draws) {
    draw = {block_[rows.unlimited], block_[rows.one], block_[rows.zero]};
  }
  const auto needs = [&](Constraint constraint, int available, Exchange exchange) {
    bid.needs[static_cast<int>(constraint)] = true;
    bid.draws[static_cast<int>(constraint)] = {
        block_[available], block_[exchange.packages_per_unit], block_[exchange.units_per_package]};
  };
  const auto row = [](Rows of, int i) { return of[static_cast<size_t>(i)]; };
  needs(Constraint::dies, row(rows.pool_stock, plan.die_pool), product.dies);
  if (plan.io_pool >= 0) {
    needs(Constraint::io_dies, row(rows.pool_stock, plan.io_pool), product.io_dies);
  }
  if (plan.memory >= 0) {
    needs(Constraint::memory, row(rows.memory_stock, plan.memory), product.stacks);
  }
  if (product.packaging_class >= 0) {
    needs(Constraint::packaging, row(rows.class_left, product.packaging_class), product.capacity);
  }
  if (plan.outlet >= 0) {
    const OutletPlan& outlet = model_.outlets[static_cast<size_t>(plan.outlet)];
    const SegmentPlan& segment = model_.segments[static_cast<size_t>(outlet.segment)];
    needs(Constraint::orders, row(rows.segment_backlog, outlet.segment), outlet.orders);
    bid.delivered = block_[segment.delivered.at(month + static_cast<int>(product.keys.lag.value))];
  }
  bid.wish = block_[rows.bid_wish[place]];
  bid.limit = block_[rows.bid_limit[place]];
  bid.binding = block_[rows.bid_binding[place]];
  bid.started = block_[rows.product_started[p]];
  bid.binding_rank = block_[rows.product_binding_rank[p]];
  bid.product_binding = block_[rows.product_binding[p]];
  return bid;
}

/// Rounds of bids for dies, stacks, lines and orders: packages started, and what bound them.
void Pipeline::bids(int month) {
  const Layout& rows = model_.rows;
  for (size_t p = 0; p < model_.products.size(); ++p) {
    clear(block_[rows.product_started[p]]);
    fill_column(lanes, -1, block_[rows.product_binding_rank[p]]);
    fill_column(lanes, -1, block_[rows.product_binding[p]]);  // not made: nothing binds
  }
  // What the month's packages take from the stocks is what the stocks lose.
  const auto of_each = [&](Rows stock, Rows used, auto&& move) {
    for (size_t i = 0; i < static_cast<size_t>(stock.count); ++i)
      move(block_[stock[i]], block_[used[i]]);
  };
  of_each(rows.pool_stock, rows.pool_used, copy);
  of_each(rows.memory_stock, rows.memory_used, copy);
  for (const RoundPlan& round : model_.rounds) {
    bids_.clear();
    for (const BidPlan& plan : round.bids) {
      const ProductPlan& product = model_.products[static_cast<size_t>(plan.product)];
      const bool is_made = month >= product.launch && month <= product.end;
      if (is_made) bids_.push_back(bid(plan, bids_.size(), month));
    }
    if (bids_.empty()) continue;
    share_round(lanes, bids_, block_[rows.scratch[0]], bids_.size() > 1 ? 2 : 1);
  }
  const auto lost = [](In stock, Out used) { add_scaled(lanes, stock, -1, used); };
  of_each(rows.pool_stock, rows.pool_used, lost);
  of_each(rows.memory_stock, rows.memory_used, lost);
}

/// What is due after this month. Summed anew, not kept by adding and taking, so that nothing is
/// left of what is 0.
void Pipeline::sum_due_later(const Ring& due, int month, Real* sum) {
  columns_.clear();
  for (int later = 1; later < due.count; ++later) columns_.push_back(block_[due.at(month + later)]);
  sum_columns(lanes, columns_, sum);
}

void Pipeline::ship_packages(int month) {
  const Layout& rows = model_.rows;
  for (size_t p = 0; p < model_.products.size(); ++p) {
    const ProductPlan& product = model_.products[p];
    Real* shipped = block_[rows.product_shipped[p]];
    finish_packages(lanes, block_[rows.product_started[p]], block_[rows.product_yield[p]],
                    block_[product.due.at(month + product.due.count - 1)],
                    block_[rows.product_lost[p]]);
    ship(lanes, block_[product.due.at(month)], shipped);
    sum_due_later(product.due, month, block_[rows.product_in_process[p]]);
    if (!product.home_made) copy(block_[rows.product_imported[p]], shipped);
    add(shipped, block_[rows.product_shipped_total[p]]);
  }
}

/// Orders met this month, and the segments' flows in NPUs of the first choice, in which segments
/// can be summed.
void Pipeline::deliver_orders(int month) {
  const Layout& rows = model_.rows;
  for (size_t s = 0; s < model_.segments.size(); ++s) {
    Real* due = block_[model_.segments[s].delivered.at(month)];
    copy(due, block_[rows.segment_delivered[s]]);
    clear(due);
    const Real* npus = block_[model_.segments[s].npus_per_measure];
    const std::pair<Rows, Rows> pairs[] = {{rows.segment_open, rows.segment_open_npus},
                                           {rows.segment_backlog, rows.segment_backlog_npus},
                                           {rows.segment_delivered, rows.segment_delivered_npus}};
    for (const auto& [measure, in_npus] : pairs) {
      copy(block_[measure[s]], block_[in_npus[s]]);
      multiply_column(lanes, npus, block_[in_npus[s]]);
    }
  }
}

void Pipeline::superpod(int month) {
  const Layout& rows = model_.rows;
  for (const PodPlan& pod : model_.pods) clear(block_[pod.due.at(month + pod.due.count - 1)]);
  for (size_t p = 0; p < model_.products.size(); ++p) {
    const ProductPlan& product = model_.products[p];
    Real* cards = block_[rows.product_cards[p]];
    Real* deployed = block_[rows.product_deployed[p]];
    copy(block_[rows.product_shipped[p]], cards);
    if (!product.pods.empty()) {
      Real* divisor = block_[rows.scratch[0]];
      columns_.clear();
      for (int d : product.pods) {
        columns_.push_back(in(model_.pods[static_cast<size_t>(d)].keys.share));
      }
      share_divisor(lanes, columns_, divisor);
      for (int d : product.pods) {
        send_to_pods(lanes, block_[rows.product_shipped[p]],
                     in(model_.pods[static_cast<size_t>(d)].keys.share), divisor,
                     block_[rows.pod_waiting[static_cast<size_t>(d)]], cards);
      }
    }
    copy(cards, deployed);
  }
  for (size_t d = 0; d < model_.pods.size(); ++d) {
    const PodPlan& pod = model_.pods[d];
    if (month >= pod.launch) {
      stock_kits(lanes, in(pod.keys.optics), block_[rows.pod_optics[d]]);
      stock_kits(lanes, in(pod.keys.switches), block_[rows.pod_switches[d]]);
      stock_kits(lanes, in(pod.keys.power), block_[rows.pod_power[d]]);
    }
    Real* built = block_[rows.pod_built[d]];
    const PodInput design{in(pod.keys.npus), in(pod.keys.spares), pod.keys.whole.on != 0};
    build_pods(lanes, design, block_[rows.pod_waiting[d]], block_[rows.pod_optics[d]],
               block_[rows.pod_switches[d]], block_[rows.pod_power[d]], built,
               block_[rows.pod_binding[d]]);
    add(built, block_[pod.due.at(month + pod.due.count - 1)]);
    Real* stood = block_[rows.pod_stood[d]];
    copy(block_[pod.due.at(month)], stood);
    add(stood, block_[rows.pod_total[d]]);
    sum_due_later(pod.due, month, block_[rows.pod_building[d]]);
    set_spares_aside(lanes, design, built, block_[rows.pod_spares[d]]);
    whole_clusters(lanes, block_[rows.pod_total[d]], in(pod.keys.cluster),
                   block_[rows.pod_clusters[d]]);
    deploy_pods(lanes, stood, in(pod.keys.npus),
                block_[rows.product_deployed[static_cast<size_t>(pod.keys.npu.index)]]);
  }
  for (size_t p = 0; p < model_.products.size(); ++p) {
    add(block_[rows.product_deployed[p]], block_[rows.product_deployed_total[p]]);
  }
  for (size_t k = 0; k < model_.milestones.size(); ++k) {
    Real* deployed = block_[rows.milestone_deployed[k]];
    clear(deployed);
    for (int p : model_.milestones[k].products) {
      add(block_[rows.product_deployed_total[static_cast<size_t>(p)]], deployed);
    }
    milestone_reached(lanes, deployed, in(model_.milestones[k].keys.npus),
                      block_[rows.milestone_reached[k]]);
  }
}

/// What runs of a product's parts: from the month before, or as the sum over cohorts.
void Pipeline::installed_parts(const ProductPlan& product, size_t p, int month) {
  const Layout& rows = model_.rows;
  const Real* deployed = block_[rows.product_deployed[p]];
  Real* installed = block_[rows.product_installed[p]];
  if (product.monthly_survival) {
    return fabcast::installed_parts(lanes, static_cast<Real>(*product.monthly_survival), deployed,
                                    installed);
  }
  copy(deployed, block_[product.cohorts[static_cast<size_t>(month)]]);
  columns_.clear();
  // Before a home-made product is launched there is no cohort.
  const int first = product.home_made ? std::max(product.launch, 0) : 0;
  for (int age = 0; age <= month - first; ++age) {
    columns_.push_back(block_[product.cohorts[static_cast<size_t>(month - age)]]);
  }
  if (!product.survival.empty()) {
    return fabcast::installed_parts(lanes, columns_, product.survival, installed);
  }
  fabcast::installed_parts(
      lanes, columns_,
      {in(product.keys.failure_rate), in(product.keys.wear_out), in(product.keys.lifetime)},
      installed);
}

void Pipeline::compute(int month) {
  const Layout& rows = model_.rows;
  const auto national = [&](Precision precision) {
    return block_[rows.national_pflops[static_cast<size_t>(precision)]];
  };
  for (const auto& choice : choices_of<Precision>) clear(national(choice.value));
  for (size_t p = 0; p < model_.products.size(); ++p) {
    const ProductPlan& product = model_.products[p];
    if (!product.keys.npu.on) continue;
    installed_parts(product, p, month);
    const Real* installed = block_[rows.product_installed[p]];
    const auto total = [&](Measure measure) {
      return block_[rows.product_measure[static_cast<size_t>(measure)][p]];
    };
    for (int k = 0; k < measure_count; ++k) {
      const Measure measure = static_cast<Measure>(k);
      installed_measure(lanes, installed, in(each_of(product.keys, measure)), total(measure));
    }
    if (!product.home_made) continue;
    for (const auto& choice : choices_of<Precision>) {
      add_scaled(lanes, total(measure_of(choice.value)), Real(1e-3), national(choice.value));
    }
  }
  for (size_t k = 0; k < model_.trainings.size(); ++k) {
    const TrainingKeys& keys = model_.trainings[k].keys;
    training_months(lanes, in(keys.flop), national(keys.precision.value()), in(keys.share),
                    in(keys.utilisation), block_[rows.training_months[k]]);
  }
}

void Pipeline::revenue() {
  const Layout& rows = model_.rows;
  for (size_t c = 0; c < model_.claims.size(); ++c) {
    const ClaimPlan& claim = model_.claims[c];
    Real* sold = block_[rows.claim_revenue[c]];
    clear(sold);
    if (!claim.sells) continue;
    const FabKeys& fab = model_.fabs[static_cast<size_t>(claim.fab)].keys;
    add_revenue(lanes, block_[rows.claim_outs[c]],
                in(model_.nodes[static_cast<size_t>(fab.node.index)].wafer_price), sold);
  }
  for (size_t p = 0; p < model_.products.size(); ++p) {
    Real* sold = block_[rows.product_sales[p]];
    clear(sold);
    add_revenue(lanes, block_[rows.product_shipped[p]], in(model_.products[p].keys.price), sold);
  }
}

}  // namespace fabcast
