/// fabcast explain KEY: what a key, a section or a variable means.

#include <fmt/core.h>

#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "run/outputs.h"
#include "scenario/reference.h"

namespace fabcast::cli {

int explain_command(const Arguments& arguments) {
  Options options("fabcast explain KEY",
                  "Says what a key of a scenario means (unit, range, default, equation, who uses "
                  "it), a section, or a variable of the results.",
                  "fabcast explain fab.plan");
  options.positional("key", -1);
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> keys = options.list("key");
  if (keys.empty()) throw InputError("no KEY given; see fabcast explain --help");
  std::string text;
  for (const std::string& key : keys) {
    if (!text.empty()) text += "\n";
    const std::string variable = explain_variable(key);
    text += variable.empty() ? explain_text(key) : variable;
  }
  fmt::print("{}", text);
  return 0;
}

}  // namespace fabcast::cli
