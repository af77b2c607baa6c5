#include <doctest/doctest.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "support/program.h"

using doctest::Approx;
using namespace fabcast::testing;

namespace {

/// `fabcast dist ARGUMENTS`; what went to standard error is joined in on request.
ProgramRun dist(const std::string& arguments, bool with_errors = false) {
  ProgramRun run = run_program(".", "dist " + arguments);
  if (with_errors) run.output += run.errors;
  return run;
}

nlohmann::json json_of(const std::string& arguments) {
  const ProgramRun outcome = dist(arguments + " --json");
  CHECK(outcome.status == 0);
  return nlohmann::json::parse(outcome.output);
}

}  // namespace

TEST_CASE("dist --json: mean, sd and quantiles of an interval") {
  // Lognormal with 5 % and 95 % quantiles 10k and 15k: closed form.
  const auto json = json_of("'10k to 15k' --at 0.1,25%");
  CHECK(json["mean"].get<double>() == Approx(12340.829712).epsilon(1e-9));
  CHECK(json["quantiles"]["0.05"].get<double>() == Approx(10000).epsilon(1e-12));
  CHECK(json["quantiles"]["0.5"].get<double>() == Approx(12247.448714).epsilon(1e-9));
  CHECK(json["quantiles"]["0.95"].get<double>() == Approx(15000).epsilon(1e-12));
  CHECK(json["quantiles"].size() == 5);
  CHECK(json["quantiles"]["0.1"] < json["quantiles"]["25%"]);
  CHECK(json["sd"] > 0);
  CHECK_FALSE(json.contains("parts"));
}

TEST_CASE("dist: a value may begin with a minus sign, with options before and after") {
  const std::string plain = dist("--json -- '-3 to 8'").output;
  CHECK(dist("'-3 to 8' --json").output == plain);
  CHECK(dist("--json '-3 to 8'").output == plain);
  CHECK(dist("-3 to 8 --json").output == plain);
  CHECK(nlohmann::json::parse(plain)["mean"].get<double>() == Approx(2.5));
}

TEST_CASE("dist: units are found, converted and printed") {
  CHECK(json_of("'5 to 20 k wafers/month'")["unit"] == "wafers/month");
  CHECK(json_of("'5 to 20 k wafers/month'")["quantiles"]["0.95"].get<double>() == Approx(20000));
  CHECK(json_of("'2 to 3 weeks'")["quantiles"]["0.05"].get<double>() == Approx(14));
  CHECK(json_of("'discrete(620: 1, 710: 3) dies/wafer'")["mean"].get<double>() == Approx(687.5));
  const auto asked = json_of("'5k to 20k' --unit 'k wafers/month'");
  CHECK(asked["unit"] == "k wafers/month");
  CHECK(asked["quantiles"]["0.95"].get<double>() == Approx(20));
  CHECK(has(dist("'5 to 20 k wafers/month'").output, "20k wafers/month"));
  CHECK(has(dist("'40 %'").output, "40 %"));
  CHECK(json_of("'40 %'")["mean"].get<double>() == Approx(0.4));
}

TEST_CASE("dist: one part for each view and anchor") {
  const auto json =
      json_of("'nikkei: 14k to 20k / semianalysis: 2025: 40k | 2027: 50k to 60k wafers/month'");
  REQUIRE(json["parts"].size() == 3);
  CHECK(json["parts"][0]["view"] == "nikkei");
  CHECK_FALSE(json["parts"][0].contains("month"));
  CHECK(json["parts"][1]["month"] == "2025-12");
  CHECK(json["parts"][1]["mean"].get<double>() == Approx(40000));
  CHECK(json["parts"][1]["sd"].get<double>() == 0);
  CHECK(json["parts"][2]["quantiles"]["0.95"].get<double>() == Approx(60000));
  const std::string text = dist("'a: 1 / b: 2025: 2 | 2026: 3 noise 8 % rho 0.6'").output;
  CHECK(has(text, "b, 2026-12"));
  CHECK(has(text, "noise"));
}

