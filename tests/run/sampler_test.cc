/// Trials from points: the same bits however a run is divided, laws of what is drawn, errors that
/// cover, and fewer trials for the same error.

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "base/hash.h"
#include "fabcast.h"
#include "report/csv.h"
#include "run/sample.h"
#include "study/compare.h"
#include "study/draw_plan.h"
#include "study/shards.h"
#include "support/line.h"
#include "support/program.h"
#include "support/ran.h"
#include "support/scenarios.h"

using namespace fabcast;
using fabcast::testing::TemporaryFolder;

namespace {

constexpr SamplerKind points[] = {SamplerKind::sobol, SamplerKind::lhs};

/// Three lines whose starts of a quarter are 3 U each, U uniform(500, 1500), apart from noise:
/// their sum has mean and median 9,000.
std::string lines(const std::string& noise = "") {
  std::string text = R"(
[scenario]
months   = 2025-01 .. 2025-03
headline = wafer.starts
[node.n]
cycle_time_cv = 100 %
[die.d]
width  = 10 mm
height = 10 mm
[question]
many = wafer.starts national >= 10k wafers at 2025Q1
)";
  for (const char* name : {"A", "B", "C"}) {
    text += std::string("[fab.") + name + "]\nnode = n\nutilisation = 100 %\nline_yield = 100 %\n" +
            "plan = uniform(500, 1500) wafers/month " + noise + "\n[claim." + name +
            ".d]\nshare = 100 %\n";
  }
  return text;
}

/// The sum of three uniforms (Irwin and Hall) reaches 1.5 + 1/3, which 10,000 starts are, with this
/// chance: 1 - F(11/6), F(x) = (x^3 - 3 (x - 1)^3) / 6 up to x = 2.
double chance_of_many() {
  const double x = 1.5 + 1.0 / 3;
  return 1 - (x * x * x - 3 * std::pow(x - 1, 3)) / 6;
}

RunOptions options_of(SamplerKind sampler, uint64_t trials, uint64_t seed = 1) {
  RunOptions options;
  options.sampler = sampler;
  options.trials = trials;
  options.seed = seed;
  options.threads = 1;
  return options;
}

/// A compiled text that runs many times.
struct Often {
  explicit Often(const std::string& text) {
    Diagnostics diagnostics;
    spec = load_scenario_text("test", text, {}, diagnostics);
    model = compiled(spec, diagnostics);
    series = output_series(model);
    run.compiled = &model;
    run.questions = plan_questions(spec, model, series, diagnostics);
    const auto national = static_cast<size_t>(find_series(series, "wafer.starts", "national"));
    run.headline = {national};
    run.columns = {{national, 0}};
    plan = plan_draws({run},
                      options_of(SamplerKind::sobol, 1));  // once: which plan it is does not matter
  }
  RunOutcome outcome(RunOptions options) const {
    options.detail = Detail::chosen;
    options.draw_plan = plan;
    return std::move(run_models({run}, options)[0]);
  }
  ScenarioSpec spec;
  Compiled model;
  std::vector<Series> series;
  ScenarioRun run;
  std::shared_ptr<const DrawPlan> plan;
};

RunRequest request_of(const TemporaryFolder& folder, SamplerKind sampler, uint64_t trials) {
  static const std::string views_and_noise =
      unsure_line("headline = npus.shipped part, wafer.starts line\n", R"(
[milestone.many]
npus = 100k npus
[event.e]
hazard = 0.5 /year
effect = fab.line.plan multiply uniform(0.3, 0.9)
[correlate]
claim.line.chip.share ~ node.n.d0 = 0.5
)");
  RunRequest request;
  request.scenario.path = folder.write("part.scn", views_and_noise);
  request.trials = trials;
  request.sampler = sampler;
  request.by_view = true;
  request.keep = {"npus.shipped"};
  return request;
}

/// One hash over all tables and kept trials.
std::string hash_of(const RunResult& result) {
  std::string all;
  for (const Table* table : result.tables()) all += csv_text(*table);
  const auto& kept = result.trials.values;
  return sha256(all + std::string(reinterpret_cast<const char*>(kept.data()), 8 * kept.size()));
}

}  // namespace

