/// The corpus of bad files: each gives exactly the mistakes beside it. With a decimal comma:
/// bad_files_comma_test.cc.

#include <set>

#include "scenario/helpers.h"

namespace fabcast {

TEST_CASE("bad files: each gives its mistakes, all of them, word for word") {
  testing::check_bad_files();
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
