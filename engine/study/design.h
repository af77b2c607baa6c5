#pragma once
/// Designs of a sweep: which keys are varied, over which values, in which combinations.

#include <cstdint>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "results/table.h"
#include "scenario/spec.h"

namespace fabcast {

enum class DesignKind {
  grid,   ///< every value of each key with every value of the others, the last key fastest
  oat,    ///< the scenario as it stands, then each key alone over its values
  lhs,    ///< Latin hypercube: each key has one sample in each of its N equal strata
  sobol,  ///< scrambled Sobol' points from 0 on; 2^m samples are a net (random/sobol.h)
  points  ///< of a file
};

struct DesignRequest {
  /// KEY=a:b:n (n points evenly), KEY=log:a:b:n, KEY=v,v,v (values of the scenario syntax, commas
  /// within brackets kept), KEY*=f,f,f or KEY*=a:b:n (factors on the value that stands).
  std::vector<std::string> vary;
  std::string points_path;  ///< CSV: a header of KEY and KEY*, one row a point; "": none
  DesignKind kind = DesignKind::grid;
  uint64_t samples = 0;  ///< of lhs and sobol
  uint64_t seed = 1;     ///< of lhs and sobol
};

/// Points of a design at most: a table of more rows helps nobody.
inline constexpr uint64_t most_points = 1'000'000;

struct VariedKey {
  std::string name;  ///< the column: "fab.SN2.plan", "fab.SN2.plan*" of factors
  std::string key;   ///< without the "*"
  bool is_factor = false;
  const KeyRow* row = nullptr;  ///< none of what is no key of a section: view.NAME, a pair with ~
  SourcePosition at;

  /// Of the column: "Varied: in wafers/month …", "Varied: factor on the value that stands", …
  std::string meaning() const;
};

struct VariedValue {
  std::string text;  ///< as --set takes it; of a factor its number
  Cell cell;         ///< a number in the key's own unit where it is constant, else the text
};

class Design {
 public:
  /// Throws InputError with every mistake and its place, IoError where the file cannot be read.
  explicit Design(const DesignRequest& request);

  const std::vector<VariedKey>& keys() const { return keys_; }
  size_t points() const { return points_; }
  /// The value of a key at a point; nullptr: as it stands.
  const VariedValue* value(size_t point, size_t key) const;
  /// What the column of a key holds at a point of a scenario: of a key that is left as it stands
  /// there the scenario's own value.
  Cell cell(size_t point, size_t key, const ScenarioSpec& base) const;

  /// Adds to `mistakes` what a scenario has not: a varied key's section, a value to multiply.
  void check(const ScenarioSpec& base, std::string& mistakes) const;

  /// The --set lines that make a point of a scenario, which `fabcast run` takes as well. A factor
  /// on a key that takes dates is an event `scale` from the first month on, as study/relax has it,
  /// so that it multiplies what paths and other events leave, within the key's range; one on
  /// another key multiplies the numbers of its value.
  std::vector<std::string> sets(size_t point, const ScenarioSpec& base) const;

  /// Path and text of the file of points, empty where there is none.
  const std::string& file_path() const { return file_path_; }
  const std::string& file_text() const { return file_text_; }

 private:
  void read_vary(const DesignRequest& request);
  void read_points(const std::string& path);
  void combine(const DesignRequest& request, const std::vector<uint64_t>& counts);

  Diagnostics diagnostics_;
  std::vector<VariedKey> keys_;
  std::vector<std::vector<VariedValue>> values_;  ///< by key
  std::vector<int32_t> index_;  ///< (points x keys) into values_, -1: as it stands
  size_t points_ = 0;
  std::string file_path_, file_text_;
};

}  // namespace fabcast
