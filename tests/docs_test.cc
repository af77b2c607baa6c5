/// The generated pages are what the program prints, and no link of the documentation is dead.

#include <doctest/doctest.h>

#include <regex>

#include "support/program.h"

using namespace fabcast::testing;
namespace fs = std::filesystem;

namespace {

const fs::path source{FABCAST_SOURCE_FOLDER};

std::vector<fs::path> pages() {
  std::vector<fs::path> found;
  for (const char* page : {"README.md", "CHANGELOG.md"}) {
    if (fs::exists(source / page)) found.push_back(source / page);
  }
  for (const auto& entry : fs::recursive_directory_iterator(source / "docs")) {
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  }
  return found;
}

/// Targets of [text](target) and ![text](target), and of <img src="target">.
std::vector<std::string> links_of(const std::string& text) {
  static const std::regex link(R"~(\]\(\s*<?([^)>\s]+)>?[^)]*\)|(?:src|href)="([^"]+)")~");
  std::vector<std::string> targets;
  for (std::sregex_iterator match(text.begin(), text.end(), link), end; match != end; ++match) {
    targets.push_back((*match)[1].matched ? (*match)[1] : (*match)[2]);
  }
  return targets;
}

/// Links of a page in `folder` to files that do not exist.
std::vector<std::string> dead_links(const std::string& text, const fs::path& folder) {
  std::vector<std::string> dead;
  for (std::string target : links_of(text)) {
    if (has(target, "://") || target.starts_with("mailto:") || target.starts_with("#")) continue;
    target.resize(std::min(target.find('#'), target.size()));
    if (!fs::exists(folder / target)) dead.push_back(target);
  }
  return dead;
}

}  // namespace

TEST_CASE("docs/keys.md and docs/variables.md are what the program prints") {
  const TemporaryFolder folder;
  for (const std::string list : {"keys", "variables"}) {
    CAPTURE(list);
    const std::string printed = run_program(folder.path(), "list " + list + " --markdown").output;
    CHECK(printed.size() > 1000);
    // Where this fails: ./dev docs
    CHECK((read_text(source / "docs" / (list + ".md")) == printed));
  }
}

TEST_CASE("every file that the documentation links to is there") {
  for (const fs::path& page : pages()) {
    CAPTURE(page.string());
    const std::string text = read_text(page);
    for (const std::string& target : dead_links(text, page.parent_path())) {
      FAIL_CHECK("dead link: " << target);
    }
  }
  // What the search sees, and what it leaves alone.
  const std::string sample =
      "[a](keys.md) [b](no-such.md#x) ![c](none.svg \"t\") [d](https://e.org/x.md) [e](#here) "
      "<img src=\"gone.png\">";
  CHECK(links_of(sample).size() == 6);
  CHECK(dead_links(sample, source / "docs") ==
        std::vector<std::string>{"no-such.md", "none.svg", "gone.png"});
}
