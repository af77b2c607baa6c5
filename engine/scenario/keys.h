#pragma once
/// Every key of a scenario, declared once: one struct member and one row beside it. A member
/// without its row does not compile (`covers` below). A new key is one member and one row here, and
/// its use in a stage; nothing else.

#include <array>
#include <cstddef>
#include <limits>

#include "scenario/schema.h"
#include "stages/bin_plan.h"
#include "stages/die_yield.h"

namespace fabcast {

// What keys choose from. The yield models and the scope of bins are their stages' own enums.
enum class Learning { given, time, wafers };
enum class Division { share, priority };
enum class Wip { steady, empty };
enum class Precision { fp4, fp8, fp16 };
enum class OfBadCorrelations { refuse, nearest };

/// A choice as files write it.
template <class Enum>
struct Choice {
  Enum value;
  std::string_view word;
};
// Clang before 17 deduces no arguments of an aggregate by itself.
template <class Enum>
Choice(Enum, const char*) -> Choice<Enum>;

/// The choices of an enum, in its order.
template <class Enum>
inline constexpr int choices_of = 0;
template <>
inline constexpr std::array choices_of<YieldModel>{
    Choice{YieldModel::negative_binomial, "negative_binomial"},
    Choice{YieldModel::poisson, "poisson"},
    Choice{YieldModel::murphy, "murphy"},
    Choice{YieldModel::seeds, "seeds"},
    Choice{YieldModel::moore, "moore"},
    Choice{YieldModel::bose_einstein, "bose_einstein"}};
template <>
inline constexpr std::array choices_of<Learning>{Choice{Learning::given, "given"},
                                                 Choice{Learning::time, "time"},
                                                 Choice{Learning::wafers, "wafers"}};
template <>
inline constexpr std::array choices_of<Division>{Choice{Division::share, "share"},
                                                 Choice{Division::priority, "priority"}};
template <>
inline constexpr std::array choices_of<Wip>{Choice{Wip::steady, "steady"},
                                            Choice{Wip::empty, "empty"}};
template <>
inline constexpr std::array choices_of<BinScope>{Choice{BinScope::die, "die"},
                                                 Choice{BinScope::pair, "pair"}};
template <>
inline constexpr std::array choices_of<Precision>{
    Choice{Precision::fp4, "fp4"}, Choice{Precision::fp8, "fp8"}, Choice{Precision::fp16, "fp16"}};
template <>
inline constexpr std::array choices_of<OfBadCorrelations>{
    Choice{OfBadCorrelations::refuse, "refuse"}, Choice{OfBadCorrelations::nearest, "nearest"}};

namespace keys {

/// Whether each choice stands at its value: then an index into the words is the enum's value.
template <class Enum>
constexpr bool in_order() {
  for (size_t i = 0; i < choices_of<Enum>.size(); ++i) {
    if (static_cast<size_t>(choices_of<Enum>[i].value) != i) return false;
  }
  return true;
}

/// "a|b|c" of an enum's choices.
template <class Enum>
inline constexpr auto joined_words = [] {
  static_assert(in_order<Enum>());
  constexpr size_t length = [] {
    size_t sum = choices_of<Enum>.size() - 1;
    for (const auto& choice : choices_of<Enum>) sum += choice.word.size();
    return sum;
  }();
  std::array<char, length> text{};
  size_t at = 0;
  for (const auto& choice : choices_of<Enum>) {
    if (at > 0) text[at++] = '|';
    for (const char c : choice.word) text[at++] = c;
  }
  return text;
}();
template <class Key>
inline constexpr std::string_view options_of{joined_words<typename Key::Choices>.data(),
                                             joined_words<typename Key::Choices>.size()};

inline constexpr double unbounded = 1e18;  ///< "no limit" of caps; far above any real flow

/// Rows cover the struct: as many rows as 8-byte members, each at its own offset. What no month or
/// no trial changes says why.
template <class Keys, size_t N>
constexpr bool covers(const std::array<KeyRow, N>& rows) {
  if (sizeof(Keys) != N * 8) return false;
  for (size_t i = 0; i < N; ++i) {
    if (rows[i].offset != i * 8) return false;  // rows stand in the members' order
    if (rows[i].is_fixed() == rows[i].why_fixed.empty()) return false;
  }
  return true;
}

// Reasons that several keys share.
inline constexpr std::string_view why_opening = "it is what there is before the first month";
inline constexpr std::string_view why_layout =
    "dies are laid out on the wafer before the first trial";
inline constexpr std::string_view why_design = "a die of another size is another design";
inline constexpr std::string_view why_bins =
    "the chances of bins are worked out before the first trial";
inline constexpr std::string_view why_rank =
    "who is served first is settled before the first trial";
inline constexpr std::string_view why_recipe = "a package of other parts is another product";
inline constexpr std::string_view why_lag =
    "what is under way is kept for a fixed number of months";
inline constexpr std::string_view why_life = "a part keeps it for its whole life";
inline constexpr std::string_view why_pod = "a pod of another size is another design";

}  // namespace keys

// KEY(member, dimension, low, high, scale, fallback, options, meaning, used_by[, why_fixed]);
// NAMED_KEY where the name in files is not the member's.
#define FABCAST_NAMED_KEY(name, member, dimension, low, high, scale, fallback, options, ...) \
  KeyRow {                                                                                   \
    name, kind_of(decltype(Keys::member){}), static_cast<uint32_t>(offsetof(Keys, member)),  \
        Dimension::dimension, low, high, Scale::scale, fallback, options, __VA_ARGS__        \
  }
#define FABCAST_KEY(member, ...) FABCAST_NAMED_KEY(#member, member, __VA_ARGS__)
// A key that is not a number: no dimension, no range, no scale.
#define FABCAST_WORD(member, fallback, options, meaning, used_by) \
  FABCAST_NAMED_KEY(#member, member, number, 0, 0, linear, fallback, options, meaning, used_by)

// A key that chooses: its options are the words of its enum.
#define FABCAST_CHOICE(member, fallback, meaning, used_by) \
  FABCAST_WORD(member, fallback, keys::options_of<decltype(Keys::member)>, meaning, used_by)

/// [event.NAME]: a change of the export-control regime (model.md, section 2).
struct EventKeys {
  TextKey title;
  MonthKey date;
  PathKey hazard;
  ScalarKey probability, lag;
  ListKey requires_events, excludes_events;
  EffectsKey effect;
};
inline constexpr auto event_rows = [] {
  using Keys = EventKeys;
  return std::array{
      FABCAST_WORD(title, "", free_text, "One line for people.", "outputs"),
      FABCAST_WORD(date, "", "", "The month in which it starts; may lie before the first month.",
                   "export_controls (2)"),
      FABCAST_KEY(
          hazard, per_year, 0, 1e6, linear, "", within_months,
          "Chance per year that it starts, within the months behind `in`, else in the whole "
          "run; runs only while what it requires has started.",
          "export_controls (2)"),
      FABCAST_KEY(probability, share, 0, 1, linear, "", at_month,
                  "Chance that it starts in the month behind `at`.", "export_controls (2)",
                  "it is asked once, at its month"),
      FABCAST_KEY(lag, months, 0, 1200, linear, "0 months", "",
                  "From its start until its effects begin, one draw for all of them; `after` of an "
                  "effect comes on top.",
                  "export_controls (2)", "it is counted from the event's start"),
      FABCAST_NAMED_KEY("requires", requires_events, number, 0, 0, linear, "", "event",
                        "Events without which it does not start: all must have started.",
                        "export_controls (2)"),
      FABCAST_NAMED_KEY(
          "excludes", excludes_events, number, 0, 0, linear, "", "event",
          "Events after which it does not start: none may have started. To exclude "
          "one another, both say so; of two in one month the first in the file starts.",
          "export_controls (2)"),
      FABCAST_WORD(
          effect, "", "",
          "What it does to a key; further effects are effect.NAME. A `*` in the key stands "
          "for any entity.",
          "export_controls (2)"),
  };
}();
static_assert(keys::covers<EventKeys>(event_rows));

/// [foundry.NAME]: the company that owns fab lines; its total revenue is the divisor of shares.
struct FoundryKeys {
  PathKey revenue;
};
inline constexpr auto foundry_rows = [] {
  using Keys = FoundryKeys;
  return std::array{
      FABCAST_KEY(revenue, usd_per_month, 0, 1e12, multiplicative, "", "",
                  "Total revenue of the foundry; revenue.share is wafers x price over this.",
                  "revenue (13)"),
  };
}();
static_assert(keys::covers<FoundryKeys>(foundry_rows));

/// [node.NAME]: a process, with its learning, yield model, cycle time and wafer price.
struct NodeKeys {
  ChoiceOf<YieldModel> yield_model;
  ChoiceOf<Learning> learning;
  PathKey d0, d0_initial, d0_mature, learning_months, reference_wafers, learning_exponent;
  PathKey alpha, critical_layers, systematic_yield;
  PathKey layers, days_per_layer;
  ConstantKey cycle_time_cv;
  PathKey congestion, wafer_price;
};
inline constexpr auto node_rows = [] {
  using Keys = NodeKeys;
  return std::array{
      FABCAST_CHOICE(yield_model, "negative_binomial",
                     "Which die-yield model holds; negative_binomial is (1 + A D0/alpha)^-alpha.",
                     "die_yield (7)"),
      FABCAST_CHOICE(
          learning, "given",
          "How D0 falls: 'given' takes the path d0; 'time' is d0_mature + (d0_initial - "
          "d0_mature) exp(-t/learning_months), t in whole months since the line's start; "
          "'wafers' is d0_mature + (d0_initial - d0_mature) (1 + V/reference_wafers)^"
          "-learning_exponent, V the line's wafer outs before the month.",
          "die_yield (7)"),
      FABCAST_KEY(d0, defects_per_area, 0, 100, multiplicative, "0.1 /cm2", "",
                  "Defect density by date, where learning = given.", "die_yield (7)"),
      FABCAST_KEY(d0_initial, defects_per_area, 0, 100, multiplicative, "0.5 /cm2", "",
                  "Defect density at the line's start, where it learns.", "die_yield (7)"),
      FABCAST_KEY(d0_mature, defects_per_area, 0, 100, multiplicative, "0.1 /cm2", "",
                  "Defect density that learning tends to.", "die_yield (7)"),
      FABCAST_KEY(learning_months, months, 0.01, 1200, multiplicative, "12 months", "",
                  "Time constant tau of learning by time.", "die_yield (7)"),
      FABCAST_KEY(reference_wafers, wafers, 1, 1e9, multiplicative, "10k wafers", "",
                  "V_ref of learning by cumulative wafers.", "die_yield (7)"),
      FABCAST_KEY(learning_exponent, number, 0, 10, multiplicative, "0.5", "",
                  "Exponent b of learning by cumulative wafers.", "die_yield (7)"),
      FABCAST_KEY(alpha, number, 0.01, 1e9, multiplicative, "2", "",
                  "Clustering of defects in the negative binomial; large tends to Poisson.",
                  "die_yield (7)"),
      FABCAST_KEY(
          critical_layers, number, 0.01, 1000, linear, "10", "",
          "Critical layers n of Bose-Einstein, (1 + A D0)^-n with D0 per layer; n need not be "
          "whole: n layers of clustered defects are n alpha of D0/alpha.",
          "die_yield (7)"),
      FABCAST_KEY(systematic_yield, share, 0, 1, linear, "100 %", "",
                  "Yield that does not depend on area; multiplies.", "die_yield (7)"),
      FABCAST_KEY(layers, layers, 1, 500, multiplicative, "60 layers", "",
                  "Mask layers of the process; cycle time is layers x days_per_layer x X(U).",
                  "work_in_process (5)"),
      FABCAST_KEY(days_per_layer, days_per_layer, 0, 30, multiplicative, "1.5 days/layer", "",
                  "Days a layer takes in an unhurried line.", "work_in_process (5)"),
      FABCAST_KEY(cycle_time_cv, share, 0.01, 1, linear, "15 %", "",
                  "Coefficient of variation of the gamma-distributed cycle time.",
                  "work_in_process (5)", "the delay is tabled before the first trial"),
      FABCAST_KEY(congestion, number, 0, 10, linear, "0", "",
                  "kappa of the operating curve X(U) = 1 + kappa U/(1 - U), U capped at 0.98.",
                  "work_in_process (5)"),
      FABCAST_KEY(wafer_price, usd_per_wafer, 0, 1e6, multiplicative, "", "",
                  "Price of a processed wafer.", "revenue (13)"),
  };
}();
static_assert(keys::covers<NodeKeys>(node_rows));

/// [fab.NAME]: a line that runs one node.
struct FabKeys {
  ReferenceKey foundry, node;
  PathKey plan, utilisation;
  TextKey reserved;
  MonthKey start;
  PathKey d0_ratio, line_yield;
  ChoiceOf<Division> division;
  ChoiceOf<Wip> wip;
};
inline constexpr auto fab_rows = [] {
  using Keys = FabKeys;
  return std::array{
      FABCAST_WORD(foundry, "", "foundry", "The company that sells this line's wafers.",
                   "revenue (13)"),
      FABCAST_WORD(node, "required", "node", "The process that the line runs.", "die_yield (7)"),
      FABCAST_KEY(
          plan, wafers_per_month, 0, 1e7, multiplicative, "required", "",
          "Capacity by cleanroom and announced expansion; capacity is the least of this and "
          "of each tool class.",
          "tool_capacity (3)"),
      FABCAST_KEY(utilisation, share, 0, 1, linear, "95 %", "", "Wafer starts over capacity.",
                  "wafer_starts (4)"),
      FABCAST_WORD(reserved, "", "",
                   "Designer whose dies alone may be made here; a claim of another is refused.",
                   "wafer_starts (4)"),
      FABCAST_WORD(start, "", "",
                   "Month from which learning by time counts; the first month where absent.",
                   "die_yield (7)"),
      FABCAST_KEY(d0_ratio, number, 0, 100, multiplicative, "1", "",
                  "Defect density of this line over its node's.", "die_yield (7)"),
      FABCAST_KEY(line_yield, share, 0, 1, linear, "94 %", "",
                  "Wafers that come out over wafers started (less scrap).", "work_in_process (5)"),
      FABCAST_CHOICE(
          division, "share",
          "How starts are divided among claims: by shares (normalised where they exceed 1), "
          "or in strict priority, each up to its cap.",
          "wafer_starts (4)"),
      FABCAST_CHOICE(
          wip, "steady",
          "The line before the first month: as if the first month's starts had always run, "
          "or empty.",
          "work_in_process (5)"),
  };
}();
static_assert(keys::covers<FabKeys>(fab_rows));

/// [tool.FAB.CLASS]: a tool class that limits a line.
struct ToolKeys {
  ScalarKey imported;
  PathKey attrition, deliveries;
  ScalarKey domestic;
  PathKey domestic_attrition, domestic_deliveries, productivity;
  PathKey availability, throughput, passes;
};
inline constexpr auto tool_rows = [] {
  using Keys = ToolKeys;
  return std::array{
      FABCAST_KEY(imported, tools, 0, 1e5, multiplicative, "0 tools", "",
                  "Imported tools installed before the first month, N.", "tool_capacity (3)",
                  keys::why_opening),
      FABCAST_KEY(attrition, per_year, 0, 10, linear, "0 %/year", "",
                  "Yearly loss of imported tools for want of spares and service.",
                  "tool_capacity (3)"),
      FABCAST_KEY(deliveries, tools_per_month, 0, 1e4, multiplicative, "0 tools/month", "",
                  "Imported tools delivered.", "tool_capacity (3)"),
      FABCAST_KEY(domestic, tools, 0, 1e5, multiplicative, "0 tools", "",
                  "Domestic tools installed before the first month, M.", "tool_capacity (3)",
                  keys::why_opening),
      FABCAST_KEY(domestic_attrition, per_year, 0, 10, linear, "0 %/year", "",
                  "Yearly loss of domestic tools.", "tool_capacity (3)"),
      FABCAST_KEY(domestic_deliveries, tools_per_month, 0, 1e4, multiplicative, "0 tools/month", "",
                  "Domestic tools delivered.", "tool_capacity (3)"),
      FABCAST_KEY(productivity, share, 0, 1, linear, "50 %", "",
                  "Output of a domestic tool over that of an imported one, pi.",
                  "tool_capacity (3)"),
      FABCAST_KEY(availability, share, 0, 1, linear, "85 %", "",
                  "Share of hours in which a tool runs product, A.", "tool_capacity (3)"),
      FABCAST_KEY(throughput, passes_per_hour, 0, 1e5, multiplicative, "required", "",
                  "Wafer passes per hour of a running tool, w.", "tool_capacity (3)"),
      FABCAST_KEY(passes, passes_per_wafer, 0.1, 1000, multiplicative, "required", "",
                  "Passes that a wafer of this node needs through this class, P.",
                  "tool_capacity (3)"),
  };
}();
static_assert(keys::covers<ToolKeys>(tool_rows));

/// [die.NAME]: a die design.
struct DieKeys {
  TextKey designer, family;
  ScalarKey width, height, area;
  ConstantKey wafer, edge_exclusion, scribe, notch;
  FlagKey reticle_aligned;
  ConstantKey cores;
  PathKey core_area_share;
  GroupKey bins;
  ChoiceOf<BinScope> bin_scope;
  PathKey test_yield;
  ScalarKey bank;
  PathKey bought;
};
inline constexpr auto die_rows = [] {
  using Keys = DieKeys;
  return std::array{
      FABCAST_WORD(designer, "", "", "Company that designs the die; reserved lines ask for it.",
                   "wafer_starts (4)"),
      FABCAST_WORD(family, "", "", "Group under which wafers and revenue are reported (ascend).",
                   "revenue (13)"),
      FABCAST_KEY(
          width, length, 0.1, 300, linear, "", "",
          "Die width; known sides give the exact gross dies per wafer, uncertain ones de Vries' "
          "closed form.",
          "gross_die (6)", keys::why_design),
      FABCAST_KEY(height, length, 0.1, 300, linear, "", "", "Die height; as width.",
                  "gross_die (6)", keys::why_design),
      FABCAST_KEY(area, area, 0.01, 858, multiplicative, "", "",
                  "Die area where the size is uncertain; gross dies by de Vries' closed form. Give "
                  "either this or width and height.",
                  "gross_die (6)", keys::why_design),
      FABCAST_KEY(wafer, length, 25, 450, linear, "300 mm", "", "Wafer diameter.", "gross_die (6)",
                  keys::why_layout),
      FABCAST_KEY(edge_exclusion, length, 0, 50, linear, "3 mm", "",
                  "Ring at the edge that holds no die.", "gross_die (6)", keys::why_layout),
      FABCAST_KEY(scribe, length, 0, 5, linear, "0.1 mm", "", "Scribe width between dies.",
                  "gross_die (6)", keys::why_layout),
      FABCAST_KEY(notch, length, 0, 50, linear, "0 mm", "",
                  "Depth at the wafer's bottom edge that the notch or flat keeps free.",
                  "gross_die (6)", keys::why_layout),
      FABCAST_WORD(reticle_aligned, "no", "",
                   "Whole 26 x 33 mm reticle fields are stepped; partial fields keep whole dies.",
                   "gross_die (6)"),
      FABCAST_KEY(cores, cores, 0, 64, linear, "0 cores", "",
                  "Identical cores on the die; 0 means that the die works whole or not at all.",
                  "die_yield (7)", keys::why_bins),
      FABCAST_KEY(core_area_share, share, 0, 1, linear, "55 %", "",
                  "Part of the die's area that the cores take together; the rest must work.",
                  "die_yield (7)"),
      FABCAST_NAMED_KEY("bin.*", bins, cores, 0, 128, linear, "", "",
                        "A bin and the fewest good cores that it asks for; best bin first.",
                        "die_yield (7)", keys::why_bins),
      FABCAST_CHOICE(
          bin_scope, "die",
          "Whether bins count the good cores of one die, or of the two dies of a package "
          "together.",
          "die_yield (7)"),
      FABCAST_KEY(test_yield, share, 0, 1, linear, "100 %", "",
                  "Dies that pass wafer test over dies without a killing defect.", "die_bank (8)"),
      FABCAST_KEY(bank, dies, 0, 1e10, multiplicative, "0 dies", "",
                  "Good dies in stock before the first month (first bin).", "die_bank (8)",
                  keys::why_opening),
      FABCAST_KEY(bought, dies_per_month, 0, 1e9, multiplicative, "0 dies/month", "",
                  "Good dies bought from elsewhere (first bin): the offshore route.",
                  "die_bank (8)"),
  };
}();
static_assert(keys::covers<DieKeys>(die_rows));

/// [claim.FAB.DIE]: a die's claim on a line's wafer starts.
struct ClaimKeys {
  PathKey share;
  ConstantKey priority;
  PathKey cap;
};
inline constexpr auto claim_rows = [] {
  using Keys = ClaimKeys;
  return std::array{
      FABCAST_KEY(share, share, 0, 1, linear, "0 %", "",
                  "Share of the line's starts (division = share).", "wafer_starts (4)"),
      FABCAST_KEY(priority, number, 1, 1000, linear, "1", "",
                  "Rank, 1 first (division = priority).", "wafer_starts (4)", keys::why_rank),
      FABCAST_KEY(cap, wafers_per_month, 0, keys::unbounded, multiplicative, "1e18", "",
                  "Most starts that this claim takes (division = priority).", "wafer_starts (4)"),
  };
}();
static_assert(keys::covers<ClaimKeys>(claim_rows));

/// [memory.NAME]: a type of memory stack.
struct MemoryKeys {
  ScalarKey stock;
  PathKey imports;
};
inline constexpr auto memory_rows = [] {
  using Keys = MemoryKeys;
  return std::array{
      FABCAST_KEY(stock, stacks, 0, 1e10, multiplicative, "0 stacks", "",
                  "Stacks in stock before the first month.", "memory_supply (9)",
                  keys::why_opening),
      FABCAST_KEY(imports, stacks_per_month, 0, 1e9, multiplicative, "0 stacks/month", "",
                  "Stacks imported.", "memory_supply (9)"),
  };
}();
static_assert(keys::covers<MemoryKeys>(memory_rows));

/// [dram.NAME]: a domestic line that makes one type of stack.
struct DramKeys {
  ReferenceKey memory;
  PathKey wafers, gross_dies, die_yield, stack_yield;
  CountKey dies_per_stack;
  ConstantKey lag;
};
inline constexpr auto dram_rows = [] {
  using Keys = DramKeys;
  return std::array{
      FABCAST_WORD(memory, "required", "memory", "The stack type that this line makes.",
                   "memory_supply (9)"),
      FABCAST_KEY(wafers, wafers_per_month, 0, 1e7, multiplicative, "required", "",
                  "DRAM wafers given to this stack type.", "memory_supply (9)"),
      FABCAST_KEY(gross_dies, dies_per_wafer, 1, 1e5, multiplicative, "required", "",
                  "Gross DRAM dies per wafer.", "memory_supply (9)"),
      FABCAST_KEY(die_yield, share, 0, 1, linear, "required", "", "Good DRAM dies over gross.",
                  "memory_supply (9)"),
      FABCAST_KEY(stack_yield, share, 0, 1, linear, "required", "",
                  "Good stacks over stacks assembled.", "memory_supply (9)"),
      FABCAST_KEY(dies_per_stack, dies_per_stack, 1, 64, linear, "required", "",
                  "DRAM dies in a stack (base die not counted); draws are rounded to whole dies.",
                  "memory_supply (9)", "a stack of another height is another type"),
      FABCAST_KEY(lag, months, 0, 60, linear, "0 months", "", "Months from wafer to stack.",
                  "memory_supply (9)", keys::why_lag),
  };
}();
static_assert(keys::covers<DramKeys>(dram_rows));

/// [packaging.NAME]: a packaging line; lines of one class are one pool.
struct PackagingKeys {
  TextKey packaging_class;
  PathKey capacity, wafers, attach_yield, interposer_yield;
};
inline constexpr auto packaging_rows = [] {
  using Keys = PackagingKeys;
  return std::array{
      FABCAST_NAMED_KEY("class", packaging_class, number, 0, 0, linear, "required", "",
                        "Products name a class; all its lines serve them together.",
                        "packaging (10)"),
      FABCAST_KEY(capacity, packages_per_month, 0, 1e9, multiplicative, "", "",
                  "Packages that the line can start. Give either this or wafers.",
                  "packaging (10)"),
      FABCAST_KEY(wafers, wafers_per_month, 0, 1e7, multiplicative, "", "",
                  "Interposer wafers that the line can start; a product says how many packages a "
                  "wafer holds.",
                  "packaging (10)"),
      FABCAST_KEY(
          attach_yield, share, 0, 1, linear, "100 %", "",
          "Chance that one part (die, I/O die or stack) is attached well; assembly yield is "
          "attach_yield^(parts) x interposer_yield, lines weighted by capacity.",
          "packaging (10)"),
      FABCAST_KEY(interposer_yield, share, 0, 1, linear, "100 %", "", "Yield of the interposer.",
                  "packaging (10)"),
  };
}();
static_assert(keys::covers<PackagingKeys>(packaging_rows));

/// [product.NAME]: a part that is sold. With a die it is made at home; without one it is imported.
struct ProductKeys {
  TextKey family;
  FlagKey npu;
  ReferenceKey die;
  ListKey bin;
  ConstantKey dies;
  ReferenceKey io_die;
  ConstantKey io_dies;
  ListKey memory;
  ConstantKey stacks;
  TextKey packaging;
  PathKey packages_per_wafer;
  ConstantKey priority;
  MonthKey launch, end;
  PathKey test_yield;
  ConstantKey lag;
  PathKey imports, taken;
  PathKey fp4, fp8, fp16, memory_size, bandwidth, power;
  PathKey price;
  ScalarKey failure_rate, wear_out;
  CountKey lifetime;
};
inline constexpr auto product_rows = [] {
  using Keys = ProductKeys;
  return std::array{
      FABCAST_WORD(family, "required", "", "Group under which it is reported (ascend, nvidia).",
                   "outputs"),
      FABCAST_WORD(npu, "yes", "", "Whether it is an AI accelerator and counts in npus.*.",
                   "outputs"),
      FABCAST_WORD(die, "", "die", "Compute die; absent for an imported part.", "packaging (10)"),
      FABCAST_WORD(bin, "", "bin",
                   "Bins of the die that it may use, in order of preference; all, best last, where "
                   "absent.",
                   "packaging (10)"),
      FABCAST_KEY(dies, dies, 1, 64, linear, "1", "", "Compute dies in a package.",
                  "packaging (10)", keys::why_recipe),
      FABCAST_WORD(io_die, "", "die", "I/O die, if it takes one.", "packaging (10)"),
      FABCAST_KEY(io_dies, dies, 0, 64, linear, "0", "", "I/O dies in a package.", "packaging (10)",
                  keys::why_recipe),
      FABCAST_WORD(memory, "", "memory", "Stack types that it may use, first choice first.",
                   "memory_supply (9)"),
      FABCAST_KEY(stacks, stacks, 0, 64, linear, "0", "", "Memory stacks in a package.",
                  "packaging (10)", keys::why_recipe),
      FABCAST_WORD(packaging, "", "",
                   "Packaging class that it needs; not limited by packaging where absent.",
                   "packaging (10)"),
      FABCAST_KEY(packages_per_wafer, packages_per_wafer, 0.1, 1e5, multiplicative, "1", "",
                  "Packages that an interposer wafer holds, where its class counts wafers.",
                  "packaging (10)"),
      FABCAST_KEY(priority, number, 1, 1000, linear, "10", "",
                  "Rank for dies, stacks and packaging, 1 first; equal ranks share in proportion.",
                  "packaging (10)", keys::why_rank),
      FABCAST_WORD(launch, "", "", "First month in which packages are started.", "packaging (10)"),
      FABCAST_WORD(end, "", "", "Last month in which packages are started.", "packaging (10)"),
      FABCAST_KEY(test_yield, share, 0, 1, linear, "98 %", "",
                  "Packages that pass final test over good assemblies.", "packaging (10)"),
      FABCAST_KEY(lag, months, 0, 60, linear, "1", "", "Months from package start to shipment.",
                  "packaging (10)", keys::why_lag),
      FABCAST_KEY(imports, npus_per_month, 0, 1e8, multiplicative, "0 npus/month", "",
                  "Foreign parts on offer (permitted or smuggled).", "demand (11)"),
      FABCAST_KEY(taken, share, 0, 1, linear, "100 %", "",
                  "Part of the offer that China lets in and buys.", "demand (11)"),
      FABCAST_KEY(fp4, compute, 0, 1e9, multiplicative, "0", "", "Dense FP4 throughput.",
                  "compute (13)"),
      FABCAST_KEY(fp8, compute, 0, 1e9, multiplicative, "0", "",
                  "Dense FP8 (or INT8 where it has no FP8) throughput.", "compute (13)"),
      FABCAST_KEY(fp16, compute, 0, 1e9, multiplicative, "0", "", "Dense FP16/BF16 throughput.",
                  "compute (13)"),
      FABCAST_KEY(memory_size, memory, 0, 1e6, multiplicative, "0", "", "Memory on the package.",
                  "compute (13)"),
      FABCAST_KEY(bandwidth, bandwidth, 0, 1e6, multiplicative, "0", "", "Memory bandwidth.",
                  "compute (13)"),
      FABCAST_KEY(power, power, 0, 1e6, multiplicative, "0", "",
                  "IT power per NPU, its share of the system included.", "compute (13)"),
      FABCAST_KEY(price, usd, 0, 1e9, multiplicative, "0", "", "Sales price.", "revenue (13)"),
      FABCAST_KEY(
          failure_rate, per_year, 0, 100, linear, "0", "",
          "Hazard h0 of an installed part; survival to age a years is exp(-h0 a - h1 a^2/2).",
          "compute (13)", keys::why_life),
      FABCAST_KEY(wear_out, per_year2, 0, 100, linear, "0", "",
                  "Growth h1 of that hazard with age.", "compute (13)", keys::why_life),
      FABCAST_KEY(lifetime, months, 1, 1200, linear, "1200 months", "",
                  "Age at which all that is left retires; draws are rounded to whole months.",
                  "compute (13)", keys::why_life),
  };
}();
static_assert(keys::covers<ProductKeys>(product_rows));

/// [segment.NAME]: a group of buyers.
struct SegmentKeys {
  PathKey demand, compute_demand;
  ChoiceOf<Precision> precision;
  PathKey domestic_share;
  ListKey prefers, imports;
  PathKey cancellation;
  ScalarKey backlog;
};
inline constexpr auto segment_rows = [] {
  using Keys = SegmentKeys;
  return std::array{
      FABCAST_KEY(demand, npus_per_month, 0, 1e8, multiplicative, "", "",
                  "Demand, each NPU counting one. Give either this or compute_demand.",
                  "demand (11)"),
      FABCAST_KEY(compute_demand, compute_per_month, 0, 1e9, multiplicative, "", "",
                  "Demand as compute at `precision`.", "demand (11)"),
      FABCAST_CHOICE(precision, "fp16", "The precision of compute_demand.", "demand (11)"),
      FABCAST_KEY(domestic_share, share, 0, 1, linear, "100 %", "",
                  "Part of demand that domestic parts may serve; what imports fill comes off the "
                  "whole first.",
                  "demand (11)"),
      FABCAST_WORD(prefers, "required", "product", "Domestic products, first choice first.",
                   "demand (11)"),
      FABCAST_WORD(
          imports, "", "product",
          "Imported products that fill part of demand first; what several segments take is "
          "shared among them in proportion to their demand in NPUs.",
          "demand (11)"),
      FABCAST_KEY(cancellation, per_month, 0, 1, linear, "5 %/month", "",
                  "Unmet orders that are cancelled each month.", "demand (11)"),
      FABCAST_KEY(backlog, npus, 0, 1e9, multiplicative, "0 npus", "",
                  "Unmet orders before the first month, in NPUs of the first choice.",
                  "demand (11)", keys::why_opening),
  };
}();
static_assert(keys::covers<SegmentKeys>(segment_rows));

/// [pod.NAME]: a pod design.
struct PodKeys {
  ReferenceKey npu;
  CountKey npus;
  PathKey spares, share, optics, switches, power;
  ConstantKey lag;
  CountKey cluster;
  FlagKey whole;
};
inline constexpr auto pod_rows = [] {
  using Keys = PodKeys;
  return std::array{
      FABCAST_WORD(npu, "required", "product", "The product that the pod is built of.",
                   "superpod (12)"),
      FABCAST_KEY(npus, npus, 1, 1e7, linear, "required", "",
                  "NPUs in a pod; draws are rounded to whole NPUs.", "superpod (12)",
                  keys::why_pod),
      FABCAST_KEY(spares, share, 0, 1, linear, "0 %", "", "Spare NPUs kept per NPU in a pod.",
                  "superpod (12)"),
      FABCAST_KEY(share, share, 0, 1, linear, "0 %", "",
                  "Share of the product's shipments that goes to this pod; the rest goes to cards "
                  "and servers.",
                  "superpod (12)"),
      FABCAST_KEY(
          optics, pods_per_month, 0, keys::unbounded, multiplicative, "1e18", "",
          "Kits of optics that arrive, in pods; kept from the launch of the pod's product on until "
          "pods take them.",
          "superpod (12)"),
      FABCAST_KEY(switches, pods_per_month, 0, keys::unbounded, multiplicative, "1e18", "",
                  "Kits of switch silicon that arrive; kept like optics.", "superpod (12)"),
      FABCAST_KEY(power, pods_per_month, 0, keys::unbounded, multiplicative, "1e18", "",
                  "Sites with power that become ready, in pods; kept like optics.",
                  "superpod (12)"),
      FABCAST_KEY(lag, months, 0, 60, linear, "1", "", "Months to build a pod.", "superpod (12)",
                  keys::why_lag),
      FABCAST_KEY(cluster, pods, 1, 1e6, linear, "64", "",
                  "Pods in a SuperCluster; draws are rounded to whole pods.", "superpod (12)",
                  "clusters are counted in one size"),
      FABCAST_WORD(whole, "yes", "", "Pods complete in whole numbers; what is over waits.",
                   "superpod (12)"),
  };
}();
static_assert(keys::covers<PodKeys>(pod_rows));

/// [milestone.NAME]: a count of deployed NPUs whose date is reported.
struct MilestoneKeys {
  CountKey npus;
  TextKey family;
};
inline constexpr auto milestone_rows = [] {
  using Keys = MilestoneKeys;
  return std::array{
      FABCAST_KEY(
          npus, npus, 1, 1e12, linear, "required", "",
          "Deployed NPUs to be reached, counted since the first month; draws are rounded to whole "
          "NPUs.",
          "superpod (12)", "it is one count, whose date is asked"),
      FABCAST_WORD(family, "", "", "Whose NPUs count; all home-made ones where absent.",
                   "superpod (12)"),
  };
}();
static_assert(keys::covers<MilestoneKeys>(milestone_rows));

/// [yardstick.NAME]: a foreign part in whose number installed compute is also told.
struct YardstickKeys {
  PathKey fp4, fp8, fp16, memory_size, bandwidth, power;
};
inline constexpr auto yardstick_rows = [] {
  using Keys = YardstickKeys;
  return std::array{
      FABCAST_KEY(fp4, compute, 0, 1e9, multiplicative, "0", "", "Dense FP4; 0: no such format.",
                  "compute (13)"),
      FABCAST_KEY(fp8, compute, 0, 1e9, multiplicative, "0", "", "Dense FP8; 0: no such format.",
                  "compute (13)"),
      FABCAST_KEY(fp16, compute, 0, 1e9, multiplicative, "0", "", "Dense FP16/BF16.",
                  "compute (13)"),
      FABCAST_KEY(memory_size, memory, 0, 1e6, multiplicative, "0", "", "Memory.", "compute (13)"),
      FABCAST_KEY(bandwidth, bandwidth, 0, 1e6, multiplicative, "0", "", "Memory bandwidth.",
                  "compute (13)"),
      FABCAST_KEY(power, power, 0, 1e6, multiplicative, "0", "", "Power.", "compute (13)"),
  };
}();
static_assert(keys::covers<YardstickKeys>(yardstick_rows));

/// [training.NAME]: a model to be trained, for months of training.
struct TrainingKeys {
  PathKey flop;
  ChoiceOf<Precision> precision;
  PathKey share, utilisation;
};
inline constexpr auto training_rows = [] {
  using Keys = TrainingKeys;
  return std::array{
      FABCAST_KEY(flop, flop, 1, 1e40, multiplicative, "required", "",
                  "FLOP of the whole training run.", "compute (13)"),
      FABCAST_CHOICE(precision, "fp16", "The precision it runs in.", "compute (13)"),
      FABCAST_KEY(share, share, 0, 1, linear, "required", "",
                  "Part of the installed home-made compute that it gets.", "compute (13)"),
      FABCAST_KEY(utilisation, share, 0, 1, linear, "required", "", "Model FLOP utilisation.",
                  "compute (13)"),
  };
}();
static_assert(keys::covers<TrainingKeys>(training_rows));

/// [observer.NAME]: whose numbers share one error (model.md, section 14).
struct ObserverKeys {
  ConstantKey correlation;
};
inline constexpr auto observer_rows = [] {
  using Keys = ObserverKeys;
  return std::array{
      FABCAST_KEY(
          correlation, share, 0, 1, linear, "100 %", "",
          "How far the observer's numbers share one error: n of them count as n / (1 + (n - "
          "1) correlation).",
          "conditioning (14)", "it says how observations are weighed"),
  };
}();
static_assert(keys::covers<ObserverKeys>(observer_rows));

/// [scenario] carries title, months, correlation; they belong to the spec, not to a stage.
struct ScenarioKeys {
  TextKey title, months;
  ChoiceOf<OfBadCorrelations> correlation;
  TextKey headline, comparison;
  ConstantKey observation_dof;
};
inline constexpr auto scenario_rows = [] {
  using Keys = ScenarioKeys;
  return std::array{
      FABCAST_WORD(title, "", free_text, "One line for people.", "outputs"),
      FABCAST_WORD(months, "required", free_text,
                   "First and last month: 2024-01 .. 2028-12. Results are of the whole calendar "
                   "quarters and years in it.",
                   "outputs"),
      FABCAST_CHOICE(
          correlation, "refuse",
          "What to do where the correlations are not positive definite: refuse, or take the "
          "nearest correlation matrix (Higham 2002).",
          "inputs (1)"),
      FABCAST_WORD(headline, "npus.shipped national, npus.deployed national, compute.fp16 national",
                   free_text, "Variables of the one-screen summary: variable entity, …", "outputs"),
      FABCAST_WORD(comparison, "", free_text,
                   "What `fabcast compare` shows on one screen: variable entity period, … and "
                   "milestone.NAME for its date; the headline's last year where absent.",
                   "outputs"),
      FABCAST_KEY(observation_dof, number, 1, 1e9, linear, "4", "",
                  "Degrees of freedom of the Student-t errors of [observe]: few forgive an "
                  "observation that is far off, 1e9 is the normal.",
                  "conditioning (14)", "it says how observations are weighed"),
  };
}();
static_assert(keys::covers<ScenarioKeys>(scenario_rows));

#undef FABCAST_CHOICE
#undef FABCAST_WORD
#undef FABCAST_KEY
#undef FABCAST_NAMED_KEY

}  // namespace fabcast
