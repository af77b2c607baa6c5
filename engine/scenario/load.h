#pragma once
/// From files to a ScenarioSpec.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scenario/spec.h"

namespace fabcast {

/// Where a scenario comes from: a file, and what --set says over it.
struct ScenarioRequest {
  std::string path;               ///< a file; a bare name is looked for in the library too
  std::vector<std::string> sets;  ///< "fab.SN2.plan = 3k to 8k wafers/month"
};

/// The folder of the shipped library: $FABCAST_SCENARIOS, else `scenarios` beside or above the
/// program, else the source tree's.
std::string library_folder();

/// Reads, merges along `extends`, checks every key against the schema and every reference against
/// what exists. All mistakes at once go to `diagnostics`; the result is then incomplete.
/// Throws IoError where the file cannot be read.
ScenarioSpec load_scenario(const ScenarioRequest& request, Diagnostics& diagnostics);

/// The files of a scenario, read and parsed once, to be loaded often with other --set lines.
class ScenarioFiles {
 public:
  /// Throws IoError where the file cannot be read.
  explicit ScenarioFiles(const std::string& path);
  /// The same of path and text of the file (last) and of those that it extends, as a run has stored
  /// them: no file is read.
  ScenarioFiles(const std::string& path,
                const std::vector<std::pair<std::string, std::string>>& stored);
  ~ScenarioFiles();
  ScenarioFiles(ScenarioFiles&& other) noexcept;

  /// What load_scenario of the same file and lines gives; `diagnostics` is new.
  ScenarioSpec load(const std::vector<std::string>& sets, Diagnostics& diagnostics) const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

/// The same for a text that is in memory (tests, bindings, tools); `extends` reaches the library
/// only.
ScenarioSpec load_scenario_text(const std::string& name, const std::string& text,
                                const std::vector<std::string>& sets, Diagnostics& diagnostics);

/// The scenario whole, as resolved: each key, value, unit, source, and as a comment the file and
/// line that set it. Itself a scenario file with the same results, bit for bit.
std::string resolved_text(const ScenarioSpec& spec, const Diagnostics& diagnostics);

}  // namespace fabcast