TEST_CASE("samplers: the same bits for any number of threads, for few trials and many") {
  for (const SamplerKind sampler : points) {
    for (const uint64_t trials : {1, 40, 1000, 6000}) {
      CAPTURE(sampler_name(sampler));
      CAPTURE(trials);
      const TemporaryFolder folder;
      RunRequest request = request_of(folder, sampler, trials);
      request.threads = 1;
      const RunResult one = run(request);
      CHECK(one.provenance.trials == replicates_of(trials).trials());
      CHECK(one.provenance.sampler == sampler_name(sampler));
      CHECK(one.provenance.replicates == replicates_of(trials).count);
      for (const int threads : {2, 3}) {
        request.threads = threads;
        CHECK(hash_of(run(request)) == hash_of(one));
      }
      request.seed = 2;
      CHECK(hash_of(run(request)) != hash_of(one));
    }
  }
}

TEST_CASE("samplers: shards merge to the bytes of the whole run") {
  for (const SamplerKind sampler : points) {
    for (const auto& [trials, quantiles] :
         std::vector<std::pair<uint64_t, Quantiles>>{{300, Quantiles::automatic},
                                                     {6000, Quantiles::automatic},
                                                     {6000, Quantiles::binned}}) {
      for (const std::string& seen :
           {std::string(), std::string("observe.wafer.starts line 2025 = 14k wafers +- 30 %")}) {
        CAPTURE(sampler_name(sampler));
        CAPTURE(trials);
        CAPTURE(quantiles_name(quantiles));
        CAPTURE(seen);
        const TemporaryFolder folder;
        RunRequest request = request_of(folder, sampler, trials);
        request.quantiles = quantiles;
        if (!seen.empty()) {
          folder.write("seen.scn", "extends = part.scn\n[observe]\n" + seen.substr(8) + "\n");
          request.scenario.path = folder.file("seen.scn");
        }
        const RunResult whole = run(request);
        CHECK(whole.weighted == !seen.empty());
        std::vector<std::string> directories;
        for (uint64_t index : {3, 1, 2}) {
          request.shard = Shard{index, 3};
          request.threads = static_cast<int>(index);
          directories.push_back(folder.file("s" + std::to_string(index)));
          std::filesystem::create_directories(directories.back());
          folder.write("s" + std::to_string(index) + "/shard.bin",
                       shard_bytes(run_shard(PreparedScenario(request), {})));
        }
        CHECK(hash_of(merge_shards(directories, "merge", 2)) == hash_of(whole));
      }
    }
  }
}

TEST_CASE("samplers: a noise path has the covariance that Philox gives it") {
  // A known plan with noise: log starts of months, over 16,384 trials. Covariances err by at most
  // some sqrt(2 / 16,384) sigma^2 = 1.1 %; 4 of them.
  const Compiled model = compiled_text(R"(
[scenario]
months = 2025-01 .. 2025-12
[node.n]
cycle_time_cv = 100 %
[fab.L]
node = n
plan = 900 to 901 wafers/month noise 10 % rho 0.7
[die.d]
width  = 10 mm
height = 10 mm
[claim.L.d]
share = 100 %
)");
  const InputPlan* noisy = nullptr;
  for (const InputPlan& input : model.model.inputs.uncertain) {
    if (input.noise_row >= 0) noisy = &input;
  }
  REQUIRE(noisy);
  for (const SamplerKind sampler : points) {
    CAPTURE(sampler_name(sampler));
    constexpr uint64_t trials = 16'384;
    const RunOptions options =
        with_draw_plan({{&model, {}, {}, {}, {}}}, options_of(sampler, trials));
    const int first_component = options.draw_plan->dimension({Purpose::noise, noisy->stream, 0});
    CHECK(first_component >= 0);
    CHECK(options.draw_plan->dimension({Purpose::noise, noisy->stream, 1}) > first_component);
    REQUIRE(options.draw_plan->rotation(noisy->stream, 12) != nullptr);
    const Sampler draws(sampler, 1, options.replicates(), options.draw_plan);
    TrialBlock block(model.model.rows.count);
    NoiseNormals noise(model.model.inputs, 12);
    std::vector<std::vector<double>> log_noise(12);
    for (uint64_t first = 0; first < trials; first += block_lanes) {
      block.clear();
      draw_inputs(model.model.inputs, {&draws, first}, block);
      noise.draw({&draws, first});
      for (int m = 0; m < 12; ++m) {
        inputs_of_month(model.model.inputs, noise, m, block);
        const Real* column = block[noisy->noise_row];
        log_noise[static_cast<size_t>(m)].insert(log_noise[static_cast<size_t>(m)].end(), column,
                                                 column + block_lanes);
      }
    }
    const double sigma = noisy->noise_sigma;
    for (size_t a = 0; a < 12; ++a) {
      double mean = 0;
      for (const double value : log_noise[a]) mean += value / trials;
      // Rows are sums of points: far nearer to 0 than independent draws, 0.0078 sigma.
      CHECK(std::abs(mean) < 0.004 * sigma);
      for (size_t b = 0; b <= a; ++b) {
        double covariance = 0;
        for (size_t t = 0; t < trials; ++t) covariance += log_noise[a][t] * log_noise[b][t];
        const double expected = sigma * sigma * std::pow(0.7, static_cast<double>(a - b));
        REQUIRE(std::abs(covariance / trials - expected) < 0.045 * sigma * sigma);
      }
    }
  }
}