TEST_CASE("dist --json: the top level is the last anchor, its views in equal parts") {
  const auto path = json_of("'2025: 1 to 2 | 2027: 10k to 15k'");
  CHECK(path["month"] == "2027-12");
  CHECK(path["mean"].get<double>() == Approx(12340.829712).epsilon(1e-9));
  CHECK(path["quantiles"]["0.95"].get<double>() == Approx(15000).epsilon(1e-12));
  // Uniform on [0, 1] and [2, 4]: mean (0.5 + 3)/2; variance (1/12 + 4/12)/2 + 1.25^2.
  const auto views = json_of("'a: uniform(0, 1) / b: 2025: 9 | 2026: uniform(2, 4)' --at 0.75");
  CHECK(views["mean"].get<double>() == Approx(1.75));
  CHECK(views["sd"].get<double>() == Approx(std::sqrt(5.0 / 24 + 1.5625)));
  CHECK(views["quantiles"]["0.05"].get<double>() == Approx(0.1).epsilon(1e-9));
  CHECK(views["quantiles"]["0.75"].get<double>() == Approx(3).epsilon(1e-9));
  CHECK(views["quantiles"]["0.95"].get<double>() == Approx(3.8).epsilon(1e-9));
  CHECK(views["parts"].size() == 3);
  const auto middle = json_of("'a: 1 / b: 2025-01: 2 | 2026-01: 8' --month 2025-07");
  CHECK(middle["month"] == "2025-07");
  CHECK(middle["mean"].get<double>() == Approx(2.5));  // 1, and 4 in logs
  CHECK(middle["quantiles"]["0.05"].get<double>() == Approx(1));
  CHECK(middle["quantiles"]["0.95"].get<double>() == Approx(4));
}

TEST_CASE("dist --month: interpolated between anchors, flat outside") {
  const std::string path = "'2025-01: 10 to 20 | 2026-01: 40 to 80' --month ";
  const auto middle = json_of(path + "2025-07");
  CHECK(middle["parts"].size() == 1);
  CHECK(middle["month"] == "2025-07");
  CHECK(middle["quantiles"]["0.05"].get<double>() == Approx(20));
  CHECK(middle["quantiles"]["0.95"].get<double>() == Approx(40));
  CHECK(json_of(path + "2020-01")["quantiles"]["0.05"].get<double>() == Approx(10));
  CHECK(json_of(path + "2026-01")["quantiles"]["0.05"].get<double>() == Approx(40));
  CHECK(json_of(path + "2030-01")["quantiles"]["0.95"].get<double>() == Approx(80));
  // An anchor that is not positive has no logarithm: linear.
  CHECK(json_of("'2025-01: -1 | 2026-01: 3' --month 2025-07")["mean"].get<double>() == Approx(1));
}

TEST_CASE("dist: an infinite mean is null in JSON and said in words") {
  const std::string heavy = "'metalog(25%: 0.1, 50%: 1, 75%: 6) within [0, ]'";
  CHECK(json_of(heavy)["mean"].is_null());
  CHECK(has(dist(heavy).output, "infinite"));
}

TEST_CASE("dist: the picture is drawn for what is uncertain, not for a constant") {
  CHECK(has(dist("'3 to 8'").output, "█"));
  CHECK_FALSE(has(dist("5").output, "█"));
}

TEST_CASE("dist: mistakes are told with their place and status 2, nothing on standard output") {
  for (const char* wrong :
       {"'8 to 3'", "'5 parsecs'", "'pert(1, 9, 5)'", "", "5 --at 2", "5 --at 0.1,x",
        "5 --month june", "5 --unit parsecs", "'5 wafers/month' --unit days", "5 --nonsense",
        "'metalog(10%: 1, 50%: 1.05, 90%: 4)'"}) {
    CAPTURE(wrong);
    const ProgramRun outcome = dist(wrong);
    CHECK(outcome.status == 2);
    CHECK(outcome.output.empty());
  }
  CHECK(has(dist("'3 to 5 wafers/month within [9, 8]'", true).output, "value:1:"));
  CHECK(has(dist("'8 % to 20 % within [0, 1]'", true).output,
            "a bound without a unit takes that of the numbers: 1 means 1 % here; write its unit"));
  CHECK(has(dist("'2 % to 5 %/year'", true).output, "this value takes "));
  CHECK(has(dist("'8 to 3 wafers/month'", true).output, "lower end first"));
  CHECK(has(dist("5 --at 2", true).output, "--at"));
}

TEST_CASE("dist --help ends well") { CHECK(dist("--help").status == 0); }
