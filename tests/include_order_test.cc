/// The one direction of flow: a folder of engine/ includes only what stands above it.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> order{"base",   "simd",    "stages", "random", "scenario", "model",
                                     "reduce", "results", "run",    "report", "study",    "cli"};

int rank(const std::string& folder) {
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i] == folder) return static_cast<int>(i);
  }
  return -1;
}

/// What is wrong with `file` of `folder` including `target`, or nothing.
std::string complaint(const std::string& folder, const std::string& target) {
  const size_t slash = target.find('/');
  if (slash == std::string::npos) {
    // fabcast.h is the public face: only the command line and the bindings include it.
    return folder == "cli" || folder.empty() ? "" : "includes the public face";
  }
  const std::string from = target.substr(0, slash);
  if (rank(from) < 0) return "";  // a library's header
  if (folder.empty()) return "";  // engine/fabcast.{h,cc} joins everything
  if (folder == "stages" && from != "base" && from != "simd" && from != "stages") {
    return "stages include base and simd alone";
  }
  // Results hand on to reports; a report that saw the model could compute.
  if (folder == "report" && (from == "model" || from == "run" || from == "scenario")) {
    return "reports see results alone";
  }
  return rank(from) > rank(folder) ? "includes what stands below it" : "";
}

}  // namespace

TEST_CASE("every include follows the order of the folders") {
  const fs::path engine = fs::path(FABCAST_SOURCE_FOLDER) / "engine";
  const std::regex include(R"re(^\s*#include\s+"([^"]+)")re");
  int files = 0, includes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(engine)) {
    if (!entry.is_regular_file()) continue;
    const std::string extension = entry.path().extension();
    if (extension != ".cc" && extension != ".h") continue;
    ++files;
    const std::string relative = fs::relative(entry.path(), engine);
    const size_t slash = relative.find('/');
    const std::string folder = slash == std::string::npos ? "" : relative.substr(0, slash);
    if (!folder.empty()) CHECK_MESSAGE(rank(folder) >= 0, "no place in the order: ", relative);
    std::ifstream in(entry.path());
    std::string line;
    std::smatch match;
    while (std::getline(in, line)) {
      if (!std::regex_search(line, match, include)) continue;
      ++includes;
      const std::string wrong = complaint(folder, match[1]);
      CHECK_MESSAGE(wrong.empty(), relative, " includes ", match[1].str(), ": ", wrong);
    }
  }
  CHECK(files > 50);
  CHECK(includes > 100);
}

TEST_CASE("the rule itself refuses what it should") {
  CHECK(complaint("stages", "model/model.h") != "");
  CHECK(complaint("stages", "random/streams.h") != "");
  CHECK(complaint("random", "scenario/spec.h") != "");
  CHECK(complaint("report", "run/runner.h") != "");
  CHECK(complaint("model", "fabcast.h") != "");
  CHECK(complaint("run", "reduce/series.h").empty());
}
