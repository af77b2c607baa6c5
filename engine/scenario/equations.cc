#include "scenario/equations.h"

#include <string>

namespace fabcast {

namespace {

constexpr Equation all[] = {
    // Events
    {"event.hazard", "P(started by month m) = 1 - exp(-sum of hazard / 12 over its months)"},
    {"event.probability", "starts where u < probability, u of the event's own stream"},
    {"event.date event.requires event.excludes",
     "starts in its month where all required events have started and no excluded one has"},
    {"event.effect event.lag",
     "strength s = min(1, (m + 1 - from) / max(ramp, 1)) from = start + lag + after on; v -> v + "
     "s (x - v); v (1 + s (x - 1)); v + s x; v - s max(0, v - x); at last v (1 + s (x - 1)) of "
     "scale"},
    {"observer.correlation scenario.observation_dof",
     "log weight = sum over observers of sum of ln t(z) / (1 + (n - 1) correlation)"},
    // Capacity and starts
    {"fab.plan", "capacity = min(plan, capacity of each tool class)"},
    {"tool.attrition tool.deliveries tool.domestic_attrition tool.domestic_deliveries "
     "tool.imported tool.domestic",
     "N(m) = N(m-1) (1 - attrition/12) + deliveries, M likewise; "
     "capacity = (N + M productivity) availability throughput hours / passes"},
    {"tool.*", "capacity = (N + M productivity) availability throughput hours / passes"},
    {"fab.utilisation", "starts = capacity x utilisation"},
    {"claim.share fab.division", "claim's starts = starts x share / max(1, sum of shares)"},
    {"claim.priority claim.cap",
     "claim's starts = min(what better ranks leave, cap), rank by rank"},
    // Wafers in process
    {"node.layers node.days_per_layer node.congestion",
     "cycle time = layers x days_per_layer x (1 + congestion U/(1 - U)), U at most 0.98"},
    {"node.cycle_time_cv fab.wip",
     "outs(m) = line_yield x sum of w_k starts(m-k), w of a gamma delay of mean cycle time and "
     "this variation"},
    {"fab.line_yield", "outs(m) = line_yield x sum of w_k starts(m-k)"},
    // Dies
    {"die.area", "gross dies = pi R^2/A - 2 pi R/sqrt(2 A), A of a square die with its scribe"},
    {"die.width die.height die.wafer die.edge_exclusion die.scribe die.notch die.reticle_aligned",
     "gross dies = most dies of a grid of pitch (width + scribe) x (height + scribe) that lie in "
     "the "
     "circle of radius wafer/2 - edge_exclusion"},
    {"node.d0_initial node.d0_mature node.learning_months node.reference_wafers "
     "node.learning_exponent node.learning fab.start",
     "D0 = d0_mature + (d0_initial - d0_mature) exp(-t/learning_months), or ... (1 + "
     "V/reference_wafers)^-learning_exponent"},
    {"node.d0 fab.d0_ratio", "D = d0 x d0_ratio, of the node and of the line"},
    {"node.systematic_yield die.test_yield",
     "good dies = gross dies x Y(A D) x systematic_yield x test_yield"},
    {"node.alpha node.critical_layers node.yield_model",
     "Y = (1 + A D/alpha)^-alpha (negative_binomial), (1 + A D)^-critical_layers (bose_einstein)"},
    {"die.cores die.core_area_share die.bin.* die.bin_scope",
     "P(bin) = chance that the uncore and at least so many cores, and no better bin's, are free "
     "of killing defects; core area = A core_area_share / cores"},
    {"die.bank die.bought", "B(m+1) = B(m) + good dies + bought - used; B(0) = bank"},
    // Memory
    {"memory.*", "stock(m+1) = stock(m) + made at home + imports - used"},
    {"dram.lag dram.wafers dram.gross_dies dram.die_yield dram.stack_yield dram.dies_per_stack",
     "stacks made(m+lag) = wafers x gross_dies x die_yield x stack_yield / dies_per_stack"},
    // Packaging
    {"packaging.attach_yield packaging.interposer_yield product.test_yield",
     "packages that ship = started x attach_yield^parts x interposer_yield x test_yield"},
    {"packaging.wafers product.packages_per_wafer",
     "packages started <= wafers x packages_per_wafer"},
    {"packaging.capacity product.dies product.io_dies product.stacks product.priority",
     "packages started = min(dies/dies a package, io_dies likewise, stacks likewise, capacity, "
     "order), by priority"},
    {"product.lag product.launch product.end",
     "shipped(m) = started(m-lag) x yield, started from launch to end"},
    // Demand
    {"product.imports product.taken", "imported = imports x taken"},
    {"segment.cancellation segment.backlog",
     "orders(m) = orders not met(m-1) x (1 - cancellation) + open demand(m)"},
    {"segment.demand segment.compute_demand segment.domestic_share segment.precision",
     "open demand = max(0, min(demand - filled by imports, demand x domestic_share))"},
    // Deployment
    {"pod.share", "NPUs to the pod = shipped x share / max(1, sum of the product's shares)"},
    {"pod.lag", "pods that stand(m+lag) = pods begun(m)"},
    {"pod.cluster", "clusters = floor(pods / cluster)"},
    {"pod.npus pod.spares pod.optics pod.switches pod.power pod.whole",
     "pods begun = floor(min(NPUs waiting / (npus (1 + spares)), kits of optics, of switches, of "
     "power))"},
    {"milestone.*", "reached where NPUs deployed >= npus"},
    // Compute and money
    {"product.failure_rate product.wear_out product.lifetime",
     "survival(age) = exp(-failure_rate age - wear_out age^2/2), 0 from lifetime on"},
    {"product.fp4 product.fp8 product.fp16 product.memory_size product.bandwidth product.power",
     "installed = sum of deployed(month) x survival(age); total = installed x this"},
    {"yardstick.*", "equivalents = home-made total / this"},
    {"training.*", "months = flop / (installed compute x share x utilisation x seconds a month)"},
    {"product.price", "revenue.npus = shipped x price"},
    {"node.wafer_price foundry.revenue",
     "revenue.share = sum of wafer outs x wafer_price / revenue"},
};

}  // namespace

std::span<const Equation> equations() { return all; }

std::string_view equation_of(const SectionRow& section, const KeyRow& row) {
  const std::string key = " " + std::string(section.name) + "." + std::string(row.name) + " ";
  const std::string others = " " + std::string(section.name) + ".* ";
  for (const auto& [keys, text] : all) {
    const std::string list = " " + std::string(keys) + " ";
    const bool is_number = row.is_numeric();
    if (list.find(key) != std::string::npos) return text;
    if (is_number && list.find(others) != std::string::npos) return text;
  }
  return {};
}

}  // namespace fabcast
