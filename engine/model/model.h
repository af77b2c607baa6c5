#pragma once
/// The compiled scenario: shared by all threads, constant for the run, without strings. Stages get
/// its pieces from the pipeline; everything that no trial changes is computed before it is made.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/calendar.h"
#include "model/inputs.h"
#include "model/regime.h"
#include "scenario/keys.h"
#include "stages/bin_plan.h"
#include "stages/die_yield.h"
#include "stages/packaging.h"
#include "stages/work_in_process.h"

namespace fabcast {

/// Consecutive rows of the trial block, one per entity.
struct Rows {
  int first = -1;
  int count = 0;
  int operator[](size_t i) const { return first + static_cast<int>(i); }
};

/// A ring of months: what is due in month m stands in row m mod count.
struct Ring : Rows {
  int at(int month) const { return first + month % count; }
};

/// What installed parts are measured by; one row of the block each.
enum class Measure { fp4, fp8, fp16, memory, bandwidth, power };
constexpr Measure measure_of(Precision precision) {
  return precision == Precision::fp4   ? Measure::fp4
         : precision == Precision::fp8 ? Measure::fp8
                                       : Measure::fp16;
}
inline constexpr int precision_count = static_cast<int>(choices_of<Precision>.size());
inline constexpr int measure_count = 6;

struct FabPlan {
  FabKeys keys;
  std::vector<int> tools;   ///< indices into Model::tools
  std::vector<int> claims;  ///< indices into Model::claims, in the order in which they are served
  bool cycle_time_moves;    ///< with the month: delay weights are made anew each month
  DelayTable delay;
  int slots;           ///< months that a wafer may take
  Rows delay_weights;  ///< (slots), by start month (slots x slots) where the cycle time moves
  int start_month;     ///< of learning, since the first month (may be negative)
  /// Bose-Einstein of n layers is the negative binomial of clustering n and n times the density.
  YieldModel yield_model;
  bool counts_layers;  ///< d0 is per critical layer

