#include "run/outputs.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

namespace fabcast {

/// Collects the series of one variable.
class SeriesBuilder {
 public:
  SeriesBuilder(const Compiled& from, int variable, std::vector<Series>& to)
      : model(from.model), names(from.names), rows(from.model.rows), variable_(variable), to_(to) {}

  const Model& model;
  const Names& names;
  const Layout& rows;

  void add(const std::string& entity, std::vector<Term> numerator,
           std::vector<Term> denominator = {}) {
    if (!numerator.empty()) {
      to_.push_back({variable_, entity, std::move(numerator), std::move(denominator)});
    }
  }
  /// One series a named entity.
  void each(std::string_view kind, Rows column, double factor = 1) {
    const auto& entities = names.of(kind);
    for (size_t i = 0; i < entities.size(); ++i) add(entities[i], {{column[i], factor}});
  }
  /// The sum over all entities of a kind.
  void national(Rows column, double factor = 1) {
    std::vector<Term> terms;
    for (size_t i = 0; i < static_cast<size_t>(column.count); ++i) {
      terms.push_back({column[i], factor});
    }
    add("national", std::move(terms));
  }
  /// Products, families, home-made NPUs together (national) and imported ones together. With
  /// `each`: only products for which that key is given, for the others have nothing to report.
  template <class Key = ScalarKey>
  void products(Rows column, double factor = 1, Key ProductKeys::*each = nullptr) {
    const auto& entities = names.of("product");
    const auto is_npu = [&](size_t p) { return model.products[p].keys.npu.on != 0; };
    for (size_t p = 0; p < entities.size(); ++p) {
      const bool given = !each || (model.products[p].keys.*each).row != rows.zero;
      if (is_npu(p) && given) add(entities[p], {{column[p], factor}});
    }
    std::map<std::string, std::vector<Term>> groups;
    for (size_t p = 0; p < entities.size(); ++p) {
      if (!is_npu(p)) continue;
      groups[names.product_family[p]].push_back({column[p], factor});
    }
    for (auto& [family, terms] : groups) {
      // A family that has the name of its only product is that product.
      const bool same = std::find(entities.begin(), entities.end(), family) != entities.end();
      if (!same) add(family, terms);
    }
    for (bool home_made : {true, false}) {
      std::vector<Term> terms;
      for (size_t p = 0; p < entities.size(); ++p) {
        if (is_npu(p) && model.products[p].home_made == home_made)
          terms.push_back({column[p], factor});
      }
      add(home_made ? "national" : "imported", std::move(terms));
    }
  }
  /// Home-made products, one series each.
  void home_made(Rows column) {
    home_made([&](const std::string& name, size_t p) { add(name, {{column[p], 1}}); });
  }
  template <class Terms>
  void home_made(const Terms& terms_of) {
    for (size_t p = 0; p < model.products.size(); ++p) {
      if (model.products[p].home_made) terms_of(names.of("product")[p], p);
    }
  }
  /// Claims grouped by a name.
  template <class NameOf>
  void claims(Rows column, const NameOf& name_of) {
    std::map<std::string, std::vector<Term>> groups;
    for (size_t k = 0; k < model.claims.size(); ++k) groups[name_of(k)].push_back({column[k], 1});
    for (auto& [name, terms] : groups) add(name, terms);
  }
  const std::string& die_of(size_t claim) const {
    return names.of("die")[static_cast<size_t>(model.claims[claim].die)];
  }
  const std::string& fab_of(size_t claim) const {
    return names.of("fab")[static_cast<size_t>(model.claims[claim].fab)];
  }
  /// Lines that have a claim, and their sum.
  void claims_by_line(Rows column) {
    claims(column, [&](size_t k) { return fab_of(k); });
    national(column);
  }
  /// Segments in NPUs of their first choice, and their sum. Terms in the segment's measure cannot
  /// be summed with a factor that a trial draws, so these rows are in NPUs already.
  void segments(Rows column) {
    each("segment", column);
    national(column);
  }

