/// Same scenario and seed, same bytes: over threads, longer runs, neighbours and copies.

#include <doctest/doctest.h>

#include <cstring>

#include "base/hash.h"
#include "base/lanes.h"
#include "fabcast.h"
#include "report/csv.h"
#include "support/kept.h"
#include "support/line.h"
#include "support/program.h"

using namespace fabcast;
using fabcast::testing::hand_scenario;
using fabcast::testing::TemporaryFolder;

namespace {

std::string library(const std::string& file) {
  return std::string(FABCAST_SOURCE_FOLDER "/scenarios/") + file;
}

/// SHA-256 of doubles as they lie in memory.
std::string hash_of(std::span<const double> values) {
  return sha256({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

bool same_bits(std::span<const double> a, std::span<const double> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

const std::vector<std::string> across_stages{
    "wafer.starts", "wafer.outs",       "defect.density",  "die.yield",     "die.bank",
    "memory.stock", "packages.started", "npus.shipped",    "npus.deployed", "pods.deployed",
    "backlog.npus", "compute.fp8",      "training.months", "revenue.share"};

RunResult run_shipped(const std::string& file, uint64_t trials, int threads,
                      const std::vector<std::string>& sets = {}) {
  RunRequest request;
  request.scenario = {library(file), sets};
  request.trials = trials;
  request.threads = threads;
  request.keep = across_stages;
  return run(request);
}

/// One hash over the trials and the tables of results as they are written.
std::string hash_of_results(const RunResult& result) {
  return sha256(hash_of(result.trials.values) + csv_text(result.summary) +
                csv_text(result.binding) + csv_text(result.questions));
}
/// The same with the inputs, where each value and the line that sets it stand.
std::string hash_of(const RunResult& result) {
  return sha256(hash_of_results(result) + csv_text(result.inputs));
}

const std::string small = unsure_line();

}  // namespace

TEST_CASE("the shipped scenario gives the same bytes for any number of threads") {
  // Eight batches, the last of 8 trials; few months, so that four runs take seconds.
  const std::vector<std::string> few_months{"scenario.months = 2024-01 .. 2025-03"};
  const RunResult one = run_shipped("base-2026-05.scn", 1800, 1, few_months);
  CHECK(one.trials.columns.size() > 200);
  const std::string hash = hash_of(one);
  for (int threads : {2, 3, 8}) {
    CAPTURE(threads);
    const RunResult many = run_shipped("base-2026-05.scn", 1800, threads, few_months);
    CHECK(many.provenance.threads == threads);
    CHECK(hash_of(many.trials.values) == hash_of(one.trials.values));
    CHECK(hash_of(many) == hash);
  }
}

TEST_CASE("the shipped baseline gives the bytes it gave when this constant was written") {
  // This constant changes only in a commit that says why: a changed scenario, or changed numbers.
  const std::string golden =
      sizeof(Real) == sizeof(double)
          ? "a755f971bdd70b7bf9d540d34b18a8a951678377bebfdd988d5aa7295c024b73"
          : "fdf5485063a7709c950566440e3b04ed1b9f9d367bab80d5a919ea0ee7c8d19a";
  CHECK(hash_of_results(run_shipped("baseline.scn", 400, 2)) == golden);
}

TEST_CASE("statistics of many trials, binned or exact, are the same for any number of threads") {
  // Above 4,096 trials quantiles are counted, or found by the values between.
  const TemporaryFolder folder;
  RunRequest request;
  request.scenario.path = folder.write("small.scn", small);
  request.trials = 5000;
  request.keep = {"npus.shipped"};
  for (const Quantiles quantiles : {Quantiles::binned, Quantiles::exact}) {
    request.quantiles = quantiles;
    request.seed = 1;
    request.threads = 1;
    const RunResult one = run(request);
    CHECK(one.provenance.quantiles == quantiles_name(quantiles));
    for (int threads : {2, 3, 8}) {
      CAPTURE(threads);
      request.threads = threads;
      CHECK(hash_of(run(request)) == hash_of(one));
    }
    request.seed = 2;
    CHECK(hash_of(run(request)) != hash_of(one));
  }
}

TEST_CASE("exact quantiles of the shipped scenario take a second pass, and any number of threads") {
  RunRequest request;
  request.scenario = {library("base-2026-05.scn"), {"scenario.months = 2024-01 .. 2025-03"}};
  request.trials = 5000;
  request.threads = 1;
  const RunResult one = run(request);
  CHECK(one.provenance.quantiles == "exact");
  const auto ran_again = [](const RunResult& result) {
    return std::any_of(result.provenance.seconds_by_phase.begin(),
                       result.provenance.seconds_by_phase.end(),
                       [](const auto& phase) { return phase.first == "quantiles"; });
  };
  CHECK(ran_again(one));
  request.threads = 3;
  CHECK(hash_of(run(request)) == hash_of(one));
  request.quantiles = Quantiles::binned;
  const RunResult binned = run(request);
  CHECK(binned.provenance.quantiles == "binned");
  CHECK_FALSE(ran_again(binned));
  const size_t mean = one.summary.column("mean"), p05 = one.summary.column("p05");
  size_t different = 0;
  for (size_t row = 0; row < one.summary.rows.size(); ++row) {
    CHECK(binned.summary.rows[row][mean] == one.summary.rows[row][mean]);
    different += binned.summary.rows[row][p05] != one.summary.rows[row][p05];
  }
  CHECK(different > 100);
}

TEST_CASE("a trial has the same values in a shorter and in a longer run") {
  RunOptions options;
  options.trials = 1000;
  const KeptRun longer = keep_text(small, {}, options);
  for (uint64_t trials : {1, 63, 64, 65, 256, 700}) {
    CAPTURE(trials);
    options.trials = trials;
    const KeptRun shorter = keep_text(small, {}, options);
    CHECK(same_bits(shorter.values(), std::span(longer.values()).first(shorter.values().size())));
  }
}

TEST_CASE("no two trials of a run are the same draw") {
  RunOptions options;
  options.trials = 3000;
  const KeptRun run = keep_text(small, {"wafer.starts line"}, options);
  // Of two quarters: in one, two trials may come to the same float.
  const auto first = run.column("wafer.starts line", "2025Q1");
  const auto last = run.column("wafer.starts line", "2025Q4");
  std::vector<std::pair<double, double>> starts;
  for (size_t t = 0; t < first.size(); ++t) starts.emplace_back(first[t], last[t]);
  std::sort(starts.begin(), starts.end());
  CHECK(std::adjacent_find(starts.begin(), starts.end()) == starts.end());
}

TEST_CASE("scenarios that share inputs share draws: what a change does not touch does not move") {
  RunOptions options;
  options.trials = 200;
  const std::vector<std::string> sets{"scenario.months = 2024-01 .. 2026-12"};
  std::vector<std::string> changed = sets;
  changed.insert(changed.end(), {"product.ascend950pr.price = 20k to 90k $",
                                 "segment.cloud.demand = 500k to 900k npus/month"});
  const KeptRun before = keep_model(compiled_library("base-2026-05.scn", sets), {}, options);
  const KeptRun after = keep_model(compiled_library("base-2026-05.scn", changed), {}, options);
  size_t same = 0, moved = 0;
  for (size_t place = 0; place < before.series().size(); ++place) {
    const Series& series = before.run.outcome.series[before.series()[place]];
    const std::string_view variable = output_variables()[static_cast<size_t>(series.variable)].name;
    size_t different = 0;
    for (size_t t = 0; t < options.trials; ++t) {
      const auto a = before.of_trial(t, place), b = after.of_trial(t, place);
      for (size_t p = 0; p < a.size(); ++p) different += b[p] - a[p] != 0;
    }
    // Upstream of orders nothing changes, not by a bit.
    const bool upstream = variable.starts_with("wafer.") || variable == "defect.density" ||
                          variable == "die.yield" || variable == "die.good" ||
                          variable == "memory.made" || variable == "revenue.wafers";
    if (upstream) {
      CAPTURE(series_name(series));
      CHECK(different == 0);
      ++same;
    } else if (different > 0) {
      ++moved;
    }
  }
  CHECK(same > 40);
  CHECK(moved > 20);
}

TEST_CASE("an uncertain key more changes no other draw") {
  RunOptions options;
  options.trials = 300;
  const KeptRun before = keep_text(small, {"npus.shipped part", "wafer.starts line"}, options);
  const KeptRun after = keep_text(
      // Before the others and after them, with views and noise and a correlation of its own.
      "[yardstick.a]\nfp16 = 100 to 900\nfp8 = u: 5 / v: 6 to 7\n"
      "[view.other]\nu = 0.5\nv = 0.5\n[correlate]\nyardstick.a.fp16 ~ yardstick.z.fp16 = 0.5\n"
      "[yardstick.z]\nfp16 = 10 to 90\n" +
          small +
          "[training.z]\nflop = 1e24 to 1e25\nshare = 10 to 20 % noise 5 %\nutilisation = 30 %\n",
      {"npus.shipped part", "wafer.starts line"}, options);
  CHECK(same_bits(before.values(), after.values()));
  CHECK(after.run.model.model.inputs.uncertain.size() ==
        before.run.model.model.inputs.uncertain.size() + 5);
}

TEST_CASE("what check prints, loaded again, gives the same trials to the last bit") {
  for (const std::string& file : {library("baseline.scn"), hand_scenario()}) {
    CAPTURE(file);
    Diagnostics diagnostics;
    const ScenarioSpec spec = load_scenario({file, {}}, diagnostics);
    diagnostics.throw_if_any();
    const std::string resolved = resolved_text(spec, diagnostics);
    RunOptions options;
    options.trials = 128;
    const KeptRun original = keep_model(compiled(spec, diagnostics), {}, options);
    const KeptRun copy = keep_text(resolved, {}, options);
    CHECK(copy.values().size() > 1000);
    CHECK(same_bits(original.values(), copy.values()));
    CHECK(copy.run.outcome.questions.size() == spec.questions.size() + spec.of("milestone").size());
  }
}
