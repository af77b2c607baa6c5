/// fabcast run --shard and fabcast merge: the bytes of the whole run, and what is refused.

#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "support/line.h"
#include "support/place.h"

using namespace fabcast::testing;
using Json = nlohmann::json;

namespace {

/// Views, noise, milestones, questions; months enough for a year.
const std::string base = fabcast::unsure_line("headline = npus.shipped part, wafer.starts line\n",
                                              "[milestone.many]\nnpus = 100k npus\n");
const std::string asked =
    "extends = base.scn\n[scenario]\ntitle = Asked\n[fab.line]\nline_yield = 90 %\n";
const std::string seen =
    "extends = asked.scn\n[observe]\nwafer.starts line 2025 = 14k wafers +- 30 % by house\n";

struct Here : Place {
  Here() : Place("", {{"base.scn", base}, {"asked.scn", asked}, {"seen.scn", seen}}) {}
  std::map<std::string, std::string> tree(const std::string& directory) const {
    return tree_of(folder.file(directory));
  }
  /// run.json less what is of the machine and the command.
  Json run_json(const std::string& directory) const {
    Json json = Json::parse(read_text(folder.file(directory + "/run.json")));
    for (const char* own : {"command", "threads", "host_cpu", "seconds", "seconds_by_phase"}) {
      REQUIRE(json.contains(own));
      json.erase(own);
    }
    return json;
  }
  /// Whether two runs wrote the same tables and kept trials.
  void check_same(const std::string& whole, const std::string& merged) const {
    auto a = tree(whole), b = tree(merged);
    REQUIRE(a.contains("run.json"));
    a.erase("run.json");
    b.erase("run.json");
    CHECK(a.size() >= 7);
    for (const auto& [name, text] : a) {
      CAPTURE(name);
      CHECK((b[name] == text));
    }
    CHECK(a.size() == b.size());
    CHECK((run_json(whole) == run_json(merged)));
  }
  /// The shards' directories, in any order.
  std::string shards(const std::string& arguments, int count, uint64_t seed = 1) const {
    std::vector<std::string> names;
    for (int i = 1; i <= count; ++i) {
      names.push_back(fmt::format("s{}", i));
      run_well(fmt::format("run {} -q --force --shard {}/{} --threads {} --out {}", arguments, i,
                           count, 1 + (i + count) % 3, names.back()));
    }
    std::shuffle(names.begin(), names.end(), std::mt19937_64(seed));
    return fmt::format("{}", fmt::join(names, " "));
  }
};

}  // namespace

TEST_CASE("merge: the bytes of the whole run, for any number of shards in any order") {
  const Here place;
  struct Case {
    std::string arguments;
    std::vector<int> counts;
  };
  const std::string sets = " --set 'fab.line.utilisation = uniform(80, 95) %' --seed 3";
  for (const auto& [arguments, counts] :
       {Case{"asked.scn -n 300 --keep-inputs --keep-trials npus.shipped" + sets, {1, 2, 3, 5, 8}},
        Case{"asked.scn -n 4096 --by-view", {3}},
        Case{"asked.scn -n 4097 --by-view --keep-inputs --keep-trials wafer.starts", {2, 8}},
        Case{"asked.scn -n 9999" + sets, {1, 2, 3, 5, 8}},
        Case{"asked.scn -n 9999 --quantiles binned" + sets, {1, 2, 3, 5, 8}},
        Case{"seen.scn -n 1111 --by-view --keep-trials 'npus.shipped part'", {1, 2, 5}},
        Case{"seen.scn -n 9001 --by-view --keep-trials 'npus.shipped part'", {1, 3, 8}}}) {
    CAPTURE(arguments);
    place.run_well("run " + arguments + " -q --force --threads 2 --format csv --out whole");
    for (const int count : counts) {
      CAPTURE(count);
      const std::string shards = place.shards(arguments, count, static_cast<uint64_t>(count));
      place.run_well("merge " + shards + " --force -q --format csv --out merged");
      place.check_same("whole", "merged");
      CHECK(place.tree("merged").contains("exceedance.csv"));
    }
  }
}

TEST_CASE("merge: of the library's scenarios, weighted by what was observed too") {
  const Here place;
  for (const std::string arguments :
       {"base-2026-05 -n 4500 --quantiles binned --set 'scenario.months = 2024-01 .. 2024-03'",
        "base-2026-05 -n 4500 --set 'scenario.months = 2024-01 .. 2024-12'",
        "observed-2026-05 -n 300"}) {
    CAPTURE(arguments);
    place.run_well("run " + arguments + " -q --force --format csv --out whole");
    place.run_well("merge " + place.shards(arguments, 2) + " --force -q --format csv --out merged");
    place.check_same("whole", "merged");
    CHECK(place.tree("merged").contains("sources.csv"));
  }
}

