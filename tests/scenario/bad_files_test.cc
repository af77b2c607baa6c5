/// The corpus of bad files: each gives exactly the mistakes beside it, whatever the locale.

#include <locale.h>

#include <set>

#include "scenario/helpers.h"

namespace fabcast {

namespace {

/// All mistakes of a file, other files shown by their names within the corpus.
std::string mistakes_of(const std::filesystem::path& path) {
  Diagnostics diagnostics;
  load_scenario({path.string(), {}}, diagnostics);
  std::string text = diagnostics.text();
  for (const char* folder : {"bad/", "good/"}) {
    const std::string prefix = testing::corpus + folder;
    for (size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
  }
  return text;
}

void check_corpus() {
  const testing::CorpusLibrary library;
  const std::vector<std::filesystem::path> files = testing::corpus_files("bad");
  CHECK(files.size() >= 75);
  for (const std::filesystem::path& path : files) {
    CAPTURE(path.filename().string());
    std::filesystem::path expected = path;
    expected.replace_extension(".expected");
    REQUIRE(std::filesystem::exists(expected));
    const std::string text = testing::read_text(expected.string());
    CHECK(text != "");
    CHECK(mistakes_of(path) == text);
  }
}

/// Sets a locale with a decimal comma; empty where none is installed.
std::string comma_locale() {
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8"}) {
    if (setlocale(LC_ALL, name) && std::string(localeconv()->decimal_point) == ",") return name;
  }
  setlocale(LC_ALL, "C");
  return {};
}

}  // namespace

TEST_CASE("bad files: each gives its mistakes, all of them, word for word") { check_corpus(); }

TEST_CASE("bad files: a locale with a decimal comma changes nothing") {
  const std::string name = comma_locale();
  if (name.empty()) {
    MESSAGE("no locale with a decimal comma is installed (de_DE.UTF-8 or fr_FR.UTF-8): not tested");
    return;
  }
  check_corpus();
  setlocale(LC_ALL, "C");
}

TEST_CASE("bad files: every expectation has its file") {
  std::set<std::string> names;
  for (const auto& path : testing::corpus_files("bad")) names.insert(path.stem().string());
  for (const auto& entry : std::filesystem::directory_iterator(testing::corpus + "bad")) {
    if (entry.path().extension() != ".expected") continue;
    CAPTURE(entry.path().string());
    CHECK(names.count(entry.path().stem().string()) == 1);
  }
}

}  // namespace fabcast