 private:
  int variable_;
  std::vector<Series>& to_;
};

namespace {

/// Weight of what a yield would be where nothing flows: too small to move a yield where something
/// does.
constexpr double idle_weight = 1e-9;

/// Good dies of the bins [first, end) of a die over its gross dies.
void add_die_yield(SeriesBuilder& b, size_t d, int first, int end, const std::string& entity) {
  std::vector<Term> good, gross;
  for (size_t k = 0; k < b.model.claims.size(); ++k) {
    const ClaimPlan& claim = b.model.claims[k];
    if (claim.die != static_cast<int>(d)) continue;
    gross.push_back({b.rows.claim_gross[k], 1});
    gross.push_back({b.rows.one, idle_weight});
    for (int bin = first; bin < end; ++bin) {
      good.push_back({claim.good_yields[static_cast<size_t>(bin)], idle_weight});
    }
  }
  if (gross.empty()) return;
  for (int bin = first; bin < end; ++bin) {
    const size_t pool = static_cast<size_t>(b.model.dies[d].first_pool + bin);
    good.push_back({b.rows.pool_good[pool], 1});
  }
  b.add(entity, std::move(good), std::move(gross));
}

void die_yield_series(SeriesBuilder& b) {
  for (size_t d = 0; d < b.model.dies.size(); ++d) {
    add_die_yield(b, d, 0, b.model.dies[d].bins, b.names.of("die")[d]);
  }
}

void bin_yield_series(SeriesBuilder& b) {
  for (size_t d = 0; d < b.model.dies.size(); ++d) {
    const DiePlan& die = b.model.dies[d];
    for (int bin = 0; die.has_bins && bin < die.bins; ++bin) {
      add_die_yield(b, d, bin, bin + 1, b.names.pool[static_cast<size_t>(die.first_pool + bin)]);
    }
  }
}

/// Packaging classes that count wafers, or those that count packages: their units differ.
void packaging_series(SeriesBuilder& b, bool counts_wafers) {
  for (size_t g = 0; g < b.model.packaging_classes.size(); ++g) {
    if (b.model.packaging_classes[g].counts_wafers != counts_wafers) continue;
    b.add(b.names.of("packaging class")[g], {{b.rows.class_capacity[g], 1}});
  }
}

/// Claims whose wafers are sold, by die and by family of dies. A family that has the name of its
/// only die is that die.
std::map<std::string, std::vector<size_t>> sold_claims(const SeriesBuilder& b) {
  std::map<std::string, std::vector<size_t>> claims;
  for (size_t k = 0; k < b.model.claims.size(); ++k) {
    if (b.model.claims[k].sells) claims[b.die_of(k)].push_back(k);
  }
  const auto& dies = b.names.of("die");
  for (size_t k = 0; k < b.model.claims.size(); ++k) {
    const std::string& family = b.names.claim_die_family[k];
    const bool is_die = std::find(dies.begin(), dies.end(), family) != dies.end();
    if (b.model.claims[k].sells && !is_die) claims[family].push_back(k);
  }
  return claims;
}

void wafer_revenue_series(SeriesBuilder& b) {
  for (const auto& [entity, claims] : sold_claims(b)) {
    std::vector<Term> sold;
    for (size_t k : claims) sold.push_back({b.rows.claim_revenue[k], 1});
    b.add(entity, std::move(sold));
  }
}

/// Wafers sold as a share of the revenue of the foundries that sell them.
void revenue_share_series(SeriesBuilder& b) {
  for (const auto& [entity, claims] : sold_claims(b)) {
    std::vector<Term> sold, revenue;
    std::set<int> foundries;
    for (size_t k : claims) {
      const FabPlan& fab = b.model.fabs[static_cast<size_t>(b.model.claims[k].fab)];
      const int foundry = fab.keys.foundry.index;
      const int row = b.model.foundries[static_cast<size_t>(foundry)].revenue.row;
      if (row < 0) continue;
      sold.push_back({b.rows.claim_revenue[k], 1});
      if (foundries.insert(foundry).second) revenue.push_back({row, 1});
    }
    b.add(entity, std::move(sold), std::move(revenue));
  }
}

template <Measure measure, PathKey ProductKeys::*each>
void installed_series(SeriesBuilder& b) {
  constexpr double factors[] = {1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-6};  // PFLOPS, TB, PB/s, MW
  b.products(b.rows.product_measure[static_cast<size_t>(measure)],
             factors[static_cast<size_t>(measure)], each);
}

/// Installed home-made compute in units of a yardstick, where the yardstick has the measure.
template <Measure measure, PathKey YardstickKeys::*member>
void yardstick_series(SeriesBuilder& b) {
  for (size_t y = 0; y < b.model.yardsticks.size(); ++y) {
    const int each = (b.model.yardsticks[y].*member).row;
    if (each == b.rows.zero) continue;
    std::vector<Term> total;
    for (size_t p = 0; p < b.model.products.size(); ++p) {
      const ProductPlan& product = b.model.products[p];
      if (product.home_made && product.keys.npu.on) {
        total.push_back({b.rows.product_measure[static_cast<size_t>(measure)][p], 1});
      }
    }
    b.add(b.names.of("yardstick")[y], std::move(total), {{each, 1}});
  }
}

using B = SeriesBuilder;
using D = Dimension;
using enum OutputKind;

constexpr std::array variables{
    // 2: export controls
    OutputVariable{"event.started", stock, D::share, "share",
                   "1 once the event has started; its mean is the chance by the date", "event",
                   [](B& b) {
                     for (size_t e = 0; e < b.names.event.size(); ++e) {
                       b.add(b.names.event[e], {{b.model.regime.events[e].indicator_row, 1}});
                     }
                   }},
    // 3, 4: capacity and starts
    OutputVariable{"wafer.capacity", level, D::wafers_per_month, "wafers/month",
                   "Capacity: the least of plan and tool classes", "fab, national",
                   [](B& b) {
                     b.each("fab", b.rows.fab_capacity);
                     b.national(b.rows.fab_capacity);
                   }},
    OutputVariable{"wafer.starts", flow, D::wafers, "wafers",
                   "Wafers started for dies: a line without claims starts none", "fab, national",
                   [](B& b) {
                     b.each("fab", b.rows.fab_starts);
                     b.national(b.rows.fab_starts);
                   }},
    OutputVariable{"wafer.utilisation", rate, D::share, "share", "Wafers started over capacity",
                   "fab",
                   [](B& b) {
                     for (size_t f = 0; f < b.model.fabs.size(); ++f) {
                       b.add(b.names.of("fab")[f], {{b.rows.fab_starts[f], 1}},
                             {{b.rows.fab_capacity[f], 1}, {b.rows.one, idle_weight}});
                     }
                   }},
    OutputVariable{
        "wafer.claimed", flow, D::wafers, "wafers", "Wafers started for a die", "die",
        [](B& b) { b.claims(b.rows.claim_starts, [&](size_t k) { return b.die_of(k); }); }},
    // 5: work in process
    OutputVariable{"wafer.outs", flow, D::wafers, "wafers", "Wafers that came out of the line",
                   "fab, national", [](B& b) { b.claims_by_line(b.rows.claim_outs); }},
    OutputVariable{"wafer.scrapped", flow, D::wafers, "wafers", "Wafers lost in the line",
                   "fab, national", [](B& b) { b.claims_by_line(b.rows.claim_scrapped); }},
    OutputVariable{"wafer.in_process", stock, D::wafers, "wafers", "Wafers in the line",
                   "fab, national", [](B& b) { b.claims_by_line(b.rows.claim_in_process); }},
    // 7, 8: yield and dies
    OutputVariable{"defect.density", level, D::defects_per_area, "/cm2",
                   "Defect density D0 of a line", "fab",
                   [](B& b) { b.each("fab", b.rows.fab_d0); }},
    OutputVariable{"die.yield", rate, D::share, "share",
                   "Good dies of all bins over gross dies (what it would be, where none is made)",
                   "die", die_yield_series},
    OutputVariable{"bin.yield", rate, D::share, "share", "Good dies of one bin over gross dies",
                   "die.bin", bin_yield_series},
    OutputVariable{"die.good", flow, D::dies, "dies", "Good dies made, by bin", "die.bin",
                   [](B& b) {
                     for (size_t i = 0; i < b.names.pool.size(); ++i) {
                       b.add(b.names.pool[i], {{b.rows.pool_good[i], 1}});
                     }
                   }},
    OutputVariable{
        "die.bought", flow, D::dies, "dies", "Dies bought in, of the first bin", "die.bin",
        [](B& b) {
          for (const DiePlan& die : b.model.dies) {
            if (die.keys.bought.row == b.rows.zero) continue;
            b.add(b.names.pool[static_cast<size_t>(die.first_pool)], {{die.keys.bought.row, 1}});
          }
        }},
    OutputVariable{"die.used", flow, D::dies, "dies", "Dies that went into packages, by bin",
                   "die.bin",
                   [](B& b) {
                     for (size_t i = 0; i < b.names.pool.size(); ++i) {
                       b.add(b.names.pool[i], {{b.rows.pool_used[i], 1}});
                     }
                   }},
    OutputVariable{"die.bank", stock, D::dies, "dies", "Good dies in stock, by bin", "die.bin",
                   [](B& b) {
                     for (size_t i = 0; i < b.names.pool.size(); ++i) {
                       b.add(b.names.pool[i], {{b.rows.pool_stock[i], 1}});
                     }
                   }},
    // 9: memory
    OutputVariable{"memory.made", flow, D::stacks, "stacks", "Stacks made at home",
                   "memory, national",
                   [](B& b) {
                     b.each("memory", b.rows.memory_made);
                     b.national(b.rows.memory_made);
                   }},
    OutputVariable{"memory.imported", flow, D::stacks, "stacks", "Stacks imported", "memory",
                   [](B& b) {
                     for (size_t k = 0; k < b.model.memories.size(); ++k) {
                       if (b.model.memories[k].imports.row == b.rows.zero) continue;
                       b.add(b.names.of("memory")[k], {{b.model.memories[k].imports.row, 1}});
                     }
                   }},
    OutputVariable{"memory.used", flow, D::stacks, "stacks", "Stacks that went into packages",
                   "memory", [](B& b) { b.each("memory", b.rows.memory_used); }},
    OutputVariable{"memory.stock", stock, D::stacks, "stacks", "Stacks in stock", "memory",
                   [](B& b) { b.each("memory", b.rows.memory_stock); }},
    // 10: packaging
    OutputVariable{"packaging.capacity", level, D::packages_per_month, "packages/month",
                   "Capacity of a packaging class that counts packages", "packaging class",
                   [](B& b) { packaging_series(b, false); }},
    OutputVariable{"packaging.wafers", level, D::wafers_per_month, "wafers/month",
                   "Capacity of a packaging class that counts interposer wafers", "packaging class",
                   [](B& b) { packaging_series(b, true); }},
    OutputVariable{"packages.started", flow, D::packages, "packages", "Packages started", "product",
                   [](B& b) { b.home_made(b.rows.product_started); }},
    // By product it is packages.started x (1 - packages.yield): each series costs time.
    OutputVariable{"packages.lost", flow, D::packages, "packages",
                   "Packages started that will not ship: lost in assembly and test", "national",
                   [](B& b) { b.national(b.rows.product_lost); }},
    OutputVariable{"packages.in_process", stock, D::packages, "packages",
                   "Good packages that have not shipped yet", "product",
                   [](B& b) { b.home_made(b.rows.product_in_process); }},
    OutputVariable{"packages.yield", rate, D::share, "share",
                   "Packages that ship over packages started: assembly and final test", "product",
                   [](B& b) {
                     b.home_made([&](const std::string& name, size_t p) {
                       b.add(name,
                             {{b.rows.product_started[p], 1},
                              {b.rows.product_lost[p], -1},
                              {b.rows.product_yield[p], idle_weight}},
                             {{b.rows.product_started[p], 1}, {b.rows.one, idle_weight}});
                     });
                   }},
    OutputVariable{"units.shipped", flow, D::npus, "units",
                   "Parts shipped that are no AI accelerators", "product",
                   [](B& b) {
                     b.home_made([&](const std::string& name, size_t p) {
                       if (!b.model.products[p].keys.npu.on) {
                         b.add(name, {{b.rows.product_shipped[p], 1}});
                       }
                     });
                   }},
    OutputVariable{"npus.shipped", flow, D::npus, "npus", "NPUs shipped",
                   "product, family, national, imported",
                   [](B& b) { b.products(b.rows.product_shipped); }},
    OutputVariable{"npus.cumulative", stock, D::npus, "npus", "NPUs shipped since the first month",
                   "product, family, national, imported",
                   [](B& b) { b.products(b.rows.product_shipped_total); }},
    // 12: deployment
    OutputVariable{"npus.deployed", stock, D::npus, "npus",
                   "NPUs put to work since the first month, in cards, servers and finished pods",
                   "product, family, national, imported",
                   [](B& b) { b.products(b.rows.product_deployed_total); }},
    OutputVariable{"npus.installed", stock, D::npus, "npus", "NPUs deployed less those retired",
                   "product, family, national, imported",
                   [](B& b) { b.products(b.rows.product_installed); }},
    OutputVariable{"npus.waiting", stock, D::npus, "npus", "NPUs that wait for their pod", "pod",
                   [](B& b) { b.each("pod", b.rows.pod_waiting); }},
    OutputVariable{"pods.completed", flow, D::pods, "pods", "Pods that came to stand", "pod",
                   [](B& b) { b.each("pod", b.rows.pod_stood); }},
    OutputVariable{"npus.spares", stock, D::npus, "npus", "NPUs set aside as spares of pods", "pod",
                   [](B& b) {
                     for (size_t d = 0; d < b.model.pods.size(); ++d) {
                       if (b.model.pods[d].keys.spares.row == b.rows.zero) continue;
                       b.add(b.names.of("pod")[d], {{b.rows.pod_spares[d], 1}});
                     }
                   }},
    OutputVariable{"pods.building", stock, D::pods, "pods", "Pods under construction", "pod",
                   [](B& b) { b.each("pod", b.rows.pod_building); }},
    OutputVariable{"pods.deployed", stock, D::pods, "pods", "Pods that stand", "pod",
                   [](B& b) { b.each("pod", b.rows.pod_total); }},
    OutputVariable{"clusters.deployed", stock, D::clusters, "clusters", "Whole SuperClusters",
                   "pod", [](B& b) { b.each("pod", b.rows.pod_clusters); }},
    OutputVariable{"milestone.reached", stock, D::share, "share",
                   "1 once the milestone's NPUs are deployed; its mean is the chance by the date",
                   "milestone", [](B& b) { b.each("milestone", b.rows.milestone_reached); }},
    // 11: demand
    OutputVariable{"demand.npus", flow, D::npus, "npus",
                   "Demand, in NPUs of any kind (of compute_demand: in NPUs of the first choice)",
                   "segment, national", [](B& b) { b.segments(b.rows.segment_demand_npus); }},
    OutputVariable{"demand.open", flow, D::npus, "npus", "Demand open to home-made parts",
                   "segment, national", [](B& b) { b.segments(b.rows.segment_open_npus); }},
    OutputVariable{"delivered.npus", flow, D::npus, "npus", "Orders met by shipments",
                   "segment, national", [](B& b) { b.segments(b.rows.segment_delivered_npus); }},
    OutputVariable{"gap.npus", flow, D::npus, "npus",
                   "Open demand less orders met: what is missing", "segment, national",
                   [](B& b) {
                     std::vector<Term> all;
                     for (size_t s = 0; s < b.model.segments.size(); ++s) {
                       const std::vector<Term> gap{{b.rows.segment_open_npus[s], 1},
                                                   {b.rows.segment_delivered_npus[s], -1}};
                       all.insert(all.end(), gap.begin(), gap.end());
                       b.add(b.names.of("segment")[s], gap);
                     }
                     b.add("national", std::move(all));
                   }},
    OutputVariable{"backlog.npus", stock, D::npus, "npus", "Orders not met yet",
                   "segment, national", [](B& b) { b.segments(b.rows.segment_backlog_npus); }},
    // 13: compute, energy, money
    OutputVariable{"compute.fp4", stock, D::compute, "PFLOPS", "Installed FP4 throughput, dense",
                   "product, family, national, imported",
                   installed_series<Measure::fp4, &ProductKeys::fp4>},
    OutputVariable{"compute.fp8", stock, D::compute, "PFLOPS", "Installed FP8 throughput, dense",
                   "product, family, national, imported",
                   installed_series<Measure::fp8, &ProductKeys::fp8>},
    OutputVariable{"compute.fp16", stock, D::compute, "PFLOPS",
                   "Installed FP16/BF16 throughput, dense", "product, family, national, imported",
                   installed_series<Measure::fp16, &ProductKeys::fp16>},
    OutputVariable{"memory.installed", stock, D::memory, "TB", "Installed memory of NPUs",
                   "product, family, national, imported",
                   installed_series<Measure::memory, &ProductKeys::memory_size>},
    OutputVariable{"bandwidth.installed", stock, D::bandwidth, "PB/s", "Installed memory bandwidth",
                   "product, family, national, imported",
                   installed_series<Measure::bandwidth, &ProductKeys::bandwidth>},
    OutputVariable{"power.installed", stock, D::power, "MW", "IT power of installed NPUs",
                   "product, family, national, imported",
                   installed_series<Measure::power, &ProductKeys::power>},
    OutputVariable{"equivalents.fp4", stock, D::npus, "npus",
                   "Home-made compute in the yardstick's FP4", "yardstick",
                   yardstick_series<Measure::fp4, &YardstickKeys::fp4>},
    OutputVariable{"equivalents.fp8", stock, D::npus, "npus",
                   "Home-made compute in the yardstick's FP8", "yardstick",
                   yardstick_series<Measure::fp8, &YardstickKeys::fp8>},
    OutputVariable{"equivalents.fp16", stock, D::npus, "npus",
                   "Home-made compute in the yardstick's FP16", "yardstick",
                   yardstick_series<Measure::fp16, &YardstickKeys::fp16>},
    OutputVariable{"equivalents.memory", stock, D::npus, "npus",
                   "Home-made memory in the yardstick's", "yardstick",
                   yardstick_series<Measure::memory, &YardstickKeys::memory_size>},
    OutputVariable{"equivalents.bandwidth", stock, D::npus, "npus",
                   "Home-made memory bandwidth in the yardstick's", "yardstick",
                   yardstick_series<Measure::bandwidth, &YardstickKeys::bandwidth>},
    OutputVariable{"equivalents.power", stock, D::npus, "npus",
                   "Home-made power in the yardstick's", "yardstick",
                   yardstick_series<Measure::power, &YardstickKeys::power>},
    OutputVariable{"training.months", stock, D::months, "months",
                   "Months that the training run takes on what is installed (1e6: none is)",
                   "training", [](B& b) { b.each("training", b.rows.training_months); }},
    OutputVariable{"revenue.wafers", flow, D::usd, "usd",
                   "Wafers sold, by die and by the dies' family", "die, family",
                   wafer_revenue_series},
    OutputVariable{"revenue.share", rate, D::share, "share",
                   "Wafers sold over the revenue of the foundries that sell them", "die, family",
                   revenue_share_series},
    OutputVariable{"revenue.npus", flow, D::usd, "usd", "NPUs sold",
                   "product, family, national, imported",
                   [](B& b) { b.products(b.rows.product_sales, 1, &ProductKeys::price); }},
};

/// What a quarter or a year tells of its months, by OutputKind.
constexpr std::array of_a_period{"sum over the period", "at the period's end", "flow-weighted mean",
                                 "mean over the period"};

}  // namespace

std::span<const OutputVariable> output_variables() { return variables; }

const OutputVariable* find_variable(std::string_view name) {
  for (const OutputVariable& variable : variables) {
    if (variable.name == name) return &variable;
  }
  return nullptr;
}

std::vector<Series> output_series(const Compiled& compiled) {
  std::vector<Series> all;
  for (size_t v = 0; v < variables.size(); ++v) {
    SeriesBuilder builder(compiled, static_cast<int>(v), all);
    variables[v].series(builder);
  }
  return all;
}

int find_series(std::span<const Series> series, std::string_view variable,
                std::string_view entity) {
  int only = -1, count = 0;
  for (size_t i = 0; i < series.size(); ++i) {
    if (variables[static_cast<size_t>(series[i].variable)].name != variable) continue;
    if (series[i].entity == (entity.empty() ? "national" : entity)) return static_cast<int>(i);
    only = static_cast<int>(i);
    ++count;
  }
  return entity.empty() && count == 1 ? only : -1;
}

std::optional<double> in_unit_of(const OutputVariable& variable, double value,
                                 std::string_view unit) {
  if (unit.empty()) return value;
  const auto asked = unit_factor(variable.dimension, unit);
  if (!asked) return std::nullopt;
  return to_canonical(value, *asked / *unit_factor(variable.dimension, variable.unit));
}

std::vector<VariableMeaning> variable_meanings() {
  std::vector<VariableMeaning> all;
  for (const OutputVariable& v : variables) {
    all.push_back({std::string(v.name), std::string(v.unit),
                   fmt::format("{}; {}", v.meaning, of_a_period[static_cast<size_t>(v.kind)])});
  }
  return all;
}

std::string explain_variable(std::string_view name) {
  const OutputVariable* variable = find_variable(name.substr(0, name.find(' ')));
  if (!variable) return "";
  return fmt::format(
      "{}\n  {}\n  unit     {} (in questions any of: {})\n  period   {}\n"
      "  for      {}\n",
      variable->name, variable->meaning, variable->unit, unit_list(variable->dimension),
      of_a_period[static_cast<size_t>(variable->kind)], variable->entities);
}

std::string variables_text(bool markdown) {
  std::string text;
  if (markdown) {
    text =
        "# Variables\n\nPrinted by `fabcast list variables --markdown`. A variable is named with "
        "its "
        "entity: `npus.shipped ascend950pr`.\n\n| variable | entities | unit | of a period | "
        "meaning "
        "|\n|---|---|---|---|---|\n";
  }
  for (const OutputVariable& v : variables) {
    const char* kind = of_a_period[static_cast<size_t>(v.kind)];
    text += markdown ? fmt::format("| `{}` | {} | {} | {} | {} |\n", v.name, v.entities, v.unit,
                                   kind, v.meaning)
                     : fmt::format("{:21} {:12} {}; {}; for: {}\n", v.name, v.unit, v.meaning, kind,
                                   v.entities);
  }
  return text;
}

}  // namespace fabcast