  /// Row of the part of a month's starts that takes so many months.
  int weight_row(int start_month_of_wafers, int months) const {
    const int set = cycle_time_moves ? start_month_of_wafers % slots : 0;
    return delay_weights.first + set * slots + months;
  }
};

struct ClaimPlan {
  ClaimKeys keys;
  int fab, die;
  Ring starts;       ///< wafers started in a month
  Rows bin_yields;   ///< (bins of the die) by defects alone
  Rows good_yields;  ///< (bins of the die) good dies per gross die: with systematic and test yield
  BinPlan bin_plan;  ///< where the die has bins
  bool sells;        ///< the line has a foundry and the node a price
};

struct DiePlan {
  DieKeys keys;
  int first_pool;   ///< of its bins' pools
  int bins;         ///< at least 1
  bool has_bins;    ///< else one pool, and the yield model at the whole area
  bool size_known;  ///< constant width and height; gross dies are a known number
  int area_row, dies_per_wafer_row;
};

struct DramPlan {
  DramKeys keys;
  Ring due;
};

/// Rows of what one unit is worth in packages, and the other way.
struct Exchange {
  int packages_per_unit, units_per_package;
};

/// What one part has of a measure.
inline PathKey each_of(const ProductKeys& keys, Measure measure) {
  switch (measure) {
    case Measure::fp4:
      return keys.fp4;
    case Measure::fp8:
      return keys.fp8;
    case Measure::fp16:
      return keys.fp16;
    case Measure::memory:
      return keys.memory_size;
    case Measure::bandwidth:
      return keys.bandwidth;
    case Measure::power:
      break;
  }
  return keys.power;
}

struct ProductPlan {
  ProductKeys keys;
  bool home_made;
  int launch, end;      ///< months in which packages are started, since the first month
  int packaging_class;  ///< -1: not limited by packaging
  int parts;            ///< attached in assembly
  Exchange dies, io_dies, stacks;
  Exchange capacity;  ///< of its packaging class; units: packages or wafers
  Ring due;           ///< good packages that ship in a month
  /// Of the parts that run, the part that runs a month later, where it is the same at every age
  /// that a part reaches in the run. Else what runs is the sum over cohorts.
  std::optional<double> monthly_survival;
  Rows cohorts;                  ///< (months) parts deployed, by month
  std::vector<double> survival;  ///< (months) by age in months; empty where a trial decides it
  std::vector<int> pods;         ///< pod designs built of it
};

/// A segment that a product may serve.
struct OutletPlan {
  int segment, product;
  int compute_per_npu = -1;  ///< row: TFLOPS at the segment's precision; -1: NPUs count one
  int measure_per_npu = -1;  ///< row: the segment's measure per NPU of the product
  Exchange orders{-1, -1};   ///< by month: package starts that meet one unit of orders
};

struct SegmentPlan {
  SegmentKeys keys;
  int demand_row;              ///< this month's demand in the segment's measure
  int npus_per_measure;        ///< row: NPUs of the first choice in one unit of the measure
  bool measure_moves = false;  ///< with the month: a product's throughput at its precision does
  Ring delivered;              ///< orders met, by month of shipment, in the segment's measure
  std::vector<int> imports;    ///< outlets of imported products
};

struct PackagingClassPlan {
  std::vector<int> lines;
  bool counts_wafers;
};

/// A product's wish for packages (stages/packaging.h), by indices.
struct BidPlan {
  int product, die_pool, io_pool = -1, memory = -1, outlet = -1;
};

/// Bids that share in proportion.
struct RoundPlan {
  std::vector<BidPlan> bids;
};

struct PodPlan {
  PodKeys keys;
  Ring due;    ///< pods that stand from a month on
  int launch;  ///< of its product: kits come in from then on
};

struct MilestonePlan {
  MilestoneKeys keys;
  std::vector<int> products;
};

struct TrainingPlan {
  TrainingKeys keys;
};

/// Rows of the block that stages write, by stage and entity.
struct Layout {
  // tool_capacity
  Rows fab_capacity, fab_binding, tool_imported, tool_domestic;
  // wafer_starts
  Rows fab_starts, claim_starts;
  // work_in_process
  Rows fab_cycle_days, claim_outs, claim_scrapped, claim_in_process;
  // die_yield
  Rows fab_d0, fab_outs_total, yield_scratch;
  // die_bank; a pool is one bin of one die
  Rows claim_gross, pool_good, pool_stock, pool_used;
  // memory_supply
  Rows memory_made, memory_stock, memory_used;
  // demand
  Rows segment_demand_npus, segment_filled, segment_open, segment_backlog, segment_delivered;
  Rows segment_open_npus, segment_backlog_npus, segment_delivered_npus;
  Rows product_imported;
  // packaging
  Rows class_capacity, class_left, class_attach, class_interposer;  ///< left: after the bids
  Rows product_yield, product_binding, product_started, product_lost, product_in_process,
      product_shipped, product_shipped_total, product_binding_rank;
  Rows bid_wish, bid_limit, bid_binding;
  // superpod
  Rows product_cards, product_deployed, product_deployed_total;
  Rows pod_waiting, pod_optics, pod_switches, pod_power, pod_built, pod_stood, pod_total,
      pod_building, pod_spares, pod_clusters, pod_binding;
  Rows milestone_deployed, milestone_reached;
  // compute
  Rows product_installed;
  std::array<Rows, measure_count> product_measure;
  Rows national_pflops;  ///< (3) by Precision
  Rows training_months;
  // revenue
  Rows claim_revenue, product_sales;
  // scratch columns, and columns of one value
  Rows scratch;
  int zero = -1, one = -1, unlimited = -1;
  int count = 0;  ///< rows of the block
};

/// Moves but is not copied: DelayTable points into it.
struct Model {
  Model() = default;
  Model(Model&&) = default;
  Model& operator=(Model&&) = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  Month first;
  int months = 0;
  InputsPlan inputs;
  RegimePlan regime;
  Layout rows;

  std::vector<FoundryKeys> foundries;
  std::vector<NodeKeys> nodes;
  std::vector<FabPlan> fabs;
  std::vector<ToolKeys> tools;
  std::vector<DiePlan> dies;
  std::vector<ClaimPlan> claims;
  std::vector<MemoryKeys> memories;
  std::vector<DramPlan> drams;
  std::vector<PackagingKeys> packaging_lines;
  std::vector<PackagingClassPlan> packaging_classes;
  std::vector<ProductPlan> products;
  std::vector<SegmentPlan> segments;
  std::vector<OutletPlan> outlets;
  std::vector<RoundPlan> rounds;
  std::vector<PodPlan> pods;
  std::vector<MilestonePlan> milestones;
  std::vector<YardstickKeys> yardsticks;
  std::vector<TrainingPlan> trainings;

  /// Tables that DelayTable points into, one pair a distinct cv. Inner vectors stay where they are
  /// when the outer one, or the Model, moves.
  std::vector<std::vector<double>> delay_tables;
};

}  // namespace fabcast
