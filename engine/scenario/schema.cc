#include "scenario/schema.h"

#include "scenario/keys.h"

namespace fabcast {

namespace {

constexpr std::array sections{
    SectionRow{"scenario", 0, "", "What the file simulates.", scenario_rows},
    SectionRow{"event", 1, "",
               "A change of the export-control regime: when it starts, and what it does from then "
               "on.",
               event_rows},
    SectionRow{"foundry", 1, "", "A company that sells wafers.", foundry_rows},
    SectionRow{"node", 1, "", "A process: learning, yield model, cycle time, price.", node_rows},
    SectionRow{"fab", 1, "", "A line that runs one node.", fab_rows},
    SectionRow{"tool", 2, "fab|", "A tool class that limits a line.", tool_rows},
    SectionRow{"die", 1, "", "A die design: size, cores, bins, die bank.", die_rows},
    SectionRow{"claim", 2, "fab|die", "A die's claim on a line's wafer starts.", claim_rows},
    SectionRow{"memory", 1, "", "A type of memory stack: stock and imports.", memory_rows},
    SectionRow{"dram", 1, "", "A domestic line that makes one type of stack.", dram_rows},
    SectionRow{"packaging", 1, "", "A packaging line.", packaging_rows},
    SectionRow{"product", 1, "",
               "A part that is sold (SKU), made at home or imported. What it does not name does "
               "not limit it.",
               product_rows},
    SectionRow{"segment", 1, "", "A group of buyers: demand, preference, backlog.", segment_rows},
    SectionRow{"pod", 1, "", "A pod design and the share of shipments that goes to it.", pod_rows},
    SectionRow{"observer", 1, "",
               "Who observes: publishers that share data are one observer, named by `by` in "
               "[observe].",
               observer_rows},
    SectionRow{"milestone", 1, "", "A count of NPUs whose date is reported.", milestone_rows},
    SectionRow{"yardstick", 1, "", "A foreign part as a measure of compute.", yardstick_rows},
    SectionRow{"training", 1, "", "A training run whose length is reported.", training_rows},
};

using Way = Alternatives::Way;
constexpr std::string_view die_area[] = {"area"}, die_sides[] = {"width", "height"};
constexpr std::string_view packages[] = {"capacity"}, interposers[] = {"wafers"};
constexpr std::string_view in_npus[] = {"demand"}, in_compute[] = {"compute_demand"};
constexpr std::string_view on_a_date[] = {"date"}, by_hazard[] = {"hazard"},
                           by_chance[] = {"probability"};
constexpr Way die_sizes[] = {die_sides, die_area}, packaging_counts[] = {packages, interposers},
              demands[] = {in_npus, in_compute}, event_starts[] = {on_a_date, by_hazard, by_chance};
constexpr Alternatives all_alternatives[] = {{"die", die_sizes},
                                             {"packaging", packaging_counts},
                                             {"segment", demands},
                                             {"event", event_starts}};

}  // namespace

std::span<const Alternatives> alternatives() { return all_alternatives; }

std::span<const SectionRow> schema() { return sections; }

const SectionRow* find_section(std::string_view name) {
  for (const SectionRow& section : sections) {
    if (section.name == name) return &section;
  }
  return nullptr;
}

const KeyRow* SectionRow::find(std::string_view key) const {
  for (const KeyRow& row : keys) {
    if (row.kind == KeyKind::group) {
      const std::string_view stem = row.name.substr(0, row.name.size() - 1);  // "bin."
      if (key.size() > stem.size() && key.starts_with(stem)) return &row;
    } else if (row.name == key || (row.kind == KeyKind::effects && key.starts_with(row.name) &&
                                   key.substr(row.name.size()).starts_with('.'))) {
      return &row;
    }
  }
  return nullptr;
}

std::vector<std::string_view> KeyRow::choices() const {
  std::vector<std::string_view> list;
  if (kind != KeyKind::choice) return list;
  std::string_view rest = options;
  while (!rest.empty()) {
    const size_t bar = rest.find('|');
    list.push_back(rest.substr(0, bar));
    rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
  }
  return list;
}

}  // namespace fabcast
