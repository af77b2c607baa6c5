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
    CHECK(run_program(folder.path(), "check baseline --quiet >/dev/full 2>&1; exit $?; :").status ==
          4);
  }
  CHECK(run_program(folder.path(), "check --help").status == 0);
}
