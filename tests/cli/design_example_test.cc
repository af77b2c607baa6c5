/// The example of the design page, without the sections that this version does not simulate, over
/// the shipped baseline.

#include <doctest/doctest.h>

#include "support/program.h"

using namespace fabcast::testing;

namespace {

constexpr const char* servicing_ban = R"(# scenarios/servicing-ban.scn
extends = baseline.scn                       # everything not said here is the baseline's

[scenario]
title  = Allied servicing of immersion scanners ends
months = 2024-01 .. 2028-12

[fab.SN2]
node        = N+2
plan        = 2024-12: 4k to 9k | 2025-12: 7k to 26k | 2027-12: 15k to 50k  wafers/month  @nikkei-2026-02
utilisation = 0.90 to 0.99
reserved    = huawei

[tool.SN2.immersion]
imported   = 12 to 22 tools
attrition  = 1 to 4 %/year
throughput = 165 to 275 wafer passes/hour     @semianalysis-2023-09

[die.ascend950]
width      = 21.2 mm
height     = 21.2 mm
cores      = 18
bin.full   = 16 cores

[view]                                       # who is right about wafers: weights, normalised
nikkei       = 0.6
semianalysis = 0.4

[correlate]
fab.SN1.plan ~ fab.SN2.plan = 0.7

[question]
million = npus.deployed >= 1000k by 2027-12

[source.nikkei-2026-02]
title = ...
date  = 2026-02-25
url   = ...
)";

}  // namespace

TEST_CASE("the design page's example is accepted as it stands, and runs") {
  const TemporaryFolder folder;
  folder.write("servicing-ban.scn", servicing_ban);
  const ProgramRun check = run_program(folder.path(), "check servicing-ban.scn");
  CAPTURE(check.errors);
  REQUIRE(check.status == 0);
  for (const char* part : {"# left out: die.ascend950.area (base-2026-05.scn:",
                           ", as [die.ascend950] gives 'width' (servicing-ban.scn:20)\n",
                           "# left out: claim.SN2.cambricon590 (base-2026-05.scn:",
                           ", as line 'SN2' is reserved for 'huawei' (servicing-ban.scn:12)\n",
                           "# servicing-ban.scn:11; cut at 100 %\n"}) {
    CAPTURE(part);
    CHECK(has(check.output, part));
  }
  CHECK_FALSE(has(check.output, "\n[claim.SN2.cambricon590]"));
  CHECK(has(check.output, "\n[claim.SN2.kirin]"));  // Huawei's own

  const ProgramRun run = run_program(folder.path(), "run servicing-ban.scn -n 64 --out first");
  CAPTURE(run.errors);
  REQUIRE(run.status == 0);
  CHECK(has(run.output, "npus.deployed >= 1000k by 2027-12"));
  // What check prints comes to the same.
  folder.write("servicing-ban.scn", check.output);
  REQUIRE(run_program(folder.path(), "run servicing-ban.scn -q -n 64 --out second").status == 0);
  CHECK(read_text(folder.file("first/summary.csv")) ==
        read_text(folder.file("second/summary.csv")));
}
