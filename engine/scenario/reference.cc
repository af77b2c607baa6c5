#include "scenario/reference.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/diagnostics.h"
#include "scenario/declarations.h"
#include "scenario/equations.h"
#include "scenario/names.h"
#include "scenario/quantity.h"
#include "scenario/settings.h"

namespace fabcast {

namespace {

constexpr std::array forms{
    ValueForm{"NUMBER", "12k", "A constant; k, M, bn or % may follow, then a unit."},
    ValueForm{"LOW to HIGH", "3 to 8",
              "A 90 % interval: lognormal where both ends are positive, else normal."},
    ValueForm{"normal(MEAN, SD)", "normal(5, 1)", "Normal."},
    ValueForm{"lognormal(P5, P95)", "lognormal(3, 8)", "Lognormal by its 5 % and 95 % quantiles."},
    ValueForm{"uniform(LOW, HIGH)", "uniform(3, 8)", "Uniform."},
    ValueForm{"triangular(LOW, MODE, HIGH)", "triangular(3, 4, 8)", "Triangular."},
    ValueForm{"pert(LOW, MODE, HIGH)", "pert(3, 4, 8)", "PERT: a smooth triangular."},
    ValueForm{"beta(A, B, LOW, HIGH)", "beta(2, 5, 0, 1)", "Beta of shapes A, B on [LOW, HIGH]."},
    ValueForm{"discrete(VALUE: WEIGHT, …)", "discrete(3: 0.2, 5: 0.8)",
              "Some values, each with a weight."},
    ValueForm{"metalog(P %: VALUE, …)", "metalog(5 %: 3, 50 %: 4, 95 %: 8)",
              "Metalog (Keelin 2016) through quantiles."},
    ValueForm{"… within [LOW, HIGH]", "3 to 8 within [2, 9]",
              "Truncated: rescaled to the interval, not clamped."},
    ValueForm{"VIEW: … / VIEW: …", "nikkei: 3 to 8 / semianalysis: 5 to 9",
              "A value for each view of one group of [view]."},
    ValueForm{"DATE: … | DATE: …", "2024-12: 3 to 8 | 2026Q4: 5 to 9",
              "A time path: interpolated between dates, flat outside them."},
    ValueForm{"… noise SIGMA rho RHO", "3 to 8 noise 8 % rho 0.6",
              "Monthly noise on a path: an AR(1) factor in logs, of mean one."},
    ValueForm{"… @SOURCE", "3 to 8 @nikkei-2026-02", "Where the number comes from: a [source.ID]."},
};

/// A key of a section that names its keys freely.
struct FreeKey {
  std::string_view section, name, takes, meaning, equation;
};
constexpr std::string_view chance_of_view = "chance = weight / sum of the group's weights";
constexpr std::array free_keys{
    FreeKey{"[view]", "view.NAME", "a weight, 0 or more",
            "A position on which observers differ; each history follows one of [view].",
            chance_of_view},
    FreeKey{"[view.GROUP]", "view.GROUP.NAME", "a weight, 0 or more",
            "A position of a group of its own; each history follows one of each group.",
            chance_of_view},
    FreeKey{"[correlate]", "FIRST.KEY ~ SECOND.KEY", "a number between -1 and 1",
            "Correlation of the normal draws under two uncertain inputs; all together must be "
            "positive definite.",
            "z = L e, L L' = R; u = Phi(z); input = Q(u)"},
    FreeKey{"[question]", "question.NAME", "VARIABLE [ENTITY] >=|<=|>|< VALUE [UNIT] [by|at DATE]",
            "A chance to be told, with its Monte Carlo interval; `by`: ever up to the date, `at`: "
            "in that period, neither: ever in the run, and when.",
            "chance = histories in which it holds / all"},
    FreeKey{"[observe]", "observe.VARIABLE ENTITY PERIOD",
            "VALUE [UNIT] +- ERROR % [by OBSERVER] [@SOURCE]",
            "What was observed: trials are weighted by how well they agree. Observations of one "
            "observer (without `by`: of one publisher) share one error.",
            "weight = product over observers of (product of t(z))^(1 / (1 + (n - 1) correlation)), "
            "z = (ln x - ln value) / ln(1 + error)"},
    FreeKey{"[source.ID]", "source.ID.title", "text", "What the source is called.", ""},
    FreeKey{"[source.ID]", "source.ID.publisher", "text", "Who published it.", ""},
    FreeKey{"[source.ID]", "source.ID.date", "text", "When it was published.", ""},
    FreeKey{"[source.ID]", "source.ID.url", "text", "Where it stands.", ""},
    FreeKey{"[source.ID]", "source.ID.note", "text", "What to know about it.", ""},
    FreeKey{"[source.ID]", "source.ID.trust", "text", "How far to trust it.", ""},
};

/// "view" of "[view.GROUP]".
std::string_view kind_of(const FreeKey& key) {
  const std::string_view name = key.section.substr(1);
  return name.substr(0, name.find_first_of(".]"));
}

/// "a|b" as "a, b".
std::string with_commas(std::string_view options) {
  std::string text;
  for (const char c : options) {
    if (c == '|') {
      text += ", ";
    } else {
      text += c;
    }
  }
  return text;
}

/// What a key takes, where it is not a number.
std::string word_kind(const KeyRow& row) {
  switch (row.kind) {
    case KeyKind::choice:
      return "one of " + with_commas(row.options);
    case KeyKind::flag:
      return "yes or no";
    case KeyKind::month:
      return "month (2026-07), or quarter (2026Q3: its last month)";
    case KeyKind::reference:
      return fmt::format("name of a {}", row.options);
    case KeyKind::effects:
      return "KEY set|multiply|add|cap|scale VALUE [after TIME] [ramp TIME] [for TIME]";
    case KeyKind::list:
      return row.options == "bin" ? "bins of its die, comma between"
                                  : fmt::format("names of {}, comma between", row.options);
    default:
      return is_free_text(row) ? "text" : "word";
  }
}

/// What a numeric key takes.
std::string number_kind(const KeyRow& row) {
  if (row.options == within_months)
    return "a value, and the months in which it counts: 0.25 /year in 2026-07 .. 2028-12";
  if (row.options == at_month) return "a value, and its month: 60 % at 2026-11";
  if (row.kind == KeyKind::path) return "a value that may change with the month";
  const bool is_whole = takes_whole_numbers(row);
  if (row.is_constant()) return is_whole ? "a constant, whole" : "a constant";
  return is_whole ? "a whole number that does not change with time"
                  : "a value that does not change with time";
}

std::string unit_text(const KeyRow& row) {
  if (!row.is_numeric()) return word_kind(row);
  const std::string_view unit = shown_unit(row.dimension);
  return unit.empty() ? "plain number" : std::string(unit);
}

std::string default_text(const KeyRow& row) {
  return row.fallback.empty() ? "none" : std::string(row.fallback);
}

std::string table_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

/// "fab.NAME" of a section, for full keys.
std::string full_section(const SectionRow& section) {
  const std::string form = section_form(section);
  return form.substr(1, form.size() - 2);
}

std::string explain_key(const SectionRow& section, const KeyRow& row) {
  std::string text = fmt::format("{}.{}\n  {}\n", full_section(section), row.name, row.meaning);
  const auto line = [&](std::string_view label, std::string_view what) {
    text += fmt::format("  {:9}{}\n", label, what);
  };
  if (row.is_numeric()) {
    line("takes", number_kind(row));
    if (row.is_fixed()) line("since", row.why_fixed);
    const std::string units = unit_list(row.dimension);
    const std::string_view unit = shown_unit(row.dimension);
    line("unit", unit.empty()    ? std::string("none (a plain number)")
                 : units == unit ? std::string(unit)
                                 : fmt::format("{} (any of: {})", unit, units));
    line("range", range_text(row));
    if (row.kind == KeyKind::path) {
      line("between", row.scale == Scale::multiplicative
                          ? "dates, geometric where all values are positive, else linear"
                          : "dates, linear");
    }
  } else {
    line("takes", word_kind(row));
  }
  line("default", default_text(row));
  const std::string_view equation = equation_of(section, row);
  if (!equation.empty()) line("equation", equation);
  line("used by", row.used_by);
  return text;
}

std::string explain_free_key(const FreeKey& key) {
  std::string text = fmt::format("{}\n  {}\n  takes    {}\n", key.name, key.meaning, key.takes);
  if (!key.equation.empty()) text += fmt::format("  equation {}\n", key.equation);
  return text;
}

/// What the keys of [view], [correlate], [question] and [source.ID] mean: all of a section, or the
/// one that `name` gives in full. Empty where it is of another kind.
std::string explain_free(std::string_view name) {
  const auto [kind, rest] = split_section_name(name);
  const size_t parts =
      rest.empty() ? 0 : 1 + static_cast<size_t>(std::count(rest.begin(), rest.end(), '.'));
  const bool is_field = kind == "source" && parts > 1;
  const std::string_view field = is_field ? rest.substr(rest.rfind('.') + 1) : std::string_view{};
  std::string text;
  for (const FreeKey& key : free_keys) {
    if (kind_of(key) != kind) continue;
    const auto asked = static_cast<size_t>(std::count(key.name.begin(), key.name.end(), '.'));
    if (kind == "view" && parts > 0 && parts != asked) continue;
    if (is_field && !key.name.ends_with(fmt::format(".{}", field))) continue;
    text += (text.empty() ? "" : "\n") + explain_free_key(key);
  }
  if (!text.empty() || !is_field) return text;
  const std::string near = suggestion(field, {source_fields().begin(), source_fields().end()});
  if (near.empty()) return explain_free("source");  // an ID may have dots
  throw InputError(fmt::format("there is no field '{}' in [source.ID]; {}", escaped(field), near));
}

/// The same as tables.
std::string free_key_tables() {
  std::string text;
  std::string_view section;
  for (const FreeKey& key : free_keys) {
    if (key.section != section) {
      section = key.section;
      text += fmt::format("\n## `{}`\n\n| key | takes | meaning | equation |\n|---|---|---|---|\n",
                          section);
    }
    text += fmt::format("| `{}` | {} | {} | {} |\n", key.name, table_cell(key.takes), key.meaning,
                        key.equation.empty() ? "—" : key.equation);
  }
  return text;
}

std::string explain_section(const SectionRow& section) {
  std::string text = fmt::format("{}  {}\n", section_form(section), section.meaning);
  for (const KeyRow& row : section.keys) {
    text += fmt::format("  {:19} {}\n", row.name, row.meaning);
  }
  return text;
}

}  // namespace

std::span<const ValueForm> value_forms() { return forms; }

std::string key_reference_markdown() {
  std::string text =
      "# Keys of a scenario\n\n"
      "Printed by `fabcast list keys --markdown`. `fabcast explain KEY` tells one key, with all "
      "its "
      "units.\n";
  for (const SectionRow& section : schema()) {
    text += fmt::format("\n## `{}`\n\n{}\n\n", section_form(section), section.meaning);
    text +=
        "| key | unit | range | default | meaning | equation | used by |\n"
        "|---|---|---|---|---|---|---|\n";
    for (const KeyRow& row : section.keys) {
      std::string range = "—";
      if (row.is_numeric()) {
        range = range_text(row);
        if (takes_whole_numbers(row)) range += ", whole";
        if (row.is_drawn_once()) range += ", no dates";
        if (row.is_constant()) range += ", a constant";
      }
      const std::string_view equation = equation_of(section, row);
      text += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |\n", row.name,
                          table_cell(unit_text(row)), range, table_cell(default_text(row)),
                          table_cell(row.meaning), equation.empty() ? "—" : table_cell(equation),
                          row.used_by);
    }
  }
  return text + free_key_tables();
}