TEST_CASE("samplers: a mean errs far less than that of as many independent trials") {
  // A sum of three uniforms, one each dimension. Philox: variance 3 x 3,000^2 / 12 / N of the mean.
  // Points put one into each of n intervals: what is left is that within them, n^-2 of it, in all
  // 1 / n^2 of Philox's. Over 40 seeds the mean square has a standard deviation of 22 %.
  const Often often(lines());
  for (const SamplerKind sampler : {SamplerKind::philox, SamplerKind::sobol, SamplerKind::lhs}) {
    CAPTURE(sampler_name(sampler));
    constexpr uint64_t trials = 512;  // 8 x 64
    double squares = 0;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
      const double mean = often.outcome(options_of(sampler, trials, seed)).statistics[0].mean;
      squares += std::pow(mean - 9000, 2) / 40;
    }
    const double independent = 3 * 3000.0 * 3000.0 / 12 / trials;
    const double expected =
        sampler == SamplerKind::philox ? independent : independent / (64.0 * 64.0);
    CHECK(squares > 0.35 * expected);
    CHECK(squares < 2 * expected);
  }
}

TEST_CASE("samplers: 90 % intervals of mean, median and chance cover the truth as they say") {
  // Of 300 seeds 270 should, with a standard deviation of 5.2; four of them either way. Medians and
  // chances that points make nearly exact may cover more: whole trials round them.
  const Often often(lines("noise 20 % rho 0.5")), plain(lines());
  for (const SamplerKind sampler : points) {
    for (const uint64_t trials : {256, 4608}) {  // 8 x 32, kept; 9 x 512, counted
      CAPTURE(sampler_name(sampler));
      CAPTURE(trials);
      int mean = 0, p50 = 0, p10 = 0, chance = 0;
      for (uint64_t seed = 1; seed <= 300; ++seed) {
        // Noise has mean 1, so the mean stays; the quantiles are those without it.
        const RunOutcome noisy = often.outcome(options_of(sampler, trials, seed));
        const SeriesStatistics& of = noisy.statistics[0];
        mean += std::abs(of.mean - 9000) <= noisy.reach() * of.mean_se;
        const RunOutcome clear = plain.outcome(options_of(sampler, trials, seed));
        const SeriesStatistics& q = clear.statistics[0];
        p50 += q.low[3] <= 9000 && 9000 <= q.high[3];
        // F(x) = x^3 / 6 below 1: the tenth is at 0.6^(1/3).
        const double tenth = 3000 * (1.5 + std::cbrt(0.6));
        p10 += q.low[1] <= tenth && tenth <= q.high[1];
        const Share many = share_of(clear.question_counts[0].hits, clear.all);
        chance += many.interval.low <= chance_of_many() && chance_of_many() <= many.interval.high;
      }
      CHECK(mean >= 249);
      CHECK(mean <= 291);
      CHECK(p50 >= 249);
      CHECK(p10 >= 249);
      CHECK(chance >= 249);
      MESSAGE(sampler_name(sampler), " ", trials, ": of 300 intervals cover mean ", mean,
              ", median ", p50, ", tenth ", p10, ", chance ", chance);
    }
  }
}

