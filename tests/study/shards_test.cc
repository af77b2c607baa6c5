/// Files of shards: damaged, forged, and with weights that were cut.

#include "study/shards.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "base/diagnostics.h"
#include "report/csv.h"
#include "support/line.h"
#include "support/program.h"

using namespace fabcast;
using namespace fabcast::testing;

namespace {

const std::vector<std::string> uncertain{"scenario.months = 2025-01 .. 2025-03",
                                         "fab.L.plan = 1k to 10k wafers/month"};

/// A scenario's file, and the shards that were made of it.
struct Place {
  TemporaryFolder folder;
  RunRequest request;

  explicit Place(const std::string& text = plain_line) {
    request.scenario = {folder.write("line.scn", text), uncertain};
    request.trials = 600;
  }
  ShardResult shard(Shard part) const {
    RunRequest asked = request;
    asked.shard = part;
    return run_shard(PreparedScenario(asked), {});
  }
  std::string put(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories(folder.file(name));
    folder.write(name + "/shard.bin", bytes);
    return folder.file(name);
  }
  std::string put(const std::string& name, const ShardResult& shard) const {
    return put(name, shard_bytes(shard));
  }
};

template <class Error>
std::string refusal(const std::vector<std::string>& directories) {
  try {
    merge_shards(directories, "merge", 1);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a shard's file: a bit that flips anywhere is told, with the file's name") {
  const Place place;
  const std::string bytes = shard_bytes(place.shard({1, 1}));
  REQUIRE(merge_shards({place.put("good", bytes)}, "merge", 1).provenance.trials == 600);
  std::vector<size_t> at;
  for (size_t i = 0; i < 120; ++i) at.push_back(i);  // first words, hash, head
  std::mt19937_64 random(1);
  for (int i = 0; i < 300; ++i) at.push_back(random() % bytes.size());
  at.push_back(bytes.size() - 1);
  for (const size_t i : at) {
    CAPTURE(i);
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
    const std::string told = refusal<IoError>({place.put("bad", flipped)});
    CHECK(has(told, "bad/shard.bin"));
    CHECK(has(told, "damaged"));
  }
  for (const size_t size : {size_t{0}, size_t{1}, size_t{20}, size_t{90}, bytes.size() - 1}) {
    CHECK(has(refusal<IoError>({place.put("bad", bytes.substr(0, size))}), "damaged"));
  }
  CHECK(has(refusal<IoError>({place.put("bad", bytes + "x")}), "damaged"));
  // All of them at once.
  const std::string both = refusal<IoError>({place.folder.file("bad"), place.folder.file("none")});
  CHECK(has(both, "bad/shard.bin' is damaged"));
  CHECK(has(both, "none/shard.bin': there is no such file"));
}

TEST_CASE("a shard's file: of another version, scenario, seed … it is refused, all at once") {
  const Place place;
  const ShardResult first = place.shard({1, 2}), second = place.shard({2, 2});
  const std::string a = place.put("a", first), b = place.put("b", second);
  REQUIRE(refusal<InputError>({a, b}) == "");
  const auto forged = [&](const auto& change) {
    ShardResult other = second;
    change(other);
    return refusal<InputError>({a, place.put("c", other)});
  };
  const auto of_version = [](ShardResult& s) { s.provenance.version = "0.0.1"; };
  CHECK(has(forged(of_version), "version 0.0.1, not "));
  CHECK(has(forged(of_version), "c' is of another run than '"));
  CHECK(has(forged(of_version), "missing: shard 2 of 2; run it as the others, with --shard 2/2"));
  CHECK(has(forged([](ShardResult& s) { ++s.provenance.stream_version; }), "stream version "));
  CHECK(has(forged([](ShardResult& s) { s.provenance.sampler = "sobol"; }), "sampler sobol"));
  CHECK(has(forged([](ShardResult& s) { s.provenance.scenario_sha256[0] = 'x'; }), "SHA-256"));
  CHECK(has(forged([](ShardResult& s) { s.provenance.scenario = "x"; }), "scenario x, not line"));
  CHECK(has(forged([](ShardResult& s) { s.request.by_view = true; }), "--by-view given"));
  CHECK(has(forged([](ShardResult& s) { s.counts.pilot_sha256 = "77"; }), "arithmetic"));
  const std::string two = forged([](ShardResult& s) {
    s.request.seed = 9;
    s.request.trials = 601;
    s.counts.pilot_sha256 = "77";
  });
  CHECK(has(two, "seed 9, not 1; trials 601, not 600"));
  CHECK_FALSE(has(two, "arithmetic"));  // which follows from the seed

  // All of another version than the program: nothing to compare them with.
  ShardResult old_first = first, old_second = second;
  of_version(old_first);
  of_version(old_second);
  CHECK(has(refusal<InputError>({place.put("d", old_first), place.put("e", old_second)}),
            "these shards are of fabcast 0.0.1, this is"));
  // Another text under the same name, with its own hash put right: it would be read otherwise.
  ShardResult changed = first;
  changed.provenance.files[0].second += "# more\n[source.x]\ntitle = x\n";
  ShardResult alone = changed;
  alone.request.shard = Shard{1, 1};
  CHECK(has(refusal<InputError>({place.put("f", alone)}), "otherwise than the one that ran them"));
}

TEST_CASE("a shard's file: counts of another size than the scenario's are refused") {
  const Place place;
  ShardResult one = place.shard({1, 1});
  one.counts.state.pop_back();
  CHECK(has(refusal<IoError>({place.put("a", one)}), "a/shard.bin' holds other counts"));
  one.counts.state += "xy";
  CHECK(has(refusal<IoError>({place.put("a", one)}), "a/shard.bin' holds other counts"));
}

TEST_CASE("shards of exact quantiles: merge tells of its passes, may be stopped, knows its kind") {
  Place place;
  place.request.trials = 5000;
  place.request.quantiles = Quantiles::exact;
  const std::vector<std::string> directories{place.put("a", place.shard({1, 2})),
                                             place.put("b", place.shard({2, 2}))};
  std::vector<uint64_t> passes;
  CHECK_THROWS_AS(merge_shards(
                      directories, "merge", 1, [](uint64_t) { return false; },
                      [&](uint64_t trials) { passes.push_back(trials); }),
                  Interrupted);
  CHECK(passes == std::vector<uint64_t>{5000});
  // Of another program's arithmetic, all alike.
  for (const uint64_t index : {1, 2}) {
    ShardResult shard = place.shard({index, 2});
    shard.counts.pilot_sha256 = std::string(64, '0');
    place.put(index == 1 ? "a" : "b", shard);
  }
  CHECK(has(refusal<InputError>(directories), "this program computes other numbers"));
}

TEST_CASE("shards whose weights were cut say how to run them again, to the whole run's bits") {
  // An observation that one trial in thousands agrees with: seeds differ in whether it is met
  // among the first.
  Place place(plain_line + "[observe]\nwafer.capacity L 2025Q1 = 12345 wafers/month +- 0.02 %\n");
  place.request.trials = 6000;
  place.request.keep = {"wafer.starts L"};
  int again = 0;
  for (place.request.seed = 1; place.request.seed <= 12; ++place.request.seed) {
    const auto shards = [&] {
      std::vector<std::string> directories;
      for (uint64_t i = 1; i <= 3; ++i) {
        directories.push_back(place.put(fmt::format("s{}", i), place.shard({i, 3})));
      }
      return directories;
    };
    place.request.likeliest.reset();
    const std::vector<std::string> directories = shards();
    const std::string told = refusal<InputError>(directories);
    const std::string option = "--likeliest=";
    if (told != "") {
      REQUIRE(has(told, "run all shards again with --likeliest="));
      place.request.likeliest = std::stod(told.substr(told.find(option) + option.size()));
      shards();
      ++again;
      // One that was not run again is named.
      const double likeliest = *place.request.likeliest;
      place.request.likeliest.reset();
      place.put("s2", place.shard({2, 3}));
      CHECK(has(refusal<InputError>(directories), "s2' is of another run than '"));
      CHECK(has(refusal<InputError>(directories), "--likeliest none, not -"));
      place.request.likeliest = likeliest;
      place.put("s2", place.shard({2, 3}));
      place.request.likeliest.reset();
    }
    const RunResult merged = merge_shards(directories, "merge", 1);
    const PreparedScenario scenario(place.request);
    RunOutcome outcome = std::move(run_models({scenario.run}, scenario.options())[0]);
    const RunResult whole = result_of(scenario, outcome);
    for (size_t t = 0; t < whole.tables().size(); ++t) {
      CHECK(csv_text(*merged.tables()[t]) == csv_text(*whole.tables()[t]));
    }
    CHECK(csv_text(merged.trials) == csv_text(whole.trials));
    CHECK(merged.warnings == whole.warnings);
    if (told == "") {  // where nothing was cut, another scale would give other bits
      place.request.likeliest = -1;
      CHECK(has(refusal<InputError>(shards()), "run all shards again without it"));
    }
  }
  CHECK(again > 0);
  CHECK(again < 12);
}

TEST_CASE("--likeliest without observations is refused") {
  Place place;
  place.request.likeliest = -1;
  CHECK_THROWS_WITH_AS(place.shard({1, 1}), doctest::Contains("has no [observe]"), InputError);
}
