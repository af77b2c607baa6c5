/// The corpus of bad files where the locale has a decimal comma, for C and C++ alike.

#include <cstdio>
#include <cstdlib>
#include <locale>
#include <sstream>
#include <stdexcept>

#include "scenario/helpers.h"

namespace fabcast {

namespace {

/// A locale with a decimal comma holds while this lives, where one is installed.
class CommaLocale {
 public:
  CommaLocale() : before_(std::locale()) {
    for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8"}) {
      try {
        std::locale::global(std::locale(name));
        return;
      } catch (const std::runtime_error&) {  // not installed
      }
    }
    installed_ = false;
  }
  ~CommaLocale() { std::locale::global(before_); }
  CommaLocale(const CommaLocale&) = delete;
  CommaLocale& operator=(const CommaLocale&) = delete;
  bool installed() const { return installed_; }

 private:
  std::locale before_;
  bool installed_ = true;
};

}  // namespace

TEST_CASE("bad files: a locale with a decimal comma changes nothing") {
  const CommaLocale locale;
  if (!locale.installed()) {
    std::puts("not tested: no locale with a decimal comma (de_DE.UTF-8, fr_FR.UTF-8)");
    return;
  }
  // The comma is in force, or what follows would say nothing.
  CHECK(std::strtod("1,5", nullptr) == 1.5);
  std::ostringstream shown;
  shown << 1.5;
  CHECK(shown.str() == "1,5");
  testing::check_bad_files();
}

}  // namespace fabcast
