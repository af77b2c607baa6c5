#pragma once
/// What the scenario tests share: the corpus, its library, and the equality of specs.

#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "scenario/load.h"

namespace fabcast::testing {

inline const std::string corpus = FABCAST_TESTS_FOLDER "/scenarios/";

/// The good corpus stands for the shipped library while this lives.
class CorpusLibrary {
 public:
  CorpusLibrary() { setenv("FABCAST_SCENARIOS", (corpus + "good").c_str(), 1); }
  ~CorpusLibrary() { unsetenv("FABCAST_SCENARIOS"); }
  CorpusLibrary(const CorpusLibrary&) = delete;
  CorpusLibrary& operator=(const CorpusLibrary&) = delete;
};

/// An empty folder of one's own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fabcast-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
    return file(name);
  }

 private:
  std::string path_;
};

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Regular *.scn files of a folder of the corpus, sorted.
inline std::vector<std::filesystem::path> corpus_files(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(corpus + folder)) {
    const bool regular = entry.is_regular_file() && !entry.is_symlink();
    if (regular && entry.path().extension() == ".scn") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// All mistakes of a file, other files shown by their names within the corpus.
inline std::string mistakes_of(const std::filesystem::path& path) {
  Diagnostics diagnostics;
  load_scenario({path.string(), {}}, diagnostics);
  std::string text = diagnostics.text();
  for (const char* folder : {"bad/", "good/"}) {
    const std::string prefix = corpus + folder;
    for (size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
  }
  return text;
}

/// Each bad file gives exactly the mistakes beside it.
inline void check_bad_files() {
  const CorpusLibrary library;
  const std::vector<std::filesystem::path> files = corpus_files("bad");
  CHECK(files.size() >= 100);
  for (const std::filesystem::path& path : files) {
    CAPTURE(path.filename().string());
    std::filesystem::path expected = path;
    expected.replace_extension(".expected");
    REQUIRE(std::filesystem::exists(expected));
    const std::string text = read_text(expected.string());
    CHECK(text != "");
    CHECK(mistakes_of(path) == text);
  }
}

/// A text that extends hand.scn, and its mistakes.
struct Loaded {
  Diagnostics diagnostics;
  ScenarioSpec spec;
};
inline Loaded load_text(const std::string& text, const std::vector<std::string>& sets = {}) {
  const CorpusLibrary library;
  Loaded loaded;
  loaded.spec = load_scenario_text("test.scn", text, sets, loaded.diagnostics);
  return loaded;
}
inline Loaded over_hand(const std::string& text, const std::vector<std::string>& sets = {}) {
  return load_text("extends = hand.scn\n" + text, sets);
}

inline bool equal(const Distribution& a, const Distribution& b) {
  return a.family == b.family && a.a == b.a && a.b == b.b && a.c == b.c && a.d == b.d &&
         a.x == b.x && a.w == b.w && a.u_low == b.u_low && a.u_high == b.u_high &&
         a.cut_low == b.cut_low && a.cut_high == b.cut_high;
}

inline bool equal(const Value& a, const Value& b) {
  const auto same_anchor = [](const Anchor& x, const Anchor& y) {
    return x.month == y.month && equal(x.distribution, y.distribution);
  };
  const auto same_path = [&](const ViewPath& x, const ViewPath& y) {
    return x.view == y.view && std::equal(x.anchors.begin(), x.anchors.end(), y.anchors.begin(),
                                          y.anchors.end(), same_anchor);
  };
  return std::equal(a.paths.begin(), a.paths.end(), b.paths.begin(), b.paths.end(), same_path) &&
         a.noise_sigma == b.noise_sigma && a.noise_rho == b.noise_rho && a.sources == b.sources;
}

/// Equal to the model, bit for bit: all but places, and who wrote a default.
inline void check_equal(const ScenarioSpec& a, const ScenarioSpec& b) {
  CHECK(a.title == b.title);
  CHECK(a.first == b.first);
  CHECK(a.last == b.last);
  REQUIRE(a.sections.size() == b.sections.size());
  for (size_t i = 0; i < a.sections.size(); ++i) {
    const Section &x = a.sections[i], &y = b.sections[i];
    REQUIRE(x.name() == y.name());
    REQUIRE(x.settings.size() == y.settings.size());
    for (size_t k = 0; k < x.settings.size(); ++k) {
      const Setting &s = x.settings[k], &t = y.settings[k];
      CAPTURE(x.name() + "." + s.key);
      REQUIRE(s.key == t.key);
      CHECK(s.raw == t.raw);
      CHECK(s.when == t.when);
      CHECK(s.sources == t.sources);
      REQUIRE(s.value.index() == t.value.index());
      if (const Value* value = std::get_if<Value>(&s.value)) {
        CHECK(equal(*value, t.number()));
      } else if (const Month* month = std::get_if<Month>(&s.value)) {
        CHECK(*month == std::get<Month>(t.value));
      } else if (const int* index = std::get_if<int>(&s.value)) {
        CHECK(*index == std::get<int>(t.value));
      } else if (const auto* list = std::get_if<std::vector<std::string>>(&s.value)) {
        CHECK(*list == std::get<std::vector<std::string>>(t.value));
      } else if (const auto* effect = std::get_if<EffectSpec>(&s.value)) {
        const auto& other = std::get<EffectSpec>(t.value);
        CHECK(effect->pattern == other.pattern);
        CHECK(effect->target == other.target);
        CHECK(effect->kind == other.kind);
        const std::vector<const Value*> ours = s.numbers(), theirs = t.numbers();
        REQUIRE(ours.size() == theirs.size());
        for (size_t n = 0; n < ours.size(); ++n) CHECK(equal(*ours[n], *theirs[n]));
      } else {
        CHECK(std::get<std::string>(s.value) == std::get<std::string>(t.value));
      }
    }
  }
  REQUIRE(a.views.size() == b.views.size());
  for (size_t i = 0; i < a.views.size(); ++i) {
    CHECK(a.views[i].name == b.views[i].name);
    CHECK(a.views[i].views == b.views[i].views);
    CHECK(a.views[i].weights == b.views[i].weights);
  }
  REQUIRE(a.correlations.size() == b.correlations.size());
  for (size_t i = 0; i < a.correlations.size(); ++i) {
    CHECK(a.correlations[i].first == b.correlations[i].first);
    CHECK(a.correlations[i].second == b.correlations[i].second);
    CHECK(a.correlations[i].r == b.correlations[i].r);
  }
  REQUIRE(a.questions.size() == b.questions.size());
  for (size_t i = 0; i < a.questions.size(); ++i) {
    const QuestionSpec &x = a.questions[i], &y = b.questions[i];
    CHECK(x.name == y.name);
    CHECK(x.text == y.text);
    CHECK(x.variable == y.variable);
    CHECK(x.entity == y.entity);
    CHECK(x.value == y.value);
    CHECK(x.unit == y.unit);
    CHECK(x.period == y.period);
    CHECK((x.comparison == y.comparison && x.time == y.time));
  }
  REQUIRE(a.observations.size() == b.observations.size());
  for (size_t i = 0; i < a.observations.size(); ++i) {
    const ObservationSpec &x = a.observations[i], &y = b.observations[i];
    CHECK(x.name == y.name);
    CHECK(x.text == y.text);
    CHECK(x.period == y.period);
    CHECK((x.value == y.value && x.relative_error == y.relative_error));
    CHECK(x.observer == y.observer);
    CHECK(x.sources == y.sources);
  }
  REQUIRE(a.sources.size() == b.sources.size());
  for (size_t i = 0; i < a.sources.size(); ++i) {
    CHECK(a.sources[i].id == b.sources[i].id);
    CHECK(a.sources[i].fields == b.sources[i].fields);
  }
}

}  // namespace fabcast::testing