std::string key_list_text() {
  std::string text;
  for (const SectionRow& section : schema()) {
    const std::string prefix = full_section(section);
    for (const KeyRow& row : section.keys) {
      text += fmt::format("{:31} {:23} {}\n", fmt::format("{}.{}", prefix, row.name),
                          row.is_numeric() ? unit_text(row) : "", row.meaning);
    }
  }
  for (const FreeKey& key : free_keys) {
    text += fmt::format("{:31} {:23} {}\n", key.name, "", key.meaning);
  }
  return text;
}

std::string family_list_text(bool markdown) {
  std::string text;
  if (markdown) text = "| form | example | means |\n|---|---|---|\n";
  for (const auto& [syntax, example, meaning] : forms) {
    text += markdown ? fmt::format("| `{}` | `{}` | {} |\n", table_cell(syntax),
                                   table_cell(example), meaning)
                     : fmt::format("{:29} {:39} {}\n", syntax, example, meaning);
  }
  return text;
}

std::string explain_text(std::string_view name, std::span<const std::string_view> others) {
  if (const std::string free = explain_free(name); !free.empty()) return free;
  const SectionRow* whole = find_section(name);
  std::string text = whole ? explain_section(*whole) : std::string{};
  std::string_view key = name;
  const SectionRow* only = nullptr;
  const auto [kind, rest] = split_section_name(name);
  if (const SectionRow* section = find_section(kind); section && !rest.empty()) {
    // fab.plan, or fab.SN2.plan
    only = section;
    key = rest;
    if (!section->find(rest)) {
      const FullKey full = split_full_key(name);
      if (full.problem.empty()) key = full.key;
    }
  }
  std::vector<std::string_view> known;
  for (const SectionRow& section : schema()) {
    if (only && only != &section) continue;
    if (const KeyRow* row = section.find(key)) {
      text += (text.empty() ? "" : "\n") + explain_key(section, *row);
    }
    for (const KeyRow& row : section.keys) known.push_back(row.name);
  }
  if (!text.empty()) return text;
  std::vector<std::string> full_names;
  if (!only) {
    for (const SectionRow& section : schema()) {
      known.push_back(section.name);
      for (const KeyRow& row : section.keys) {
        full_names.push_back(fmt::format("{}.{}", section.name, row.name));
      }
    }
    known.insert(known.end(), full_names.begin(), full_names.end());
    known.insert(known.end(), others.begin(), others.end());
  }
  const std::string near = suggestion(key, known);
  throw InputError(fmt::format(
      "there is no key '{}'{}; {}", escaped(key),
      only ? fmt::format(" in {}", section_form(*only)) : "",
      near.empty() ? "`fabcast list keys` and `fabcast list variables` show them all" : near));
}

}  // namespace fabcast
