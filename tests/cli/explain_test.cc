/// fabcast explain: keys, sections, variables; and what is nearly one.

#include <doctest/doctest.h>

#include "support/program.h"

using namespace fabcast::testing;

namespace {

ProgramRun explain(const std::string& what) {
  const TemporaryFolder folder;
  const ProgramRun run = run_program(folder.path(), "explain " + what);
  CHECK(tree_of(folder.path()).empty());
  return run;
}

}  // namespace

TEST_CASE("explain tells unit, range, default, meaning and user of a key") {
  const ProgramRun run = explain("fab.plan");
  CHECK(run.status == 0);
  CHECK(run.errors == "");
  for (const char* part : {"fab.NAME.plan", "wafers/month", "range    0 to 10M wafers/month",
                           "default  required", "tool_capacity (3)", "geometric"}) {
    CAPTURE(part);
    CHECK(has(run.output, part));
  }
  // The same by the full key of a scenario; each of several; all keys of one name.
  CHECK(explain("fab.SN2.plan").output == run.output);
  CHECK(explain("tool.SN2.immersion.attrition").status == 0);
  const ProgramRun two = explain("fab.plan fab.utilisation");
  CHECK(two.output.starts_with(run.output));
  CHECK(has(two.output, "fab.NAME.utilisation"));
  const ProgramRun shares = explain("share");
  CHECK(has(shares.output, "claim.FAB.DIE.share"));
  CHECK(has(shares.output, "pod.NAME.share"));
}

TEST_CASE("explain tells the keys of an entity of the baseline") {
  const ProgramRun run = explain("fab.SN1");
  CHECK(run.status == 0);
  for (const char* part : {"[fab.SN1] of the baseline. A line that runs one node.\n",
                           "\n  node                = ", "  # default\n",
                           "`fabcast explain fab` tells what these keys mean.\n"}) {
    CAPTURE(part);
    CHECK(has(run.output, part));
  }
  CHECK(has(explain("tool.SN2.immersion").output, "\n  passes              = "));
  CHECK(has(explain("product").output, "What it does not name does not limit it."));
  CHECK(has(explain("npus.shiped").errors, "did you mean 'npus.shipped'?"));
  CHECK(has(explain("fabb.plan").errors, "did you mean 'fab.plan'?"));
  const ProgramRun none = explain("fab.SN77");
  CHECK(none.status == 2);
  CHECK(has(none.errors, "there is no key 'SN77' in [fab.NAME]"));
}

TEST_CASE("explain tells a section with its keys, and a variable of the results") {
  const ProgramRun section = explain("fab");
  CHECK(section.status == 0);
  CHECK(has(section.output, "[fab.NAME]"));
  CHECK(has(section.output, "line_yield"));
  const ProgramRun variable = explain("npus.shipped");
  CHECK(variable.status == 0);
  for (const char* part : {"npus.shipped", "NPUs shipped", "sum over the period", "family"}) {
    CAPTURE(part);
    CHECK(has(variable.output, part));
  }
  CHECK(explain("'npus.shipped ascend950pr'").output == variable.output);
}

TEST_CASE("explain refuses what there is not, and names what is near") {
  CHECK(has(explain("fab.plam").errors, "did you mean 'plan'?"));
  CHECK(has(explain("utilisaton").errors, "did you mean 'utilisation'?"));
  for (const char* what : {"fab.plam", "nothing.at.all", "''", "", "utilisaton"}) {
    CAPTURE(what);
    const ProgramRun run = explain(what);
    CHECK(run.status == 2);
    CHECK(run.output == "");
    CHECK(run.errors != "");
  }
}
