#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "support/program.h"

using doctest::Approx;
using namespace fabcast::testing;

namespace {

/// `fabcast die ARGUMENTS`; what went to standard error is joined in on request.
ProgramRun die(const std::string& arguments, bool with_errors = false) {
  ProgramRun run = run_program(".", "die " + arguments);
  if (with_errors) run.output += run.errors;
  return run;
}

nlohmann::json json_of(const std::string& arguments) {
  const ProgramRun outcome = die(arguments + " --json");
  CHECK(outcome.status == 0);
  return nlohmann::json::parse(outcome.output);
}

const std::string ascend_910b = "--width 21.32mm --height 31.22mm";

}  // namespace

TEST_CASE("die --json: gross dies, area, yield by every model") {
  const auto json = json_of(ascend_910b + " --d0 0.18");
  CHECK(json["gross_dies_exact"] == 85);
  CHECK(json["gross_dies_closed_form"].get<double>() == Approx(75.97).epsilon(1e-3));
  CHECK(json["die_area_mm2"].get<double>() == Approx(665.6104));
  CHECK(json["yield"].size() == 6);
  const double ad = 6.656104 * 0.18;
  CHECK(json["yield"]["poisson"].get<double>() == Approx(std::exp(-ad)));
  CHECK(json["yield"]["seeds"].get<double>() == Approx(1 / (1 + ad)));
  CHECK(json["yield"]["negative_binomial"].get<double>() == Approx(std::pow(1 + ad / 2, -2)));
  for (const char* model : {"murphy", "moore", "bose_einstein"})
    CHECK(json["yield"].contains(model));
  CHECK(json["bins"] == nlohmann::json::array());
}

TEST_CASE("die: without --d0 the default of node.d0 serves, and the answer says so") {
  const auto json = json_of(ascend_910b);
  CHECK(json["d0_per_cm2"] == 0.1);
  CHECK(json["d0_is_default"] == true);
  CHECK(json["yield"] == json_of(ascend_910b + " --d0 0.1")["yield"]);
  CHECK(json_of(ascend_910b + " --d0 0.1")["d0_is_default"] == false);
  CHECK(json_of(ascend_910b + " --cores 4 --uncore 30%")["bins"].size() == 3);
  CHECK(has(die(ascend_910b).output, "the default of node.d0"));
  CHECK_FALSE(has(die(ascend_910b + " --d0 0.1").output, "the default"));
}

TEST_CASE("die: bins in any order, layers below one, dies larger than a field on request") {
  const std::string bins = ascend_910b + " --d0 0.18 --cores 16 --uncore 30% --min-cores ";
  CHECK(json_of(bins + "12,16") == json_of(bins + "16,12"));
  // Published case Y-STAP-800: 30 layers of alpha 0.02 and 0.1 defects per square inch.
  const auto layers = json_of("--width 20 --height 40 --no-reticle --d0 5/in2 --layers 0.6");
  CHECK(layers["yield"]["bose_einstein"].get<double>() == Approx(0.3059144935419878));
  // Published case DPW-SE-13.
  const std::string large = "--width 45 --height 45 --wafer 200 --edge 5 --scribe 0.08 --notch 10";
  CHECK(json_of(large + " --no-reticle")["gross_dies_exact"] == 8);
  const ProgramRun refused = die(large, true);
  CHECK(refused.status == 2);
  CHECK(has(refused.output, "--no-reticle"));
  CHECK(die(large + " --no-reticle --reticle").status == 2);
}

TEST_CASE("die --json: bins are exclusive, best first, with their running sum") {
  const auto json =
      json_of(ascend_910b + " --d0 0.18 --cores 25 --uncore 30% --min-cores 25,22,20");
  REQUIRE(json["bins"].size() == 3);
  CHECK(json["bins"][0]["min_cores"] == 25);
  CHECK(json["bins"][0]["fraction"].get<double>() ==
        Approx(json["yield"]["negative_binomial"].get<double>()));
  CHECK(json["bins"][1]["at_least"].get<double>() ==
        Approx(json["bins"][0]["fraction"].get<double>() +
               json["bins"][1]["fraction"].get<double>()));
  CHECK(json["bins"][2]["at_least"] < 1);
  // Published fraction: 36 cores of 12 mm2 and 233.61 mm2 beside them, at least 28 good.
  const auto salvage =
      json_of(ascend_910b + " --d0 0.2 --cores 36 --core-area 12mm2 --min-cores 28");
  CHECK(salvage["bins"][0]["fraction"].get<double>() == Approx(0.6571072393).epsilon(1e-5));
}

TEST_CASE("die: every core count down to half where no bins are named") {
  const auto json = json_of("--width 10 --height 10 --d0 0.1 --cores 8 --uncore 0.5");
  REQUIRE(json["bins"].size() == 5);
  CHECK(json["bins"][4]["min_cores"] == 4);
}

