/// fabcast explain KEY: what a key means.

#include <fmt/core.h>

#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "scenario/reference.h"

namespace fabcast::cli {

int explain_command(const Arguments& arguments) {
  Options options("fabcast explain KEY",
                  "Says what a key means: unit, range, default, equation, who uses it.",
                  "fabcast explain fab.plan");
  options.positional("key", -1);
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> keys = options.list("key");
  if (keys.empty()) throw InputError("no KEY given; see fabcast explain --help");
  std::string text;
  for (const std::string& key : keys) {
    if (!text.empty()) text += "\n";
    text += explain_text(key);
  }
  fmt::print("{}", text);
  return 0;
}

}  // namespace fabcast::cli