TEST_CASE("merge: needs no file of the machine that ran the shards") {
  const Here place;
  const std::string arguments = "asked.scn -n 600 --set 'fab.line.utilisation = 90 %'";
  place.run_well("run " + arguments + " -q --format csv --out whole");
  const std::string shards = place.shards(arguments, 2);
  for (const char* file : {"base.scn", "asked.scn", "seen.scn"}) {
    std::filesystem::remove(place.folder.file(file));
  }
  place.run_well("merge " + shards + " -q --format csv --out merged");
  place.check_same("whole", "merged");
  CHECK(has(place.tree("merged")["inputs.csv"], "asked.scn:5"));
  CHECK(has(place.tree("merged")["inputs.csv"], "--set:1"));
  const Json json = Json::parse(place.tree("merged")["run.json"]);
  CHECK(json["command"] == "fabcast merge " + shards + " -q --format csv --out merged");
  CHECK(json["seconds_by_phase"].contains("shards"));
}

TEST_CASE("merge: the workbook and the page are the whole run's but for what run.json tells") {
  const Here place;
  for (const std::string arguments :
       {"asked.scn -n 5000 --by-view --keep-trials npus.shipped", "seen.scn -n 600"}) {
    CAPTURE(arguments);
    place.run_well("run " + arguments + " -q --force --out whole");
    place.run_well("merge " + place.shards(arguments, 3) + " -q --force --out merged");
    CHECK((place.run_json("whole") == place.run_json("merged")));
    const auto whole = place.tree("whole"), merged = place.tree("merged");
    REQUIRE(merged.contains("report.xlsx"));
    REQUIRE(merged.contains("report.html"));
    CHECK(has(merged.at("report.html"), "fabcast merge"));
    // Made again: of the merged run itself, then as if the whole run's machine had merged it.
    place.run_well("report merged -q");
    CHECK((place.tree("merged") == merged));
    place.folder.write("merged/run.json", whole.at("run.json"));
    place.run_well("report merged -q");
    CHECK((place.tree("merged") == whole));
  }
  // A shard has nothing to report.
  const ProgramRun run = place("report s1");
  CHECK(run.status == 2);
  CHECK(has(run.errors, "s1/run.json: it is of shard 1/3 of a run, which has no results of its"));
  CHECK(has(run.errors, "fabcast merge DIR"));
}

TEST_CASE("merge: what it prints and writes, kept trials in the format that is asked") {
  const Here place;
  const std::string arguments = "asked.scn -n 600 --keep-trials wafer.starts";
  place.run_well("run " + arguments + " --format csv,npy -q --out whole");
  const std::string shards = place.shards(arguments, 3);
  const ProgramRun shown = place("merge " + shards + " --format csv,npy --out merged");
  CHECK(shown.status == 0);
  CHECK(shown.errors == "");
  CHECK(has(shown.output, "600 trials, seed 1"));
  CHECK(has(shown.output, "npus.shipped"));
  CHECK(has(shown.output, "Results: merged/summary.csv"));
  place.check_same("whole", "merged");
  CHECK(place.tree("merged").contains("trials.npy"));
  CHECK_FALSE(place.tree("merged").contains("report.xlsx"));
  const ProgramRun json = place("merge " + shards + " --force --json --out merged");
  CHECK(Json::parse(json.output)["questions"].size() == 2);
}

TEST_CASE("shard: a directory that says what it is") {
  const Here place;
  const ProgramRun run = place("run asked.scn -n 9000 --shard 2/3");
  CHECK(run.status == 0);
  CHECK(has(run.output, "asked: shard 2/3 of 9000 trials"));
  CHECK(has(run.output, "Results: results/asked-2-of-3/shard.bin, run.json"));
  CHECK(has(run.output, "fabcast merge"));
  const auto tree = place.tree("results/asked-2-of-3");
  CHECK(tree.size() == 2);
  const Json json = Json::parse(tree.at("run.json"));
  CHECK(json["shard"] == "2/3");
  CHECK(json["trials"] == 9000);
  CHECK_FALSE(json.contains("report"));
  // Replaced as other runs are.
  CHECK(place("run asked.scn -n 9000 --shard 2/3").status == 6);
  CHECK(place("run asked.scn -n 9000 --shard 2/3 --force -q").status == 0);
  CHECK(place("run base.scn asked.scn -n 100 --shard 1/2 --out both -q").status == 0);
  CHECK(place.tree("both").contains("base-1-of-2/shard.bin"));
  CHECK(place.tree("both").contains("asked-1-of-2/shard.bin"));
}

