#include "scenario/load.h"

#include <sys/stat.h>

#include <chrono>
#include <limits>

#include "scenario/chain.h"
#include "scenario/declarations.h"
#include "scenario/helpers.h"
#include "scenario/read_file.h"
#include "scenario/settings.h"

namespace fabcast {

using testing::corpus;
using testing::load_text;
using testing::Loaded;
using testing::over_hand;
using testing::TemporaryFolder;

namespace {

const Setting& setting(const ScenarioSpec& spec, std::string_view kind, std::string_view entity,
                       std::string_view key) {
  const Section* section = spec.find(kind, entity);
  REQUIRE(section);
  const Setting* found = section->find(key);
  REQUIRE(found);
  return *found;
}

double constant(const ScenarioSpec& spec, std::string_view kind, std::string_view entity,
                std::string_view key) {
  return setting(spec, kind, entity, key).number().constant();
}

Loaded load_good(const std::string& name) {
  const testing::CorpusLibrary library;
  Loaded loaded;
  loaded.spec = load_scenario({corpus + "good/" + name, {}}, loaded.diagnostics);
  CHECK(loaded.diagnostics.text() == "");
  return loaded;
}

/// Line of a message that has `part`, or all of them where none has.
void check_mistake(const Loaded& loaded, const std::string& part) {
  const std::string text = loaded.diagnostics.text();
  CAPTURE(text);
  CHECK(text.find(part) != std::string::npos);
  CHECK(loaded.diagnostics.count() == 1);
}

}  // namespace

TEST_CASE("load: numbers in canonical units, words, references, lists, months") {
  const Loaded hand = load_good("hand.scn");
  const ScenarioSpec& spec = hand.spec;
  CHECK(spec.name == "hand");
  CHECK(spec.title == "Worked out by hand");
  CHECK(spec.first.text() == "2025-01");
  CHECK(spec.last.text() == "2026-12");
  CHECK(constant(spec, "fab", "SN2", "plan") == 1200);
  CHECK(constant(spec, "foundry", "smic", "revenue") == 45e6);
  CHECK(constant(spec, "product", "npu", "power") == 500);
  CHECK(constant(spec, "node", "N+2", "d0") == 0.2);
  CHECK(std::get<int>(setting(spec, "node", "N+2", "yield_model").value) == 3);
  CHECK(std::get<std::string>(setting(spec, "fab", "SN2", "node").value) == "N+2");
  CHECK(std::get<std::vector<std::string>>(setting(spec, "segment", "cloud", "prefers").value) ==
        std::vector<std::string>{"npu"});
  CHECK(std::get<int>(setting(spec, "pod", "rack", "whole").value) == 1);
  const Loaded paths = load_good("paths.scn");
  CHECK(std::get<Month>(setting(paths.spec, "fab", "SN2", "start").value).text() == "2024-06");
}

TEST_CASE("load: sections in schema order, then by first appearance; settings in schema order") {
  const Loaded lines = load_good("lines.scn");
  std::vector<std::string> names;
  for (const Section& section : lines.spec.sections) names.push_back(section.name());
  const std::vector<std::string> start(names.begin(), names.begin() + 10);
  CHECK(start == std::vector<std::string>{"scenario", "foundry.smic", "node.N+2", "fab.SN2",
                                          "fab.SN1", "tool.SN2.immersion", "tool.SN1.immersion",
                                          "tool.SN1.etch-1", "die.logic", "die.phone"});
  const Section& fab = *lines.spec.find("fab", "SN1");
  std::vector<std::string> keys;
  for (const Setting& each : fab.settings) keys.push_back(each.key);
  CHECK(keys == std::vector<std::string>{"node", "plan", "utilisation", "reserved", "d0_ratio",
                                         "line_yield", "division", "wip"});
  CHECK(lines.spec.of("fab").size() == 2);
}

TEST_CASE("load: defaults are there and say so; optional keys that nobody gives are not") {
  const Loaded hand = load_good("hand.scn");
  const Setting& ratio = setting(hand.spec, "fab", "SN2", "d0_ratio");
  CHECK(ratio.is_default);
  CHECK(ratio.raw == "1");
  CHECK(ratio.number().constant() == 1);
  CHECK_FALSE(setting(hand.spec, "fab", "SN2", "plan").is_default);
  CHECK(hand.spec.find("fab", "SN2")->find("start") == nullptr);
}

TEST_CASE("load: every default of the schema reads and lies in its range") {
  for (const SectionRow& section : schema()) {
    for (const KeyRow& row : section.keys) {
      CAPTURE(row.name);
      if (row.is_required() || row.fallback.empty()) continue;
      CHECK_NOTHROW(default_setting(row, {}));
    }
  }
}

TEST_CASE("load: the last file that sets a key wins, and its place is kept") {
  const Loaded chain = load_good("chain.scn");
  const ScenarioSpec& spec = chain.spec;
  CHECK(constant(spec, "fab", "SN2", "utilisation") == 0.8);  // child over grandparent
  CHECK(constant(spec, "fab", "SN2", "line_yield") == 0.95);  // chain over child
  CHECK(std::get<int>(setting(spec, "fab", "SN2", "wip").value) == 1);
  CHECK(constant(spec, "fab", "SN2", "plan") == 1200);
  REQUIRE(spec.files.size() == 4);
  std::vector<std::string> names;
  for (const FileRead& file : spec.files) names.push_back(base_name(file.path));
  CHECK(names == std::vector<std::string>{"hand.scn", "grandparent.scn", "child.scn", "chain.scn"});
  CHECK(spec.files[0].text == testing::read_text(corpus + "good/hand.scn"));
  const SourcePosition at = setting(spec, "fab", "SN2", "utilisation").key_at;
  CHECK(base_name(chain.diagnostics.file_name(at.file)) == "child.scn");
  CHECK(at.line == 4);
}

TEST_CASE("load: another way to say a thing takes the inherited one's place") {
  const Loaded displaced = load_good("displaced.scn");
  const ScenarioSpec& spec = displaced.spec;
  const Section& die = *spec.find("die", "logic");
  CHECK(die.find("area"));
  CHECK_FALSE(die.find("width"));
  CHECK_FALSE(die.find("height"));
  CHECK_FALSE(spec.find("packaging", "hall")->find("capacity"));
  CHECK_FALSE(spec.find("segment", "cloud")->find("demand"));
  // Bins stand by their numbers, whichever file gives them.
  std::vector<std::string> bins;
  for (const Setting& setting : die.settings) {
    if (setting.row->kind == KeyKind::group) bins.push_back(setting.raw);
  }
  CHECK(bins == std::vector<std::string>{"34 cores", "30 cores", "28 cores"});
  const std::string text = resolved_text(spec, displaced.diagnostics);
  CAPTURE(text);
  CHECK(text.find("# left out: die.logic.width (hand.scn:35), as [die.logic] gives 'area' "
                  "(displaced.scn:5)\n") != std::string::npos);
  CHECK(spec.left_out.size() == 4);
  // And back again, by the last file.
  const Loaded back = over_hand("[die.logic]\narea = 4 cm2\n",
                                {"die.logic.width = 20 mm", "die.logic.height = 20 mm"});
  CHECK(back.diagnostics.text() == "");
  CHECK(back.spec.left_out.size() == 1);
  CHECK_FALSE(back.spec.find("die", "logic")->find("area"));
  check_mistake(over_hand("[die.logic]\narea = 4 cm2\n", {"die.logic.width = 20 mm"}),
                "[die.logic] lacks 'height'");
}

TEST_CASE("load: an inherited claim on a line that is now another's takes nothing") {
  const Loaded before = load_good("displaced.scn"), reserved = load_good("reserved.scn");
  CHECK(before.spec.find("claim", "SN2.other"));
  CHECK(reserved.spec.find("claim", "SN2.logic"));
  CHECK_FALSE(reserved.spec.find("claim", "SN2.other"));
  CHECK(resolved_text(reserved.spec, reserved.diagnostics)
            .find("# left out: claim.SN2.other (displaced.scn:19), as line 'SN2' is reserved for "
                  "'huawei' (reserved.scn:6)\n") != std::string::npos);
  // Correlations of what is left out go with it; those of the same file or a later one do not.
  const std::string pair = "fab.SN2.plan ~ claim.SN2.other.share = 0.5";
  const Loaded correlated = load_text(
      "extends = displaced.scn\n[fab.SN2]\nplan = 1k to 2k\n"
      "[correlate]\n" +
          pair + "\n",
      {"fab.SN2.reserved = huawei"});
  CHECK(correlated.diagnostics.text() == "");
  CHECK(correlated.spec.correlations.empty());
  check_mistake(load_text("extends = reserved.scn\n[correlate]\n" + pair + "\n"),
                "there is no input 'claim.SN2.other.share'");
}

TEST_CASE("load: a section goes on where it comes again; a quarter is its last month") {
  const Loaded parts = load_good("parts.scn");
  const ScenarioSpec& spec = parts.spec;
  CHECK(constant(spec, "fab", "SN2", "plan") == 900);
  CHECK(spec.views[0].weights == std::vector<double>{0.25, 0.75});
  CHECK(spec.first == *parse_month("2025-01"));
  CHECK(spec.last == *parse_month("2026-12"));
  const auto month = [&](const char* kind, const char* entity, const char* key) {
    return std::get<Month>(setting(spec, kind, entity, key).value).text();
  };
  CHECK(month("fab", "SN2", "start") == "2024-09");
  CHECK(month("product", "npu", "launch") == "2025-06");
  CHECK(month("product", "npu", "end") == "2026-09");
}

TEST_CASE("load: --set comes last, and may make sections, views, questions and pairs") {
  const Loaded loaded = over_hand(
      "[view]\na = 1\nb = 1\n[question]\nq = npus.shipped >= 5 by 2025\n",
      {"fab.SN2.plan = 2k to 3k wafers/month", "yardstick.a100.fp16 = 312 TFLOPS", "view.b = 3",
       "question.q = npus.shipped >= 7 by 2026", "question.r = npus.shipped <= 1k at 2025",
       "fab.SN2.utilisation = uniform(0.9, 1)", "fab.SN2.utilisation ~ fab.SN2.plan = 0.25"});
  REQUIRE(loaded.diagnostics.text() == "");
  const ScenarioSpec& spec = loaded.spec;
  CHECK(setting(spec, "fab", "SN2", "plan").raw == "2k to 3k wafers/month");
  CHECK(loaded.diagnostics.file_name(setting(spec, "fab", "SN2", "plan").key_at.file) == "--set");
  CHECK(constant(spec, "yardstick", "a100", "fp16") == 312);
  CHECK(spec.views[0].weights == std::vector<double>{0.25, 0.75});
  REQUIRE(spec.questions.size() == 5);  // hand.scn has three
  CHECK(spec.questions[3].value == 7);
  CHECK(spec.questions[4].name == "r");
  REQUIRE(spec.correlations.size() == 1);
  CHECK(spec.correlations[0].first == "fab.SN2.plan");
  CHECK(spec.correlations[0].second == "fab.SN2.utilisation");
  CHECK(spec.files.back().path == "--set");
}

TEST_CASE("load: a mistake in --set points at it") {
  check_mistake(over_hand("", {"fab.SN2.wip = empty", "fab.SN2.plan = 5 mm"}),
                "--set:2:18: 'mm' is a unit of length");
  check_mistake(over_hand("", {"fab.SN2.utilisation = 2"}), "--set:1:23: 200 % is out of range");
  check_mistake(over_hand("", {"fab.SN2.plam = 2"}), "did you mean 'plan'?");
}

TEST_CASE("load: what resolved_text prints is the same scenario") {
  for (const std::filesystem::path& path : testing::corpus_files("good")) {
    CAPTURE(path.filename().string());
    const Loaded once = load_good(path.filename().string());
    const std::string text = resolved_text(once.spec, once.diagnostics);
    const Loaded again = load_text(text);
    CHECK(again.diagnostics.text() == "");
    testing::check_equal(once.spec, again.spec);
  }
}

TEST_CASE("load: resolved_text names the file and line of each key, or 'default'") {
  const Loaded chain = load_good("chain.scn");
  const std::string text = resolved_text(chain.spec, chain.diagnostics);
  CAPTURE(text);
  for (const char* part :
       {"# chain, as resolved from hand.scn, grandparent.scn, child.scn, chain.scn\n",
        "\nutilisation = 80 %               # child.scn:4\n",
        "\nd0_ratio    = 1                  # default\n",
        "\ntitle           = Three files deep, and hand.scn of the library below them  # "
        "chain.scn:3\n"}) {
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("load: weights of views are normalised, and normalised weights keep their bits") {
  const Loaded views = load_good("views.scn");
  REQUIRE(views.spec.views.size() == 3);
  CHECK(views.spec.views[0].weights == std::vector<double>{0.75, 0.25});
  CHECK(views.spec.views[1].name == "memory");
  CHECK(views.spec.views[1].weights == std::vector<double>{0.6, 0.4});
  const Loaded thirds = over_hand("[view]\na = 0.1\nb = 0.2\nc = 0.7000000000000001\n");
  CHECK(thirds.spec.views[0].weights == std::vector<double>{0.1, 0.2, 0.7000000000000001});
}

TEST_CASE("load: a value for each view is kept under each view, in the order written") {
  const Loaded views = load_good("views.scn");
  const Value& plan = setting(views.spec, "fab", "SN2", "plan").number();
  REQUIRE(plan.paths.size() == 2);
  CHECK(plan.paths[0].view == "nikkei");
  CHECK(plan.paths[1].view == "semianalysis");
  CHECK(plan.paths[1].anchors[0].distribution.quantile(0.05) == doctest::Approx(4000));
}

TEST_CASE("load: an input made certain later leaves its correlations without a word") {
  const std::string pairs =
      "[fab.SN2]\nplan = 1k to 2k wafers/month\nutilisation = uniform(0.9, 1)\n"
      "[correlate]\nfab.SN2.plan ~ fab.SN2.utilisation = 0.5\n";
  const Loaded later = over_hand(pairs, {"fab.SN2.plan = 1k"});
  CHECK(later.diagnostics.text() == "");
  CHECK(later.spec.correlations.empty());
  CHECK(over_hand(pairs).spec.correlations.size() == 1);
  check_mistake(over_hand(pairs, {"fab.SN2.plan ~ fab.SN2.line_yield = 0.5"}),
                "'fab.SN2.line_yield' is not uncertain");
  check_mistake(over_hand("[fab.SN2]\nplan = 1k\nutilisation = uniform(0.9, 1)\n"
                          "[correlate]\nfab.SN2.plan ~ fab.SN2.utilisation = 0.5\n"),
                "'fab.SN2.plan' is not uncertain");
}

TEST_CASE("load: questions are read into their parts") {
  const Loaded loaded = load_good("questions.scn");
  const std::vector<QuestionSpec>& questions = loaded.spec.questions;
  REQUIRE(questions.size() == 6);  // three of hand.scn, the first of them asked anew
  CHECK(questions[0].name == "sixteen");
  CHECK(questions[0].variable == "npus.shipped");
  CHECK(questions[0].entity == "national");
  CHECK(questions[0].value == 2000);
  CHECK(questions[0].unit == "npus");
  CHECK(questions[0].time == QuestionTime::by);
  CHECK(questions[0].period.text() == "2026");
  CHECK(questions[3].comparison == Comparison::at_most);
  CHECK(questions[3].unit == "wafers/month");
  CHECK(questions[3].time == QuestionTime::at);
  CHECK(questions[3].period.text() == "2025Q3");
  CHECK(questions[4].value == 10);
  CHECK(questions[4].unit == "%");
  CHECK(questions[5].entity == "");
  CHECK(questions[5].value == 1500);
  CHECK(questions[5].text == "compute.fp16 >= 1.5e3 PFLOPS by 2025-06");
}

TEST_CASE("load: sources are kept with all their fields, whatever names them") {
  const Loaded loaded = load_good("sources.scn");
  REQUIRE(loaded.spec.sources.size() == 2);
  CHECK(loaded.spec.sources[0].id == "nikkei-2026.02");
  CHECK(loaded.spec.sources[0].fields.at("title") == "Wafers, counted = twice; 芯片");
  CHECK(loaded.spec.sources[1].fields.at("note") == "Ours, from the sum of the above");
  CHECK(setting(loaded.spec, "fab", "SN2", "plan").sources ==
        std::vector<std::string>{"nikkei-2026.02", "judgement_1"});
  CHECK(setting(loaded.spec, "fab", "SN2", "wip").sources ==
        std::vector<std::string>{"judgement_1"});
  CHECK(setting(loaded.spec, "product", "npu", "launch").sources.size() == 1);
}

TEST_CASE("load: the author's own numbers may touch the range but not pass it") {
  CHECK(over_hand("[fab.SN2]\nutilisation = uniform(0, 1)\n").diagnostics.ok());
  CHECK(over_hand("[fab.SN2]\nutilisation = 100 %\n").diagnostics.ok());
  CHECK(over_hand("[fab.SN2]\nutilisation = 80 % to 99 % within [0 %, 100 %]\n").diagnostics.ok());
  CHECK(over_hand("[fab.SN2]\nutilisation = 80 % to 100 %\n").diagnostics.ok());
  CHECK(over_hand("[fab.SN2]\nutilisation = normal(100 %, 150 %)\n").diagnostics.ok());
  // What the author cut himself, or gave no weight, is not there to be judged.
  CHECK(over_hand("[fab.SN2]\nutilisation = 80 % to 120 % within [0 %, 90 %]\n").diagnostics.ok());
  CHECK(over_hand("[fab.SN2]\nutilisation = discrete(0.5: 1, 2: 0)\n").diagnostics.ok());
  for (const char* value :
       {"uniform(-0.01, 1)", "0.8 to 1.01", "pert(0.5, 0.8, 1.01)", "beta(2, 2, -0.01, 1)",
        "discrete(0.5: 1, 1.01: 1)", "metalog(5%: 0.8, 50%: 0.9, 95%: 1.01)", "normal(1.01, 0.1)",
        "lognormal(0.5, 1.01)", "triangular(-0.01, 0.5, 1)"}) {
    CAPTURE(value);
    check_mistake(over_hand(std::string("[fab.SN2]\nutilisation = ") + value + "\n"),
                  "% is out of range for 'utilisation'; give 0 to 100 %");
  }
}

TEST_CASE("load: what reaches out of the range is cut to it, as by within") {
  const Loaded cut = load_good("cut.scn");
  const auto anchors = [](const Loaded& loaded, std::string_view kind, std::string_view entity,
                          std::string_view key, size_t view) {
    return setting(loaded.spec, kind, entity, key).number().paths[view].anchors;
  };
  const Loaded written = over_hand(
      "[view]\nlow = 1\nhigh = 1\n[fab.SN2]\n"
      "plan = 2025-01: 0 to 5k within [0, ] | 2026-01: normal(5k, 2k) within [0, ]\n"
      "utilisation = low: 0.90 to 0.99 within [, 1] / high: uniform(0.95, 1)\n"
      "line_yield = normal(95 %, 1.6 %) within [, 100 %]\n"
      "[claim.SN2.logic]\nshare = 85 % to 98 % within [, 100 %]\n");
  REQUIRE(written.diagnostics.text() == "");
  for (const auto& [kind, entity, key, view, anchor] :
       std::vector<std::tuple<const char*, const char*, const char*, size_t, size_t>>{
           {"fab", "SN2", "plan", 0, 0},
           {"fab", "SN2", "plan", 0, 1},
           {"fab", "SN2", "utilisation", 0, 0},
           {"fab", "SN2", "utilisation", 1, 0},
           {"fab", "SN2", "line_yield", 0, 0},
           {"claim", "SN2.logic", "share", 0, 0}}) {
    CAPTURE(key);
    const Distribution ours = anchors(cut, kind, entity, key, view)[anchor].distribution;
    CHECK(testing::equal(ours, anchors(written, kind, entity, key, view)[anchor].distribution));
    for (const double z : {-8.2, -3.0, 0.0, 3.0, 8.2}) {
      const KeyRow& row = *setting(cut.spec, kind, entity, key).row;
      CHECK(ours.quantile_of_normal(z) >= row.low);
      CHECK(ours.quantile_of_normal(z) <= row.high);
    }
  }
  const Distribution metalog = anchors(cut, "fab", "SN2", "plan", 0)[2].distribution;
  CHECK(metalog.lowest() == 0);
  CHECK(metalog.quantile(0.5) > 3000);  // cut below only
  // A family that the range does not reach keeps its bits.
  CHECK(anchors(cut, "fab", "SN2", "utilisation", 1)[0].distribution.u_high == 1);
  const Loaded far = over_hand("[fab.SN2]\nplan = 3k to 8k\nline_yield = normal(0.5, 0.01)\n");
  for (const char* key : {"plan", "line_yield"}) {
    const Distribution whole = anchors(far, "fab", "SN2", key, 0)[0].distribution;
    CHECK(whole.u_low == 0);
    CHECK(whole.u_high == 1);
    CHECK_FALSE(setting(far.spec, "fab", "SN2", key).cut_low);
  }
}

TEST_CASE("load: a bare number is shown with its key's unit, before noise and sources") {
  const Loaded loaded = over_hand(
      "[fab.SN2]\nplan = 2025: 5k | 2026: 6k  @a@b  noise 8 % rho 0.5 @c # why\n"
      "utilisation = 0.9 @a\nline_yield = 95 %\n"
      "[node.N+2]\nd0 = discrete(0.1: 1, 0.2: 3)\nlayers = 3\n"
      "days_per_layer = uniform(1, 2) within [1.2, ] @a @b\n"
      "[dram.line]\nwafers = 1200 wafers/year\n"
      "[memory.hbm]\nimports = 2025: 60k stacks/year | 2026: 8k stacks/month\n"
      "[source.a]\ntitle = a\n[source.b]\ntitle = b\n[source.c]\ntitle = c\n");
  REQUIRE(loaded.diagnostics.text() == "");
  const struct {
    const char *kind, *entity, *key, *shown, *unit;
  } cases[] = {
      {"fab", "SN2", "plan", "2025: 5k | 2026: 6k wafers/month @a@b noise 8 % rho 0.5 @c",
       "wafers/month"},
      {"fab", "SN2", "utilisation", "0.9 @a", ""},
      {"fab", "SN2", "line_yield", "95 %", "%"},
      {"node", "N+2", "d0", "discrete(0.1: 1, 0.2: 3) /cm2", "/cm2"},
      {"node", "N+2", "layers", "3 layers", "layers"},
      {"node", "N+2", "days_per_layer", "uniform(1, 2) within [1.2, ] days/layer @a @b",
       "days/layer"},
      {"node", "N+2", "alpha", "2", ""},
      {"node", "N+2", "congestion", "0", ""},
      {"dram", "line", "wafers", "1200 wafers/year", "wafers/year"},
      {"memory", "hbm", "imports", "2025: 60k stacks/year | 2026: 8k stacks/month",
       "stacks/year, stacks/month"},
      {"memory", "hbm", "stock", "0 stacks", "stacks"},
      {"pod", "rack", "optics", "1e18 pods/month", "pods/month"},
  };
  for (const auto& [kind, entity, key, shown, unit] : cases) {
    CAPTURE(key);
    CHECK(setting(loaded.spec, kind, entity, key).raw == shown);
    CHECK(setting(loaded.spec, kind, entity, key).unit() == unit);
  }
}

TEST_CASE("load: resolved_text says where a range cuts a value") {
  const Loaded cut = load_good("cut.scn");
  const std::string text = resolved_text(cut.spec, cut.diagnostics);
  CAPTURE(text);
  for (const char* part : {"# cut.scn:8; cut at 0 wafers/month\n", "# cut.scn:9; cut at 100 %\n",
                           "# cut.scn:10; cut at 100 %\n", "# cut.scn:12; cut at 100 %\n"}) {
    CHECK(text.find(part) != std::string::npos);
  }
  const Loaded both = over_hand("[fab.SN2]\nline_yield = normal(50 %, 100 %)\n");
  CHECK(resolved_text(both.spec, both.diagnostics)
            .find("normal(50 %, 100 %)  # test.scn:3; cut at 0 % and 100 %\n") !=
        std::string::npos);
}

TEST_CASE("load: a bare name is looked for in the library, with and without .scn") {
  const testing::CorpusLibrary library;
  for (const char* name : {"hand", "hand.scn"}) {
    Diagnostics diagnostics;
    const ScenarioSpec spec = load_scenario({name, {}}, diagnostics);
    CHECK(spec.name == "hand");
    CHECK(spec.sections.size() > 10);
  }
  Diagnostics diagnostics;
  CHECK_THROWS_WITH_AS(load_scenario({"hnad", {}}, diagnostics),
                       "there is no file 'hnad'; did you mean 'hand'?", IoError);
  CHECK_THROWS_AS(load_scenario({corpus + "good/hnad.scn", {}}, diagnostics), IoError);
}

TEST_CASE("load: a text in memory extends the library only") {
  const TemporaryFolder folder;
  folder.write("beside.scn", "[scenario]\nmonths = 2025-01 .. 2025-12\n");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const Loaded loaded = load_text("extends = beside.scn\n");
  std::filesystem::current_path(before);
  check_mistake(loaded, "there is no file 'beside.scn'");
  CHECK(load_text("extends = hand.scn\n").diagnostics.ok());
}

TEST_CASE("load: pipes, folders and devices are refused and never hang") {
  const TemporaryFolder folder;
  REQUIRE(mkfifo(folder.file("pipe.scn").c_str(), 0600) == 0);
  Diagnostics diagnostics;
  CHECK_THROWS_WITH_AS(load_scenario({folder.file("pipe.scn"), {}}, diagnostics),
                       doctest::Contains("is not a regular file"), IoError);
  CHECK_THROWS_AS(load_scenario({folder.path(), {}}, diagnostics), IoError);
  CHECK_THROWS_AS(load_scenario({"/dev/null", {}}, diagnostics), IoError);
  const std::string top = folder.write("top.scn", "extends = pipe.scn\n");
  Loaded loaded;
  loaded.spec = load_scenario({top, {}}, loaded.diagnostics);
  check_mistake(loaded, "'pipe.scn' is not a regular file");
}

TEST_CASE("load: a file may have 64 MiB and 200,000 lines, no more") {
  const TemporaryFolder folder;
  const std::string large = folder.write("large.scn", "");
  std::filesystem::resize_file(large, most_file_bytes + 1);
  Loaded loaded;
  loaded.spec = load_scenario({large, {}}, loaded.diagnostics);
  check_mistake(loaded, "large.scn: this file is too large");
  Loaded lines = load_text("[scenario]\nmonths = 2025-01 .. 2025-12\n" +
                           std::string(most_file_lines - 2, '\n'));
  CHECK(lines.diagnostics.text() == "");
  check_mistake(load_text(std::string(most_file_lines + 1, '\n')), "this file is too large");
}

TEST_CASE("load: a scenario has ten thousand sections and no more") {
  std::string text = "[scenario]\nmonths = 2025-01 .. 2025-12\n";
  for (size_t i = 1; i < most_sections; ++i)
    text += "[milestone.m" + std::to_string(i) + "]\nnpus = 5\n";
  CHECK(load_text(text).diagnostics.text() == "");
  check_mistake(load_text(text + "[milestone.more]\nnpus = 5\n"), "this section is one too many");
}

TEST_CASE("load: eight files deep is allowed") {
  const testing::CorpusLibrary library;
  Diagnostics diagnostics;
  load_scenario({corpus + "bad/deep/2.scn", {}}, diagnostics);  // 2 to 9
  CHECK(diagnostics.text() == "");
}

TEST_CASE("read_file: beneath a folder, by the kernel's means or step by step") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.file("sub/deeper"));
  folder.write("a.scn", "a");
  folder.write("sub/b.scn", "b");
  std::filesystem::create_directory_symlink(folder.file("sub"), folder.file("linked"));
  std::filesystem::create_symlink("b.scn", folder.file("sub/link.scn"));
  for (const bool by_steps : {false, true}) {
    CAPTURE(by_steps);
    const auto read = [&](const std::string& in, const std::string& path) {
      return read_beneath(folder.file(in), path, by_steps);
    };
    CHECK(read("", "a.scn").text == "a");
    CHECK(read("", "sub/b.scn").text == "b");
    CHECK(read("", "./sub//b.scn").text == "b");
    CHECK(read("", "a.scn").identity == read("sub/..", "a.scn").identity);
    CHECK(read("", "a.scn").identity != read("", "sub/b.scn").identity);
    CHECK(read("", "none.scn").opened == Opened::missing);
    CHECK(read("", "a.scn/b").opened == Opened::missing);
    CHECK(read("", "").opened == Opened::missing);
    CHECK(read("", std::string("a.scn\0b", 7)).opened == Opened::missing);
    CHECK(read("sub", "../a.scn").opened == Opened::outside);
    CHECK(read("sub", "deeper/../../a.scn").opened == Opened::outside);
    CHECK(read("", folder.file("a.scn")).opened == Opened::outside);
    CHECK(read("", "linked/b.scn").opened == Opened::link);
    CHECK(read("", "sub/link.scn").opened == Opened::link);
    CHECK(read("", "sub").opened == Opened::not_regular);
    CHECK(read("none", "a.scn").opened == Opened::missing);
  }
}

TEST_CASE("load: the library is where the environment says, else one that exists") {
  {
    const testing::CorpusLibrary library;
    CHECK(library_folder() == corpus + "good");
  }
  CHECK(std::filesystem::is_directory(library_folder()));
}

TEST_CASE("load: no bytes break the reader") {
  // Mutations of real files, always the same ones. What is asked is only that it comes back.
  std::vector<std::string> texts;
  for (const char* folder : {"good", "bad"}) {
    for (const auto& path : testing::corpus_files(folder)) {
      texts.push_back(testing::read_text(path.string()));
    }
  }
  uint64_t state = 1;
  const auto draw = [&](size_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>(state >> 33) % below;
  };
  const std::string marks = "=[]#~@|/:,.()%- \t\n\rk0519ae\xC3\xFF";
  size_t refused = 0;
  constexpr int rounds = 2000;
  for (int round = 0; round < rounds; ++round) {
    std::string text = texts[draw(texts.size())].substr(0, 4000);
    for (size_t changes = 1 + draw(6); changes > 0 && !text.empty(); --changes) {
      const size_t at = draw(text.size());
      switch (draw(4)) {
        case 0:
          text[at] = marks[draw(marks.size())];
          break;
        case 1:
          text.insert(at, 1, marks[draw(marks.size())]);
          break;
        case 2:
          text.erase(at, 1 + draw(20));
          break;
        default:
          text.insert(at, text.substr(draw(text.size()), 1 + draw(60)));
          break;
      }
    }
    const Loaded loaded = load_text(text);
    refused += loaded.diagnostics.ok() ? 0 : 1;
    CHECK(loaded.diagnostics.ok() == loaded.diagnostics.text().empty());
  }
  CHECK(refused > rounds / 2);
}

}  // namespace fabcast
