/// fabcast check: the scenario as resolved, or all its mistakes.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/program.h"

using namespace fabcast::testing;
using Json = nlohmann::json;

TEST_CASE("check prints the scenario whole, itself a scenario with the same results") {
  const TemporaryFolder folder;
  const ProgramRun check = run_program(folder.path(), "check baseline");
  CHECK(check.status == 0);
  CHECK(has(check.errors, "baseline: "));
  CHECK(has(check.errors, " uncertain, "));
  CHECK(has(check.errors, " without a source"));
  folder.write("baseline.scn", check.output);
  // Printed of the printed: the same, but for the places that set the keys.
  const ProgramRun again = run_program(folder.path(), "check baseline.scn --quiet");
  CHECK(again.status == 0);
  CHECK(again.errors == "");
  CHECK(again.output.size() > 10'000);
  const std::string options = " -n 100 -q --keep-trials npus.shipped,npus.deployed --out ";
  REQUIRE(run_program(folder.path(), "run baseline.scn" + options + "copy").status == 0);
  REQUIRE(run_program(folder.path(), "run '" FABCAST_SOURCE_FOLDER "/scenarios/baseline.scn'" +
                                         options + "shipped")
              .status == 0);
  for (const char* file : {"/trials.csv", "/summary.csv", "/binding.csv", "/questions.csv"}) {
    CAPTURE(file);
    CHECK(read_text(folder.file("copy") + file) == read_text(folder.file("shipped") + file));
  }
}

TEST_CASE("check tells which file and line set a key") {
  const TemporaryFolder folder;
  folder.write("hand.scn", read_text(hand_scenario()));
  folder.write("more.scn", "extends = hand.scn\n[fab.SN2]\nplan = 900 wafers/month\n");
  const Json json = Json::parse(
      run_program(folder.path(), "check more.scn --json --quiet --set 'node.N+2.d0 = 0.3'").output);
  CHECK(json["scenario"] == "more");
  CHECK(json["months"] == Json::array({"2025-01", "2026-12"}));
  const auto key = [&](const std::string& name) {
    for (const Json& entry : json["keys"]) {
      if (entry["key"] == name) return entry;
    }
    return Json();
  };
  CHECK(key("fab.SN2.plan")["file"] == "more.scn");
  CHECK(key("fab.SN2.plan")["line"] == 3);
  CHECK(key("fab.SN2.plan")["value"] == "900 wafers/month");
  CHECK(key("fab.SN2.plan")["unit"] == "wafers/month");
  CHECK(key("node.N+2.d0")["file"] == "--set");
  CHECK(key("node.N+2.layers")["file"] == "hand.scn");
  CHECK(key("node.N+2.congestion")["default"] == true);
  CHECK(key("node.N+2.congestion")["file"].is_null());
  CHECK(json["questions"].size() == 3);
  for (const char* member : {"views", "correlations", "sources"}) CHECK(json[member].is_array());

  const std::string text =
      run_program(folder.path(), "check more.scn --quiet --set 'node.N+2.d0 = 0.3'").output;
  CHECK(has(text, "more.scn:3"));
  CHECK(has(text, "--set:1"));
}

TEST_CASE("check refuses all that run refuses, with every mistake, and prints nothing else") {
  const TemporaryFolder folder;
  folder.write("hand.scn", read_text(hand_scenario()));
  const struct {
    const char *name, *text, *message;
  } cases[] = {
      {"keys", "[fab.SN2]\nplam = 3\nutilisation = 3 tools\n", "2 mistakes"},
      {"later", "[fab.SN2]\nplam = 3\n[question]\nq = npus.shiped npu >= 3 at 2025\n",
       "1 mistake\nquestions and observations are looked at when the rest is right"},
      {"asks", "[question]\nq = npus.shiped npu >= 3 at 2025\n", "did you mean 'npus.shipped'?"},
      {"entity", "[question]\nq = npus.shipped nup >= 3 at 2025\n", "did you mean 'npu'?"},
      {"contradict",
       "[yardstick.a]\nfp4 = 1 to 2\nfp8 = 1 to 2\nfp16 = 1 to 2\n[correlate]\n"
       "yardstick.a.fp4 ~ yardstick.a.fp8 = 0.9\nyardstick.a.fp8 ~ yardstick.a.fp16 = 0.9\n"
       "yardstick.a.fp4 ~ yardstick.a.fp16 = -0.9\n",
       "contradict.scn:9:1: the correlations contradict one another"},
      {"contradict2",
       "[yardstick.a]\nfp4 = 1 to 2\nfp8 = 1 to 2\nfp16 = 1 to 2\npower = 1 to 2\n[correlate]\n"
       "yardstick.a.power ~ yardstick.a.fp16 = 0.2\n"
       "yardstick.a.fp4 ~ yardstick.a.fp8 = 0.9\nyardstick.a.fp8 ~ yardstick.a.fp16 = 0.9\n"
       "yardstick.a.fp4 ~ yardstick.a.fp16 = -0.9\n",
       "most at fault: yardstick.a.fp16 ~ yardstick.a.fp4 = -0.9, yardstick.a.fp16 ~ "
       "yardstick.a.fp8 = 0.9, yardstick.a.fp4 ~ yardstick.a.fp8 = 0.9; weaken"},
      {"headline", "[scenario]\nheadline = npus.shiped\n", "did you mean 'npus.shipped'?"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const std::string file = std::string(c.name) + ".scn";
    folder.write(file, std::string("extends = hand.scn\n") + c.text);
    for (const char* command : {"check ", "check --json ", "run -n 10 "}) {
      CAPTURE(command);
      const ProgramRun run = run_program(folder.path(), command + file);
      CHECK(run.status == 2);
      CHECK(run.output == "");
      if (has(command, "check")) CHECK(has(run.errors, c.message));
    }
  }
}

TEST_CASE("check and run note what is right but may not be meant, with status 0") {
  const TemporaryFolder folder;
  CHECK_FALSE(has(run_program(folder.path(), "check baseline").errors, "note:"));
  folder.write("hand.scn", read_text(hand_scenario()));
  folder.write("qd.scn",
               "extends = hand.scn\n[fab.QD1]\nnode = N+2\nplan = 1k\n"
               "[die.qd]\narea = 4 cm2\n[product.qd]\nfamily = qd\ndie = qd\n");
  const std::string notes =
      "note: qd.scn:2: nothing claims fab.QD1: it starts no wafers; add [claim.QD1.DIE]\n"
      "note: qd.scn:7: nothing but its dies limits product.qd: it has neither 'packaging' nor "
      "'memory', and no segment 'prefers' it; what a product does not name does not limit it\n"
      "note: qd.scn:7: product.qd counts as an NPU and adds no compute: give 'fp16', 'fp8' or "
      "'fp4', or 'npu = no'\n";
  const ProgramRun check = run_program(folder.path(), "check qd.scn");
  CHECK(check.status == 0);
  CHECK(check.errors.substr(0, notes.size()) == notes);
  const ProgramRun run = run_program(folder.path(), "run qd.scn -n 10 --out a");
  CHECK(run.status == 0);
  CHECK(run.errors == notes);
  CHECK(run_program(folder.path(), "check qd.scn --quiet").errors == "");
  CHECK(run_program(folder.path(), "run qd.scn -n 10 --out b --quiet").errors == "");
  CHECK(run_program(folder.path(), "run qd.scn -n 10 --out c --json").errors == "");
  const ProgramRun json = run_program(folder.path(), "check qd.scn --json");
  CHECK_FALSE(has(json.errors, "note:"));
  const Json list = Json::parse(json.output)["notes"];
  REQUIRE(list.size() == 3);
  CHECK(list[1]["file"] == "qd.scn");
  CHECK(list[1]["line"] == 7);
  // Each of what limits it is enough; what is no NPU adds none.
  for (const char* line : {"packaging = cowos", "memory = hbm\nstacks = 1", "npu = no"}) {
    CAPTURE(line);
    folder.write("limited.scn", std::string("extends = qd.scn\n[claim.QD1.qd]\n[product.qd]\n") +
                                    line + "\nfp8 = 1 TFLOPS\n");
    CHECK_FALSE(has(run_program(folder.path(), "check limited.scn").errors, "note:"));
  }
  CHECK_FALSE(
      has(run_program(folder.path(), "check qd.scn --set 'segment.cloud.prefers = npu, qd'").errors,
          "nothing but its dies"));
}

TEST_CASE("check: a slip in a view, or in a section's name, is one mistake at its place") {
  const TemporaryFolder folder;
  folder.write("qingdao.scn", "extends = baseline.scn\n[view.qingdao]\nslow = 0.6\n");
  folder.write("foo.scn", "extends = baseline.scn\n[view]\nfoo = 1\n");
  folder.write("memory.scn", "extends = baseline.scn\n[product.ascend950pr]\nmemory = hbll1\n");
  const struct {
    std::string arguments, place, part;
  } cases[] = {
      {"qingdao.scn", "qingdao.scn:3:1: view 'slow' stands in two groups; first in [view.hbm], ",
       "base-2026-05.scn:"},
      {"baseline --set 'view.slow = 0'", "--set:1:1: view 'slow' stands in two groups; ",
       "its weight is view.hbm.slow"},
      {"baseline --set 'view.hbm.slw = 0'", "--set:1:1: 'slw' is a new view of [view.hbm], and ",
       "did you mean 'slow'?"},
      {"foo.scn", "foo.scn:3:1: 'foo' is a new view of [view], and ", "give each a value for it"},
      {"baseline --set 'dram.swaysur.wafers = 1k'", "--set:1:1: [dram.swaysur] is new and lacks ",
       "did you mean 'dram.swaysure'?"},
      {"baseline --set 'fab.SN9.plan = 1k'", "--set:1:1: [fab.SN9] is new and lacks 'node'; ",
       "Else add `node = …`, the name of a [node.NAME]"},
      {"baseline --set 'tool.SN2.imersion.passes = 90'", "--set:1:1: [tool.SN2.imersion] is new ",
       "did you mean 'tool.SN2.immersion'?"},
      {"baseline --set 'pod.atlas95.lag = 2'", "--set:1:1: [pod.atlas95] is new ",
       "did you mean 'pod.atlas950'?"},
      {"baseline --set 'segment.clud.demand = 1k'", "--set:1:1: [segment.clud] is new ",
       "did you mean 'segment.cloud'?"},
      {"baseline --set 'product.ascend950p.price = 1k'", "--set:1:1: [product.ascend950p] is new ",
       "did you mean 'product.ascend950pr'?"},
      {"baseline --set 'packaging.sjsmi.wafers = 1k'", "--set:1:1: [packaging.sjsmi] is new ",
       "did you mean 'packaging.sjsemi'?"},
      {"memory.scn", "memory.scn:3:10: there is no memory 'hbll1'; ", "did you mean 'hibl1'?"},
      {"baseline --set 'fab.SN2.utilisation = 95'", "--set:1:23: 9500 % is out of range",
       "write 95 %, or 0.95"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.arguments);
    const ProgramRun run = run_program(folder.path(), "check " + c.arguments);
    CAPTURE(run.errors);
    CHECK(run.status == 2);
    CHECK(has(run.errors, "\n1 mistake\n"));
    CHECK(has(run.errors, c.place));
    CHECK(has(run.errors, c.part));
  }
  // A question beyond the months names the file that does not ask it.
  const ProgramRun early =
      run_program(folder.path(), "check baseline --set 'scenario.months = 2024-01 .. 2026-12'");
  CHECK(has(early.errors,
            "ask for a date from 2024-01 to 2026-12, or extend base-2026-05.scn, "
            "which does not ask it"));
}

TEST_CASE("check: a pair that a later file makes certain is told, and a begun name suggested") {
  const TemporaryFolder folder;
  folder.write("sure.scn", "extends = baseline.scn\n[fab.SN1]\nplan = 5k wafers/month\n");
  const ProgramRun sure = run_program(folder.path(), "check sure.scn");
  CHECK(sure.status == 0);
  CHECK(has(sure.output, "# left out: fab.SN1.plan ~ "));
  CHECK(has(sure.output, ", as 'fab.SN1.plan' is certain (sure.scn:3)"));
  const ProgramRun begun =
      run_program(folder.path(),
                  "check baseline --set 'question.q = npus.shipped ascend950p >= 1 npus at 2027'");
  CHECK(begun.status == 2);
  CHECK(has(begun.errors, "did you mean 'ascend950pr'?"));
}

TEST_CASE("a file without a title runs under its own name, over the title that it extends") {
  const TemporaryFolder folder;
  folder.write("hand.scn", read_text(hand_scenario()));
  folder.write("more.scn", "extends = hand.scn\n[fab.SN2]\nplan = 900 wafers/month\n");
  const ProgramRun run = run_program(folder.path(), "run more.scn -n 10");
  CHECK(run.status == 0);
  CHECK(run.output.starts_with("more, over: Worked out by hand\n"));
}

TEST_CASE("check: the documentation's new product is right, and limited") {
  const TemporaryFolder folder;
  const std::string page = read_text(FABCAST_SOURCE_FOLDER "/docs/scenario-language.md");
  const size_t begin = page.find("# qingdao.scn\n");
  REQUIRE(begin != std::string::npos);
  folder.write("qingdao.scn", page.substr(begin, page.find("```", begin) - begin));
  const ProgramRun run = run_program(folder.path(), "check qingdao.scn");
  CHECK(run.status == 0);
  CAPTURE(run.errors);
  CHECK_FALSE(has(run.errors, "note:"));
}

TEST_CASE("check: wrong command lines") {
  const TemporaryFolder folder;
  folder.write("hand.scn", read_text(hand_scenario()));
  CHECK(run_program(folder.path(), "check").status == 2);
  CHECK(run_program(folder.path(), "check hand.scn hand.scn").status == 2);
  CHECK(run_program(folder.path(), "check nothing.scn").status == 4);
  const ProgramRun unknown = run_program(folder.path(), "check hand.scn --jason");
  CHECK(unknown.status == 2);
  CHECK(has(unknown.errors, "did you mean '--json'?"));
  // A full disk behind standard output is an error of writing.
  if (std::filesystem::exists("/dev/full")) {
    // (What follows `exit` takes the helper's own redirections.)
    const ProgramRun full =
        run_program(folder.path(), "check baseline --quiet >/dev/full 2>said; exit $?; :");
    CHECK(full.status == 4);
    CHECK(has(read_text(folder.file("said")), "cannot write to standard output: "));
  }
  CHECK(run_program(folder.path(), "check --help").status == 0);
}