TEST_CASE("die --pair and --model: bins of two dies together, by any model") {
  const std::string bins = "--width 20 --height 20 --d0 0.2 --cores 18 --uncore 40% ";
  const auto pair = json_of(bins + "--pair --min-cores 36,32");
  CHECK(json_of(bins + "--pair --min-cores 32,36") == pair);  // in any order
  const auto one = json_of(bins + "--min-cores 18");
  CHECK(pair["bins"][0]["fraction"] < one["bins"][0]["fraction"]);
  CHECK(pair["bins"][1]["at_least"] > one["bins"][0]["fraction"]);
  const auto poisson = json_of(bins + "--min-cores 18 --model poisson");
  CHECK(poisson["bins"][0]["fraction"].get<double>() ==
        Approx(poisson["yield"]["poisson"].get<double>()));
}

TEST_CASE("die: units are converted, bare numbers are in mm, mm2 and /cm2") {
  const auto plain = json_of("--width 9.2 --height 9.6 --d0 0.1 --scribe 0.1 --wafer 300");
  const auto units =
      json_of("--width 0.92cm --height '9.6 mm' --d0 0.001/mm2 --scribe 100um --wafer 30cm");
  CHECK(units["gross_dies_exact"] == plain["gross_dies_exact"]);
  for (const char* number : {"die_area_mm2", "gross_dies_closed_form"}) {
    CHECK(units[number].get<double>() == Approx(plain[number].get<double>()).epsilon(1e-12));
  }
  CHECK(units["yield"]["poisson"].get<double>() ==
        Approx(plain["yield"]["poisson"].get<double>()).epsilon(1e-12));
}

TEST_CASE("die --area: a square where the field allows it, and it says that it assumed one") {
  const auto json = json_of("--area 100mm2");
  CHECK(json["gross_dies_exact"] == json_of("--width 10 --height 10")["gross_dies_exact"]);
  CHECK(json["gross_dies_closed_form"].get<double>() ==
        Approx(json_of("--width 10 --height 10")["gross_dies_closed_form"].get<double>()));
  CHECK(has(die("--area 100mm2").output, "shape assumed"));
  CHECK(has(die("--area 858mm2").output, "26 mm x 33 mm"));
}

TEST_CASE("die: the terminal shows the wafer and tables no wider than 80 characters") {
  const ProgramRun outcome =
      die(ascend_910b + " --d0 0.18 --cores 25 --uncore 30% --min-cores 25,20 --notch 5 --reticle");
  CHECK(outcome.status == 0);
  for (const char* part : {"█", "gross dies", "good dies/wafer", "negative_binomial", "20 to 24",
                           "reticle fields", "notch band 5 mm"}) {
    CAPTURE(part);
    CHECK(has(outcome.output, part));
  }
  std::istringstream lines(outcome.output);
  for (std::string line; std::getline(lines, line);) {
    size_t width = 0;
    for (char c : line) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    CAPTURE(line);
    CHECK(width <= 80);
  }
}

TEST_CASE("die --svg writes the map, or ends with status 4") {
  const auto path = std::filesystem::temp_directory_path() / "fabcast_die_test.svg";
  CHECK(die(ascend_910b + " --json --svg '" + path.string() + "'").status == 0);
  std::ifstream file(path);
  std::stringstream svg;
  svg << file.rdbuf();
  CHECK(has(svg.str(), "<svg"));
  std::filesystem::remove(path);
  CHECK(die(ascend_910b + " --svg /no/such/folder/map.svg").status == 4);
}

TEST_CASE("die: mistakes are told all at once, with status 2 and nothing on standard output") {
  for (const char* wrong : {"",
                            "--width 5",
                            "--area 100 --width 5",
                            "--width 26.5 --height 33",
                            "--width 0 --height 5",
                            "--width 5 --height 5in2",
                            "--width 5 --height 5 --d0 nan",
                            "--width 5,5 --height 5",
                            "--width 5 --height 5 --cores 4",
                            "--width 5 --height 5 --min-cores 4",
                            "--width 5 --height 5 --d0 1 --cores 4 --uncore 30% --core-area 1",
                            "--width 5 --height 5 --d0 1 --cores 4 --core-area 10",
                            "--width 5 --height 5 --d0 1 --cores 4 --uncore 30% --min-cores 3,3",
                            "--width 5 --height 5 --d0 1 --cores 4 --uncore 30% --min-cores 3,,2",
                            "--width 5 --height 5 --d0 1 --cores 4 --uncore 30% --min-cores 5",
                            "--width 5 --height 5 --d0 1 --cores 4 --uncore 30% --min-cores 3,x",
                            "--width 5 --height 5 --d0 1 --cores 4 --uncore 30% --model best",
                            "--width 5 --height 5 --model poisson",
                            "--width 5 --height 5 --wafer 100 --edge 50",
                            "--widht 5"}) {
    CAPTURE(wrong);
    const ProgramRun outcome = die(wrong);
    CHECK(outcome.status == 2);
    CHECK(outcome.output.empty());
  }
  const std::string all = die("--width 30 --height 30 --d0 x --alpha 0 --cores 65", true).output;
  for (const char* part : {"larger than the reticle field", "--d0: 'x'", "--alpha: 0 is out",
                           "--cores: 65 is out", "--core-area", "fabcast die --help"}) {
    CAPTURE(part);
    CHECK(has(all, part));
  }
}

TEST_CASE("die --help ends well, and tells what the shares of bins are") {
  const ProgramRun help = die("--help");
  CHECK(help.status == 0);
  CHECK(has(help.output, "`fraction`"));
  CHECK(has(help.output, "`at_least`"));
}