TEST_CASE("samplers: intervals cover where a mean hangs on a view and on an event") {
  // Of every 512 trials 153.1 follow a; of 4,608 the odd tenths make one trial or none, which few
  // replicates tell. Starts given a are 1,200 fewer; the event, of chance 0.4003, takes 900.
  std::string text = lines();
  const size_t at = text.find("plan = uniform(500, 1500)");
  text.replace(at, 25, "plan = a: uniform(500, 1500) wafers/month / b: uniform(900, 1900)");
  text += R"([view]
a = 0.29902
b = 0.70098
[event.e]
probability = 40.03 % at 2025-01
effect      = fab.C.plan add -300 wafers/month
)";
  const Often often(text);
  const double mean = 9000 + 0.70098 * 1200 - 0.4003 * 900;
  for (const SamplerKind sampler : points) {
    for (const uint64_t trials : {512, 4608}) {
      CAPTURE(sampler_name(sampler));
      CAPTURE(trials);
      int covered = 0;
      for (uint64_t seed = 1; seed <= 200; ++seed) {
        const RunOutcome outcome = often.outcome(options_of(sampler, trials, seed));
        const SeriesStatistics& of = outcome.statistics[0];
        covered += std::abs(of.mean - mean) <= outcome.reach() * of.mean_se;
      }
      // Of 200 seeds 180 or more: 4 standard deviations (4.2 each) below.
      CHECK(covered >= 163);
      MESSAGE(sampler_name(sampler), " ", trials, ": of 200 intervals ", covered, " cover");
    }
  }
}

TEST_CASE("samplers: a scenario compared with itself differs by exactly zero") {
  for (const SamplerKind sampler : points) {
    const TemporaryFolder folder;
    CompareRequest request;
    request.run = request_of(folder, sampler, 5000);
    request.run.keep.clear();
    const std::string path = request.run.scenario.path;
    folder.write("same.scn", fabcast::testing::read_text(path));
    request.paths = {path, folder.file("same.scn")};
    const RunResult compared = PairedStudy(request).run({});
    for (const Table* table : compared.tables()) {
      if (table->name != "compare") continue;
      CHECK(table->rows.size() > 50);
      for (const auto& row : table->rows) {
        for (const char* column : {"difference", "difference_se", "difference_p50_hi"}) {
          REQUIRE(number_in(row[table->column(column)]) == 0);
        }
      }
    }
  }
}

TEST_CASE("samplers: what the headline goes with has the first dimension, for all scenarios one") {
  // Starts of B, which is not the first in the file, are all but a thousandth of the headline.
  std::string text = lines();
  for (const char* small : {"A", "C"}) {
    const size_t at =
        text.find("plan = uniform(500, 1500)", text.find(std::string("[fab.") + small));
    text.replace(at, 25, "plan = uniform(0.5, 1.5)");
  }
  const Often often(text);
  const auto plan = plan_draws({often.run}, options_of(SamplerKind::sobol, 1));
  CHECK(plan->dimension({Purpose::input, stream_of("fab.B.plan")}) == 0);
  CHECK(plan->dimension({Purpose::input, stream_of("fab.A.plan")}) > 0);
  RunOptions three = options_of(SamplerKind::sobol, 1);
  three.threads = 3;
  const auto again = plan_draws({often.run}, three);
  REQUIRE(again->dimensions() == plan->dimensions());
  for (size_t d = 0; d < plan->dimensions(); ++d) CHECK(again->draws()[d] == plan->draws()[d]);
  // Another scenario's own draws stand behind all of the first, its noise too.
  const Often noisy(lines("noise 5 % rho 0.5"));
  Often eventful(lines("noise 5 % rho 0.5") + R"([event.e]
hazard = 0.5 /year
effect = fab.A.plan multiply uniform(0.3, 0.9)
)");
  const auto first = plan_draws({noisy.run}, three);
  const auto pair = plan_draws({noisy.run, eventful.run}, three);
  REQUIRE(pair->dimensions() > first->dimensions());
  for (size_t d = 0; d < first->dimensions(); ++d) CHECK(pair->draws()[d] == first->draws()[d]);
  const auto both = plan_draws({often.run, noisy.run}, three);
  for (size_t d = 0; d < plan->dimensions(); ++d) CHECK(both->draws()[d] == plan->draws()[d]);
  CHECK(both->dimensions() == plan->dimensions() + 9);
}
