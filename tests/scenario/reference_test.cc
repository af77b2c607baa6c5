#include "scenario/reference.h"

#include <doctest/doctest.h>

#include <sstream>

#include "base/diagnostics.h"
#include "scenario/declarations.h"
#include "scenario/equations.h"
#include "scenario/names.h"
#include "scenario/quantity.h"
#include "scenario/schema.h"
#include "scenario/value.h"

namespace fabcast {

TEST_CASE("reference: the table has every key once, seven cells a row") {
  const std::string text = key_reference_markdown();
  size_t keys = 0, rows = 0;
  for (const SectionRow& section : schema()) {
    CHECK(text.find("## `" + section_form(section) + "`") != std::string::npos);
    keys += section.keys.size();
    for (const KeyRow& row : section.keys) {
      CHECK(text.find("| `" + std::string(row.name) + "` |") != std::string::npos);
      CHECK(text.find(std::string(row.meaning)) != std::string::npos);
    }
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## `[view]")) break;  // keys of the users' own names, told below
    if (!line.starts_with("| `")) continue;
    ++rows;
    size_t bars = 0;
    for (size_t i = 0; i < line.size(); ++i)
      bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    CAPTURE(line);
    CHECK(bars == 8);
  }
  CHECK(rows == keys);
}

TEST_CASE("reference: a row as it is printed") {
  const std::string text = key_reference_markdown();
  CHECK(text.find("| `utilisation` | % | 0 to 100 % | 95 % | Wafer starts over capacity. | "
                  "starts = capacity x utilisation | wafer_starts (4) |\n") != std::string::npos);
  CHECK(text.find("| `die` | name of a die | — | none |") != std::string::npos);
  CHECK(text.find("| `cores` | cores | 0 to 64 cores, whole, a constant | 0 cores |") !=
        std::string::npos);
}

TEST_CASE("reference: every key can be explained by its full, short and bare name") {
  for (const SectionRow& section : schema()) {
    const std::string kind(section.name);
    const std::string entity = section.parts == 0 ? "" : section.parts == 1 ? ".x" : ".x.y";
    for (const KeyRow& row : section.keys) {
      std::string key(row.name);
      if (row.kind == KeyKind::group) key.replace(key.size() - 1, 1, "full");
      CAPTURE(kind + "." + key);
      const std::string full = explain_text(kind + entity + "." + key);
      CHECK(full.find(std::string(row.meaning)) != std::string::npos);
      CHECK(full.find("used by  " + std::string(row.used_by)) != std::string::npos);
      CHECK(explain_text(kind + "." + key) == full);
      CHECK(explain_text(key).find(full) != std::string::npos);
    }
  }
}

TEST_CASE("reference: explain says unit, range, default and how a path runs") {
  CHECK(
      explain_text("fab.SN2.plan") ==
      "fab.NAME.plan\n"
      "  Capacity by cleanroom and announced expansion; capacity is the least of this and of each "
      "tool class.\n"
      "  takes    a value that may change with the month\n"
      "  unit     wafers/month (any of: " +
          unit_list(Dimension::wafers_per_month) +
          ")\n"
          "  range    0 to 10M wafers/month\n"
          "  between  dates, geometric where all values are positive, else linear\n"
          "  default  required\n"
          "  equation capacity = min(plan, capacity of each tool class)\n"
          "  used by  tool_capacity (3)\n");
}

TEST_CASE("reference: every number stands in an equation, and every equation's keys exist") {
  for (const SectionRow& section : schema()) {
    for (const KeyRow& row : section.keys) {
      CAPTURE(section.name);
      CAPTURE(row.name);
      if (row.is_numeric()) CHECK(equation_of(section, row) != "");
    }
  }
  for (const Equation& equation : equations()) {
    std::istringstream keys{std::string(equation.keys)};
    for (std::string key; keys >> key;) {
      CAPTURE(key);
      const SectionRow* section = find_section(key.substr(0, key.find('.')));
      REQUIRE(section);
      const std::string name = key.substr(key.find('.') + 1);
      if (name == "*") continue;
      const KeyRow* row = section->find(name);
      REQUIRE(row);
      CHECK(row->name == name);
      CHECK(equation_of(*section, *row) == equation.text);
    }
  }
}

TEST_CASE("reference: keys that users name are told too") {
  const std::string pair = explain_text("correlate");
  CHECK(pair.starts_with("FIRST.KEY ~ SECOND.KEY\n"));
  CHECK(pair.find("takes    a number between -1 and 1\n") != std::string::npos);
  CHECK(explain_text("view.nikkei").starts_with("view.NAME\n"));
  CHECK(explain_text("view.hbm.slow").starts_with("view.GROUP.NAME\n"));
  CHECK(explain_text("view").find("view.GROUP.NAME\n") != std::string::npos);
  CHECK(explain_text("question.million").find("by|at DATE") != std::string::npos);
  CHECK(explain_text("question") == explain_text("question.million"));
  CHECK(explain_text("source.nikkei-2026.02.url") ==
        "source.ID.url\n  Where it stands.\n  takes    text\n");
  CHECK(explain_text("source.nikkei-2026.02") == explain_text("source"));
  CHECK_THROWS_WITH_AS(explain_text("source.a.titel"),
                       "there is no field 'titel' in [source.ID]; did you mean 'title'?",
                       InputError);
  for (const std::string_view field : source_fields()) {
    CHECK(explain_text("source").find("source.ID." + std::string(field) + "\n") !=
          std::string::npos);
  }
  for (const std::string& text : {key_list_text(), key_reference_markdown()}) {
    for (const char* key :
         {"view.NAME", "FIRST.KEY ~ SECOND.KEY", "question.NAME", "source.ID.trust"}) {
      CHECK(text.find(key) != std::string::npos);
    }
  }
}

TEST_CASE("reference: a name that several sections have is told for each") {
  const std::string text = explain_text("share");
  for (const char* key : {"claim.FAB.DIE.share", "pod.NAME.share", "training.NAME.share"}) {
    CHECK(text.find(key) != std::string::npos);
  }
}

TEST_CASE("reference: a section is told with its keys") {
  const std::string text = explain_text("fab");
  CHECK(text.starts_with("[fab.NAME]  A line that runs one node."));
  CHECK(text.find("\n  utilisation ") != std::string::npos);
  // Where a key has the section's name too, both are told.
  CHECK(explain_text("memory").find("[memory.NAME]") == 0);
  CHECK(explain_text("memory").find("product.NAME.memory\n") != std::string::npos);
}

TEST_CASE("reference: what does not exist is told with the nearest name") {
  CHECK_THROWS_WITH_AS(explain_text("utilization"),
                       "there is no key 'utilization'; did you mean 'utilisation'?", InputError);
  CHECK_THROWS_WITH_AS(explain_text("fab.SN2.plam"),
                       "there is no key 'plam' in [fab.NAME]; did you mean 'plan'?", InputError);
  CHECK_THROWS_WITH_AS(
      explain_text("weather"),
      "there is no key 'weather'; `fabcast list keys` and `fabcast list variables` show them all",
      InputError);
  CHECK_THROWS_AS(explain_text(""), InputError);
}

TEST_CASE("reference: every form of value reads as its example says") {
  for (const ValueForm& form : value_forms()) {
    CAPTURE(form.example);
    Diagnostics diagnostics;
    const PlacedText text(std::string(form.example), {});
    CHECK(parse_value(text, Dimension::number, diagnostics).has_value());
    CHECK(diagnostics.text() == "");
    CHECK(family_list_text(false).find(form.example) != std::string::npos);
  }
  for (const char* family :
       {"normal", "lognormal", "uniform", "triangular", "pert", "beta", "discrete", "metalog"}) {
    CHECK(family_list_text(true).find("`" + std::string(family) + "(") != std::string::npos);
  }
}

TEST_CASE("reference: the list has one line a key") {
  size_t keys = 0, lines = 0;
  for (const SectionRow& section : schema()) keys += section.keys.size();
  for (const char c : key_list_text()) lines += c == '\n';
  CHECK(lines == keys + 5 + source_fields().size());  // views twice, pairs, questions, observations
}

TEST_CASE("quantity: numbers read back as they are printed") {
  CHECK(quantity_text(12000, Dimension::wafers_per_month) == "12k wafers/month");
  CHECK(quantity_text(9999, Dimension::wafers) == "9999 wafers");
  CHECK(quantity_text(0.15, Dimension::share) == "15 %");
  CHECK(quantity_text(1e7, Dimension::wafers_per_month) == "10M wafers/month");
  CHECK(quantity_text(-2.5e9, Dimension::usd) == "-2.5bn $");
  CHECK(quantity_text(1e40, Dimension::flop) == "1e+40 FLOP");
  CHECK(quantity_text(2, Dimension::number) == "2");
}

}  // namespace fabcast
