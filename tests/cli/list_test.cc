/// fabcast list, and what the program says of itself.

#include <doctest/doctest.h>

#include <algorithm>

#include "run/outputs.h"
#include "scenario/declarations.h"
#include "scenario/schema.h"
#include "support/program.h"

using namespace fabcast;
using namespace fabcast::testing;

namespace {

ProgramRun program(const std::string& arguments) {
  const TemporaryFolder folder;
  return run_program(folder.path(), arguments);
}

}  // namespace

TEST_CASE("list keys has every key of the schema, list variables every variable") {
  const ProgramRun keys = program("list keys"), table = program("list keys --markdown");
  CHECK(keys.status == 0);
  CHECK(table.status == 0);
  size_t rows = 0;
  for (const SectionRow& section : schema()) {
    CHECK(has(table.output, "\n## `[" + std::string(section.name)));
    for (const KeyRow& row : section.keys) {
      CAPTURE(row.name);
      CHECK(has(keys.output, "." + std::string(row.name) + " "));
      CHECK(has(table.output, "\n| `" + std::string(row.name) + "` |"));
      ++rows;
    }
  }
  rows += 5 + source_fields().size();  // two of views, pairs, questions, observations; sources
  CHECK(static_cast<size_t>(std::count(keys.output.begin(), keys.output.end(), '\n')) == rows);

  const ProgramRun variables = program("list variables");
  CHECK(variables.status == 0);
  for (const OutputVariable& variable : output_variables()) {
    CAPTURE(variable.name);
    CHECK(has("\n" + variables.output, "\n" + std::string(variable.name) + " "));
    CHECK(has(variables.output, std::string(variable.meaning)));
  }
}

TEST_CASE("list families and scenarios") {
  const ProgramRun families = program("list families");
  for (const char* family : {"normal", "lognormal", "uniform", "triangular", "pert", "beta",
                             "discrete", "metalog", "LOW to HIGH"}) {
    CHECK(has(families.output, family));
  }
  const ProgramRun scenarios = program("list scenarios");
  CHECK(scenarios.status == 0);
  CHECK(has(scenarios.output, "baseline "));
  CHECK(has(scenarios.output, "The world as known in May 2026"));
  CHECK_FALSE(has(scenarios.output, "has mistakes"));
  CHECK(has(program("list scenarios --markdown").output, "| `baseline` |"));
  CHECK(has(program("list families --markdown").output, "| form |"));
}

TEST_CASE("list entities names what a scenario is made of, a line a kind") {
  const ProgramRun run = program("list entities");
  CHECK(run.status == 0);
  CHECK(run.output == program("list entities baseline").output);
  for (const char* part :
       {"fab            SN1, SN2,", "\nnode           N+2,", "ascend950pr (ascend),",
        "sjsemi (interposer),", "\nsegment        frontier, cloud,",
        "\nview.hbm       ramp, slow\n", "\nmemory         hbm2e,", "\npod            atlas900,"}) {
    CAPTURE(part);
    CHECK(has(run.output, part));
  }
  size_t longest = 0;
  for (size_t at = 0, end; (end = run.output.find('\n', at)) != std::string::npos; at = end + 1) {
    longest = std::max(longest, end - at);
  }
  CHECK(longest <= 100);
  CHECK(longest > 80);
  const ProgramRun hand = program("list entities '" + hand_scenario() + "'");
  CHECK(has(hand.output, "\nproduct        npu (ascend)\n"));
  CHECK(program("list entities no-such").status == 4);
  CHECK(program("list entities --markdown").status == 2);
}

TEST_CASE("list refuses what there is not, and names what is near") {
  CHECK(program("list").status == 2);
  const ProgramRun run = program("list key");
  CHECK(run.status == 2);
  CHECK(has(run.errors, "did you mean 'keys'?"));
  CHECK(program("list keys variables").status == 2);
  CHECK(has(program("list keys --markdwn").errors, "did you mean '--markdown'?"));
}

TEST_CASE("the program says its version, its commands, and what a wrong one may have been") {
  CHECK(program("--version").output.starts_with("fabcast "));
  for (const char* help : {"--help", "-h", "help"}) {
    const ProgramRun run = program(help);
    CHECK(run.status == 0);
    for (const char* command : {"run", "check", "explain", "list", "die", "dist", "bench"}) {
      CHECK(has(run.output, std::string("\n  ") + command + " "));
    }
  }
  CHECK(program("").status == 2);
  const ProgramRun wrong = program("rum");
  CHECK(wrong.status == 2);
  CHECK(has(wrong.errors, "did you mean 'run'?"));
  // Each command's example runs, as the help promises.
  for (const char* command : {"check", "explain", "list", "die", "dist"}) {
    CAPTURE(command);
    const ProgramRun help = program(std::string(command) + " --help");
    CHECK(help.status == 0);
    const std::string mark = "Example:\n  fabcast ";
    REQUIRE(has(help.output, mark));
    std::string example = help.output.substr(help.output.find(mark) + mark.size());
    example.resize(example.find('\n'));
    CHECK(program(example).status == 0);
  }
}
