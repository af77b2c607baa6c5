/// Inputs with their sources, the wafer, the dictionary, and where the results come from.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "report/page/sections.h"
#include "report/response.h"
#include "report/wafer_map.h"

namespace fabcast::page {

namespace {

Names words_of(std::string_view text) {
  Names words;
  while (!text.empty()) {
    const size_t space = text.find(' ');
    if (space != 0) words.emplace_back(text.substr(0, space));
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return words;
}

/// "scenarios/base.scn:59" -> "base.scn:59"
std::string place_text(const std::string& set_at) {
  const size_t slash = set_at.rfind('/');
  return slash == std::string::npos ? set_at : set_at.substr(slash + 1);
}

/// A value without the names of its sources, which stand beside it.
std::string without_sources(std::string value, const Names& sources) {
  for (const std::string& source : sources) {
    const std::string mark = " @" + source;
    for (size_t at = value.find(mark); at != std::string::npos; at = value.find(mark, at)) {
      const size_t end = at + mark.size();
      if (end < value.size() && value[end] != ' ') {
        ++at;  // the start of a longer name
      } else {
        value.erase(at, mark.size());
      }
    }
  }
  return value;
}

Markup links_to(const Names& sources, const std::set<std::string>& known) {
  Markup links;
  for (const std::string& source : sources) {
    if (!links.empty()) links << ours(" ");
    links << (known.count(source) ? element("a", {{"href", "#source-" + source}}, text(source))
                                  : text(source));
  }
  return links;
}

/// "product" of "product.ascend950pr.stacks".
std::string kind_of(const std::string& key) { return key.substr(0, key.find('.')); }

std::set<std::string> known_sources(const Report& report) {
  std::set<std::string> known;
  for (const Row& row : report.result.sources.rows) {
    known.insert(text_in(row[report.result.sources.column("source")]));
  }
  return known;
}

/// What the other scenarios set otherwise than the first.
Markup changed_inputs(const Report& report, const std::set<std::string>& known) {
  const Table& inputs = report.result.inputs;
  const size_t scenario = inputs.column("scenario"), key = inputs.column("key"),
               value = inputs.column("value"), source = inputs.column("source");
  std::map<std::string, std::string> base;
  for (const Row& row : inputs.rows) {
    if (text_in(row[scenario]) == report.scenarios[0]) {
      base[text_in(row[key])] =
          without_sources(text_in(row[value]), words_of(text_in(row[source])));
    }
  }
  std::vector<std::vector<Markup>> rows;
  for (const Row& row : inputs.rows) {
    if (text_in(row[scenario]) == report.scenarios[0]) continue;
    const Names sources = words_of(text_in(row[source]));
    const std::string own = without_sources(text_in(row[value]), sources);
    const auto first = base.find(text_in(row[key]));
    if (first != base.end() && first->second == own) continue;
    rows.push_back({text(text_in(row[scenario])), code(text_in(row[key])), code(own),
                    code(first == base.end() ? "–" : first->second), links_to(sources, known)});
  }
  if (rows.empty()) return {};
  return details(fmt::format("What the other scenarios set otherwise: {} values", rows.size()),
                 table(text("Inputs that differ from those of " + report.scenarios[0]),
                       {{"Scenario", false},
                        {"Key", false},
                        {"Value", false},
                        {"In " + report.scenarios[0], false},
                        {"Sources", false}},
                       rows, "inputs"));
}

/// The addresses of a source's url field, which may be several with semicolons between them.
Markup addresses(std::string_view field) {
  Markup links;
  while (!field.empty()) {
    const size_t end = std::min(field.find(';'), field.size());
    std::string_view one = field.substr(0, end);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    field.remove_prefix(std::min(end + 1, field.size()));
    if (one.empty()) continue;
    if (!links.empty()) links << ours("<br>");
    const std::string address = address_of(one);
    links << (address.empty()
                  ? text(one)
                  : element("a", {{"href", address}, {"rel", "noopener noreferrer"}}, text(one)));
  }
  return links;
}

}  // namespace

Section wafer_section(const Report& report) {
  Section section{"wafer", "The main die on its wafer", {}};
  Names drawn;
  for (const WaferFigure& wafer : report.result.wafers) {
    WaferMap map;
    map.die_width_mm = wafer.width_mm;
    map.die_height_mm = wafer.height_mm;
    map.wafer_mm = wafer.wafer_mm;
    map.edge_exclusion_mm = wafer.edge_exclusion_mm;
    map.scribe_mm = wafer.scribe_mm;
    map.notch_mm = wafer.notch_mm;
    map.reticle_aligned = wafer.reticle_aligned;
    const GrossDies dies = gross_dies_exact(map);
    const std::string words =
        fmt::format("{}: {} dies of {:.4g} mm × {:.4g} mm on a {:.4g} mm wafer", wafer.die,
                    dies.count, wafer.width_mm, wafer.height_mm, wafer.wafer_mm);
    // Scenarios that share the die share the picture.
    if (std::find(drawn.begin(), drawn.end(), words) != drawn.end()) continue;
    drawn.push_back(words);
    Markup caption = element("b", words);
    caption << text(fmt::format(
        " Scribe lanes of {:.3g} mm, {:.3g} mm kept free at the edge. {}", wafer.scribe_mm,
        wafer.edge_exclusion_mm,
        wafer.square ? "Only the area is known: the sides are those of a square of its median."
                     : "Sides are medians where they are uncertain."));
    section.body << element("figure", {{"class", "wafer-map"}},
                            element("figcaption", caption) << ours(wafer_map_drawing(map, dies)));
  }
  return section;
}

Section inputs_section(const Report& report) {
  Section section{"inputs", "Inputs", {}};
  const Table& inputs = report.result.inputs;
  if (inputs.rows.empty()) return section;
  const size_t scenario = inputs.column("scenario"), key = inputs.column("key"),
               value = inputs.column("value"), source = inputs.column("source"),
               set_at = inputs.column("set_at");
  const std::set<std::string> known = known_sources(report);
  Names kinds;
  std::map<std::string, std::vector<std::vector<Markup>>> set, defaults;
  for (const Row& row : inputs.rows) {
    if (text_in(row[scenario]) != report.scenarios[0]) continue;
    const std::string kind = kind_of(text_in(row[key]));
    add_once(kinds, kind);
    const Names sources = words_of(text_in(row[source]));
    const Markup shown = code(without_sources(text_in(row[value]), sources));
    if (text_in(row[set_at]) == "default") {
      defaults[kind].push_back({code(text_in(row[key])), shown});
    } else {
      set[kind].push_back({code(text_in(row[key])), shown, links_to(sources, known),
                           text(place_text(text_in(row[set_at])))});
    }
  }
  if (!sweeps_of(report.result).empty()) {
    section.body << paragraph(
        "Of a sweep's scenario these are its inputs as it stands, before what is varied.");
  }
  section.body << paragraph(
      "Every input as the model took it. \"a to b\" is a 90 % interval; \"2026-12: x | 2028-12: "
      "y\" "
      "are values at dates, with the months between them filled in; \"NAME: x / NAME: y\" are "
      "views. A source's name leads to the list below.");
  for (const std::string& kind : kinds) {
    const auto &own = set[kind], &left = defaults[kind];
    Markup inside;
    if (!own.empty()) {
      inside << table(text("Set by the scenario"),
                      {{"Key", false}, {"Value", false}, {"Sources", false}, {"Where", false}}, own,
                      "inputs");
    }
    if (!left.empty()) {
      inside << table(text("Left at their defaults"), {{"Key", false}, {"Value", false}}, left,
                      "inputs");
    }
    section.body << details(
        fmt::format("{}: {} set, {} at their defaults", kind, own.size(), left.size()), inside);
  }
  section.body << changed_inputs(report, known);
  return section;
}

Section sources_section(const Report& report) {
  Section section{"sources", "Sources", {}};
  const Table& sources = report.result.sources;
  if (sources.rows.empty()) return section;
  const auto word = [&](const Row& row, std::string_view name) -> const std::string& {
    static const std::string none;
    for (size_t c = 0; c < sources.columns.size(); ++c) {
      if (sources.columns[c].name == name) return text_in(row[c]);
    }
    return none;
  };
  Markup body;
  std::set<std::string> seen;
  for (const Row& row : sources.rows) {
    const std::string& id = word(row, "source");
    // Two scenarios may name different things by one id: only the first can be linked to.
    const bool is_first = seen.insert(id).second;
    Markup cells = element("th", {{"scope", "row"}}, code(id));
    Markup title = element("b", word(row, "title"));
    if (!word(row, "note").empty()) {
      title << ours("<br>") << element("span", {{"class", "note"}}, text(word(row, "note")));
    }
    cells << element("td", title) << element("td", word(row, "publisher"))
          << element("td", word(row, "date")) << element("td", addresses(word(row, "url")))
          << element("td", word(row, "trust"));
    body << element("tr", {{is_first ? "id" : "", "source-" + id}}, cells) << ours("\n");
  }
  Markup heads;
  for (const char* head : {"Id", "Title", "Publisher", "Date", "Address", "Trust"}) {
    heads << element("th", {{"scope", "col"}}, text(head));
  }
  section.body << element(
      "div", {{"class", "scroll"}},
      element("table", {{"class", "sources"}},
              element("caption", "Sources that the scenario names")
                  << element("thead", element("tr", heads)) << element("tbody", body)));
  return section;
}

Section dictionary_section(const Report& report) {
  Section section{"dictionary", "Dictionary", {}};
  std::vector<std::vector<Markup>> rows;
  for (const VariableMeaning& variable : report.result.provenance.variables) {
    rows.push_back({code(variable.variable), text(variable.unit), text(variable.meaning)});
  }
  if (!rows.empty()) {
    section.body << details(
        fmt::format("Variables: {}", rows.size()),
        table(text("What is reported, in which unit"),
              {{"Variable", false}, {"Unit", false}, {"Meaning", false}}, rows));
  }
  rows.clear();
  for (const Table* table_of : report.result.tables()) {
    for (const Column& column : table_of->columns) {
      // One column a point or a view: said once in the table's own place.
      if (column.meaning.empty()) continue;
      rows.push_back({code(table_of->name + ".csv"), code(column.name), text(column.meaning)});
      if (table_of->name.starts_with("sweep-wide") && rows.size() > 400) break;
    }
  }
  if (!rows.empty()) {
    section.body << details(fmt::format("Columns of the tables: {}", rows.size()),
                            table(text("Columns of the CSV files of this run"),
                                  {{"File", false}, {"Column", false}, {"Meaning", false}}, rows));
  }
  return section;
}

Section run_section(const Report& report) {
  Section section{"run", "The run", {}};
  const Provenance& from = report.result.provenance;
  std::vector<std::vector<Markup>> rows;
  const auto add = [&](const char* name, const Markup& value) {
    if (!value.html().empty()) rows.push_back({text(name), value});
  };
  add("Program", text(fmt::format("fabcast {} ({})", from.version, from.build)));
  if (from.runs > 1) {
    for (const RunPart& part : report.result.parts) {
      add("Run", code(part.directory)
                     << text(fmt::format(": {}", fmt::join(part.scenarios, ", "))));
    }
  } else {
    add("Command", from.command.empty() ? Markup() : code(from.command));
    add("Scenario", text(from.scenario));
    add("Months", text(from.first_month + " to " + from.last_month));
    add("Trials", text(fmt::format("{}", from.trials)));
  }
  if (report.result.weighted) {
    add("Trials that count", text(fmt::format("{:.0f}", report.result.effective_trials)));
  }
  if (from.runs == 1) {
    add("Seed", text(fmt::format("{}, sampler {}; streams of version {}", from.seed,
                                 from.sampler_text(), from.stream_version)));
    add("Quantiles", text(from.quantiles == "exact" ? "exact order statistics"
                                                    : "read off counts, to about a twentieth of "
                                                      "their standard error"));
  }
  add("SHA-256 of the scenario",
      from.scenario_sha256.empty() ? Markup() : code(from.scenario_sha256));
  Markup files;
  for (const auto& [path, words] : from.files) {
    if (!files.empty()) files << ours("<br>");
    files << code(place_text(path));
  }
  add("Files read", files);
  section.body << table(
      text(from.runs > 1 ? "Of each run trials, seed and command stand in the table runs; "
                           "its run.json has its scenario whole"
                         : "Enough to run it again; run.json has the scenario whole"),
      {{"What", false}, {"Value", false}}, rows, "run");
  return section;
}

}  // namespace fabcast::page
