/// fabcast bench. Times are never asserted: only that they are there, and what follows from what.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "run/stage_clock.h"
#include "simd/isa.h"
#include "support/program.h"

using namespace fabcast;
using namespace fabcast::testing;
using doctest::Approx;

namespace {

ProgramRun bench(const std::string& arguments) {
  const TemporaryFolder folder;
  const ProgramRun run = run_program(folder.path(), "bench " + arguments);
  CHECK(tree_of(folder.path()).empty());  // nothing is written
  return run;
}

nlohmann::json bench_json(const std::string& arguments) {
  const ProgramRun run = bench("'" + hand_scenario() + "' --json " + arguments);
  CAPTURE(run.errors);
  REQUIRE(run.status == 0);
  CHECK(run.errors.empty());
  return nlohmann::json::parse(run.output);
}

double number(const nlohmann::json& json, const char* name) {
  CAPTURE(name);
  REQUIRE(json.contains(name));
  const auto value = json[name].get<double>();
  CHECK(value > 0);
  return value;
}

}  // namespace

TEST_CASE("bench --json: its members, and what follows from them") {
  const auto json = bench_json("--trials 5k --threads 2");
  const double trials = number(json, "trials"), months = number(json, "months");
  CHECK(trials == 5000);

  REQUIRE(json["stages"].size() == stage_count);
  double of_pipeline = 0;
  for (size_t s = 0; s < stage_count; ++s) {
    const auto& stage = json["stages"][s];
    CHECK(stage["name"] == stage_names[s]);
    CHECK(stage["ns_per_trial_month"] > 0);
    if (s <= static_cast<size_t>(last_pipeline_stage)) {
      of_pipeline += stage["ns_per_trial_month"].get<double>() * months;
    }
  }
  CHECK(number(json, "pipeline_ns_per_trial") == Approx(of_pipeline));

  double floor = 0;
  for (const auto& operation : json["operations"]) {
    CHECK(number(operation, "ns") > 0);
    floor += operation["per_trial"].get<double>() * operation["ns"].get<double>();
  }
  CHECK(number(json, "floor_ns_per_trial") == Approx(floor));
  CHECK(number(json, "ratio_to_floor") == Approx(number(json, "ns_per_trial") / floor));
  CHECK(number(json, "pipeline_ratio_to_floor") == Approx(of_pipeline / floor));

  CHECK(json["threads"] == 2);
  REQUIRE(json["scaling"].size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    const auto& one = json["scaling"][i];
    CHECK(one["threads"] == i + 1);
    CHECK(number(one, "speed_up") ==
          Approx(number(one, "trials_per_s") / number(json["scaling"][0], "trials_per_s")));
  }
  CHECK(json["scaling"][0]["speed_up"] == 1);
  CHECK(json["trials_per_s"] == json["scaling"][1]["trials_per_s"]);
  CHECK(number(json, "compile_s") > 0);
  CHECK(has("float double", json["precision"].get<std::string>()));
}

TEST_CASE("bench: the kernels that run are the widest that the processor has") {
  const auto isa = bench_json("--trials 256 --threads 1")["isa"].get<std::string>();
  CHECK(isa == isa_that_runs());
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
  // Where this fails, the loader picked a clone that the processor outgrew.
  CHECK(isa == isa_of_processor());
#endif
}

TEST_CASE("bench: threads 1, 2, 4 and as many as asked; no more than there are batches") {
  const auto json = bench_json("--trials 2k --threads 5");
  std::vector<int> threads;
  for (const auto& one : json["scaling"]) threads.push_back(one["threads"]);
  CHECK(threads == std::vector<int>{1, 2, 4, 5});
  CHECK(bench_json("--trials 256 --threads 2")["threads"] == 1);
}

TEST_CASE("bench: --set reaches the scenario, whose operations are counted anew") {
  const auto operations = [](const std::string& set) {
    const auto json = bench_json("--trials 256 --threads 1 " + set);
    double all = 0;
    for (const auto& operation : json["operations"]) all += operation["per_trial"].get<double>();
    return all;
  };
  const double before = operations("");
  CHECK(before > 0);
  CHECK(operations("--set 'scenario.months = 2025-01 .. 2027-12'") > before);
}

TEST_CASE("bench: the terminal's tables are no wider than 80 characters") {
  const ProgramRun run = bench("'" + hand_scenario() + "' --trials 512 --threads 2");
  CHECK(run.status == 0);
  for (const char* part : {"ns/trial-month", "die_yield", "trials/s", "speed-up", "division",
                           "floor: their sum", "whole run, one thread"}) {
    CAPTURE(part);
    CHECK(has(run.output, part));
  }
  std::istringstream lines(run.output);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 80);
  }
}

TEST_CASE("bench: mistakes have their status and nothing on standard output") {
  const std::pair<const char*, int> wrongs[] = {{"no-such-file.scn", 4},
                                                {"--trials 0", 2},
                                                {"--trials many", 2},
                                                {"--thread-count 2", 2},
                                                {"baseline --set 'fab.SN2.plan = nothing'", 2},
                                                {"baseline other", 2}};
  for (const auto& [wrong, status] : wrongs) {
    INFO(wrong);
    const ProgramRun run = bench(wrong);
    CHECK(run.status == status);
    CHECK(run.output.empty());
    CHECK(!run.errors.empty());
  }
}

TEST_CASE("bench --help has an example that runs") {
  const ProgramRun help = bench("--help");
  CHECK(help.status == 0);
  const std::string mark = "Example:\n  fabcast bench ";
  REQUIRE(has(help.output, mark));
  std::string example = help.output.substr(help.output.find(mark) + mark.size());
  example.resize(example.find('\n'));
  const size_t trials = example.find("16k");  // the same with fewer trials, for time
  REQUIRE(trials != std::string::npos);
  example.replace(trials, 3, "64");
  CHECK(bench(example).status == 0);
}