TEST_CASE("shard: what is no shard, and what does not go with it, is refused") {
  const Here place;
  const auto told = [&](const std::string& arguments) {
    const ProgramRun run = place("run asked.scn -n 100 --out r " + arguments);
    CHECK(run.status == 2);
    CHECK_FALSE(std::filesystem::exists(place.folder.file("r")));
    return run.errors;
  };
  CHECK(has(told("--shard 2"), "'2' is no shard; give I/N, such as 2/8"));
  CHECK(has(told("--shard 0/3"), "'0' is not a whole number from 1 to 3"));
  CHECK(has(told("--shard 4/3"), "'4' is not a whole number from 1 to 3"));
  CHECK(has(told("--shard 1/0"), "'0' is not a whole number from 1 to 10000"));
  CHECK(has(told("--shard 1/20k"), "'20k' is not a whole number from 1 to 10000"));
  CHECK(has(told("--shard 1/x"), "'x' is not a whole number"));
  CHECK(has(told("--shard 2 --likeliest=much --relax"), "'2' is no shard"));
  CHECK(has(told("--shard 2 --likeliest=much --relax"), "'much' is no number"));
  CHECK(has(told("--shard 2 --likeliest=much --relax"), "--relax needs runs of its own"));
  CHECK(has(told("--likeliest=-2"), "--likeliest goes with --shard I/N alone"));
  CHECK(has(told("--shard 1/2 --likeliest=much"), "'much' is no number"));
  CHECK(has(told("--shard 1/2 --likeliest=-2"), "has no [observe]"));
  const std::string all =
      told("--shard 1/2 --relax --precision 1% --json --format npy --keep-trials wafer.starts");
  CHECK(has(all, "--precision looks at all trials"));
  CHECK(has(all, "--relax needs runs of its own"));
  CHECK(has(all, "--json tells what a whole run comes to"));
  CHECK(has(all, "--format is of what a whole run writes"));
}

TEST_CASE("merge: what is missing, there twice or of another run is told all at once, status 2") {
  const Here place;
  const std::string arguments = "asked.scn -n 900";
  place.shards(arguments, 8);
  const auto told = [&](const std::string& directories) {
    const ProgramRun run = place("merge " + directories + " --out r");
    CHECK(run.status == 2);
    CHECK_FALSE(std::filesystem::exists(place.folder.file("r")));
    return run.errors;
  };
  CHECK(has(told("s1 s2 s3 s4 s5 s6 s7"),
            "missing: shard 8 of 8; run it as the others, with --shard 8/8"));
  CHECK(has(told("s2 s5 s7"),
            "missing: shards 1, 3 to 4, 6, 8 of 8; run them as the others, with --shard I/8"));
  CHECK(has(told("s1 s2 s3 s4 s5 s6 s7 s8 s3"), "shard 3/8 is there twice: 's3' and 's3'"));
  place.run_well("run base.scn -n 900 -q --shard 3/8 --out other");
  place.run_well(
      "run asked.scn -n 900 -q --shard 3/9 --seed 5 --keep-trials wafer.starts --out more");
  place.run_well("run asked.scn -n 901 -q --shard 3/8 --set 'fab.line.line_yield = 1' --out set");
  const std::string all = told("other more s1 s2 s4 s5 s6 s7 s7 s8 set");
  CHECK(has(all, "'other' is of another run than 's1': scenario base, not asked; scenario text"));
  CHECK(has(all,
            "'more' is of another run than 's1': seed 5, not 1; number of shards 9, not 8; "
            "--keep-trials wafer.starts, not none"));
  CHECK(has(all, "'set' is of another run than 's1': scenario text (SHA-256) "));
  CHECK(has(all, "; trials 901, not 900"));
  CHECK(has(all, "shard 7/8 is there twice: 's7' and 's7'"));
  CHECK(has(all, "missing: shard 3 of 8"));
  CHECK(has(told("s1 s2 s3 s4 s5 s6 s7 s8 --format npy"), "these shards kept none"));
  const auto before = place.tree(".");
  const ProgramRun over = place("merge s1 s2 s3 s4 s5 s6 s7 s8 --out ./s2/ --force");
  CHECK(over.status == 2);
  CHECK(has(over.errors, "--out './s2/' is one of the shards"));
  CHECK((place.tree(".") == before));
  CHECK(has(told("s1 s2 s3 s4 s5 s6 s7 s8 --format xyz"), "'xyz' is not a format"));

  const ProgramRun empty = place("merge");
  CHECK(empty.status == 2);
  CHECK(has(empty.errors, "no directory of a shard"));
  CHECK(has(empty.errors, "add --out DIR"));
}

TEST_CASE("merge: files that cannot be read are status 4, another run's place is status 6") {
  const Here place;
  const std::string shards = place.shards("asked.scn -n 300", 2);
  place.run_well("run asked.scn -n 300 -q --out whole");
  std::string bytes = read_text(place.folder.file("s2/shard.bin"));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  std::filesystem::create_directory(place.folder.file("bad"));
  place.folder.write("bad/shard.bin", bytes);
  const ProgramRun run = place("merge s1 bad whole nothing --out r");
  CHECK(run.status == 4);
  CHECK(has(run.errors, "'bad/shard.bin' is damaged; run this shard again"));
  CHECK(has(run.errors, "cannot read 'whole/shard.bin': there is no such file"));
  CHECK(has(run.errors, "cannot read 'nothing/shard.bin'"));
  CHECK_FALSE(std::filesystem::exists(place.folder.file("r")));
  const auto before = place.tree("whole");
  CHECK(place("merge " + shards + " --out whole").status == 6);
  CHECK((place.tree("whole") == before));
  CHECK(place("merge " + shards + " --out whole --force -q").status == 0);
}
